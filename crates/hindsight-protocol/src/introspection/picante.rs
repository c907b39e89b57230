//! `PicanteIntrospection`: queries of an incremental program, what they depend on and why they ran.
//!
//! A query is named by its kind and its key as text ([`QueryRef`]); two keys whose texts were cut to the
//! same are told apart by `key_hash`. Nodes of a graph are in one list, edges refer to them by index.
#![allow(
    missing_docs,
    reason = "the attribute macro generates descriptor functions without documentation"
)]

use facet::Facet;

use super::{StreamEnd, StreamRequest};
use crate::{SpanId, TraceId};

/// Offered by an app that uses `hindsight-picante`.
#[vox::service]
pub trait PicanteIntrospection {
    /// The executions of one trace, and what they depended on, page by page.
    async fn get_query_graph(&self, request: QueryGraphRequest) -> QueryGraph;

    /// What is known of all queries now: those that match, and what they depend on, page by page.
    async fn get_current_graph(&self, request: CurrentGraphRequest) -> QueryGraph;

    /// Queries under way, oldest first, and what each waits for.
    async fn get_active_queries(&self, request: ActiveQueriesRequest) -> ActiveQueries;

    /// How often each kind of query was answered from memory, and what it cost.
    async fn get_cache_stats(&self, request: CacheStatsRequest) -> CacheStats;

    /// Why a query was computed the last time: down to the inputs that changed, and who set them.
    async fn explain(&self, request: ExplainRequest) -> Explanation;

    /// Executions, changes of inputs and revisions as they happen.
    async fn stream_query_events(
        &self,
        request: StreamRequest,
        events: vox::Tx<QueryEvent>,
    ) -> StreamEnd;
}

vox_schema::impl_reborrow_owned!(QueryEvent);

/// Keys of attributes on spans of queries.
pub mod attribute {
    /// `true` on the span of a query.
    pub const QUERY: &str = "picante.query";
    /// Name of the query.
    pub const QUERY_KIND: &str = "picante.query_kind";
    /// Its key, readable.
    pub const QUERY_KEY: &str = "picante.query_key";
    /// `hit`, `miss` or `validated`.
    pub const CACHE_STATUS: &str = "picante.cache_status";
    /// A word of [`super::outcome`].
    pub const OUTCOME: &str = "picante.outcome";
    /// `get`, or `touch` when a dependent was validated.
    pub const OP: &str = "picante.op";
    /// Revision in which it was asked for.
    pub const REVISION: &str = "picante.revision";
    /// Revision in which its value last changed.
    pub const CHANGED_AT: &str = "picante.changed_at";
    /// Nanoseconds of the computation itself, its dependencies included.
    pub const COMPUTE_NS: &str = "picante.compute_ns";
    /// Number of dependencies.
    pub const DEPENDENCY_COUNT: &str = "picante.dependency_count";
    /// Its dependencies, as `kind(key)`; the first some of many.
    pub const DEPENDENCIES: &str = "picante.deps";
    /// Which family of databases and snapshots.
    pub const SCOPE: &str = "picante.scope";
    /// Whether it ran on a snapshot.
    pub const SNAPSHOT: &str = "picante.snapshot";
    /// Span id of the execution that this one waited for.
    pub const LEADER_SPAN: &str = "picante.leader_span";
    /// Dependencies that were called and not recorded, as `kind(key)`.
    pub const LOST_DEPENDENCIES: &str = "picante.lost_deps";
    /// Dependencies that were recorded and not called, as `kind(key)`.
    pub const PHANTOM_DEPENDENCIES: &str = "picante.phantom_deps";
    /// Accesses below it that were answered from memory and have no span.
    pub const HITS: &str = "picante.hits";
    /// `true` on the span of a change of an input.
    pub const INPUT: &str = "picante.input";
    /// Name of the input.
    pub const INPUT_KIND: &str = "picante.input_kind";
    /// Its key, readable.
    pub const INPUT_KEY: &str = "picante.input_key";
    /// The revision that the change made.
    pub const NEW_REVISION: &str = "picante.new_revision";
    /// Queries that the change made doubtful.
    pub const INVALIDATED: &str = "picante.invalidated";
}

