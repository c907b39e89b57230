//! Questions in the query language (`docs/query-language.md`) and their answers.

use facet::Facet;

use crate::{SpanBatch, SpanId, TraceId};

/// Asks for spans, or for what the query's pipeline makes of them.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct QueryRequest {
    /// The query.
    #[facet(default)]
    pub query: String,
    /// Most spans to answer when the query has no pipeline; 0 means 100.
    #[facet(default)]
    pub limit: u32,
    /// Only spans that started at this time or later; 0 for all.
    #[facet(default)]
    pub since_ns: u64,
    /// Only spans that started before this time; 0 for all.
    #[facet(default)]
    pub until_ns: u64,
    /// Also tell how the answer was found.
    #[facet(default)]
    pub explain: bool,
}

/// The answer to a query: spans, or a table, or a heatmap.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct QueryReply {
    /// Revision of the store that was read.
    #[facet(default)]
    pub revision: u64,
    /// Without a pipeline: matching spans, latest start first.
    #[facet(default)]
    pub batch: SpanBatch,
    /// Spans that matched.
    #[facet(default)]
    pub matched: u64,
    /// With aggregates: their values.
    #[facet(default)]
    pub table: QueryTable,
    /// With `heatmap()`: durations over time.
    #[facet(default)]
    pub heatmap: QueryHeatmap,
    /// Why the answer may be incomplete: `"deadline"` or `"budget"`; empty when it is complete.
    #[facet(default)]
    pub cut: String,
    /// How the answer was found, if that was asked for.
    #[facet(default)]
    pub explain: QueryExplain,
}

/// Aggregates by group and time.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct QueryTable {
    /// What the groups are made by; empty for one group of everything.
    #[facet(default)]
    pub by: Vec<String>,
    /// The aggregates.
    #[facet(default)]
    pub columns: Vec<QueryColumn>,
    /// Start of each stretch of time; one element when the query does not divide time.
    #[facet(default)]
    pub starts_ns: Vec<u64>,
    /// Length of each of them.
    #[facet(default)]
    pub step_ns: u64,
    /// The values of `by` of each group: groups times `by`. Empty where a span has none.
    #[facet(default)]
    pub keys: Vec<String>,
    /// Groups times `starts_ns` times `columns`; NaN where there is no value.
    #[facet(default)]
    pub values: Vec<f64>,
    /// Groups found, of which the first are here.
    #[facet(default)]
    pub groups_total: u64,
}

/// One aggregate.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct QueryColumn {
    /// As written in the query language: `p99(duration)`.
    #[facet(default)]
    pub name: String,
    /// `"ns"`, `"1/s"` or `"1"`.
    #[facet(default)]
    pub unit: String,
}

/// Counts of spans by start time and duration.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct QueryHeatmap {
    /// Start of each stretch of time.
    #[facet(default)]
    pub starts_ns: Vec<u64>,
    /// Length of each of them.
    #[facet(default)]
    pub step_ns: u64,
    /// Least duration of each bucket, ascending; each ends where the next begins.
    #[facet(default)]
    pub floors_ns: Vec<u64>,
    /// `starts_ns` times `floors_ns`.
    #[facet(default)]
    pub counts: Vec<u64>,
    /// How many of them are errors.
    #[facet(default)]
    pub errors: Vec<u64>,
    /// A span of each bucket that has any, at most.
    #[facet(default)]
    pub exemplars: Vec<Exemplar>,
}

/// A span that stands for a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Facet)]
pub struct Exemplar {
    /// Index into [`QueryHeatmap::counts`].
    #[facet(default)]
    pub bucket: u32,
    /// Its trace.
    #[facet(default)]
    pub trace_id: TraceId,
    /// The span.
    #[facet(default)]
    pub span_id: SpanId,
    /// How long it took.
    #[facet(default)]
    pub duration_ns: u64,
}

/// How an answer was found.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct QueryExplain {
    /// The query in its canonical form.
    #[facet(default)]
    pub query: String,
    /// Segments and chunks stored.
    #[facet(default)]
    pub runs: u64,
    /// Those that cannot have a match by their statistics.
    #[facet(default)]
    pub runs_skipped: u64,
    /// Those not looked at because the answer was full, or cut, before.
    #[facet(default)]
    pub runs_unread: u64,
    /// Rows of those that were looked at.
    #[facet(default)]
    pub rows: u64,
    /// Rows that matched by columns alone.
    #[facet(default)]
    pub rows_matched: u64,
    /// Traces that had to be looked at span by span.
    #[facet(default)]
    pub traces_verified: u64,
    /// Time it took, microseconds.
    #[facet(default)]
    pub elapsed_us: u64,
}

