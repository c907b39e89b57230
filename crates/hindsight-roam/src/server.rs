//! Calls that this process answers.

use std::sync::Arc;

use hindsight::{Context, Span, SpanKind, Tracer};
use parking_lot::Mutex;
use vox::{
    DriverReplySink, Handler, LaneId, MetadataExt, MethodId, PendingLane, ReplySink,
    RequestAuthorizationContext, RequestCall, RequestResponse, SchemaRecvTracker, SelfRef,
    ServiceDescriptor,
};

use crate::attributes;
use crate::carrier::MetadataExtractor;
use crate::client::METHOD_METADATA_KEY;
use crate::outcome::Outcome;

/// Longest method name taken from a caller.
const METHOD_NAME_BYTES_MAX: usize = 128;

/// Accepts a lane whose calls are traced by the process' tracer.
pub fn serve<H>(lane: PendingLane, dispatcher: H)
where
    H: Handler<WatchedReply<DriverReplySink>>,
{
    lane.handle_with(Traced::new(dispatcher));
}

/// Accepts a lane whose calls are traced by `tracer`.
pub fn serve_with<H>(tracer: &Tracer, lane: PendingLane, dispatcher: H)
where
    H: Handler<WatchedReply<DriverReplySink>>,
{
    lane.handle_with(Traced::new(dispatcher).with_tracer(tracer.clone()));
}

/// A dispatcher whose every call has a span, current within the handler.
///
/// Methods go by the name that a traced caller sends, or by that of [`Traced::described`]; a call
/// from elsewhere to a service that is not described goes by roam's id of the method.
#[derive(Clone, Debug)]
pub struct Traced<H> {
    inner: H,
    tracer: Option<Tracer>,
    service: &'static str,
    descriptor: Option<Descriptor>,
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

    fn span(&self, call: &RequestCall<'_>) -> Span {
        let tracer = self.tracer.clone().unwrap_or_else(Tracer::global);
        let method = self.method(call);
        let builder = tracer
            .span(format!("{}.{method}", self.service))
            .with_kind(SpanKind::Server)
            .with_attribute(attributes::SYSTEM, attributes::SYSTEM_ROAM)
            .with_attribute(attributes::SERVICE, self.service)
            .with_attribute(attributes::METHOD, method);
        match Context::extract(&MetadataExtractor(&call.metadata)) {
            Some(parent) => builder.with_parent(parent).start_detached(),
            None => builder.as_root().start_detached(),
        }
    }

    fn method(&self, call: &RequestCall<'_>) -> String {
        let described = self.descriptor.and_then(|d| d.0.by_id(call.method_id));
        if let Some(method) = described {
            return method.method_name.to_owned();
        }
        let told = call.metadata.meta_str(METHOD_METADATA_KEY);
        match told.filter(|name| !name.is_empty() && name.len() <= METHOD_NAME_BYTES_MAX) {
            Some(name) => name.to_owned(),
            None => format!("{:#x}", call.method_id.0),
        }
    }
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
        let span = self.span(call.get());
        let outcome = Arc::new(Mutex::new(None));
        let reply = WatchedReply {
            inner: reply,
            outcome: outcome.clone(),
        };
        // A handler that is cancelled or panics drops the span here; it ends marked as dropped.
        span.scope(self.inner.handle(call, reply, schemas)).await;
        let unanswered = || Outcome::Failed("cancelled", "the handler did not answer".into());
        let ended = outcome.lock().take();
        ended.unwrap_or_else(unanswered).record(&span);
        span.end();
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
