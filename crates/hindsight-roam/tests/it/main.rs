//! Calls over roam, read back from a real hub.
#![allow(
    missing_docs,
    reason = "the attribute macro generates functions without documentation"
)]

mod introspect;
mod tap;

use std::time::Duration;

use hindsight::{Context, SpanKind, StatusCode, Tracer, Value};
use hindsight_protocol::{Span, SpanId, SpanState};
use hindsight_roam::{TraceCalls, Traced};
use hindsight_testkit::hub::{Hub, PATIENCE};
use vox::ConnectionHandle;

#[vox::service]
trait Calculator {
    /// Adds.
    async fn add(&self, a: u32, b: u32) -> u32;
    /// Divides.
    async fn divide(&self, a: u32, b: u32) -> Result<u32, String>;
    /// Never answers.
    async fn hang(&self) -> u32;
}

#[derive(Clone)]
struct Arithmetic {
    tracer: Tracer,
}

impl Calculator for Arithmetic {
    async fn add(&self, a: u32, b: u32) -> u32 {
        let span = self.tracer.span("inside").start();
        tokio::task::yield_now().await;
        span.end();
        a + b
    }

    async fn divide(&self, a: u32, b: u32) -> Result<u32, String> {
        a.checked_div(b)
            .ok_or_else(|| "division by zero".to_owned())
    }

    async fn hang(&self) -> u32 {
        std::future::pending().await
    }
}

/// A hub, two tracers as of two processes, and a connection between them.
struct Pair {
    hub: Hub,
    front: Tracer,
    back: Tracer,
    connection: ConnectionHandle,
}

async fn pair() -> Pair {
    let hub = Hub::start().await;
    let tracer = |name: &str| {
        Tracer::builder()
            .endpoint(hub.address())
            .service_name(name)
            .connect()
    };
    let (front, back) = (
        tracer("front").await.expect("connects"),
        tracer("back").await.expect("connects"),
    );
    let (here, there) = vox::memory_link_pair(64);
    let serving = back.clone();
    let acceptor = vox::lane_acceptor_fn(move |_, lane: vox::PendingLane| {
        let arithmetic = Arithmetic {
            tracer: serving.clone(),
        };
        hindsight_roam::serve_with(&serving, lane, CalculatorDispatcher::new(arithmetic));
        Ok(())
    });
    let (client, server) = tokio::join!(
        vox::initiator_on(here).establish_connection(),
        vox::acceptor_on(there)
            .on_lane(acceptor)
            .establish_connection(),
    );
    let server = server.expect("accepts");
    tokio::spawn(async move { server.closed().await });
    Pair {
        hub,
        front,
        back,
        connection: client.expect("connects"),
    }
}

impl Pair {
    async fn client(&self) -> CalculatorClient {
        hindsight_roam::open_lane_with(
            &self.front,
            &self.connection,
            CalculatorClient::with_middleware,
        )
        .await
        .expect("opens")
    }

    /// Everything both sides made, once all of it has arrived.
    async fn spans(&self) -> Vec<Span> {
        assert!(self.front.flush(PATIENCE).await && self.back.flush(PATIENCE).await);
        self.hub.all_spans().await
    }
}

fn named<'s>(spans: &'s [Span], name: &str, kind: SpanKind) -> &'s Span {
    let found = spans
        .iter()
        .find(|span| span.name == name && span.kind == kind as u8);
    found.unwrap_or_else(|| panic!("no {kind:?} span {name:?} in {spans:#?}"))
}

#[tokio::test]
async fn the_callers_span_is_the_parent_of_the_callees() {
    let pair = pair().await;
    let client = pair.client().await;
    let request = pair.front.span("handle_request").start();
    assert_eq!(client.add(1, 2).await.ok(), Some(3));
    let expected = request.context().expect("on").clone();
    request.end();

    let spans = pair.spans().await;
    let call = named(&spans, "Calculator.add", SpanKind::Client);
    let answer = named(&spans, "Calculator.add", SpanKind::Server);
    let inside = named(&spans, "inside", SpanKind::Internal);
    assert!(
        spans
            .iter()
            .all(|span| span.trace_id == expected.trace_id())
    );
    assert_eq!(call.parent_id, expected.span_id());
    assert_eq!(answer.parent_id, call.span_id);
    assert_eq!(inside.parent_id, answer.span_id);
    for span in [call, answer] {
        assert_eq!(span.attribute("rpc.system"), Some(&Value::from("roam")));
        assert_eq!(
            span.attribute("rpc.service"),
            Some(&Value::from("Calculator"))
        );
        assert_eq!(span.attribute("rpc.method"), Some(&Value::from("add")));
        assert_eq!(span.status, StatusCode::Unset as u8);
        assert_eq!(SpanState::from_u8(span.state), SpanState::Ended);
    }
}

