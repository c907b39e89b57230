//! Calls that this process answers.

use std::pin::pin;
use std::sync::Arc;

use hindsight::{Context, Span, SpanId, SpanKind, Tracer};
use parking_lot::Mutex;
use vox::{
    Caller, Driver, DriverReplySink, Handler, LaneId, MetadataExt, MethodId, PendingLane,
    ReplySink, RequestAuthorizationContext, RequestCall, RequestResponse, SchemaRecvTracker,
    SelfRef, ServiceDescriptor,
};

use crate::attributes;
use crate::carrier::MetadataExtractor;
use crate::client::{LINK_METADATA_KEY, METHOD_METADATA_KEY, PEER_METADATA_KEY};
use crate::names::{Names, cut};
use crate::outcome::Outcome;
use crate::registry::{Beginning, Direction, Hello, Opening, Registry, Watched};
use crate::seat::{Driven, Seat};
use crate::task;

/// Accepts a lane whose calls are traced by the process' tracer.
pub fn serve<H>(lane: PendingLane, dispatcher: H)
where
    H: Handler<WatchedReply<DriverReplySink>>,
{
    Traced::new(dispatcher).serve(lane);
}

/// Accepts a lane whose calls are traced by `tracer`.
pub fn serve_with<H>(tracer: &Tracer, lane: PendingLane, dispatcher: H)
where
    H: Handler<WatchedReply<DriverReplySink>>,
{
    Traced::new(dispatcher)
        .with_tracer(tracer.clone())
        .serve(lane);
}

/// A dispatcher whose every call has a span, current within the handler.
///
/// Methods go by the name that a traced caller sends, or by that of [`Traced::described`]; a call
/// from elsewhere to a service that is not described goes by roam's id of the method.
///
/// One of these answers one lane; a clone is for another.
#[derive(Clone, Debug)]
pub struct Traced<H> {
    inner: H,
    tracer: Option<Tracer>,
    service: &'static str,
    descriptor: Option<Descriptor>,
    seat: Seat,
}

/// A descriptor that can be shown.
#[derive(Clone, Copy)]
struct Descriptor(&'static ServiceDescriptor);

impl std::fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.service_name)
    }
}

impl<H> Traced<H> {
    /// Wraps a generated dispatcher; the service's name is taken from its type.
    pub fn new(dispatcher: H) -> Self {
        Self {
            inner: dispatcher,
            tracer: None,
            service: service_of::<H>(),
            descriptor: None,
            seat: Seat::default(),
        }
    }

    /// Spans by `tracer` instead of the process' tracer.
    pub fn with_tracer(mut self, tracer: Tracer) -> Self {
        self.tracer = Some(tracer);
        self
    }

    /// Names methods by the generated `..._service_descriptor()`.
    pub fn described(mut self, descriptor: &'static ServiceDescriptor) -> Self {
        self.service = descriptor.service_name;
        self.descriptor = Some(Descriptor(descriptor));
        self
    }

    /// Accepts a lane. Unlike with `PendingLane::handle_with`, the lane's channels are seen by
    /// [`introspect`](crate::introspect), not only its calls.
    pub fn serve(mut self, lane: PendingLane)
    where
        H: Handler<WatchedReply<DriverReplySink>>,
    {
        let tracer = self.tracer.clone().unwrap_or_else(Tracer::global);
        let Some(registry) = Registry::of(&tracer) else {
            lane.handle_with(self);
            return;
        };
        // Lanes are accepted by the task that runs their connection.
        let task = task::current();
        let handle = lane.into_handle();
        let lane = registry.open(Opening {
            service: self.service,
            direction: Direction::Incoming,
            id: handle.lane_id().0,
            task,
            hello: None,
        });
        let driven = Driven { registry, lane };
        self.seat = driven.seat();
        let mut driver = Driver::new(handle, self);
        driven.lane.set_caller(Caller::new(driver.caller()));
        vox_rt::spawn(async move {
            driver.run().await;
            drop(driven);
        });
    }

    fn span(&self, tracer: &Tracer, names: Names, parent: Option<Context>) -> Span {
        let builder = tracer
            .span(names.span)
            .with_kind(SpanKind::Server)
            .with_attribute(attributes::SYSTEM, attributes::SYSTEM_ROAM)
            .with_attribute(attributes::SERVICE, names.service)
            .with_attribute(attributes::METHOD, names.method);
        match parent {
            Some(parent) => builder.with_parent(parent).start_detached(),
            None => builder.as_root().start_detached(),
        }
    }

