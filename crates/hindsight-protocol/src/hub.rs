//! Messages of the hub's roam service, [`crate::HindsightService`].
//!
//! One request struct a method, every field with a default, so that a method can grow. Answers that
//! can be large are columns and come in pages.

use facet::Facet;

use crate::{Span, SpanBatch, TraceId};

/// Version of this protocol; peers tell theirs in [`AttachRequest`] and [`PingReply`].
pub const PROTOCOL_VERSION: u32 = 1;

/// Why the hub did not do what was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct HubError {
    /// One of the constants of this type.
    #[facet(default)]
    pub code: u32,
    /// A sentence for a person.
    #[facet(default)]
    pub message: String,
    /// For [`HubError::OVERLOADED`]: when to try again.
    #[facet(default)]
    pub retry_after_ms: u32,
}

impl HubError {
    /// The request itself is wrong.
    pub const INVALID: u32 = 1;
    /// This connection may not do that.
    pub const FORBIDDEN: u32 = 2;
    /// The hub has no room at the moment; nothing was stored.
    pub const OVERLOADED: u32 = 3;
    /// [`crate::HindsightService::attach`] must come first.
    pub const NOT_ATTACHED: u32 = 4;
    /// The hub is stopping.
    pub const STOPPING: u32 = 5;

    /// An error of kind `code`.
    pub fn new(code: u32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after_ms: 0,
        }
    }
}

impl std::fmt::Display for HubError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for HubError {}

/// Random identity of a tracer (one per `Tracer` and process start).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Facet)]
pub struct TracerId {
    /// First half.
    #[facet(default)]
    pub high: u64,
    /// Second half.
    #[facet(default)]
    pub low: u64,
}

impl std::fmt::Display for TracerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}{:016x}", self.high, self.low)
    }
}

/// Announces a tracer.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct AttachRequest {
    /// Who it is.
    #[facet(default)]
    pub tracer_id: TracerId,
    /// [`PROTOCOL_VERSION`] of the sender.
    #[facet(default)]
    pub protocol_version: u32,
    /// The process.
    #[facet(default)]
    pub run: RunInfo,
    /// The hub the tracer was attached to before, 0 if none.
    #[facet(default)]
    pub previous_hub_id: u64,
}

/// One process start of an app, as it describes itself. Arguments are redacted by the sender.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct RunInfo {
    /// `service.name`.
    #[facet(default)]
    pub service_name: String,
    /// `service.version`, empty if unknown.
    #[facet(default)]
    pub service_version: String,
    /// Process id, 0 if there is none.
    #[facet(default)]
    pub pid: u32,
    /// Name of the executable, without its directory.
    #[facet(default)]
    pub executable: String,
    /// Arguments after redaction.
    #[facet(default)]
    pub arguments: Vec<String>,
    /// Host name, empty if unknown.
    #[facet(default)]
    pub host: String,
    /// Process start, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub started_ns: u64,
    /// Name and version of the client library.
    #[facet(default)]
    pub client: String,
}

/// The hub's answer to [`AttachRequest`].
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct AttachReply {
    /// Random identity of this hub process; another one means that the hub was restarted.
    #[facet(default)]
    pub hub_id: u64,
    /// [`PROTOCOL_VERSION`] of the hub.
    #[facet(default)]
    pub protocol_version: u32,
    /// Most bytes of one batch.
    #[facet(default)]
    pub batch_bytes_max: u64,
    /// Most spans of one batch.
    #[facet(default)]
    pub batch_spans_max: u32,
}

/// A batch and the sender's accounts.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct IngestRequest {
    /// Who sends.
    #[facet(default)]
    pub tracer_id: TracerId,
    /// Number of the batch, from 1, not repeated by this tracer.
    #[facet(default)]
    pub sequence: u64,
    /// The spans.
    #[facet(default)]
    pub batch: SpanBatch,
    /// The sender's totals when it made this request.
    #[facet(default)]
    pub accounts: TracerAccounts,
}

