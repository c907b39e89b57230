//! Hostile peers: each function attacks a hub or any other guarded acceptor, and says what it saw.
//!
//! In: a [`Target`] and a time to watch. Out: an [`Observation`]. The attacks speak roam by
//! themselves, over a plain socket, and respect no limit. What a function cannot see from outside
//! (that the process lives, that other connections are unharmed, that tasks and sockets are freed)
//! its caller checks, with a [`Footprint`] and with calls of its own.
//!
//! An attacker keeps at most the memory of what it sends; every wait ends with the time given.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use vox::{MethodDescriptor, MethodId};

mod calls;
mod channels;
mod footprint;
mod lanes;
mod observation;
mod peer;
mod stream;
mod wire;

pub use calls::{
    calls_beyond_lane_limit, claimed_length_args, empty_args, garbage_args, garbage_schema,
    handler_panic, unbounded_lane_calls,
};
pub use channels::{
    absurd_credit_grant, end_before_call, ends_of_a_full_channel, ends_without_calls,
    overflow_declared_channel, overflow_undeclared_channel, undeclared_channels,
};
pub use footprint::Footprint;
pub use lanes::{
    absurd_lane_credit, garbage_message, large_lane_credit, many_lanes, many_rejected_lanes,
    nested_metadata, ping_on_many_lanes, silence, zero_request_accept,
};
pub use observation::Observation;
pub use stream::{
    garbage, half_open_link, half_open_tcp, huge_frame_header, other_version, slow_http_head,
    stream_into_huge_frame,
};

/// What to attack.
#[derive(Clone, Debug)]
pub struct Target {
    /// A port that speaks raw roam.
    pub addr: SocketAddr,
    /// A service that it offers.
    pub service: String,
    /// A method of that service that answers at once.
    pub unary: Method,
    /// A method of that service that holds a channel of its caller's and does not answer soon.
    pub streaming: Option<Method>,
    /// A method of that service whose handler panics.
    pub panicking: Option<Method>,
    /// A method of that service after which the target opens a lane of its own. None where it
    /// opens one to every peer.
    pub announcing: Option<Method>,
    /// The token that the target wants.
    pub token: Option<String>,
}

/// A method and arguments for it.
#[derive(Clone, Debug)]
pub struct Method {
    /// The method.
    pub id: MethodId,
    /// Its arguments, encoded.
    pub args: Vec<u8>,
    /// The schema of its arguments.
    pub schema: Vec<u8>,
    /// Channels among its arguments.
    pub channels: usize,
}

impl Method {
    /// A method with the arguments given, as a tuple. In place of each `Tx` or `Rx` stands a
    /// [`channel_argument`], of which there are `channels`.
    pub fn new<'a, A: facet::Facet<'a>>(
        method: &'static MethodDescriptor,
        args: &A,
        channels: usize,
    ) -> io::Result<Self> {
        let plan = vox_types::SchemaSendTracker::plan_for_method_args(method);
        let plan = plan.map_err(|error| io::Error::other(format!("{error}")))?;
        let args = vox_phon::to_vec(args).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self {
            id: method.id,
            args,
            schema: plan.bytes,
            channels,
        })
    }
}

/// What stands on the wire for the channel argument of this index.
pub fn channel_argument(index: u32) -> Vec<u8> {
    index.to_le_bytes().to_vec()
}

/// Time within which an attacker finishes its own part, unless the target closes before.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
