//! The live feed: every change, as it is stored, to whoever subscribed.
//!
//! In: changes from the engine. Out: a stream of [`hindsight_protocol::LiveEvent`]s for each
//! subscriber: a snapshot at revision N, then every change from N + 1 on, none left out and none
//! twice. Holds: publishing never waits for a subscriber; one that falls behind the ring is told
//! how much it missed and gets a new snapshot. Bounded: `ring_bytes_max` and `ring_changes_max` of
//! changes for all, `event_bytes_max` an event, `subscribers_max`, `stall_timeout` a send.
//!
//! Why a snapshot and the changes fit: a subscriber first takes its place in the ring and then
//! asks for the snapshot. The engine publishes a change before it serves the next snapshot, so all
//! that the snapshot lacks is in the ring; what it has already is skipped by revision.

mod event;
mod feed;
mod filter;
mod sieve;
mod stream;

pub(crate) use feed::Feed;
pub(crate) use stream::{StreamEnd, Subscription};
