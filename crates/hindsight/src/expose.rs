//! Services an app offers to the hub, and what may be called on them.
//!
//! `ServiceIntrospection` is always offered. Whatever else is exposed is described to everybody, but
//! its methods are refused unless the app named them: [`Service::read_only`], or
//! [`Service::allow_calls`] for all. The decision is enforced here, in the app.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hindsight_connect::{Lanes, Scope, serve_lane};
use hindsight_protocol::introspection::{
    DescribeServiceReply, DescribeServiceRequest, HasMethodReply, HasMethodRequest,
    ListServicesReply, ListServicesRequest, MethodInfo, ServiceInfo,
};
use hindsight_protocol::service_introspection_service_descriptor;
use hindsight_protocol::{ServiceIntrospection, ServiceIntrospectionDispatcher};
use parking_lot::RwLock;
use tokio::sync::Notify;
use vox::{
    DriverReplySink, Handler, LaneRejectReason, LaneRejection, LaneRequest, MethodDescriptor,
    MethodId, PendingLane, ReplySink, RequestCall, SchemaRecvTracker, SelfRef, ServiceDescriptor,
    VoxError,
};

use crate::context::Suppressed;
use crate::platform;

/// A roam service to be offered with [`crate::Tracer::expose`].
pub struct Service {
    descriptor: &'static ServiceDescriptor,
    allowed: Allowed,
    /// Of them, those that change nothing.
    read_only: BTreeSet<MethodId>,
    serve: Arc<Serve>,
}

/// Accepts a lane on behalf of a service.
type Serve = dyn Fn(Allowed, PendingLane, &Scope) + Send + Sync;

/// Which methods may be called.
#[derive(Clone, Debug)]
enum Allowed {
    All,
    These(Arc<BTreeSet<MethodId>>),
}

impl Allowed {
    fn allows(&self, method: MethodId) -> bool {
        match self {
            Self::All => true,
            Self::These(methods) => methods.contains(&method),
        }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("name", &self.descriptor.service_name)
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}

impl Service {
    /// A service described by the generated `..._service_descriptor()` and answered by the generated
    /// dispatcher. No method may be called until one of the methods below says so.
    pub fn new<D>(descriptor: &'static ServiceDescriptor, dispatcher: D) -> Self
    where
        // Not in a browser's `Handler`; but there too the tracer may be the process' own.
        D: Handler<DriverReplySink> + Clone + Send + Sync,
    {
        let serve = move |allowed: Allowed, lane: PendingLane, scope: &Scope| {
            let inner = dispatcher.clone();
            serve_lane(scope, lane, Permitted { allowed, inner });
        };
        Self {
            descriptor,
            allowed: Allowed::These(Arc::default()),
            read_only: BTreeSet::new(),
            serve: Arc::new(serve),
        }
    }

    /// Lets viewers call these methods, named as in the trait, and says that calls of them change
    /// nothing, so that viewers make them without asking first. Unknown names allow nothing. After
    /// [`allow_calls`](Self::allow_calls) the others stay allowed.
    pub fn read_only<'m>(mut self, methods: impl IntoIterator<Item = &'m str>) -> Self {
        let names: BTreeSet<&str> = methods.into_iter().collect();
        let all = self.descriptor.methods.iter();
        let named = all.filter(|method| names.contains(method.method_name));
        self.read_only = named.map(|method| method.id).collect();
        if let Allowed::These(allowed) = &mut self.allowed {
            *allowed = Arc::new(self.read_only.clone());
        }
        self
    }

    /// Lets viewers call every method. Before a call of one that is not
    /// [`read_only`](Self::read_only) they ask whoever is in front of them.
    pub fn allow_calls(mut self) -> Self {
        self.allowed = Allowed::All;
        self
    }

