//! The hub's roam service: a thin edge between calls and the parts that do the work.
//!
//! In: calls of one connection. Out: replies. Holds: a call that the connection's [`Rights`] do not
//! cover is answered `FORBIDDEN` before anything is looked at; no call waits for a peer other than
//! its own. Bounded: by the guard (calls in flight) and by the limits of each part.

mod admin;
mod apps;
mod attach;
mod ingest;
mod live;
mod query;
mod read;

use std::sync::Arc;

use hindsight_protocol::hub::{
    AppsEnd, AppsEvent, AttachReply, AttachRequest, ClearReply, ClearRequest, CompleteReply,
    CompleteRequest, FindSpansReply, FindSpansRequest, GetSpansReply, GetSpansRequest,
    GetTraceReply, GetTraceRequest, HubError, IngestReply, IngestRequest, IngestSpansRequest,
    ListAppsReply, ListAppsRequest, ListTracesReply, ListTracesRequest, LiveEnd, LiveEvent,
    LiveRequest, OpenSpansReply, OpenSpansRequest, PROTOCOL_VERSION, PinTraceReply,
    PinTraceRequest, PingReply, PingRequest, QueryReply, QueryRequest, ServiceMapReply,
    ServiceMapRequest, StatsReply, StatsRequest, TraceStructure, TraceStructureRequest,
    UnpinTraceRequest, WatchAppsRequest,
};
use hindsight_protocol::{HindsightService, TracerAccounts};

use crate::clock::now_ns;
use crate::engine::EngineError;
use crate::hub::{Hub, VERSION};
use crate::rights::Rights;
use crate::session::Session;
use crate::telemetry::Reason;

/// The service as one connection sees it.
#[derive(Clone)]
pub(crate) struct HubService {
    hub: Arc<Hub>,
    session: Arc<Session>,
}

impl HubService {
    /// Neither may keep the connection: it keeps this service for as long as it is open.
    pub(crate) fn new(hub: Arc<Hub>, session: Arc<Session>) -> Self {
        Self { hub, session }
    }

    fn allow(&self, has: impl Fn(&Rights) -> bool, what: &str) -> Result<(), HubError> {
        if has(&self.session.rights) {
            return Ok(());
        }
        self.fault(Reason::CallForbidden, what);
        let message = format!("this connection may not {what}: it comes from another site's page");
        Err(HubError::new(HubError::FORBIDDEN, message))
    }

    fn allow_ingest(&self) -> Result<(), HubError> {
        self.allow(|rights| rights.ingest, "send spans")
    }

    fn allow_read(&self) -> Result<(), HubError> {
        self.allow(|rights| rights.read, "read")
    }

    fn allow_admin(&self) -> Result<(), HubError> {
        self.allow(|rights| rights.admin, "change what is stored")
    }

    fn fault(&self, reason: Reason, detail: impl std::fmt::Display) {
        let peer = self.session.peer.to_string();
        self.hub.telemetry.peer_fault(reason, &peer, detail);
    }

    /// The totals of the connection's tracer. With several tracers they come with each batch.
    fn told(&self, accounts: &TracerAccounts) {
        let tracers = self.session.tracers.read();
        if let [tracer] = tracers.attached[..]
            && *accounts != TracerAccounts::default()
        {
            self.hub.registry.told(tracer, accounts, now_ns());
        }
    }
}

/// What a caller is told of the engine's errors.
fn hub_error(error: EngineError, retry_after: std::time::Duration) -> HubError {
    match error {
        EngineError::Overloaded { .. } => HubError {
            retry_after_ms: u32::try_from(retry_after.as_millis()).unwrap_or(u32::MAX),
            ..HubError::new(HubError::OVERLOADED, error.to_string())
        },
        EngineError::Stopped => HubError::new(HubError::STOPPING, error.to_string()),
    }
}