/// How an access to a query was answered: words in `outcome`.
pub mod outcome {
    /// From memory, in the same revision.
    pub const HIT: &str = "hit";
    /// From memory, after its dependencies were found unchanged.
    pub const VALIDATED: &str = "validated";
    /// Computed, and the value is another one.
    pub const COMPUTED_CHANGED: &str = "computed_changed";
    /// Computed, and the value is the same: dependents need not run.
    pub const COMPUTED_UNCHANGED: &str = "computed_unchanged";
    /// Another access computed it meanwhile.
    pub const COALESCED: &str = "coalesced";
    /// Taken from what another snapshot computed.
    pub const ADOPTED: &str = "adopted";
    /// An error, a panic or a cycle.
    pub const ERROR: &str = "error";
    /// Given up before it had an answer.
    pub const CANCELLED: &str = "cancelled";
    /// On a node that is an input: it was set.
    pub const SET: &str = "set";
    /// On a node that is an input: it was removed.
    pub const REMOVED: &str = "removed";

    /// All outcomes of queries.
    pub const ALL: [&str; 8] = [
        HIT,
        VALIDATED,
        COMPUTED_CHANGED,
        COMPUTED_UNCHANGED,
        COALESCED,
        ADOPTED,
        ERROR,
        CANCELLED,
    ];
}

/// What an active query does: words in [`ActiveQuery::state`].
pub mod state {
    /// It runs, or waits for something that is no query.
    pub const COMPUTING: &str = "computing";
    /// It waits for a query that it asked for.
    pub const WAITING_ON_DEPENDENCY: &str = "waiting_on_dependency";
    /// It waits for another access that computes the same.
    pub const WAITING_ON_LEADER: &str = "waiting_on_leader";
    /// It waits for a computation that nobody carries on any more: for ever.
    pub const ORPHANED: &str = "orphaned";
    /// It waits for itself, by way of others: for ever.
    pub const CYCLE: &str = "cycle";
}

/// Words in [`QueryEvent::kind`].
pub mod event {
    /// A query was answered.
    pub const QUERY_ENDED: &str = "query_ended";
    /// An input was set.
    pub const INPUT_SET: &str = "input_set";
    /// An input was removed.
    pub const INPUT_REMOVED: &str = "input_removed";
    /// There is a new revision.
    pub const REVISION: &str = "revision";
    /// A query became doubtful because an input changed.
    pub const INVALIDATED: &str = "invalidated";
    /// Events were lost before this one; see `dropped`.
    pub const DROPPED: &str = "dropped";
    /// Nothing else was to be told for a while; it has no query and is not among `told`.
    pub const HEARTBEAT: &str = "heartbeat";
}

/// A query, or an input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Facet)]
pub struct QueryRef {
    /// Its name in the source.
    #[facet(default)]
    pub kind: String,
    /// Its key, readable; cut where it is long.
    #[facet(default)]
    pub key: String,
    /// Hash of the whole key; 0 where not known.
    #[facet(default)]
    pub key_hash: u64,
}

/// Which trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct QueryGraphRequest {
    /// The trace.
    #[facet(default)]
    pub trace_id: TraceId,
    /// At most this many nodes, and as many as there is room for at the other ends of their
    /// dependencies; 0 for as many as the app tells at once.
    #[facet(default)]
    pub limit: u32,
    /// [`QueryGraph::next`] of the page before; 0 for the first.
    #[facet(default)]
    pub cursor: u64,
}

/// Which part of the graph.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct CurrentGraphRequest {
    /// Only of this kind; all if empty.
    #[facet(default)]
    pub kind: String,
    /// Only keys that contain this; all if empty.
    #[facet(default)]
    pub find: String,
    /// How many steps of dependencies to add to those that match; 0 for none. Those that depend on
    /// them are added for as many steps.
    #[facet(default)]
    pub depth: u32,
    /// At most this many nodes; 0 for as many as the app tells at once.
    #[facet(default)]
    pub limit: u32,
    /// [`QueryGraph::next`] of the page before; 0 for the first.
    #[facet(default)]
    pub cursor: u64,
}

/// Queries and what they depend on.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct QueryGraph {
    /// The name the process goes by.
    #[facet(default)]
    pub process: String,
    /// When this was true, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub at_ns: u64,
    /// Newest revision.
    #[facet(default)]
    pub revision: u64,
    /// Queries and inputs.
    #[facet(default)]
    pub nodes: Vec<QueryNode>,
    /// Who depends on whom, within `nodes`.
    #[facet(default)]
    pub edges: Vec<QueryEdge>,
    /// Nodes that match the request, told or not.
    #[facet(default)]
    pub nodes_total: u64,
    /// Where the next page begins; 0 when there is none.
    #[facet(default)]
    pub next: u64,
    /// What was not there to be told, in words: executions that were forgotten, ...
    #[facet(default)]
    pub notes: Vec<String>,
}