/// A tracer's own counters, since its start. Records are reports of spans: one when a span stays
/// open long enough to be reported while it runs (again when it changed), one at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Facet)]
pub struct TracerAccounts {
    /// Records that entered the tracer's buffers.
    #[facet(default)]
    pub offered: u64,
    /// Records lost for lack of room.
    #[facet(default)]
    pub dropped: u64,
    /// Records that an earlier hub had acknowledged before it went away.
    #[facet(default)]
    pub acknowledged_elsewhere: u64,
    /// Connections made after the first.
    #[facet(default)]
    pub reconnects: u64,
}

/// Spans as structs.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct IngestSpansRequest {
    /// The spans.
    #[facet(default)]
    pub spans: Vec<Span>,
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct IngestReply {
    /// Which hub acknowledges.
    #[facet(default)]
    pub hub_id: u64,
    /// The batch had been stored before; the counts below are 0.
    #[facet(default)]
    pub resent: bool,
    /// Records stored as new spans.
    #[facet(default)]
    pub inserted: u64,
    /// Records that changed a stored span.
    #[facet(default)]
    pub updated: u64,
    /// Records that said nothing new.
    #[facet(default)]
    pub duplicate: u64,
    /// Records refused.
    #[facet(default)]
    pub rejected: u64,
    /// Why, by reason.
    #[facet(default)]
    pub rejections: Vec<ReasonCount>,
    /// Values cut by a limit, by limit.
    #[facet(default)]
    pub truncations: Vec<ReasonCount>,
}

/// How often a reason occurred.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct ReasonCount {
    /// The reason's name.
    #[facet(default)]
    pub reason: String,
    /// How often.
    #[facet(default)]
    pub count: u64,
}

/// Which traces to list.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ListTracesRequest {
    /// Most traces to answer; 0 means 100.
    #[facet(default)]
    pub limit: u32,
    /// Only traces that a span of this service belongs to; empty for all.
    #[facet(default)]
    pub service: String,
    /// Only traces that began before this time; 0 for all.
    #[facet(default)]
    pub before_ns: u64,
}

/// Traces, newest start first.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ListTracesReply {
    /// Revision of the store that was read.
    #[facet(default)]
    pub revision: u64,
    /// The summaries.
    #[facet(default)]
    pub traces: Vec<TraceSummary>,
    /// Traces stored in all.
    #[facet(default)]
    pub total: u64,
}

/// One trace in a list.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct TraceSummary {
    /// Its id.
    #[facet(default)]
    pub trace_id: TraceId,
    /// Name of the root span; of the earliest span when no root is stored.
    #[facet(default)]
    pub name: String,
    /// Service of that span.
    #[facet(default)]
    pub service: String,
    /// Whether a span without parent is stored.
    #[facet(default)]
    pub has_root: bool,
    /// Earliest start, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub start_ns: u64,
    /// Latest end so far (latest start while nothing has ended).
    #[facet(default)]
    pub end_ns: u64,
    /// Stored spans.
    #[facet(default)]
    pub spans: u64,
    /// Spans whose status is error.
    #[facet(default)]
    pub errors: u64,
    /// Spans that have not ended and whose process is there.
    #[facet(default)]
    pub running: u64,
    /// Spans that never ended because their process went away (disconnected or aborted).
    #[facet(default)]
    pub aborted: u64,
    /// Spans per service, most first.
    #[facet(default)]
    pub services: Vec<ServiceSpans>,
    /// Spans removed from this trace by age or by the byte budget.
    #[facet(default)]
    pub removed_spans: u64,
}

/// Spans of one service within a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct ServiceSpans {
    /// `service.name`.
    #[facet(default)]
    pub service: String,
    /// How many.
    #[facet(default)]
    pub spans: u64,
}

/// Which trace, and which page of it.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct GetTraceRequest {
    /// The trace.
    #[facet(default)]
    pub trace_id: TraceId,
    /// [`GetTraceReply::next_page`] of the page before; 0 for the first.
    #[facet(default)]
    pub page: u64,
}

/// A page of a trace.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct GetTraceReply {
    /// Revision of the store that was read.
    #[facet(default)]
    pub revision: u64,
    /// One element, or none when no span of the trace is stored.
    #[facet(default)]
    pub summary: Vec<TraceSummary>,
    /// The spans of this page.
    #[facet(default)]
    pub batch: SpanBatch,
    /// Page to ask for next; 0 when this is the last.
    #[facet(default)]
    pub next_page: u64,
    /// What is known of spans that were removed.
    #[facet(default)]
    pub removals: Vec<Removal>,
}

