//! Lanes to an app, through the hub.
//!
//! In: a connection to a hub, the app's tracer id as 32 hex digits, a service. Out: a [`Lane`] as if the
//! app were the peer. Always holds: the lane states its credit in its metadata, as the hub's relay needs
//! it, and offers at most [`RELAYED_REQUESTS_MAX`] requests. Bounded: by the hub, which refuses a lane
//! with [`LaneError::Rejected`] and says why (no such app, app gone, service not offered, no room).
//!
//! What a relay does to calls: an app that goes away ends them with `ConnectionClosed`, but a stream of
//! it may end as if it were complete. So trust the result of the call, not the end of the stream.

use vox::{Caller, ConnectionSettings, FromVoxLane, Metadata, VOX_SERVICE_METADATA_KEY, meta_set};

use super::{Lane, LaneError, LaneOptions, open};
use crate::connection::Connection;
use crate::guard::CREDIT_METADATA_KEY;

/// Lane-open metadata key that names the app a lane is meant for: its tracer id as 32 hex digits. A hub
/// relays such a lane; without this key a lane is for the hub itself.
pub const APP_METADATA_KEY: &str = "hindsight.app";

/// Most concurrent requests that a relayed lane may offer. The lane beyond the hub has room for four
/// times as many, because a peer that answers a batch of calls may for a moment count each of them
/// together with the call that took its place, and must not close the app's connection for that.
pub const RELAYED_REQUESTS_MAX: u32 = 64;

/// Opens a lane for a generated client to a service of an app, through the hub at the other end of
/// `connection`. `app` is the tracer id of the app as 32 hex digits.
///
/// Of the options, `requests_max` is cut to [`RELAYED_REQUESTS_MAX`]. The time to open includes the
/// hub's own limit for reaching the app only in so far as the first call waits for that: the hub accepts
/// a lane at once, and closes it if the app does not take it.
pub async fn open_relayed<C: FromVoxLane>(
    connection: &Connection,
    app: &str,
    options: LaneOptions,
) -> Result<Lane<C>, LaneError> {
    let (options, metadata) = relayed(options, app, C::SERVICE_NAME);
    let handle = connection.handle().clone();
    let client = |caller| C::from_vox_lane(caller, Some(handle));
    open(connection, options, metadata, client).await
}

/// As [`open_relayed`], for a service of which only the name is known. Calls are made on vox's caller,
/// in bytes: `lane.call(|caller| caller.call(request)).await`.
pub async fn open_relayed_lane(
    connection: &Connection,
    app: &str,
    service: &str,
    options: LaneOptions,
) -> Result<Lane<Caller>, LaneError> {
    let (options, metadata) = relayed(options, app, service);
    open(connection, options, metadata, |caller| caller).await
}

/// The settings of the lane beyond the hub: the viewer's credit, as vox's relay hands grants through
/// unchanged, and more requests than the viewer may have under way.
pub fn beyond_relay(credit: u32) -> ConnectionSettings {
    ConnectionSettings {
        parity: vox::Parity::Odd,
        max_concurrent_requests: 4 * RELAYED_REQUESTS_MAX,
        initial_channel_credit: credit,
    }
}

fn relayed(options: LaneOptions, app: &str, service: &str) -> (LaneOptions, Metadata) {
    let options = LaneOptions {
        requests_max: options.requests_max.min(RELAYED_REQUESTS_MAX),
        ..options
    };
    let mut metadata = options.metadata.clone();
    meta_set(&mut metadata, VOX_SERVICE_METADATA_KEY, service.to_owned());
    meta_set(&mut metadata, APP_METADATA_KEY, app.to_owned());
    let credit = u64::from(options.channel_credit);
    meta_set(&mut metadata, CREDIT_METADATA_KEY, credit);
    (options, metadata)
}
