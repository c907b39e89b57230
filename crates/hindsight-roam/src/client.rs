//! Calls that this process makes.

use hindsight::{Context, Span, SpanId, SpanKind, Tracer};
use parking_lot::Mutex;
use vox::{
    BoxMiddlewareFuture, Caller, ClientCallOutcome, ClientContext, ClientMiddleware, ClientRequest,
    ConnectionError, ConnectionHandle, ConnectionSettings, Driver, FromVoxLane, LaneHandle, Parity,
    VOX_SERVICE_METADATA_KEY,
};

use crate::attributes;
use crate::carrier::MetadataInjector;
use crate::names::{Names, OTHER, kept};
use crate::outcome::{OK, Outcome};
use crate::registry::{Beginning, Direction, Opening, Registry, Watched};
use crate::seat::{Driven, Seat};
use crate::task;

/// Metadata entry that names the method, for servers that know only its id. Sent until a call of the
/// method was answered.
pub(crate) const METHOD_METADATA_KEY: &str = "hindsight.method";
/// Metadata entry that names the calling process. Sent until a call was answered on the lane.
pub(crate) const PEER_METADATA_KEY: &str = "hindsight.peer";
/// Metadata entry with the number that the caller gives the connection; sent with the one above.
pub(crate) const LINK_METADATA_KEY: &str = "hindsight.link";

/// Calls that may be under way on a lane, as in roam's own `open_lane`.
const REQUESTS_MAX: u32 = 64;

/// Client middleware: a span for every call, its context sent along.
///
/// One of these belongs to one lane; a clone is for another.
#[derive(Clone, Debug, Default)]
pub struct TraceCalls {
    tracer: Option<Tracer>,
    seat: Seat,
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
            seat: Seat::default(),
        }
    }

    fn names(&self, context: &ClientContext<'_>) -> (Names, bool) {
        let id = context.method_id();
        self.seat.names(id, || match context.method() {
            Some(method) => Names::new(method.service_name, method.method_name),
            None => Names {
                service: "",
                method: kept(&format!("{:#x}", id.0)).unwrap_or(OTHER),
                span: kept(&format!("roam call {:#x}", id.0)).unwrap_or("roam call"),
            },
        })
    }
}

fn start_span(tracer: &Tracer, names: Names) -> Span {
    let builder = tracer.span(names.span);
    let builder = match names.service {
        "" => builder,
        service => builder
            .with_attribute(attributes::SERVICE, service)
            .with_attribute(attributes::METHOD, names.method),
    };
    builder
        .with_kind(SpanKind::Client)
        .with_attribute(attributes::SYSTEM, attributes::SYSTEM_ROAM)
        .start_detached()
}

/// A call under way, kept with it. Dropped with it when the caller gives up.
struct UnderWay {
    span: Span,
    watched: Option<Watched>,
    tracer: Tracer,
    /// Whether the other end learns the method's name from this call.
    is_telling: bool,
    /// Whether it learns who calls.
    is_greeting: bool,
}

struct Kept(Mutex<Option<UnderWay>>);