/// Spans that left the store.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Removal {
    /// `"expired"`, `"evicted"` or `"cleared"`.
    #[facet(default)]
    pub reason: String,
    /// When, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub at_ns: u64,
    /// How many spans, 0 when not known.
    #[facet(default)]
    pub spans: u64,
}

/// What a subscriber wants to see.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct LiveRequest {
    /// Summaries of traces that changed.
    #[facet(default)]
    pub traces: bool,
    /// Spans as they are stored.
    #[facet(default)]
    pub spans: bool,
    /// Only this trace; [`TraceId::INVALID`] for all.
    #[facet(default)]
    pub trace_id: TraceId,
    /// Only spans of this service; empty for all.
    #[facet(default)]
    pub service: String,
    /// Most traces in the snapshot; 0 means 100.
    #[facet(default)]
    pub snapshot_limit: u32,
}

/// One message of a live stream; see the `KIND_` constants.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct LiveEvent {
    /// What this is.
    #[facet(default)]
    pub kind: u8,
    /// The store's revision that a receiver has reached with this event.
    #[facet(default)]
    pub revision: u64,
    /// New or changed traces.
    #[facet(default)]
    pub traces: Vec<TraceSummary>,
    /// New or changed spans.
    #[facet(default)]
    pub batch: SpanBatch,
    /// For [`LiveEvent::KIND_LAGGED`]: changes this subscriber missed.
    #[facet(default)]
    pub missed: u64,
}

impl LiveEvent {
    /// Part of the snapshot at `revision`; more follows.
    pub const KIND_SNAPSHOT: u8 = 1;
    /// The snapshot is complete; changes begin at `revision + 1`.
    pub const KIND_SNAPSHOT_END: u8 = 2;
    /// Changes up to `revision`.
    pub const KIND_CHANGE: u8 = 3;
    /// Changes were missed; a new snapshot follows.
    pub const KIND_LAGGED: u8 = 4;
    /// Nothing happened for a while.
    pub const KIND_HEARTBEAT: u8 = 5;
    /// The store was cleared.
    pub const KIND_CLEARED: u8 = 6;
}

/// Why a live stream ended.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct LiveEnd {
    /// A sentence for a person.
    #[facet(default)]
    pub reason: String,
    /// Events sent.
    #[facet(default)]
    pub events: u64,
}

/// Which apps to list.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ListAppsRequest {
    /// Leave out those that are gone.
    #[facet(default)]
    pub connected_only: bool,
}

/// Apps, most recently connected first.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ListAppsReply {
    /// The apps.
    #[facet(default)]
    pub apps: Vec<AppInfo>,
}

/// A process that attached a tracer, or did.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct AppInfo {
    /// Its tracer.
    #[facet(default)]
    pub tracer_id: TracerId,
    /// As it describes itself.
    #[facet(default)]
    pub run: RunInfo,
    /// `"connected"`, `"disconnected"` (may come back) or `"gone"`.
    #[facet(default)]
    pub state: String,
    /// How it is connected: `http`, `tcp`, `unix`, `websocket`, and the peer's address.
    #[facet(default)]
    pub transport: String,
    /// First attach, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub first_attached_ns: u64,
    /// Newest attach.
    #[facet(default)]
    pub attached_ns: u64,
    /// End of the newest connection, 0 while connected.
    #[facet(default)]
    pub detached_ns: u64,
    /// Newest data from it.
    #[facet(default)]
    pub last_seen_ns: u64,
    /// Services it offers, as far as asked.
    #[facet(default)]
    pub services: Vec<String>,
    /// Its own counters as last told.
    #[facet(default)]
    pub accounts: TracerAccounts,
    /// The hub's counters for it.
    #[facet(default)]
    pub counters: IngestCounters,
}

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
    /// Segments of the store.
    #[facet(default)]
    pub segments: u64,
    /// Open connections.
    #[facet(default)]
    pub connections: u64,
    /// Live subscribers.
    #[facet(default)]
    pub subscribers: u64,
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
    /// [`PROTOCOL_VERSION`] of the hub.
    #[facet(default)]
    pub protocol_version: u32,
    /// Version of the hub's program.
    #[facet(default)]
    pub version: String,
}
