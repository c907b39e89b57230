//! What views ask of the hub.
//!
//! In: the page's [`Link`] and typed requests. Out: answers, or [`Trouble`]; live events, many at
//! once ([`live`]); lanes to apps ([`relay`]). Holds: every call ends within the lane's deadline.

use hindsight_connect::CallError;
use hindsight_protocol::HubError;
use hindsight_protocol::hub::{
    ClearReply, ClearRequest, CompleteReply, CompleteRequest, FindSpansReply, FindSpansRequest,
    GetSpansReply, GetSpansRequest, GetTraceReply, GetTraceRequest, IngestReply,
    IngestSpansRequest, ListAppsReply, ListAppsRequest, ListTracesReply, ListTracesRequest,
    OpenSpansReply, OpenSpansRequest, QueryProblem, QueryReply, QueryRequest, ServiceMapReply,
    ServiceMapRequest, StatsReply, StatsRequest, TraceStructure, TraceStructureRequest,
};
use vox::VoxError;

use crate::link::Link;

pub(crate) mod live;
pub(crate) mod relay;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no connection; the link says why, and calls again by itself.
    Offline,
    /// The query is wrong.
    Query(Vec<QueryProblem>),
    /// Anything else, in a sentence.
    Said(String),
}

impl Trouble {
    /// For a person.
    pub fn sentence(&self) -> String {
        match self {
            Self::Offline => "The hub does not answer.".into(),
            Self::Query(problems) => {
                let first = problems.first().map(|problem| problem.message.clone());
                first.unwrap_or_else(|| "The hub did not understand the query.".into())
            }
            Self::Said(sentence) => sentence.clone(),
        }
    }
}

impl From<HubError> for Trouble {
    fn from(error: HubError) -> Self {
        match error.code {
            HubError::QUERY => Self::Query(error.problems),
            _ => Self::Said(error.message),
        }
    }
}

impl From<VoxError<HubError>> for Trouble {
    fn from(error: VoxError<HubError>) -> Self {
        match error {
            VoxError::User(error) => (*error).into(),
            other => Self::Said(CallError::<HubError>::Rpc(other).to_string()),
        }
    }
}

impl From<CallError<HubError>> for Trouble {
    fn from(error: CallError<HubError>) -> Self {
        match error {
            CallError::Rpc(error) => error.into(),
            other => Self::Said(other.to_string()),
        }
    }
}

/// A method of this module for each of the service's that is a plain call.
macro_rules! calls {
    ($($(#[$doc:meta])* $method:ident($request:ty) -> $reply:ty;)*) => {$(
        $(#[$doc])*
        pub async fn $method(link: Link, request: $request) -> Result<$reply, Trouble> {
            let lane = link.lane().ok_or(Trouble::Offline)?;
            let answer = lane.call(|client| client.$method(request)).await;
            answer.map_err(Trouble::from)
        }
    )*};
}

calls! {
    /// Counters, sizes and limits.
    stats(StatsRequest) -> StatsReply;
    /// Connected apps and those that were.
    list_apps(ListAppsRequest) -> ListAppsReply;
    /// The open spans of all apps, those that began first.
    open_spans(OpenSpansRequest) -> OpenSpansReply;
    /// Spans that match a query, or what its pipeline makes of them.
    query(QueryRequest) -> QueryReply;
    /// The spans of one trace, in pages.
    get_trace(GetTraceRequest) -> GetTraceReply;
    /// The shape of a trace, page by page.
    trace_structure(TraceStructureRequest) -> TraceStructure;
    /// Single spans, whole.
    get_spans(GetSpansRequest) -> GetSpansReply;
    /// The spans of a trace that match.
    find_spans(FindSpansRequest) -> FindSpansReply;
    /// Which services call which.
    service_map(ServiceMapRequest) -> ServiceMapReply;
    /// Summaries of traces that match, newest first.
    list_traces(ListTracesRequest) -> ListTracesReply;
    /// What could be written at the cursor of a query.
    complete(CompleteRequest) -> CompleteReply;
    /// Stores spans given as structs.
    ingest_spans(IngestSpansRequest) -> IngestReply;
    /// Removes all stored spans.
    clear(ClearRequest) -> ClearReply;
}
