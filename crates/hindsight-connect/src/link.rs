//! Links whose sends never wait and whose reads are bounded.
//!
//! In: a byte stream ([`FramedLink`]) or any roam link ([`Unblock`]). Out: a [`vox::Link`] with a
//! [`LinkControl`] beside it. Always holds: `send` returns at once; a peer that does not read for
//! [`LinkLimits::stall_timeout`], or lets [`LinkLimits::queue_bytes_max`] pile up, loses the
//! connection. One frozen peer therefore never holds up a relay that others share. Bounded: bytes
//! queued, bytes per frame, time without progress.

mod control;
#[cfg(not(target_arch = "wasm32"))]
mod framed;
#[cfg(target_arch = "wasm32")]
mod page;
mod queue;
mod unblock;
#[cfg(not(target_arch = "wasm32"))]
mod websocket;

#[cfg(test)]
mod tests;

pub use control::{ControlledLink, LinkControl, LinkFault, LinkLimits};
#[cfg(not(target_arch = "wasm32"))]
pub use framed::{FramedLink, FramedLinkRx};
#[cfg(target_arch = "wasm32")]
pub use page::{PageSocket, PageSocketRx, PageSocketTx};
pub use queue::QueuedTx;
pub use unblock::{Unblock, UnblockRx};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use websocket::dial_websocket;
#[cfg(not(target_arch = "wasm32"))]
pub use websocket::{KillableStream, WebSocketLink, accept_websocket};
