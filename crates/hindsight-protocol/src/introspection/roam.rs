//! `RoamIntrospection`: connections, lanes, calls and channels of one process.
//!
//! Two processes' answers join into one graph: the ends of one connection carry the same
//! [`ConnectionInfo::link_id`] where both sides know it, and go by the other's name otherwise.
#![allow(
    missing_docs,
    reason = "the attribute macro generates descriptor functions without documentation"
)]

use facet::Facet;

use super::{StreamEnd, StreamRequest};
use crate::{SpanId, TraceId};

/// Offered by an app that uses `hindsight-roam`. Its own lanes and calls are left out of its answers.
#[vox::service]
pub trait RoamIntrospection {
    /// Connections with their lanes, and who is at the other end.
    async fn get_topology(&self, request: TopologyRequest) -> Topology;

    /// What went over each connection, and how calls went.
    async fn get_transport_metrics(&self, request: TransportMetricsRequest) -> TransportMetrics;

    /// Calls under way, oldest first, and channels that are open.
    async fn get_active_rpcs(&self, request: ActiveRpcsRequest) -> ActiveRpcs;

    /// Calls, lanes and channels as they come and go.
    async fn stream_rpc_events(
        &self,
        request: StreamRequest,
        events: vox::Tx<RpcEvent>,
    ) -> StreamEnd;
}

vox_schema::impl_reborrow_owned!(RpcEvent);

/// Words in [`RpcEvent::kind`].
pub mod event {
    /// A call began.
    pub const CALL_STARTED: &str = "call_started";
    /// A call ended.
    pub const CALL_ENDED: &str = "call_ended";
    /// A lane was opened.
    pub const LANE_OPENED: &str = "lane_opened";
    /// A lane was closed.
    pub const LANE_CLOSED: &str = "lane_closed";
    /// A connection was made.
    pub const CONNECTION_OPENED: &str = "connection_opened";
    /// A connection ended.
    pub const CONNECTION_CLOSED: &str = "connection_closed";
    /// A channel was opened with a call that came in. roam tells those of outgoing calls to an observer
    /// only, which the app gives it before it connects; while they are open they are among
    /// [`ActiveRpcs::channels`](super::ActiveRpcs::channels).
    pub const CHANNEL_OPENED: &str = "channel_opened";
    /// A channel of a call that came in was closed, with the call.
    pub const CHANNEL_CLOSED: &str = "channel_closed";
    /// Events were lost before this one; see `dropped`.
    pub const DROPPED: &str = "dropped";
    /// Nothing happened for a while; tells the reader that the stream is alive. Sent whatever kinds were
    /// asked for, and not counted in `sequence`.
    pub const HEARTBEAT: &str = "heartbeat";
}

/// Words in `direction`.
pub mod direction {
    /// This process calls.
    pub const OUTGOING: &str = "outgoing";
    /// This process is called.
    pub const INCOMING: &str = "incoming";
}

/// Nothing to say yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct TopologyRequest {
    /// Reserved.
    #[facet(default)]
    pub reserved: u8,
}

/// What this process is connected to.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Topology {
    /// The name this process goes by (`service.name`).
    #[facet(default)]
    pub process: String,
    /// When this was true, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub at_ns: u64,
    /// Open connections and those that ended lately, oldest first.
    #[facet(default)]
    pub connections: Vec<ConnectionInfo>,
    /// Connections that were left out.
    #[facet(default)]
    pub connections_cut: u64,
}

/// A roam connection.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ConnectionInfo {
    /// Unique in the process.
    #[facet(default)]
    pub id: u64,
    /// The same at both ends; 0 where the other end does not use `hindsight-roam`.
    #[facet(default)]
    pub link_id: u64,
    /// The name the other process goes by; empty where it did not say.
    #[facet(default)]
    pub peer: String,
    /// Its address, as far as known.
    #[facet(default)]
    pub address: String,
    /// `tcp`, `websocket`, `unix`, `memory`; empty where not known.
    #[facet(default)]
    pub transport: String,
    /// Whether this side dialed.
    #[facet(default)]
    pub is_dialed: bool,
    /// When it was first seen, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub opened_ns: u64,
    /// When it ended; 0 while it is open.
    #[facet(default)]
    pub closed_ns: u64,
    /// Its lanes, in the order they were opened.
    #[facet(default)]
    pub lanes: Vec<LaneInfo>,
    /// Lanes that were left out.
    #[facet(default)]
    pub lanes_cut: u64,
}