    fn info(&self, with_schemas: bool) -> ServiceInfo {
        let methods = self.descriptor.methods.iter();
        ServiceInfo {
            name: self.descriptor.service_name.to_owned(),
            doc: self.descriptor.doc.unwrap_or_default().to_owned(),
            methods: methods
                .map(|method| MethodInfo {
                    callable: self.allowed.allows(method.id),
                    is_read_only: self.read_only.contains(&method.id),
                    ..method_info(method, with_schemas)
                })
                .collect(),
        }
    }
}

fn method_info(method: &'static MethodDescriptor, with_schemas: bool) -> MethodInfo {
    let arguments = || {
        let plan = vox_types::SchemaSendTracker::plan_for_method_args(method);
        plan.map_or_else(|_| Vec::new(), |plan| plan.bytes.to_vec())
    };
    let answer =
        || vox_phon::schema_bytes_for_shape(method.response_wire_shape).unwrap_or_default();
    MethodInfo {
        name: method.method_name.to_owned(),
        id: method.id.0,
        doc: method.doc.unwrap_or_default().to_owned(),
        argument_names: method.args.iter().map(|a| a.name.to_owned()).collect(),
        arguments_schema: with_schemas.then(arguments).unwrap_or_default(),
        answer_schema: with_schemas.then(answer).unwrap_or_default(),
        ..MethodInfo::default()
    }
}

/// All services of a tracer, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Services {
    exposed: Arc<RwLock<BTreeMap<&'static str, Service>>>,
    revision: Arc<AtomicU64>,
}

impl Services {
    pub(crate) fn add(&self, service: Service) {
        let name = service.descriptor.service_name;
        self.exposed.write().insert(name, service);
        self.revision.fetch_add(1, Ordering::Release);
    }

    /// Changes with every service added.
    pub(crate) fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    /// Accepts the lanes a hub opens. In a page it wakes the exporter when it asks for services: a hub
    /// asks an app that was silent, and a hidden page may be so because its timers are held back.
    pub(crate) fn lanes(&self, wake: &Arc<Notify>) -> Lanes {
        let (services, wake) = (self.clone(), wake.clone());
        let introspection = service_introspection_service_descriptor().service_name;
        Lanes::scoped(move |request: &LaneRequest<'_>, lane, scope: &Scope| {
            if request.service() == introspection {
                if platform::TIMERS_ARE_HELD_BACK {
                    wake.notify_one();
                }
                let dispatcher = ServiceIntrospectionDispatcher::new(services.clone());
                serve_lane(scope, lane, dispatcher);
                return Ok(());
            }
            let exposed = services.exposed.read();
            let Some(service) = exposed.get(request.service()) else {
                let message = format!("{} is not exposed by this app", request.service());
                let reason = LaneRejectReason::UnknownService;
                return Err(LaneRejection::with_message(reason, message));
            };
            (service.serve)(service.allowed.clone(), lane, scope);
            Ok(())
        })
    }
}

impl ServiceIntrospection for Services {
    async fn list_services(&self, _request: ListServicesRequest) -> ListServicesReply {
        let exposed = self.exposed.read();
        ListServicesReply {
            services: exposed
                .values()
                .map(|service| service.info(false))
                .collect(),
        }
    }

    async fn describe_service(&self, request: DescribeServiceRequest) -> DescribeServiceReply {
        let exposed = self.exposed.read();
        let found = exposed.get(request.name.as_str());
        DescribeServiceReply {
            service: found
                .map(|service| service.info(true))
                .into_iter()
                .collect(),
        }
    }

    async fn has_method(&self, request: HasMethodRequest) -> HasMethodReply {
        let exposed = self.exposed.read();
        let mut descriptors = exposed.values().map(|service| service.descriptor);
        HasMethodReply {
            offered: descriptors.any(|d| d.by_id(MethodId(request.id)).is_some()),
        }
    }
}

/// Refuses what is not allowed, passes on the rest. What a viewer calls makes no spans.
#[derive(Clone)]
struct Permitted<H> {
    allowed: Allowed,
    inner: H,
}

impl<R: ReplySink, H: Handler<R>> Handler<R> for Permitted<H> {
    fn args_have_channels(&self, method: MethodId) -> bool {
        self.inner.args_have_channels(method)
    }

    fn response_wire_shape(&self, method: MethodId) -> Option<&'static facet::Shape> {
        self.inner.response_wire_shape(method)
    }

    async fn handle(
        &self,
        call: SelfRef<RequestCall<'static>>,
        reply: R,
        schemas: Arc<SchemaRecvTracker>,
    ) {
        if self.allowed.allows(call.get().method_id) {
            return Suppressed::new(self.inner.handle(call, reply, schemas)).await;
        }
        let message = "the app does not let viewers call this method".to_owned();
        reply
            .send_error(VoxError::<std::convert::Infallible>::InvalidPayload(
                message,
            ))
            .await;
    }
}
