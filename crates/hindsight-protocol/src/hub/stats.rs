//! Counters, sizes and limits; clearing; pings.

use facet::Facet;

use super::{ReasonCount, Removal, TracerAccounts};

/// Counters of records: `received = inserted + updated + duplicate + rejected`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Facet)]
pub struct IngestCounters {
    /// Records that arrived, resends not counted.
    #[facet(default)]
    pub received: u64,
    /// Stored as new spans.
    #[facet(default)]
    pub inserted: u64,
    /// Changed a stored span.
    #[facet(default)]
    pub updated: u64,
    /// Said nothing new.
    #[facet(default)]
    pub duplicate: u64,
    /// Refused.
    #[facet(default)]
    pub rejected: u64,
    /// Records of batches that had been stored before; not part of `received`.
    #[facet(default)]
    pub resent: u64,
}

/// Counters of stored spans: `inserted = live + sampled_out + expired + evicted + cleared`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Facet)]
pub struct StoreCounters {
    /// Spans stored at this time.
    #[facet(default)]
    pub live: u64,
    /// Left out by a policy.
    #[facet(default)]
    pub sampled_out: u64,
    /// Removed by age.
    #[facet(default)]
    pub expired: u64,
    /// Removed by the byte budget.
    #[facet(default)]
    pub evicted: u64,
    /// Removed by `clear`.
    #[facet(default)]
    pub cleared: u64,
}

/// Nothing to say yet.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct StatsRequest {
    /// Reserved.
    #[facet(default)]
    pub reserved: u8,
}

/// The hub in numbers.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct StatsReply {
    /// Random identity of this hub process.
    #[facet(default)]
    pub hub_id: u64,
    /// Version of the program.
    #[facet(default)]
    pub version: String,
    /// Start, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub started_ns: u64,
    /// The hub's clock at the answer.
    #[facet(default)]
    pub now_ns: u64,
    /// Addresses it listens on.
    #[facet(default)]
    pub addresses: Vec<String>,
    /// Revision of the store.
    #[facet(default)]
    pub revision: u64,
    /// Traces stored.
    #[facet(default)]
    pub traces: u64,
    /// Records, all apps.
    #[facet(default)]
    pub ingest: IngestCounters,
    /// Sum of the apps' own counters.
    #[facet(default)]
    pub accounts: TracerAccounts,
    /// Stored spans.
    #[facet(default)]
    pub store: StoreCounters,
    /// Spans open at this time.
    #[facet(default)]
    pub open_spans: u64,
    /// Bytes the store holds.
    #[facet(default)]
    pub memory_bytes: u64,
    /// `--memory-limit`.
    #[facet(default)]
    pub memory_limit_bytes: u64,
    /// `--ttl`.
    #[facet(default)]
    pub ttl_ms: u64,
    /// Traces that are pinned.
    #[facet(default)]
    pub pinned_traces: u64,
    /// About the bytes of their spans, part of `memory_bytes`.
    #[facet(default)]
    pub pinned_bytes: u64,
    /// Segments of the store.
    #[facet(default)]
    pub segments: u64,
    /// Open connections.
    #[facet(default)]
    pub connections: u64,
    /// Live subscribers.
    #[facet(default)]
    pub subscribers: u64,
    /// Lanes relayed between viewers and apps at this time.
    #[facet(default)]
    pub relayed_lanes: u64,
    /// Lanes relayed since the start.
    #[facet(default)]
    pub relayed_lanes_total: u64,
    /// Everything refused, cut or lost, by reason.
    #[facet(default)]
    pub reasons: Vec<ReasonCount>,
    /// Newest removals.
    #[facet(default)]
    pub removals: Vec<Removal>,
}

/// Nothing to say yet.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ClearRequest {
    /// Reserved.
    #[facet(default)]
    pub reserved: u8,
}

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ClearReply {
    /// Spans removed.
    #[facet(default)]
    pub spans: u64,
    /// Traces removed.
    #[facet(default)]
    pub traces: u64,
}

/// Are you there?
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct PingRequest {
    /// The sender's totals, if it is a tracer.
    #[facet(default)]
    pub accounts: TracerAccounts,
}

/// Yes.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct PingReply {
    /// Which hub.
    #[facet(default)]
    pub hub_id: u64,
    /// The hub's clock, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub now_ns: u64,
    /// [`super::PROTOCOL_VERSION`] of the hub.
    #[facet(default)]
    pub protocol_version: u32,
    /// Version of the hub's program.
    #[facet(default)]
    pub version: String,
}