/// A query or an input, as it was last answered.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct QueryNode {
    /// Which.
    #[facet(default)]
    pub query: QueryRef,
    /// It is set from outside, not computed.
    #[facet(default)]
    pub is_input: bool,
    /// A word of [`outcome`]; empty where it was not asked for.
    #[facet(default)]
    pub outcome: String,
    /// What went wrong.
    #[facet(default)]
    pub error: String,
    /// Revision in which it was last found right.
    #[facet(default)]
    pub verified_at: u64,
    /// Revision in which its value last changed.
    #[facet(default)]
    pub changed_at: u64,
    /// When it was last answered, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub at_ns: u64,
    /// Nanoseconds of its last computation, its dependencies included.
    #[facet(default)]
    pub compute_ns: u64,
    /// Computations so far (of a trace: in that trace).
    #[facet(default)]
    pub computed: u64,
    /// Of them, those whose value was the same as before.
    #[facet(default)]
    pub unchanged: u64,
    /// Trace of its last answer; all zero where there is none.
    #[facet(default)]
    pub trace_id: TraceId,
    /// Its span there.
    #[facet(default)]
    pub span_id: SpanId,
}

/// One depends on another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct QueryEdge {
    /// Index of the one that depends.
    #[facet(default)]
    pub from: u32,
    /// Index of what it depends on.
    #[facet(default)]
    pub to: u32,
    /// picante recorded the dependency.
    #[facet(default)]
    pub is_recorded: bool,
    /// The one was seen to ask for the other. Seen and not recorded is a *lost* dependency: a change
    /// of the other does not reach it. Recorded and not seen is a *phantom*. Neither is told of edges
    /// whose computation was not watched.
    #[facet(default)]
    pub is_observed: bool,
    /// Whether the computation was watched, so that `is_observed` means something.
    #[facet(default)]
    pub is_watched: bool,
}

/// Which active queries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct ActiveQueriesRequest {
    /// Only those that are at least this old.
    #[facet(default)]
    pub age_min_ns: u64,
    /// At most this many; 0 for as many as the app tells at once.
    #[facet(default)]
    pub limit: u32,
}

/// Queries under way.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ActiveQueries {
    /// The name the process goes by.
    #[facet(default)]
    pub process: String,
    /// When this was true, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub at_ns: u64,
    /// Accesses under way, oldest first.
    #[facet(default)]
    pub queries: Vec<ActiveQuery>,
    /// Those that were left out.
    #[facet(default)]
    pub cut: u64,
}

/// An access to a query, under way.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ActiveQuery {
    /// Unique in the process.
    #[facet(default)]
    pub id: u64,
    /// Which query.
    #[facet(default)]
    pub query: QueryRef,
    /// [`Self::id`] of the access that asked for it; 0 for none.
    #[facet(default)]
    pub parent: u64,
    /// The span that asked for it, of the same trace; all zero where there is none or `parent` did.
    #[facet(default)]
    pub parent_span_id: SpanId,
    /// When it began, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub started_ns: u64,
    /// How long it has been under way.
    #[facet(default)]
    pub age_ns: u64,
    /// A word of [`state`].
    #[facet(default)]
    pub state: String,
    /// Ids of the accesses that it waits for: what it asked for, or who computes the same.
    #[facet(default)]
    pub waits_for: Vec<u64>,
    /// Trace it belongs to; all zero where there is none.
    #[facet(default)]
    pub trace_id: TraceId,
    /// Its span.
    #[facet(default)]
    pub span_id: SpanId,
    /// What is known of why it does not go on, in words; empty where it does.
    #[facet(default)]
    pub note: String,
}

/// Nothing to say yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct CacheStatsRequest {
    /// Reserved.
    #[facet(default)]
    pub reserved: u8,
}

/// Accesses since the process began.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct CacheStats {
    /// The name the process goes by.
    #[facet(default)]
    pub process: String,
    /// When this was true, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub at_ns: u64,
    /// Newest revision.
    #[facet(default)]
    pub revision: u64,
    /// By kind, most time first.
    #[facet(default)]
    pub kinds: Vec<KindStats>,
    /// Computations that were dropped half-way and left their query waiting for ever.
    #[facet(default)]
    pub orphaned: u64,
    /// Dependencies that were called and not recorded.
    #[facet(default)]
    pub lost_dependencies: u64,
    /// Dependencies that were recorded and not called.
    #[facet(default)]
    pub phantom_dependencies: u64,
}

