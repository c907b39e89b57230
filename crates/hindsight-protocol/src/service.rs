//! The roam services: traits from which clients and dispatchers are generated.
#![allow(
    missing_docs,
    reason = "the attribute macro generates descriptor functions without documentation"
)]

use crate::hub::{
    AppsEnd, AppsEvent, AttachReply, AttachRequest, ClearReply, ClearRequest, CompleteReply,
    CompleteRequest, FindSpansReply, FindSpansRequest, GetSpansReply, GetSpansRequest,
    GetTraceReply, GetTraceRequest, HubError, IngestReply, IngestRequest, IngestSpansRequest,
    ListAppsReply, ListAppsRequest, ListTracesReply, ListTracesRequest, LiveEnd, LiveEvent,
    LiveRequest, OpenSpansReply, OpenSpansRequest, PinTraceReply, PinTraceRequest, PingReply,
    PingRequest, QueryReply, QueryRequest, ServiceMapReply, ServiceMapRequest, StatsReply,
    StatsRequest, TraceStructure, TraceStructureRequest, UnpinTraceRequest, WatchAppsRequest,
};
use crate::introspection::{
    DescribeServiceReply, DescribeServiceRequest, HasMethodReply, HasMethodRequest,
    ListServicesReply, ListServicesRequest,
};

/// What the hub offers to tracers and viewers.
#[vox::service]
pub trait HindsightService {
    /// Announces a tracer on this connection. Must come before [`Self::ingest`]; repeated after a
    /// reconnect with the same tracer id.
    async fn attach(&self, request: AttachRequest) -> Result<AttachReply, HubError>;

    /// Stores a batch. The reply acknowledges it: a batch sent again (same tracer, same sequence)
    /// is not stored twice.
    async fn ingest(&self, request: IngestRequest) -> Result<IngestReply, HubError>;

    /// Stores spans given as structs: the simple form, without acknowledgement of resends.
    async fn ingest_spans(&self, request: IngestSpansRequest) -> Result<IngestReply, HubError>;

    /// Summaries of the newest traces, of those that a query matches if one is given.
    async fn list_traces(&self, request: ListTracesRequest) -> Result<ListTracesReply, HubError>;

    /// The spans of one trace, in pages.
    async fn get_trace(&self, request: GetTraceRequest) -> Result<GetTraceReply, HubError>;

    /// The open spans of all apps, those that began first.
    async fn open_spans(&self, request: OpenSpansRequest) -> Result<OpenSpansReply, HubError>;

    /// Spans that match a query, or what its pipeline makes of them. A wrong query is
    /// [`HubError::QUERY`], here and wherever a request holds one.
    async fn query(&self, request: QueryRequest) -> Result<QueryReply, HubError>;

    /// Which spans of one trace match a query.
    async fn find_spans(&self, request: FindSpansRequest) -> Result<FindSpansReply, HubError>;

    /// What could be written at the cursor of a query.
    async fn complete(&self, request: CompleteRequest) -> Result<CompleteReply, HubError>;

    /// Services and who calls whom.
    async fn service_map(&self, request: ServiceMapRequest) -> Result<ServiceMapReply, HubError>;

    /// Streams what is stored as it is stored: first a snapshot at some revision, then every
    /// change. A subscriber that lags is told and gets a new snapshot.
    async fn live(
        &self,
        request: LiveRequest,
        events: vox::Tx<LiveEvent>,
    ) -> Result<LiveEnd, HubError>;

    /// Connected apps and those that were.
    async fn list_apps(&self, request: ListAppsRequest) -> Result<ListAppsReply, HubError>;

    /// Counters, sizes and limits.
    async fn stats(&self, request: StatsRequest) -> Result<StatsReply, HubError>;

    /// Keeps a stored trace, with the spans that come, whatever age and the byte budget would
    /// remove, until it is unpinned or all is cleared. [`HubError::NOT_STORED`] if there is nothing
    /// to keep, [`HubError::LIMIT`] if too many traces are pinned or they are too large.
    async fn pin_trace(&self, request: PinTraceRequest) -> Result<PinTraceReply, HubError>;

    /// Ends what [`Self::pin_trace`] began.
    async fn unpin_trace(&self, request: UnpinTraceRequest) -> Result<PinTraceReply, HubError>;

    /// Removes all stored spans, also those of pinned traces.
    async fn clear(&self, request: ClearRequest) -> Result<ClearReply, HubError>;

    /// Answers at once; keeps a connection alive.
    async fn ping(&self, request: PingRequest) -> PingReply;

    /// What is needed to draw all spans of a trace, in pages of columns; later, what is new.
    async fn trace_structure(
        &self,
        request: TraceStructureRequest,
    ) -> Result<TraceStructure, HubError>;

    /// Single spans of a trace by their ids.
    async fn get_spans(&self, request: GetSpansRequest) -> Result<GetSpansReply, HubError>;

    /// Streams which apps there are: first all, then each that came, went, or offers something else.
    async fn watch_apps(
        &self,
        request: WatchAppsRequest,
        events: vox::Tx<AppsEvent>,
    ) -> Result<AppsEnd, HubError>;
}

vox_schema::impl_reborrow_owned!(LiveEvent);
vox_schema::impl_reborrow_owned!(AppsEvent);

/// Offered by every traced app; the hub asks it on connect.
#[vox::service]
pub trait ServiceIntrospection {
    /// Names and methods of all services.
    async fn list_services(&self, request: ListServicesRequest) -> ListServicesReply;

    /// One service with the shapes of its methods.
    async fn describe_service(&self, request: DescribeServiceRequest) -> DescribeServiceReply;

    /// Whether a method with this id is offered.
    async fn has_method(&self, request: HasMethodRequest) -> HasMethodReply;
}
