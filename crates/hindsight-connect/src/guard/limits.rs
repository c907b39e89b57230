//! What the guard allows a peer.

use crate::lane::RELAYED_REQUESTS_MAX;

/// Lane-open metadata key with which a relayed lane states the credit of its channels. The guard
/// refuses a lane that says one credit here and another in its settings, because a relay opens
/// the lane beyond with the one stated here and the two must be equal.
pub const CREDIT_METADATA_KEY: &str = "credit";

/// Limits on what one peer may do to one connection. `Default` is meant for a hub that faces apps
/// and viewers; [`GuardLimits::facing_hub`] for a client, to which a hub relays the lanes of many
/// viewers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardLimits {
    /// Least channel credit of a lane, in items. Default 16.
    pub channel_credit_min: u32,
    /// Most channel credit of a lane, in items. vox allocates room for this many per channel.
    /// Default 256.
    pub channel_credit_max: u32,
    /// Most concurrent requests that a lane's settings may offer; at least one. Default 256.
    pub requests_per_lane_max: u32,
    /// Calls beyond a lane's own limit that may be unanswered before the peer is cut off: room
    /// for calls that were cancelled and not yet answered. Default 64.
    pub requests_per_lane_slack: u32,
    /// Lanes that the peer opened and that are open at the same time. Default 64.
    pub lanes_open_max: usize,
    /// Lanes that the peer may open in a burst, accepted or not. Default 512.
    pub lane_open_burst: u32,
    /// Lane opens per second that refill the burst. Default 16.
    pub lane_opens_per_sec: u32,
    /// What the peer may make vox keep until the connection ends, even after lanes closed: lanes
    /// opened, methods called on each, calls unanswered when a lane closed. Each costs up to 300
    /// bytes; a client that reaches this connects anew. Default 200,000.
    pub residue_max: usize,
    /// Channels of the peer's calls alive at the same time on all lanes. Default 512.
    pub channels_live_max: usize,
    /// Channels that calls of the peer on open lanes ever declared; vox keeps about 900 bytes for each until
    /// its lane closes. Default 65,536.
    pub channels_declared_max: usize,
    /// Bytes of channel items received and not yet consumed, on all lanes but relayed ones to which
    /// the peer is the app: those do not stay here. Default 64 MiB.
    pub channel_bytes_max: usize,
    /// Credit that the peer may have granted beyond what was used, in items per channel.
    /// Default 1,024.
    pub credit_outstanding_max: u32,
    /// Bytes of arguments of calls that are not answered yet, on all lanes. Default 256 MiB.
    pub call_bytes_max: usize,
    /// Bytes of one schema. Default 256 KiB.
    pub schema_bytes_max: usize,
    /// Bytes of all schemas that open lanes hold; each counts for 256 bytes more than it has.
    /// Default 16 MiB.
    pub schema_bytes_total_max: usize,
    /// Times that a lane may send the schema of the same method and direction. Default 8.
    pub schema_repeats_max: u32,
    /// Bytes of an answer of the peer; a larger one closes its lane. Default 1 MiB: a hub asks apps
    /// for lists.
    pub answer_taken_bytes_max: usize,
    /// Bytes of an answer of ours; a larger one is replaced by an error that says so. Default 8 MiB.
    pub answer_bytes_max: usize,
    /// What is allowed on a lane that is relayed between a viewer and an app, on either side of the
    /// relay. `None` where nothing is relayed: in clients.
    pub relayed: Option<RelayedLimits>,
}

/// Limits of one relayed lane. The connection beyond the relay carries the relayed lanes of many, so
/// each of them must stay far below what that connection's guard allows in all. A lane that exceeds one
/// of these is closed on both sides; its connection lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayedLimits {
    /// Most concurrent requests that the lane's settings may offer; beside them there is the usual
    /// slack. Default [`RELAYED_REQUESTS_MAX`](crate::RELAYED_REQUESTS_MAX).
    pub requests_max: u32,
    /// Methods called. Default 256.
    pub methods_max: usize,
    /// Channels alive at the same time. Default 16.
    pub channels_live_max: usize,
    /// Channels ever declared. Default 1,024.
    pub channels_declared_max: usize,
    /// Bytes of channel items that the viewer sent and the app has not consumed. Default 1 MiB.
    pub channel_bytes_max: usize,
    /// Bytes of channel items that the app sent and the viewer has not consumed. Default 4 MiB.
    pub events_bytes_max: usize,
    /// Bytes of arguments of calls that are not answered yet. Default 1 MiB.
    pub call_bytes_max: usize,
    /// Bytes of one answer. Default 8 MiB.
    pub answer_bytes_max: usize,
    /// Bytes of all schemas; each counts for 256 bytes more than it has. Default 256 KiB.
    pub schema_bytes_max: usize,
}

impl Default for RelayedLimits {
    fn default() -> Self {
        Self {
            requests_max: RELAYED_REQUESTS_MAX,
            methods_max: 256,
            channels_live_max: 16,
            channels_declared_max: 1_024,
            channel_bytes_max: 1 << 20,
            events_bytes_max: 4 << 20,
            call_bytes_max: 1 << 20,
            answer_bytes_max: 8 << 20,
            schema_bytes_max: 256 << 10,
        }
    }
}

impl Default for GuardLimits {
    fn default() -> Self {
        Self {
            channel_credit_min: 16,
            channel_credit_max: 256,
            requests_per_lane_max: 256,
            requests_per_lane_slack: 64,
            lanes_open_max: 64,
            lane_open_burst: 512,
            lane_opens_per_sec: 16,
            residue_max: 200_000,
            channels_live_max: 512,
            channels_declared_max: 65_536,
            channel_bytes_max: 64 << 20,
            credit_outstanding_max: 1_024,
            call_bytes_max: 256 << 20,
            schema_bytes_max: 256 << 10,
            schema_bytes_total_max: 16 << 20,
            schema_repeats_max: 8,
            answer_taken_bytes_max: 1 << 20,
            answer_bytes_max: 8 << 20,
            relayed: Some(RelayedLimits::default()),
        }
    }
}

impl GuardLimits {
    /// Limits of a client towards its hub, which relays the lanes of all viewers over this one
    /// connection: 1,024 open lanes, bursts of 4,096 at 64 per second, 4,096 channels, 256 MiB of
    /// channel items, 64 MiB of schemas; answers of 16 MiB.
    pub fn facing_hub() -> Self {
        Self {
            lanes_open_max: 1_024,
            lane_open_burst: 4_096,
            lane_opens_per_sec: 64,
            residue_max: 1_000_000,
            channels_live_max: 4_096,
            channels_declared_max: 262_144,
            channel_bytes_max: 256 << 20,
            schema_bytes_total_max: 64 << 20,
            answer_taken_bytes_max: 16 << 20,
            relayed: None,
            ..Self::default()
        }
    }
}