/// Accesses to one kind of query.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct KindStats {
    /// Its name.
    #[facet(default)]
    pub kind: String,
    /// It is set from outside, not computed.
    #[facet(default)]
    pub is_input: bool,
    /// Keys that are known.
    #[facet(default)]
    pub keys: u64,
    /// [`outcome::HIT`].
    #[facet(default)]
    pub hit: u64,
    /// [`outcome::VALIDATED`].
    #[facet(default)]
    pub validated: u64,
    /// [`outcome::COMPUTED_CHANGED`].
    #[facet(default)]
    pub computed_changed: u64,
    /// [`outcome::COMPUTED_UNCHANGED`].
    #[facet(default)]
    pub computed_unchanged: u64,
    /// [`outcome::COALESCED`].
    #[facet(default)]
    pub coalesced: u64,
    /// [`outcome::ADOPTED`].
    #[facet(default)]
    pub adopted: u64,
    /// [`outcome::ERROR`].
    #[facet(default)]
    pub error: u64,
    /// [`outcome::CANCELLED`].
    #[facet(default)]
    pub cancelled: u64,
    /// Of an input: times that it was set to another value.
    #[facet(default)]
    pub set: u64,
    /// Nanoseconds of all computations, dependencies included.
    #[facet(default)]
    pub compute_ns: u64,
    /// Of them, in computations whose value was the same as before.
    #[facet(default)]
    pub wasted_ns: u64,
    /// The longest computation.
    #[facet(default)]
    pub compute_max_ns: u64,
    /// Computations by duration: element `i` counts those of `2^i` up to `2^(i+1)` nanoseconds;
    /// shorter by its trailing zeros.
    #[facet(default)]
    pub histogram: Vec<u64>,
}

/// Which query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct ExplainRequest {
    /// Its kind.
    #[facet(default)]
    pub kind: String,
    /// Its key as told elsewhere, or a part of it that only one key has.
    #[facet(default)]
    pub key: String,
    /// At most this many causes; 0 for as many as the app tells at once.
    #[facet(default)]
    pub limit: u32,
}

/// Why a query was computed the last time.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Explanation {
    /// The name the process goes by.
    #[facet(default)]
    pub process: String,
    /// Whether the query is known.
    #[facet(default)]
    pub is_found: bool,
    /// Queries that the request could mean, when it is not clear; or those that are like it.
    #[facet(default)]
    pub candidates: Vec<QueryRef>,
    /// A sentence: what happened, for which reason.
    #[facet(default)]
    pub summary: String,
    /// The query first, then what led to it, each after what it explains.
    #[facet(default)]
    pub causes: Vec<Cause>,
    /// Causes that were left out.
    #[facet(default)]
    pub cut: u64,
}

/// A step of an explanation.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Cause {
    /// Index of the cause that this one explains; its own for the first.
    #[facet(default)]
    pub of: u32,
    /// Which query or input.
    #[facet(default)]
    pub query: QueryRef,
    /// It is set from outside, not computed.
    #[facet(default)]
    pub is_input: bool,
    /// A word of [`outcome`].
    #[facet(default)]
    pub outcome: String,
    /// Revision in which its value last changed.
    #[facet(default)]
    pub changed_at: u64,
    /// Revision up to which the dependent had known it.
    #[facet(default)]
    pub known_at: u64,
    /// When, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub at_ns: u64,
    /// Nanoseconds of the computation.
    #[facet(default)]
    pub compute_ns: u64,
    /// Trace of that execution, or of the change of the input; all zero where there is none.
    #[facet(default)]
    pub trace_id: TraceId,
    /// Its span.
    #[facet(default)]
    pub span_id: SpanId,
    /// Of an input: name of the span in which it was set; empty where none was current.
    #[facet(default)]
    pub set_by: String,
    /// A sentence.
    #[facet(default)]
    pub text: String,
}

/// Something that happened.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct QueryEvent {
    /// Counts up by one; a gap is what was dropped.
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
    /// The query or the input.
    #[facet(default)]
    pub query: QueryRef,
    /// A word of [`outcome`].
    #[facet(default)]
    pub outcome: String,
    /// Revision.
    #[facet(default)]
    pub revision: u64,
    /// Nanoseconds of the computation.
    #[facet(default)]
    pub compute_ns: u64,
    /// Of an invalidation: the input that changed.
    #[facet(default)]
    pub by: QueryRef,
    /// Trace; all zero where there is none.
    #[facet(default)]
    pub trace_id: TraceId,
    /// Span.
    #[facet(default)]
    pub span_id: SpanId,
}