    fn names(&self, call: &RequestCall<'_>) -> Names {
        let id = call.method_id;
        let described = self.descriptor.and_then(|d| d.0.by_id(id));
        let told = || call.metadata.meta_str(METHOD_METADATA_KEY);
        let (names, is_told) = self.seat.names(id, || match described {
            Some(method) => Names::new(self.service, method.method_name),
            None => Names::told(self.service, id, told()),
        });
        // A call may come without a name before one comes with it.
        if described.is_some() || is_told {
            return names;
        }
        let Some(told) = told() else { return names };
        let names = Names::told(self.service, id, Some(told));
        self.seat.rename(id, names);
        self.seat.told(id);
        names
    }

    fn watch(
        &self,
        tracer: &Tracer,
        (names, parent_id): (Names, SpanId),
        span: &Span,
        call: &RequestCall<'_>,
        reply: &impl ReplySink,
    ) -> Option<Watched> {
        let mut hello = hello(call);
        let opening = || Opening {
            service: self.service,
            direction: Direction::Incoming,
            id: reply.lane_id().map_or(0, |id| id.0),
            task: None,
            hello: hello.take(),
        };
        let (registry, lane) = self.seat.watched(tracer, opening)?;
        if let Some(hello) = hello {
            registry.hear(lane, hello);
        }
        let beginning = Beginning {
            names,
            id: call.method_id,
            request: reply.request_id().map_or(0, |id| id.0),
            span,
            parent_id,
            channels: &call.channels,
            now_ns: tracer.now_ns(),
        };
        Some(Watched::begin(lane, beginning))
    }
}

/// What the caller says of itself, with its first calls.
fn hello(call: &RequestCall<'_>) -> Option<Hello> {
    let link = call.metadata.meta_u64(LINK_METADATA_KEY)?;
    let peer = call.metadata.meta_str(PEER_METADATA_KEY);
    Some(Hello {
        link: if link == 0 { return None } else { link },
        peer: cut(peer.unwrap_or_default()).to_owned(),
    })
}

/// `Calculator` of `...::CalculatorDispatcher<...>`; the type's own name if it is not a generated
/// dispatcher.
fn service_of<H>() -> &'static str {
    let name = std::any::type_name::<H>();
    let name = name.split('<').next().unwrap_or(name);
    let name = name.rsplit("::").next().unwrap_or(name);
    name.strip_suffix("Dispatcher").unwrap_or(name)
}

impl<R: ReplySink, H: Handler<WatchedReply<R>>> Handler<R> for Traced<H> {
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
        let tracer = self.tracer.clone().unwrap_or_else(Tracer::global);
        let names = self.names(call.get());
        let parent = Context::extract(&MetadataExtractor(&call.get().metadata));
        let parent_id = parent.as_ref().map(Context::span_id).unwrap_or_default();
        let span = self.span(&tracer, names, parent);
        let watched = self.watch(&tracer, (names, parent_id), &span, call.get(), &reply);
        let outcome = Arc::new(Mutex::new(None));
        let reply = WatchedReply {
            inner: reply,
            outcome: outcome.clone(),
        };
        // A handler that is cancelled or panics drops both here; the span ends marked as dropped.
        let handling = pin!(self.inner.handle(call, reply, schemas));
        span.scope_pinned(handling).await;
        let unanswered = || Outcome::Failed("cancelled", "the handler did not answer".into());
        let ended = outcome.lock().take().unwrap_or_else(unanswered);
        let word = ended.word();
        ended.record(&span);
        span.end();
        if let Some(watched) = watched {
            watched.end(word, tracer.now_ns());
        }
    }
}

/// Looks at the reply on its way out: what a wrapped dispatcher answers to.
#[derive(Debug)]
pub struct WatchedReply<R> {
    inner: R,
    outcome: Arc<Mutex<Option<Outcome>>>,
}

impl<R: ReplySink> ReplySink for WatchedReply<R> {
    async fn send_reply(self, response: RequestResponse<'_>) {
        *self.outcome.lock() = Some(Outcome::of_reply(&response.ret));
        self.inner.send_reply(response).await;
    }

    fn channel_binder(&self) -> Option<&dyn vox_types::ChannelBinder> {
        self.inner.channel_binder()
    }

    fn request_id(&self) -> Option<vox_types::RequestId> {
        self.inner.request_id()
    }

    fn lane_id(&self) -> Option<LaneId> {
        self.inner.lane_id()
    }

    fn authorization_context(&self) -> Option<RequestAuthorizationContext> {
        self.inner.authorization_context()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct CalculatorDispatcher<H>(std::marker::PhantomData<H>);

    #[test]
    fn the_service_is_named_after_its_dispatcher() {
        assert_eq!(
            service_of::<CalculatorDispatcher<Vec<String>>>(),
            "Calculator"
        );
        assert_eq!(service_of::<String>(), "String");
    }
}