/// Asks which spans of a trace match.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct FindSpansRequest {
    /// The trace.
    #[facet(default)]
    pub trace_id: TraceId,
    /// The query; its pipeline is not looked at.
    #[facet(default)]
    pub query: String,
    /// Most spans to answer; 0 means 10,000.
    #[facet(default)]
    pub limit: u32,
}

/// Matching spans of a trace.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct FindSpansReply {
    /// Revision of the store that was read.
    #[facet(default)]
    pub revision: u64,
    /// Ids of matching spans, earliest start first.
    #[facet(default)]
    pub span_ids: Vec<u64>,
    /// Spans that matched.
    #[facet(default)]
    pub matched: u64,
    /// Why the answer may be incomplete: `"deadline"` or `"budget"`; empty when it is complete.
    #[facet(default)]
    pub cut: String,
}

/// Asks what may come next in a query.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct CompleteRequest {
    /// The text so far.
    #[facet(default)]
    pub text: String,
    /// Byte offset of the cursor.
    #[facet(default)]
    pub cursor: u32,
    /// Most completions to answer; 0 means 50.
    #[facet(default)]
    pub limit: u32,
}

/// What may come next.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct CompleteReply {
    /// First byte of the text that a completion replaces.
    #[facet(default)]
    pub start: u32,
    /// The byte after the last one replaced.
    #[facet(default)]
    pub end: u32,
    /// Most useful first.
    #[facet(default)]
    pub completions: Vec<Completion>,
}

/// One thing that may come next.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Completion {
    /// What to put in place.
    #[facet(default)]
    pub text: String,
    /// `"field"`, `"key"`, `"operator"`, `"value"`, `"function"` or `"keyword"`.
    #[facet(default)]
    pub kind: String,
    /// Its type or what it means.
    #[facet(default)]
    pub detail: String,
    /// How often it occurs in what is stored; 0 when not counted.
    #[facet(default)]
    pub count: u64,
}

/// Asks who calls whom.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ServiceMapRequest {
    /// Only spans that started at this time or later; 0 for all.
    #[facet(default)]
    pub since_ns: u64,
    /// Only spans that started before this time; 0 for all.
    #[facet(default)]
    pub until_ns: u64,
    /// Only spans that match this query; empty for all.
    #[facet(default)]
    pub query: String,
}

/// Services and the calls between them.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ServiceMapReply {
    /// Revision of the store that was read.
    #[facet(default)]
    pub revision: u64,
    /// Earliest and latest start of the spans counted.
    #[facet(default)]
    pub first_ns: u64,
    /// See `first_ns`.
    #[facet(default)]
    pub last_ns: u64,
    /// Services, most spans first.
    #[facet(default)]
    pub nodes: Vec<MapNode>,
    /// Calls, most first.
    #[facet(default)]
    pub edges: Vec<MapEdge>,
    /// Why the answer may be incomplete: `"deadline"` or `"budget"`; empty when it is complete.
    #[facet(default)]
    pub cut: String,
}

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct MapNode {
    /// `service.name`.
    #[facet(default)]
    pub service: String,
    /// Its spans.
    #[facet(default)]
    pub spans: u64,
    /// Those whose status is error.
    #[facet(default)]
    pub errors: u64,
    /// Half of its ended spans took at most this long.
    #[facet(default)]
    pub p50_ns: u64,
    /// 99 % of its ended spans took at most this long.
    #[facet(default)]
    pub p99_ns: u64,
}

/// Spans of one service whose parents are of another.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct MapEdge {
    /// Service of the parents.
    #[facet(default)]
    pub from: String,
    /// Service of the spans.
    #[facet(default)]
    pub to: String,
    /// How many.
    #[facet(default)]
    pub calls: u64,
    /// Those whose status is error.
    #[facet(default)]
    pub errors: u64,
    /// Half of the ended ones took at most this long.
    #[facet(default)]
    pub p50_ns: u64,
    /// 99 % of the ended ones took at most this long.
    #[facet(default)]
    pub p99_ns: u64,
}
