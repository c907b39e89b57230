//! Random calls: few traces, spans, tracers and times, so that they meet.

use hindsight_protocol::{Event, KeyValue, OPEN_END_NS, Resource, Span, SpanId, TraceId, TracerId};
use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;

use super::scenario::HOUR_NS;

/// One call.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Append(Sent),
    Disconnect(TracerId),
    Attach(TracerId),
    /// The clock goes on, or back.
    Pass(i64),
    Tick,
    Pin(TraceId),
    Unpin(TraceId),
    Clear,
    /// Takes the next seal job.
    Seal,
    /// Runs and brings back one of the jobs that were taken.
    Sealed(usize),
    /// Everything is read.
    Read,
}

#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) spans: Vec<Span>,
    pub(crate) tracer: Option<TracerId>,
    pub(crate) sequence: Option<u64>,
}

pub(crate) const TRACES: u64 = 4;
/// Traces whose spans are large, in cases about bytes. They are not pinned.
pub(crate) const HEAVY_TRACES: u64 = 3;
pub(crate) const SERVICES: [&str; 3] = ["", "web", "database"];

/// Tracers that send, repeat themselves, and come and go.
pub(crate) struct Sender {
    is_heavy: bool,
    ttl_ns: u64,
    sent: Vec<Sent>,
}

pub(crate) fn trace(low: u64) -> TraceId {
    TraceId { high: 0, low }
}

fn tracer(random: &mut SmallRng) -> TracerId {
    TracerId {
        high: 9,
        low: random.random_range(1..=3),
    }
}

impl Sender {
    pub(crate) fn new(is_heavy: bool, ttl_ns: u64) -> Self {
        Self {
            is_heavy,
            ttl_ns,
            sent: Vec::new(),
        }
    }

    pub(crate) fn operation(&mut self, random: &mut SmallRng) -> Operation {
        let appends = if self.is_heavy { 60 } else { 20 };
        match random.random_range(0..appends + 36) {
            0..3 => Operation::Disconnect(tracer(random)),
            3..6 => Operation::Attach(tracer(random)),
            6..11 => Operation::Pass(self.time(random)),
            11..17 => Operation::Tick,
            17..21 => Operation::Pin(trace(random.random_range(0..=TRACES))),
            21..23 => Operation::Unpin(trace(random.random_range(0..=TRACES))),
            23 => Operation::Clear,
            24..26 => Operation::Read,
            26..30 => self.repeat(random),
            30..33 => Operation::Seal,
            33..36 => Operation::Sealed(random.random_range(0..4)),
            _ => self.append(random),
        }
    }

    fn append(&mut self, random: &mut SmallRng) -> Operation {
        let spans = random.random_range(1..8);
        let sent = Sent {
            spans: (0..spans).map(|_| self.span(random)).collect(),
            tracer: random.random_bool(0.7).then(|| tracer(random)),
            sequence: random
                .random_bool(0.5)
                .then(|| match random.random_range(0..10) {
                    0 => random.random(),
                    _ => random.random_range(0..12),
                }),
        };
        self.sent.push(sent.clone());
        Operation::Append(sent)
    }

    /// A batch is sent again, under its number or as a new one.
    fn repeat(&mut self, random: &mut SmallRng) -> Operation {
        let Some(mut again) = self.sent.choose(random).cloned() else {
            return Operation::Tick;
        };
        if random.random() {
            again.sequence = None;
        }
        Operation::Append(again)
    }

    /// A little, to the border of an expiry, by hours, or back.
    fn time(&self, random: &mut SmallRng) -> i64 {
        let (ttl, hour) = (self.ttl_ns as i64, HOUR_NS as i64);
        let times = [1, 5, 9, 10, 11, ttl / 2, ttl - 1, ttl, ttl + 1];
        match random.random_range(0..10) {
            0 => hour * random.random_range(1..30),
            1 => -random.random_range(1..100),
            2 => -hour,
            _ => times[random.random_range(0..times.len())],
        }
    }

    fn span(&self, random: &mut SmallRng) -> Span {
        let is_odd = |random: &mut SmallRng| random.random_ratio(1, 40);
        let is_large = self.is_heavy && random.random_ratio(3, 4);
        let (trace_id, spans) = match is_large {
            _ if is_odd(random) => (0, 8),
            true => (TRACES + random.random_range(1..=HEAVY_TRACES), 60),
            false => (random.random_range(1..=TRACES), 8),
        };
        let span_id = match is_odd(random) {
            true => 0,
            false => random.random_range(1..spans),
        };
        let odd_starts = [0, i64::MAX as u64, 1 << 63, u64::MAX];
        let start_ns = match is_odd(random) {
            true => odd_starts[random.random_range(0..odd_starts.len())],
            false => random.random_range(1..30),
        };
        let end_ns = match random.random_range(0..22) {
            0 => 0,
            1 => OPEN_END_NS - 1,
            2..12 => OPEN_END_NS,
            _ => random.random_range(1..60),
        };
        let event = Event {
            name: "event".to_owned(),
            attributes: vec![KeyValue::new("key", vec![KeyValue::new("nested", 1)])],
            ..Event::default()
        };
        let attribute = match is_large {
            true => KeyValue::new("text", large_text(random)),
            false => KeyValue::new("key", random.random_range(0..3_u64)),
        };
        Span {
            trace_id: trace(trace_id),
            span_id: SpanId::from_u64(span_id),
            parent_id: SpanId::from_u64(random.random_range(0..8)),
            start_ns,
            end_ns,
            state: random.random_range(0..7),
            version: random.random_range(0..4),
            status: random.random_range(0..3),
            name: ["", "query", "größer"][random.random_range(0..3)].to_owned(),
            resource: Resource {
                attributes: vec![KeyValue::new(
                    "service.name",
                    SERVICES[random.random_range(0..SERVICES.len())],
                )],
                dropped_attributes: 0,
            },
            attributes: vec![attribute],
            events: vec![event; usize::from(random.random::<bool>())],
            ..Span::default()
        }
    }
}

/// A thousand bytes that occur nowhere else.
fn large_text(random: &mut SmallRng) -> String {
    let mut text = String::new();
    while text.len() < 1_000 {
        text += &format!("{:016x}", random.random::<u64>());
    }
    text
}