/// A lane: one service spoken over a connection.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct LaneInfo {
    /// roam's id of the lane, unique in its connection.
    #[facet(default)]
    pub id: u64,
    /// Name of the service's trait.
    #[facet(default)]
    pub service: String,
    /// [`direction::OUTGOING`] where this process calls.
    #[facet(default)]
    pub direction: String,
    /// When it was opened, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub opened_ns: u64,
    /// When it was closed; 0 while it is open.
    #[facet(default)]
    pub closed_ns: u64,
    /// Calls under way.
    #[facet(default)]
    pub calls_active: u64,
    /// Calls that ended.
    #[facet(default)]
    pub calls_ended: u64,
    /// Of them, those that failed.
    #[facet(default)]
    pub calls_failed: u64,
    /// Channels that are open.
    #[facet(default)]
    pub channels_open: u64,
}

/// Nothing to say yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct TransportMetricsRequest {
    /// Reserved.
    #[facet(default)]
    pub reserved: u8,
}

/// What went over the connections, since each was opened.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct TransportMetrics {
    /// When this was true, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub at_ns: u64,
    /// By connection, oldest first.
    #[facet(default)]
    pub connections: Vec<ConnectionMetrics>,
    /// By service and method, most calls first.
    #[facet(default)]
    pub methods: Vec<MethodMetrics>,
    /// Methods that were left out.
    #[facet(default)]
    pub methods_cut: u64,
}

/// What went over one connection.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ConnectionMetrics {
    /// [`ConnectionInfo::id`].
    #[facet(default)]
    pub connection: u64,
    /// Whether bytes and frames are counted: only on links that the app let `hindsight-roam` wrap.
    #[facet(default)]
    pub is_counted: bool,
    /// Bytes received.
    #[facet(default)]
    pub bytes_in: u64,
    /// Bytes sent.
    #[facet(default)]
    pub bytes_out: u64,
    /// Frames received.
    #[facet(default)]
    pub frames_in: u64,
    /// Frames sent.
    #[facet(default)]
    pub frames_out: u64,
    /// Messages that wait to be sent.
    #[facet(default)]
    pub queue: u64,
    /// Room of that queue; 0 where not known.
    #[facet(default)]
    pub queue_max: u64,
    /// Nanoseconds since something came; `u64::MAX` where nothing ever did.
    #[facet(default)]
    pub silent_ns: u64,
    /// Calls that came in and whose arguments could not be decoded. Answers that cannot be decoded
    /// fail in the generated client, where nobody counts them; a frame that cannot be read ends the
    /// connection.
    #[facet(default)]
    pub decode_errors: u64,
}

/// How calls of one method went.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct MethodMetrics {
    /// Name of the service's trait.
    #[facet(default)]
    pub service: String,
    /// Name of the method.
    #[facet(default)]
    pub method: String,
    /// [`direction::OUTGOING`] or [`direction::INCOMING`].
    #[facet(default)]
    pub direction: String,
    /// Calls that ended.
    #[facet(default)]
    pub ended: u64,
    /// Of them, those that failed.
    #[facet(default)]
    pub failed: u64,
    /// Sum of their durations.
    #[facet(default)]
    pub total_ns: u64,
    /// The longest.
    #[facet(default)]
    pub max_ns: u64,
    /// Calls by duration: element `i` counts those of `2^i` up to `2^(i+1)` nanoseconds; shorter by
    /// its trailing zeros.
    #[facet(default)]
    pub histogram: Vec<u64>,
}

/// Which calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct ActiveRpcsRequest {
    /// Only those that are at least this old.
    #[facet(default)]
    pub age_min_ns: u64,
    /// At most this many; 0 for as many as the app tells at once.
    #[facet(default)]
    pub limit: u32,
}

/// Calls and channels under way.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ActiveRpcs {
    /// The name this process goes by.
    #[facet(default)]
    pub process: String,
    /// When this was true, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub at_ns: u64,
    /// Calls, oldest first.
    #[facet(default)]
    pub calls: Vec<ActiveRpc>,
    /// Channels that are open, those longest without progress first.
    #[facet(default)]
    pub channels: Vec<ChannelInfo>,
    /// Calls that were asked for and left out.
    #[facet(default)]
    pub calls_cut: u64,
    /// Channels that were left out.
    #[facet(default)]
    pub channels_cut: u64,
}

