//! Messages of the hub's roam service, [`crate::HindsightService`].
//!
//! One request struct a method, every field with a default, so that a method can grow. Answers that
//! can be large are columns and come in pages.

mod apps;
mod attach;
mod error;
mod ingest;
mod live;
mod open;
mod query;
mod sort;
mod stats;
mod structure;
mod traces;

pub use apps::{AppInfo, AppsEnd, AppsEvent, ListAppsReply, ListAppsRequest, WatchAppsRequest};
pub use attach::{AttachReply, AttachRequest, RunInfo, TracerId};
pub use error::{HubError, QueryProblem};
pub use ingest::{IngestReply, IngestRequest, IngestSpansRequest, ReasonCount, TracerAccounts};
pub use live::{LiveEnd, LiveEvent, LiveRequest};
pub use open::{OpenSpansReply, OpenSpansRequest};
pub use query::{
    CompleteReply, CompleteRequest, Completion, Exemplar, FindSpansReply, FindSpansRequest,
    MapEdge, MapNode, QueryColumn, QueryExplain, QueryHeatmap, QueryReply, QueryRequest,
    QueryTable, ServiceMapReply, ServiceMapRequest,
};
pub use sort::{TRACE_COLUMN_BYTES_MAX, TRACE_COLUMNS_MAX, TraceSort, TraceSortKey};
pub use stats::{
    ClearReply, ClearRequest, IngestCounters, PingReply, PingRequest, StatsReply, StatsRequest,
    StoreCounters,
};
pub use structure::{
    GetSpansReply, GetSpansRequest, SPANS_BY_ID_MAX, STRUCTURE_ROWS_MAX, StructureCursor,
    StructureFlags, StructureMark, TraceStructure, TraceStructureRequest, Varints,
};
pub use traces::{
    GetTraceReply, GetTraceRequest, ListTracesReply, ListTracesRequest, PinTraceReply,
    PinTraceRequest, Removal, ServiceSpans, TraceSummary, UnpinTraceRequest,
};

/// Version of this protocol; peers tell theirs in [`AttachRequest`] and [`PingReply`].
pub const PROTOCOL_VERSION: u32 = 1;
