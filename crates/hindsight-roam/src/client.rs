//! Calls that this process makes.

use hindsight::{Context, Span, SpanKind, Tracer};
use parking_lot::Mutex;
use vox::{
    BoxMiddlewareFuture, ClientCallOutcome, ClientContext, ClientMiddleware, ClientRequest,
    ConnectionError, ConnectionHandle, FromVoxLane,
};

use crate::attributes;
use crate::carrier::MetadataInjector;
use crate::outcome::Outcome;

/// Metadata entry that names the method, for servers that know only its id.
pub(crate) const METHOD_METADATA_KEY: &str = "hindsight.method";

/// Client middleware: a span for every call, its context sent along.
#[derive(Clone, Debug, Default)]
pub struct TraceCalls {
    tracer: Option<Tracer>,
}

impl TraceCalls {
    /// Spans by the process' tracer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Spans by `tracer`.
    pub fn with_tracer(tracer: Tracer) -> Self {
        Self {
            tracer: Some(tracer),
        }
    }

    fn span(&self, context: &ClientContext<'_>) -> Span {
        let tracer = self.tracer.clone().unwrap_or_else(Tracer::global);
        let builder = match context.method() {
            Some(method) => tracer
                .span(format!("{}.{}", method.service_name, method.method_name))
                .with_attribute(attributes::SERVICE, method.service_name)
                .with_attribute(attributes::METHOD, method.method_name),
            None => tracer.span(format!("roam call {:#x}", context.method_id().0)),
        };
        builder
            .with_kind(SpanKind::Client)
            .with_attribute(attributes::SYSTEM, attributes::SYSTEM_ROAM)
            .start_detached()
    }
}

/// The span of a call under way, kept with the call. Dropped with it when the caller gives up.
struct CallSpan(Mutex<Option<Span>>);

impl ClientMiddleware for TraceCalls {
    fn pre<'a, 'call>(
        &'a self,
        context: &'a ClientContext<'a>,
        request: &'a mut ClientRequest<'call, 'a>,
    ) -> BoxMiddlewareFuture<'a> {
        let span = self.span(context);
        // Without a tracer, what came in is still passed on.
        if let Some(carried) = span.context().cloned().or_else(Context::current) {
            carried.inject(&mut MetadataInjector(request.metadata_mut()));
            if let Some(method) = context.method() {
                request.push_string_metadata(METHOD_METADATA_KEY, method.method_name);
            }
        }
        context
            .extensions()
            .insert(CallSpan(Mutex::new(Some(span))));
        Box::pin(async {})
    }

    fn post<'a>(
        &'a self,
        context: &'a ClientContext<'a>,
        outcome: ClientCallOutcome<'a>,
    ) -> BoxMiddlewareFuture<'a> {
        let span = context
            .extensions()
            .with(|call: &CallSpan| call.0.lock().take())
            .flatten();
        if let Some(span) = span {
            if let ClientCallOutcome::Error(error) = outcome {
                Outcome::of_error(error).record(&span);
            }
            span.end();
        }
        Box::pin(async {})
    }
}

/// Opens a lane whose calls are traced by the process' tracer.
///
/// `install` is the generated client's own `with_middleware`, which a client's type alone does not
/// reach: `open_lane(&connection, CalculatorClient::with_middleware)`.
pub async fn open_lane<C: FromVoxLane>(
    connection: &ConnectionHandle,
    install: impl FnOnce(C, TraceCalls) -> C,
) -> Result<C, ConnectionError> {
    let client = connection.open_lane().await?;
    Ok(install(client, TraceCalls::new()))
}

/// [`open_lane`] with spans by `tracer`.
pub async fn open_lane_with<C: FromVoxLane>(
    tracer: &Tracer,
    connection: &ConnectionHandle,
    install: impl FnOnce(C, TraceCalls) -> C,
) -> Result<C, ConnectionError> {
    let client = connection.open_lane().await?;
    Ok(install(client, TraceCalls::with_tracer(tracer.clone())))
}