/// A call under way.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ActiveRpc {
    /// [`ConnectionInfo::id`].
    #[facet(default)]
    pub connection: u64,
    /// [`ConnectionInfo::link_id`].
    #[facet(default)]
    pub link_id: u64,
    /// [`LaneInfo::id`].
    #[facet(default)]
    pub lane: u64,
    /// roam's id of the request; 0 where it is not known yet.
    #[facet(default)]
    pub request: u64,
    /// [`direction::OUTGOING`] or [`direction::INCOMING`].
    #[facet(default)]
    pub direction: String,
    /// The name the other process goes by; empty where it did not say.
    #[facet(default)]
    pub peer: String,
    /// Name of the service's trait.
    #[facet(default)]
    pub service: String,
    /// Name of the method.
    #[facet(default)]
    pub method: String,
    /// When it began, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub started_ns: u64,
    /// How long it has been under way.
    #[facet(default)]
    pub age_ns: u64,
    /// Trace of its span; all zero where there is none.
    #[facet(default)]
    pub trace_id: TraceId,
    /// Its span.
    #[facet(default)]
    pub span_id: SpanId,
    /// The caller's span, as it came with an incoming call: what joins the two ends of a call. All zero
    /// where there is none.
    #[facet(default)]
    pub parent_id: SpanId,
    /// Channels that came with it.
    #[facet(default)]
    pub channels: u64,
}

/// An open channel.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ChannelInfo {
    /// [`ConnectionInfo::id`].
    #[facet(default)]
    pub connection: u64,
    /// [`LaneInfo::id`].
    #[facet(default)]
    pub lane: u64,
    /// roam's id of the channel, unique in its lane.
    #[facet(default)]
    pub id: u64,
    /// roam's id of the request that it came with; 0 where not known.
    #[facet(default)]
    pub request: u64,
    /// Name of the service's trait.
    #[facet(default)]
    pub service: String,
    /// Name of the method; empty where not known.
    #[facet(default)]
    pub method: String,
    /// [`direction::OUTGOING`] where this process sends items.
    #[facet(default)]
    pub direction: String,
    /// Items that may be sent before the receiver must grant more.
    #[facet(default)]
    pub credit: u64,
    /// Items received and not yet taken.
    #[facet(default)]
    pub queue: u64,
    /// Items sent.
    #[facet(default)]
    pub sent: u64,
    /// Items received.
    #[facet(default)]
    pub received: u64,
    /// Whether a sender waits for credit now.
    #[facet(default)]
    pub is_waiting: bool,
    /// Nanoseconds since an item moved; `u64::MAX` where none ever did.
    #[facet(default)]
    pub silent_ns: u64,
}

/// Something that happened.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct RpcEvent {
    /// Counts up by one within a stream, over the events of the kinds that were asked for; a gap is what
    /// was dropped.
    #[facet(default)]
    pub sequence: u64,
    /// When, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub at_ns: u64,
    /// A word of [`event`].
    #[facet(default)]
    pub kind: String,
    /// Events lost directly before this one because the reader did not keep up.
    #[facet(default)]
    pub dropped: u64,
    /// [`ConnectionInfo::id`].
    #[facet(default)]
    pub connection: u64,
    /// [`LaneInfo::id`].
    #[facet(default)]
    pub lane: u64,
    /// The other process.
    #[facet(default)]
    pub peer: String,
    /// A word of [`direction`].
    #[facet(default)]
    pub direction: String,
    /// Name of the service's trait.
    #[facet(default)]
    pub service: String,
    /// Name of the method.
    #[facet(default)]
    pub method: String,
    /// roam's id of the channel that the event is about; 0 where there is none or it is not known.
    #[facet(default)]
    pub channel: u64,
    /// How a call ended: `ok`, or the kind of failure.
    #[facet(default)]
    pub outcome: String,
    /// How long a call took.
    #[facet(default)]
    pub duration_ns: u64,
    /// Trace of the call's span; all zero where there is none.
    #[facet(default)]
    pub trace_id: TraceId,
    /// The call's span.
    #[facet(default)]
    pub span_id: SpanId,
}
