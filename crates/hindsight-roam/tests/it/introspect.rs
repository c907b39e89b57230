//! What two processes tell of the roam between them, over real sockets.

use std::time::{Duration, Instant};

use hindsight::Tracer;
use hindsight_connect::{
    AcceptOptions, Connection, DialOptions, FramedLink, Lanes, LinkLimits, accept, initiate,
};
use hindsight_protocol::introspection::roam::*;
use hindsight_protocol::introspection::{MethodInfo, StreamRequest};
use hindsight_roam::{CountingLink, TraceCalls, Traced};
use hindsight_testkit::hub::{Hub, PATIENCE};
use tokio::net::TcpListener;

use crate::tap::App;

#[vox::service]
trait Shop {
    /// Adds.
    async fn add(&self, a: u32, b: u32) -> u32;
    /// Fails.
    async fn fail(&self) -> Result<u32, String>;
    /// Never answers.
    async fn hang(&self) -> u32;
    /// Sends numbers until nobody takes them.
    async fn count(&self, numbers: vox::Tx<u32>) -> u32;
}

#[derive(Clone)]
struct Counter;

impl Shop for Counter {
    async fn add(&self, a: u32, b: u32) -> u32 {
        a + b
    }

    async fn fail(&self) -> Result<u32, String> {
        Err("sold out".to_owned())
    }

    async fn hang(&self) -> u32 {
        std::future::pending().await
    }

    async fn count(&self, numbers: vox::Tx<u32>) -> u32 {
        for number in 0.. {
            if numbers.send(number).await.is_err() {
                return number;
            }
        }
        0
    }
}

/// How a lane is accepted.
#[derive(Clone, Copy)]
enum How {
    Serve,
    Bare,
}

/// `front` calls `back`, and `back` could call `front`.
struct Pair {
    front: App,
    back: App,
    to_back: Connection,
    to_front: Connection,
    _hub: Hub,
}

impl Pair {
    async fn start() -> Self {
        Self::start_as(How::Serve).await
    }