impl HindsightService for HubService {
    async fn attach(&self, request: AttachRequest) -> Result<AttachReply, HubError> {
        self.allow_ingest()?;
        attach::attach(self, request).await
    }

    async fn ingest(&self, request: IngestRequest) -> Result<IngestReply, HubError> {
        self.allow_ingest()?;
        ingest::batch(self, request).await
    }

    async fn ingest_spans(&self, request: IngestSpansRequest) -> Result<IngestReply, HubError> {
        self.allow_ingest()?;
        ingest::spans(self, request).await
    }

    async fn list_traces(&self, request: ListTracesRequest) -> Result<ListTracesReply, HubError> {
        self.allow_read()?;
        read::list_traces(&self.hub, request).await
    }

    async fn get_trace(&self, request: GetTraceRequest) -> Result<GetTraceReply, HubError> {
        self.allow_read()?;
        read::get_trace(&self.hub, request).await
    }

    async fn trace_structure(
        &self,
        request: TraceStructureRequest,
    ) -> Result<TraceStructure, HubError> {
        self.allow_read()?;
        read::trace_structure(&self.hub, request).await
    }

    async fn get_spans(&self, request: GetSpansRequest) -> Result<GetSpansReply, HubError> {
        self.allow_read()?;
        read::get_spans(&self.hub, request).await
    }

    async fn open_spans(&self, request: OpenSpansRequest) -> Result<OpenSpansReply, HubError> {
        self.allow_read()?;
        read::open_spans(&self.hub, request).await
    }

    async fn query(&self, request: QueryRequest) -> Result<QueryReply, HubError> {
        self.allow_read()?;
        query::query(&self.hub, request).await
    }

    async fn find_spans(&self, request: FindSpansRequest) -> Result<FindSpansReply, HubError> {
        self.allow_read()?;
        query::find_spans(&self.hub, request).await
    }

    async fn complete(&self, request: CompleteRequest) -> Result<CompleteReply, HubError> {
        self.allow_read()?;
        query::complete(&self.hub, request).await
    }

    async fn service_map(&self, request: ServiceMapRequest) -> Result<ServiceMapReply, HubError> {
        self.allow_read()?;
        query::service_map(&self.hub, request).await
    }

    async fn live(
        &self,
        request: LiveRequest,
        events: vox::Tx<LiveEvent>,
    ) -> Result<LiveEnd, HubError> {
        self.allow_read()?;
        live::live(self, request, events).await
    }

    async fn list_apps(&self, request: ListAppsRequest) -> Result<ListAppsReply, HubError> {
        self.allow_read()?;
        let (apps, left_out) = self.hub.registry.list(request.connected_only, now_ns());
        Ok(ListAppsReply { apps, left_out })
    }

    async fn watch_apps(
        &self,
        _request: WatchAppsRequest,
        events: vox::Tx<AppsEvent>,
    ) -> Result<AppsEnd, HubError> {
        self.allow_read()?;
        apps::watch(self, events).await
    }

    async fn stats(&self, _request: StatsRequest) -> Result<StatsReply, HubError> {
        self.allow_read()?;
        read::stats(&self.hub).await
    }

    async fn pin_trace(&self, request: PinTraceRequest) -> Result<PinTraceReply, HubError> {
        self.allow_admin()?;
        admin::pin(self, request.trace_id, true).await
    }

    async fn unpin_trace(&self, request: UnpinTraceRequest) -> Result<PinTraceReply, HubError> {
        self.allow_admin()?;
        admin::pin(self, request.trace_id, false).await
    }

    async fn clear(&self, _request: ClearRequest) -> Result<ClearReply, HubError> {
        self.allow_admin()?;
        admin::clear(self).await
    }

    async fn ping(&self, request: PingRequest) -> PingReply {
        self.told(&request.accounts);
        PingReply {
            hub_id: self.hub.id,
            now_ns: now_ns(),
            protocol_version: PROTOCOL_VERSION,
            version: VERSION.to_owned(),
        }
    }
}