impl ClientMiddleware for TraceCalls {
    fn pre<'a, 'call>(
        &'a self,
        context: &'a ClientContext<'a>,
        request: &'a mut ClientRequest<'call, 'a>,
    ) -> BoxMiddlewareFuture<'a> {
        let tracer = self.tracer.clone().unwrap_or_else(Tracer::global);
        let (names, is_told) = self.names(context);
        let span = start_span(&tracer, names);
        // Without a tracer, what came in is still passed on.
        let own = span.context();
        let carried = own.is_none().then(Context::current).flatten();
        if let Some(carried) = own.or(carried.as_ref()) {
            carried.inject(&mut MetadataInjector(request.metadata_mut()));
        }
        let is_carrying = own.is_some() || carried.is_some();
        let is_telling = is_carrying && !is_told && !names.service.is_empty();
        if is_telling {
            request.push_string_metadata(METHOD_METADATA_KEY, names.method);
        }
        let opening = || Opening {
            service: names.service,
            direction: Direction::Outgoing,
            id: 0,
            task: None,
            hello: None,
        };
        let mut is_greeting = false;
        let watched = self.seat.watched(&tracer, opening).map(|(registry, lane)| {
            if !self.seat.is_greeted()
                && let Some(link) = registry.hello(lane)
            {
                request.push_u64_metadata(LINK_METADATA_KEY, link);
                request.push_string_metadata(PEER_METADATA_KEY, registry.process.as_str());
                is_greeting = true;
            }
            let beginning = Beginning {
                names,
                id: context.method_id(),
                request: 0,
                span: &span,
                parent_id: SpanId::default(),
                channels: &[],
                now_ns: tracer.now_ns(),
            };
            Watched::begin(lane, beginning)
        });
        let under_way = UnderWay {
            span,
            watched,
            tracer,
            is_telling,
            is_greeting,
        };
        let kept = Kept(Mutex::new(Some(under_way)));
        context.extensions().insert(kept);
        Box::pin(async {})
    }

    fn post<'a>(
        &'a self,
        context: &'a ClientContext<'a>,
        outcome: ClientCallOutcome<'a>,
    ) -> BoxMiddlewareFuture<'a> {
        let kept = context.extensions();
        let under_way = kept.with(|kept: &Kept| kept.0.lock().take()).flatten();
        if let Some(under_way) = under_way {
            let outcome = match outcome {
                ClientCallOutcome::Response => None,
                ClientCallOutcome::Error(error) => Some(Outcome::of_error(error)),
            };
            if outcome.is_none() && under_way.is_telling {
                self.seat.told(context.method_id());
            }
            if outcome.is_none() && under_way.is_greeting {
                self.seat.greeted();
            }
            let word = outcome.as_ref().map_or(OK, Outcome::word);
            if let Some(outcome) = outcome {
                outcome.record(&under_way.span);
            }
            under_way.span.end();
            if let Some(watched) = under_way.watched {
                watched.end(word, under_way.tracer.now_ns());
            }
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
    open(None, connection, install).await
}

/// [`open_lane`] with spans by `tracer`.
pub async fn open_lane_with<C: FromVoxLane>(
    tracer: &Tracer,
    connection: &ConnectionHandle,
    install: impl FnOnce(C, TraceCalls) -> C,
) -> Result<C, ConnectionError> {
    open(Some(tracer.clone()), connection, install).await
}

async fn open<C: FromVoxLane>(
    tracer: Option<Tracer>,
    connection: &ConnectionHandle,
    install: impl FnOnce(C, TraceCalls) -> C,
) -> Result<C, ConnectionError> {
    // As roam's own `open_lane`, which does not give its caller away.
    let settings = ConnectionSettings {
        parity: Parity::Odd,
        max_concurrent_requests: REQUESTS_MAX,
        initial_channel_credit: vox_types::DEFAULT_INITIAL_CHANNEL_CREDIT,
    };
    let metadata = vox::metadata().str(VOX_SERVICE_METADATA_KEY, C::SERVICE_NAME);
    let opening = connection.open_lane_handle(settings, metadata.build());
    let (opened, task) = task::answered_by(opening).await;
    let handle: LaneHandle = opened?;
    let id = handle.lane_id().0;
    let mut driver = Driver::new(handle, ());
    let caller = Caller::new(driver.caller());
    let registry = Registry::of(&tracer.clone().unwrap_or_else(Tracer::global));
    let driven = registry.map(|registry| {
        let lane = registry.open(Opening {
            service: C::SERVICE_NAME,
            direction: Direction::Outgoing,
            id,
            task,
            hello: None,
        });
        lane.set_caller(caller.clone());
        Driven { registry, lane }
    });
    let seat = driven.as_ref().map(|driven| driven.seat());
    let calls = TraceCalls {
        tracer,
        seat: seat.unwrap_or_default(),
    };
    vox_rt::spawn(async move {
        driver.run().await;
        drop(driven);
    });
    let client = C::from_vox_lane(caller, Some(connection.clone()));
    Ok(install(client, calls))
}