    async fn start_as(how: How) -> Self {
        let hub = Hub::start().await;
        let (front, back) = (
            App::start(&hub, "front").await,
            App::start(&hub, "back").await,
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("bound");
        let accepting = async {
            let (stream, from) = listener.accept().await.expect("accepts");
            let link = CountingLink::new(FramedLink::tcp(stream, LinkLimits::default()));
            let options = AcceptOptions {
                lanes: lanes(&back.tracer, how),
                ..AcceptOptions::default()
            };
            accept(link.named("tcp", from.to_string()), options).await
        };
        let dialing = async {
            let stream = tokio::net::TcpStream::connect(address)
                .await
                .expect("dials");
            let link = CountingLink::new(FramedLink::tcp(stream, LinkLimits::default()));
            let options = DialOptions {
                lanes: lanes(&front.tracer, how),
                ..DialOptions::default()
            };
            initiate(link.named("tcp", address.to_string()), options).await
        };
        let (to_front, to_back) = tokio::join!(accepting, dialing);
        Self {
            to_front: to_front.expect("accepts"),
            to_back: to_back.expect("dials"),
            front,
            back,
            _hub: hub,
        }
    }

    /// A client in `front` of the service in `back`.
    async fn client(&self) -> ShopClient {
        client(&self.front.tracer, &self.to_back).await
    }
}

async fn client(tracer: &Tracer, connection: &Connection) -> ShopClient {
    let handle = connection.handle();
    hindsight_roam::open_lane_with(tracer, handle, ShopClient::with_middleware)
        .await
        .expect("opens")
}

fn lanes(tracer: &Tracer, how: How) -> Lanes {
    let tracer = tracer.clone();
    Lanes::scoped(move |_, lane, scope| {
        let dispatcher = ShopDispatcher::new(Counter);
        match how {
            How::Serve => hindsight_roam::serve_with(&tracer, lane, dispatcher),
            How::Bare => {
                let traced = Traced::new(dispatcher).with_tracer(tracer.clone());
                hindsight_connect::serve_lane(scope, lane, traced);
            }
        }
        Ok(())
    })
}

/// Asks until the answer is as expected.
async fn until<T, F: Future<Output = T>>(
    mut ask: impl FnMut() -> F,
    is_expected: impl Fn(&T) -> bool,
) -> T
where
    T: std::fmt::Debug,
{
    let give_up = Instant::now() + PATIENCE;
    loop {
        let answer = ask().await;
        if is_expected(&answer) {
            return answer;
        }
        assert!(Instant::now() < give_up, "still {answer:#?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn both_ends_of_a_connection_carry_one_number() {
    let pair = Pair::start().await;
    let (first, second) = (pair.client().await, pair.client().await);
    for client in [&first, &second] {
        assert_eq!(client.add(1, 2).await.ok(), Some(3));
    }
    // The other way, over the same connection.
    let back = client(&pair.back.tracer, &pair.to_front).await;
    assert_eq!(back.add(1, 2).await.ok(), Some(3));

    let (front, back) = (pair.front.topology().await, pair.back.topology().await);
    assert_eq!(
        (front.process.as_str(), back.process.as_str()),
        ("front", "back")
    );
    let ([here], [there]) = (&front.connections[..], &back.connections[..]) else {
        panic!("not one connection each: {front:#?} {back:#?}");
    };
    assert!(
        here.link_id != 0 && here.link_id == there.link_id,
        "{here:#?} {there:#?}"
    );
    assert_eq!((here.is_dialed, there.is_dialed), (true, false));
    assert_eq!((here.peer.as_str(), there.peer.as_str()), ("back", "front"));
    assert_eq!(
        (here.transport.as_str(), there.transport.as_str()),
        ("tcp", "tcp")
    );
    assert!(here.address.starts_with("127.0.0.1:"), "{here:?}");
    let lanes = |connection: &ConnectionInfo| -> Vec<(String, String, u64)> {
        let lanes = connection.lanes.iter();
        lanes
            .map(|l| (l.service.clone(), l.direction.clone(), l.calls_ended))
            .collect()
    };
    let lane = |direction: &str| ("Shop".to_owned(), direction.to_owned(), 1);
    let (out, into) = (lane(direction::OUTGOING), lane(direction::INCOMING));
    assert_eq!(lanes(here), [out.clone(), out.clone(), into.clone()]);
    assert_eq!(lanes(there), [into.clone(), into, out]);
}

#[tokio::test]
async fn what_one_end_sends_the_other_receives() {
    let pair = Pair::start().await;
    let client = pair.client().await;
    for n in 0..10 {
        assert!(client.add(n, n).await.is_ok());
    }
    let (front, back) = (pair.front.metrics().await, pair.back.metrics().await);
    let (here, there) = (&front.connections[0], &back.connections[0]);
    assert!(here.is_counted && there.is_counted);
    assert_eq!(
        (here.bytes_out, here.frames_out),
        (there.bytes_in, there.frames_in)
    );
    assert_eq!(
        (here.bytes_in, here.frames_in),
        (there.bytes_out, there.frames_out)
    );
    assert!(here.frames_in >= 10 && here.bytes_in > 100, "{here:?}");
    assert!(
        here.silent_ns < PATIENCE.as_nanos() as u64 && here.queue_max > 0,
        "{here:?}"
    );
}

#[tokio::test]
async fn a_call_under_way_is_seen_at_both_ends() {
    for how in [How::Serve, How::Bare] {
        let pair = Pair::start_as(how).await;
        let client = pair.client().await;
        assert!(client.add(1, 1).await.is_ok());
        let hanging = tokio::spawn(async move { client.hang().await });
        let there = until(|| pair.back.active(), |active| !active.calls.is_empty()).await;
        let here = pair.front.active().await;
        let ([here], [there]) = (&here.calls[..], &there.calls[..]) else {
            panic!("not one call each: {here:#?} {there:#?}");
        };
        assert_eq!(
            (here.method.as_str(), there.method.as_str()),
            ("hang", "hang")
        );
        assert_eq!(
            (here.direction.as_str(), there.direction.as_str()),
            ("outgoing", "incoming")
        );
        assert_eq!(
            (here.trace_id, here.span_id),
            (there.trace_id, there.parent_id)
        );
        assert!(here.span_id.is_valid() && there.span_id.is_valid());
        assert_eq!((here.link_id, here.lane), (there.link_id, there.lane));
        assert_eq!(there.peer, "front");
        assert!(
            there.request != 0 && here.request == there.request,
            "{here:#?}"
        );

        let age_ns = here.age_ns;
        let request = ActiveRpcsRequest {
            age_min_ns: age_ns + 1,
            limit: 0,
        };
        let older = until(
            || pair.front.active_as(request.clone()),
            |a| !a.calls.is_empty(),
        )
        .await;
        assert!(older.calls[0].age_ns > age_ns);

        // roam does not tell the callee that the caller gave up.
        hanging.abort();
        until(|| pair.front.active(), |active| active.calls.is_empty()).await;
        assert_eq!(pair.back.active().await.calls.len(), 1);
        let front = pair.front.metrics().await;
        let hang = front
            .methods
            .iter()
            .find(|m| m.method == "hang")
            .expect("counted");
        assert_eq!((hang.ended, hang.failed), (1, 1));
    }
}

#[tokio::test]
async fn a_channel_whose_sender_waits_for_credit_is_seen() {
    let pair = Pair::start().await;
    let client = pair.client().await;
    let (numbers, taken) = vox::channel::<u32>();
    let counting = tokio::spawn(async move { client.count(numbers).await });
    let is_waiting = |active: &ActiveRpcs| active.channels.iter().any(|c| c.is_waiting);
    let there = until(|| pair.back.active(), is_waiting).await;
    let [channel] = &there.channels[..] else {
        panic!("not one channel: {there:#?}");
    };
    assert_eq!(
        (channel.service.as_str(), channel.method.as_str()),
        ("Shop", "count")
    );
    assert_eq!(
        (channel.direction.as_str(), channel.credit),
        ("outgoing", 0)
    );
    assert_eq!((channel.sent, there.calls[0].channels), (16, 1));
    assert_eq!(channel.request, there.calls[0].request);
    let is_full = |active: &ActiveRpcs| active.channels.iter().any(|c| c.queue == 16);
    let here = until(|| pair.front.active(), is_full).await;
    let received = &here.channels[0];
    assert_eq!(
        (received.direction.as_str(), received.received),
        ("incoming", 16)
    );
    assert_eq!((received.id, received.lane), (channel.id, channel.lane));
    assert_eq!((here.calls[0].channels, received.is_waiting), (1, false));

    drop(taken);
    assert!(counting.await.expect("no panic").is_ok());
    let is_over = |active: &ActiveRpcs| active.channels.is_empty();
    until(|| pair.back.active(), is_over).await;
}

#[tokio::test]
async fn calls_are_counted_by_method_with_those_that_failed() {
    let pair = Pair::start().await;
    let client = pair.client().await;
    for n in 0..3 {
        assert!(client.add(n, n).await.is_ok());
    }
    assert!(client.fail().await.is_err());
    let counted = |metrics: TransportMetrics| -> Vec<(String, u64, u64)> {
        let methods = metrics.methods.into_iter();
        methods
            .inspect(|m| {
                assert_eq!(m.histogram.iter().sum::<u64>(), m.ended);
                assert!(m.total_ns >= m.max_ns && m.max_ns > 0, "{m:?}");
            })
            .map(|m| (m.method, m.ended, m.failed))
            .collect()
    };
    let there = until(|| pair.back.metrics(), |m| m.methods.len() == 2).await;
    assert_eq!(
        counted(there),
        [("add".into(), 3, 0), ("fail".into(), 1, 1)]
    );
    // What the application answered is known to the callee only.
    let here = counted(pair.front.metrics().await);
    assert_eq!(here, [("add".into(), 3, 0), ("fail".into(), 1, 0)]);
}

/// What another version of the caller thinks the service to be.
mod newer {
    #[vox::service]
    trait Shop {
        async fn add(&self, a: String, b: Vec<String>) -> u32;
    }
}

#[tokio::test]
async fn calls_whose_arguments_cannot_be_decoded_are_counted_where_they_came_in() {
    let pair = Pair::start().await;
    let client = pair.client().await;
    assert!(client.add(1, 1).await.is_ok());
    let handle = pair.to_back.handle();
    let install = newer::ShopClient::with_middleware;
    let newer = hindsight_roam::open_lane_with(&pair.front.tracer, handle, install);
    let newer = newer.await.expect("opens");
    for _ in 0..2 {
        let answer = newer.add("one".into(), vec!["two".into()]).await;
        assert!(
            matches!(answer, Err(vox::VoxError::InvalidPayload(_))),
            "{answer:?}"
        );
    }
    assert!(
        client.add(1, 1).await.is_ok(),
        "the others are not affected"
    );
    let counted = |metrics: &TransportMetrics| metrics.connections[0].decode_errors;
    until(|| pair.back.metrics(), |metrics| counted(metrics) == 2).await;
    assert_eq!(counted(&pair.front.metrics().await), 0);
}

#[tokio::test]
async fn every_method_may_be_called_unasked() {
    let pair = Pair::start().await;
    let service = pair.front.described("RoamIntrospection").await;
    assert_eq!(service.methods.len(), 4);
    let is_free = |method: &MethodInfo| method.callable && method.is_read_only;
    assert!(service.methods.iter().all(is_free), "{service:?}");
}

#[tokio::test]
async fn what_viewers_ask_is_no_traffic() {
    let pair = Pair::start().await;
    let client = pair.client().await;
    assert!(client.add(1, 1).await.is_ok());
    assert!(pair.front.tracer.flush(PATIENCE).await);
    for _ in 0..3 {
        pair.front.active().await;
        pair.front.metrics().await;
    }
    let topology = pair.front.topology().await;
    let lanes = topology.connections.iter().flat_map(|c| &c.lanes);
    let services: Vec<_> = lanes.map(|lane| lane.service.as_str()).collect();
    assert_eq!(services, ["Shop"]);
    let metrics = pair.front.metrics().await;
    assert_eq!((metrics.connections.len(), metrics.methods.len()), (1, 1));
    assert_eq!(pair.front.active().await.calls, []);
}

#[tokio::test]
async fn a_lane_that_ended_says_when() {
    let pair = Pair::start().await;
    let client = pair.client().await;
    assert!(client.add(1, 1).await.is_ok());
    pair.to_back.shutdown();
    let is_over = |topology: &Topology| topology.connections[0].closed_ns != 0;
    for app in [&pair.front, &pair.back] {
        let topology = until(|| app.topology(), is_over).await;
        let connection = &topology.connections[0];
        assert!(connection.opened_ns <= connection.closed_ns);
        assert!(connection.lanes.iter().all(|lane| lane.closed_ns != 0));
        // It is still known how its calls went.
        let metrics = app.metrics().await;
        assert_eq!(metrics.methods.iter().map(|m| m.ended).sum::<u64>(), 1);
    }
}

#[tokio::test]
async fn calls_are_seen_of_clients_that_roam_opened() {
    let pair = Pair::start().await;
    let client: ShopClient = pair.to_back.handle().open_lane().await.expect("opens");
    let client = client.with_middleware(TraceCalls::with_tracer(pair.front.tracer.clone()));
    assert!(client.add(1, 1).await.is_ok());
    let (front, back) = (pair.front.topology().await, pair.back.topology().await);
    let (here, there) = (&front.connections[0], &back.connections[0]);
    assert!(here.link_id != 0 && here.link_id == there.link_id);
    assert_eq!((here.lanes[0].id, here.lanes[0].calls_ended), (0, 1));
    drop(client);
    until(
        || pair.front.topology(),
        |t| t.connections[0].closed_ns != 0,
    )
    .await;
}

mod events {
    //! The stream of what happens.

    use super::*;

    async fn read(
        app: &App,
        kinds: &[&str],
    ) -> (vox::Rx<RpcEvent>, impl Future<Output = ()> + use<>) {
        let lane = app.ask().await;
        let (events, reading) = vox::channel::<RpcEvent>();
        let request = StreamRequest {
            kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        };
        let telling = async move {
            // It ends with the test.
            lane.client().stream_rpc_events(request, events).await.ok();
        };
        (reading, telling)
    }

    async fn next(reading: &mut vox::Rx<RpcEvent>) -> RpcEvent {
        let next = tokio::time::timeout(PATIENCE, reading.recv()).await;
        let next = next.expect("in time").expect("no error").expect("no end");
        next.get().clone()
    }

    #[tokio::test]
    async fn events_come_in_their_order_and_are_numbered() {
        let pair = Pair::start().await;
        let (mut reading, telling) = read(&pair.back, &[]).await;
        let told = async {
            // The stream has begun.
            assert_eq!(next(&mut reading).await.kind, event::HEARTBEAT);
            let client = pair.client().await;
            assert!(client.fail().await.is_err());
            let mut told = Vec::new();
            while told.len() < 4 {
                told.push(next(&mut reading).await);
            }
            told
        };
        let told = tokio::select! {
            told = told => told,
            () = telling => panic!("the stream ended"),
        };
        let kinds: Vec<_> = told.iter().map(|event| event.kind.as_str()).collect();
        let expected = [
            event::CONNECTION_OPENED,
            event::LANE_OPENED,
            event::CALL_STARTED,
            event::CALL_ENDED,
        ];
        assert_eq!(kinds, expected);
        let sequences: Vec<_> = told.iter().map(|event| event.sequence).collect();
        assert_eq!(sequences, [1, 2, 3, 4]);
        let (started, ended) = (&told[2], &told[3]);
        assert_eq!(
            (ended.outcome.as_str(), ended.method.as_str()),
            ("user", "fail")
        );
        assert_eq!(started.span_id, ended.span_id);
        assert_eq!(ended.at_ns - started.at_ns, ended.duration_ns);
        assert_eq!(ended.peer, "front");
        assert!(told.iter().all(|event| event.dropped == 0));
    }

    #[tokio::test]
    async fn a_reader_that_does_not_keep_up_is_told_how_much_it_missed() {
        const CALLS: u64 = 1500;
        let pair = Pair::start().await;
        let client = pair.client().await;
        let (mut reading, telling) = read(&pair.back, &[event::CALL_ENDED]).await;
        let told = async {
            assert_eq!(next(&mut reading).await.kind, event::HEARTBEAT);
            for n in 0..CALLS as u32 {
                assert!(client.add(n, n).await.is_ok());
            }
            let (mut last, mut dropped, mut seen) = (0, 0, 0);
            loop {
                let event = next(&mut reading).await;
                if event.kind == event::HEARTBEAT {
                    return (dropped, seen);
                }
                // Where nothing of the kind follows for a while, the loss is told by itself.
                let is_event = u64::from(event.kind != event::DROPPED);
                assert_eq!(event.sequence, last + event.dropped + is_event);
                last = event.sequence;
                dropped += event.dropped;
                seen += is_event;
            }
        };
        let (dropped, seen) = tokio::select! {
            told = told => told,
            () = telling => panic!("the stream ended"),
        };
        assert!(dropped > 0 && seen > 0, "{dropped} {seen}");
        // Starts and ends are dropped alike; what came is of one kind.
        assert!(
            dropped + seen <= 2 * CALLS && dropped / 2 + seen >= CALLS - 1,
            "{dropped} {seen}"
        );
    }
}
