//! Dials a hindsight hub and guards roam links: the one place that knows vox's sharp edges.
//!
//! In: streams and links of either side. Out: [`Connection`]s whose peer is held to limits, and
//! [`Lane`]s whose calls end. Always holds: nothing here waits for a peer without a time limit,
//! sends never wait at all, and aborting a connection frees its tasks and its socket whatever
//! state it is in. Bounded: by [`LinkLimits`], [`GuardLimits`] and the options of each call.
//!
//! The hub calls [`accept`]; a client calls [`dial`], or [`establish`] with a link of its own.
//! Both then [`open_lane`]. There is no policy here: who may do what is the caller's business.

mod activity;
mod connection;
mod dial;
mod endpoint;
mod establish;
mod fate;
mod guard;
mod lane;
mod link;
#[cfg(unix)]
mod local;
mod prologue;
#[cfg(not(target_arch = "wasm32"))]
mod upgrade;

pub use activity::Activity;
pub use connection::{Connection, Lanes, Scope};
pub use dial::{DialError, dial};
pub use endpoint::{Authority, Endpoint, EndpointError, HTTP_PORT, TCP_PORT};
pub use establish::{
    AcceptError, AcceptOptions, DialOptions, HandshakeError, TOKEN_METADATA_KEY, accept, bearer,
    establish, initiate,
};
pub use fate::CloseReason;
pub use guard::{CREDIT_METADATA_KEY, GuardLimits, RelayedLimits, Violation};
pub use lane::{
    APP_METADATA_KEY, CallError, CallGate, EncodedAnswer, EncodedCall, Flow, Lane, LaneError,
    LaneOptions, RELAYED_REQUESTS_MAX, RelayEnd, RelaySide, SharedMethod, beyond_relay, deadline,
    open_lane, open_lane_handle, open_relayed, open_relayed_lane, relay, serve_lane,
    serve_lane_with_caller,
};
pub use link::{ControlledLink, LinkControl, LinkFault, LinkLimits, QueuedTx, Unblock, UnblockRx};
#[cfg(not(target_arch = "wasm32"))]
pub use link::{FramedLink, FramedLinkRx, KillableStream, WebSocketLink, accept_websocket};
#[cfg(target_arch = "wasm32")]
pub use link::{PageSocket, PageSocketRx, PageSocketTx};
#[cfg(unix)]
pub use local::{LocalDirError, check_local_dir, default_local_path, prepare_local_dir};
