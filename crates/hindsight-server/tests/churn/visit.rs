//! One visit of a client, from its coming to its going.

use std::time::Duration;

use hindsight_connect::DialOptions;
use hindsight_protocol::Span;
use hindsight_protocol::hub::{LiveEvent, LiveRequest, PingRequest};
use hindsight_testkit::builder::span;
use rand::Rng;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::harness::{Client, TestHub};

/// Tracers that come again and again; a visitor is one of them or one never seen before.
const TRACERS_KNOWN: u64 = 50;
/// Traces that all spans belong to. Of each trace whose spans made room the store keeps a note,
/// up to 262,144 of them, so always new traces would add to its memory by design.
const TRACES: u64 = 100;
/// Spans of one batch.
const SPANS_MAX: u64 = 10;
/// Bytes of text that a span carries.
const TEXT_BYTES: usize = 400;
/// For a machine that does much else.
const DIAL_TIMEOUT: Duration = Duration::from_secs(20);

/// What a client does, decided before it comes.
#[derive(Debug)]
pub(crate) struct Visit {
    /// Not repeated.
    number: u64,
    way: Way,
    /// None: it does not attach, so it sends nothing.
    tracer: Option<u64>,
    /// Spans of each batch.
    batches: Vec<u64>,
    /// Some of its spans are left open.
    unfinished: bool,
    /// Events of the live stream that it waits for.
    events: Option<u32>,
    /// How long it lingers, in calls.
    pings: u32,
    leave: Leave,
}

#[derive(Debug)]
enum Way {
    Roam(&'static str),
    /// Connects, and perhaps sends the beginning of something.
    Passing(&'static [u8]),
}

#[derive(Debug)]
enum Leave {
    Politely,
    Abruptly,
    /// Drops everything it has.
    Forgetfully,
}

impl Visit {
    pub(crate) fn at_random(random: &mut impl Rng, number: u64) -> Self {
        let way = match random.random_range(0..20) {
            0 => Way::Passing(b""),
            1 => Way::Passing(b"VOXL\x01\x00"),
            2 => Way::Passing(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n"),
            other => Way::Roam(["tcp", "http", "ws"][other % 3]),
        };
        let tracer = match random.random_range(0..10) {
            0 => None,
            1..=4 => Some(1 + random.random_range(0..TRACERS_KNOWN)),
            _ => Some(1 + TRACERS_KNOWN + number),
        };
        let batches = random.random_range(0..5);
        Self {
            number,
            way,
            tracer,
            batches: (0..batches)
                .map(|_| random.random_range(1..=SPANS_MAX))
                .collect(),
            unfinished: random.random_bool(0.2),
            events: random.random_bool(0.3).then(|| random.random_range(0..10)),
            pings: random.random_range(0..6),
            leave: match random.random_range(0..3) {
                0 => Leave::Politely,
                1 => Leave::Abruptly,
                _ => Leave::Forgetfully,
            },
        }
    }

    /// Comes, stays and goes.
    pub(crate) async fn pay(&self, hub: &TestHub) {
        match self.way {
            Way::Roam(scheme) => {
                let endpoint = hub.endpoint(scheme);
                let options = DialOptions {
                    timeout: DIAL_TIMEOUT,
                    ..DialOptions::default()
                };
                let client = Client::dial(&endpoint, options).await;
                let client = client.expect("the hub answers");
                self.stay(&client).await;
                self.leave(client).await;
            }
            Way::Passing(bytes) => {
                let address = [hub.tcp(), hub.http()][self.number as usize % 2];
                let mut stream = TcpStream::connect(address).await.expect("it listens");
                // The hub may have closed already.
                stream.write_all(bytes).await.ok();
            }
        }
    }

    async fn stay(&self, client: &Client) {
        tokio::join!(self.work(client), self.watch(client));
    }

    async fn work(&self, client: &Client) {
        if let Some(tracer) = self.tracer {
            client.attach(tracer, "churn").await.expect("attached");
            for (index, spans) in self.batches.iter().enumerate() {
                let sequence = self.number * 10 + index as u64 + 1;
                let spans: Vec<_> = (1..=*spans).map(|id| self.span(sequence, id)).collect();
                let sent = client.ingest((tracer, sequence), &spans).await;
                sent.expect("stored");
            }
        }
        self.linger(client).await;
    }

    fn span(&self, batch: u64, id: u64) -> Span {
        let span = span(batch % TRACES, batch * (SPANS_MAX + 1) + id).service("churn");
        let span = span.attribute("text", format!("{batch:>TEXT_BYTES$}").as_str());
        match self.unfinished && id == 1 {
            true => span.running(1).build(),
            false => span.build(),
        }
    }

    async fn watch(&self, client: &Client) {
        let Some(events) = self.events else {
            return;
        };
        let (sender, mut receiver) = vox::channel::<LiveEvent>();
        let request = LiveRequest {
            spans: true,
            traces: true,
            ..LiveRequest::default()
        };
        let taking = async move {
            for _ in 0..events {
                if !matches!(receiver.recv().await, Ok(Some(_))) {
                    return;
                }
            }
        };
        // There may be too many subscribers already.
        let (_end, ()) = tokio::join!(client.lane.client().live(request, sender), taking);
    }

    async fn linger(&self, client: &Client) {
        for _ in 0..self.pings {
            let ping = client.lane.call(|c| c.ping(PingRequest::default()));
            ping.await.expect("an answer");
        }
    }

    async fn leave(&self, client: Client) {
        match self.leave {
            Leave::Politely => {
                client.connection.shutdown();
                client.connection.closed().await;
            }
            Leave::Abruptly => client.connection.abort("killed"),
            Leave::Forgetfully => drop(client),
        }
    }
}