#[tokio::test]
async fn calls_answered_at_the_same_time_do_not_mix_their_spans() {
    let pair = pair().await;
    let client = pair.client().await;
    let calls = (0..20).map(|n| {
        let client = client.clone();
        let front = pair.front.clone();
        tokio::spawn(async move {
            let request = front.span("request").with_attribute("n", n).start();
            let sum = client.add(n, n).await;
            request.end();
            sum.ok() == Some(2 * n)
        })
    });
    for call in calls.collect::<Vec<_>>() {
        assert!(call.await.expect("no panic"));
    }
    let spans = pair.spans().await;
    assert_eq!(spans.len(), 80);
    let by_id = |id: SpanId| {
        spans
            .iter()
            .find(|span| span.span_id == id)
            .expect("parent is stored")
    };
    for inside in spans.iter().filter(|span| span.name == "inside") {
        let answer = by_id(inside.parent_id);
        let call = by_id(answer.parent_id);
        let request = by_id(call.parent_id);
        assert_eq!(
            (answer.kind, call.kind),
            (SpanKind::Server as u8, SpanKind::Client as u8)
        );
        assert_eq!(request.name, "request");
    }
}

#[tokio::test]
async fn an_application_error_is_the_status_of_the_servers_span() {
    let pair = pair().await;
    let client = pair.client().await;
    assert!(client.divide(1, 0).await.is_err());
    assert_eq!(client.divide(6, 2).await.ok(), Some(3));
    let spans = pair.spans().await;
    let answers = spans
        .iter()
        .filter(|span| span.kind == SpanKind::Server as u8);
    let mut statuses: Vec<_> = answers
        .map(|span| (span.status, span.attribute("error.type").cloned()))
        .collect();
    statuses.sort_by_key(|(status, _)| *status);
    assert_eq!(statuses, [(0, None), (2, Some(Value::from("user")))]);
}

#[tokio::test]
async fn a_call_given_up_ends_its_span_marked() {
    let pair = pair().await;
    let client = pair.client().await;
    let given_up = tokio::time::timeout(Duration::from_millis(50), client.hang()).await;
    assert!(given_up.is_err());
    // The call may still be on its way.
    let mut spans = pair.spans().await;
    while spans.len() < 2 {
        tokio::task::yield_now().await;
        spans = pair.spans().await;
    }
    let call = named(&spans, "Calculator.hang", SpanKind::Client);
    assert_eq!(SpanState::from_u8(call.state), SpanState::EndedByDrop);
    let answer = named(&spans, "Calculator.hang", SpanKind::Server);
    assert_eq!(
        SpanState::from_u8(answer.state),
        SpanState::Running,
        "roam does not tell the callee"
    );
}

#[tokio::test]
async fn a_call_from_an_untraced_program_begins_a_trace() {
    let pair = pair().await;
    let client: CalculatorClient = pair.connection.open_lane().await.expect("opens");
    assert_eq!(client.add(1, 1).await.ok(), Some(2));
    let spans = pair.spans().await;
    let answer = spans
        .iter()
        .find(|span| span.kind == SpanKind::Server as u8)
        .expect("stored");
    assert_eq!(answer.parent_id, SpanId::INVALID);
    assert!(answer.name.starts_with("Calculator.0x"), "{}", answer.name);
}

#[tokio::test]
async fn a_program_without_a_tracer_passes_on_what_came_in() {
    let pair = pair().await;
    let client: CalculatorClient = pair.connection.open_lane().await.expect("opens");
    let client = client.with_middleware(TraceCalls::with_tracer(Tracer::disabled()));
    let remote = Context::new(
        hindsight::TraceId::from_u128(77),
        hindsight::SpanId::from_u64(7),
        true,
    )
    .expect("valid");
    let answered = remote.clone().scope(client.add(1, 1)).await;
    assert_eq!(answered.ok(), Some(2));
    let spans = pair.spans().await;
    let answer = named(&spans, "Calculator.add", SpanKind::Server);
    assert_eq!(
        (answer.trace_id, answer.parent_id),
        (remote.trace_id(), remote.span_id())
    );
}

#[test]
fn a_described_dispatcher_needs_no_told_names() {
    let tracer = Tracer::disabled();
    let dispatcher = CalculatorDispatcher::new(Arithmetic { tracer });
    let traced = Traced::new(dispatcher).described(calculator_service_descriptor());
    fn is_handler<H: vox::Handler<vox::DriverReplySink>>(_: &H) {}
    is_handler(&traced);
}
