//! The standard workload of the benchmarks and load tests, seeded: the same seed gives the same
//! spans on every 64-bit machine.
//!
//! A span has 8 attributes with keys of 10-20 characters: strings of 8-24 characters (one of 5
//! values, one of 1,000, one unique: 16 random hex digits), 2 random 32-bit integers, 1 random
//! float, 2 bools; 1 of 10 has an event with one attribute. Names are from 200, services from 20,
//! ids random. Traces have 12 spans on average with a heavy tail and grow over several batches and
//! services; a batch comes from one service. Holds at most `TRACES_GROWING` unfinished traces.

use hindsight_protocol::batch::{SpanHead, ValueRef};
use hindsight_protocol::{
    BatchBuilder, CheckedBatch, KeyValue, Resource, Scope, SpanId, SpanKind, SpanState, StatusCode,
    TraceId,
};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Traces that spans are added to at a time.
const TRACES_GROWING: usize = 64;
const NAMES: usize = 200;
const SERVICES: usize = 20;
const ROUTES: usize = 1000;
const REGIONS: [&str; 5] = [
    "eu-central-1",
    "eu-west-1-prod",
    "us-east-1-production",
    "ap-south",
    "local-development",
];

/// Most spans of a trace.
const TRACE_SPANS_MAX: u32 = 2000;

/// Generates spans without end.
#[derive(Debug)]
pub struct Workload {
    random: SmallRng,
    names: Vec<String>,
    routes: Vec<String>,
    services: Vec<Resource>,
    scope: Scope,
    growing: Vec<GrowingTrace>,
    now_ns: u64,
}

#[derive(Debug)]
struct GrowingTrace {
    id: TraceId,
    spans: u32,
    spans_planned: u32,
    /// Possible parents.
    recent: [SpanId; 4],
}

impl Workload {
    /// The workload with this seed; the first span starts at `start_ns`.
    pub fn new(seed: u64, start_ns: u64) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        let growing = (0..TRACES_GROWING)
            .map(|_| GrowingTrace::new(&mut random))
            .collect();
        Self {
            names: (0..NAMES).map(|n| format!("operation.{n:03}")).collect(),
            routes: (0..ROUTES)
                .map(|n| format!("/api/v1/items/{n:04}"))
                .collect(),
            services: (0..SERVICES).map(service).collect(),
            scope: Scope {
                name: "hindsight".to_owned(),
                version: "0.1.0".to_owned(),
                ..Scope::default()
            },
            growing,
            now_ns: start_ns,
            random,
        }
    }

    /// The next `spans` spans, ended, from one service.
    pub fn batch(&mut self, spans: usize) -> CheckedBatch {
        let mut builder = BatchBuilder::new();
        let service = self.random.random_range(0..SERVICES);
        let resource = builder.resource(&self.services[service]);
        let scope = builder.scope(&self.scope);
        while builder.len() < spans {
            let at = self.random.random_range(0..TRACES_GROWING);
            let burst = self.random.random_range(1..=6);
            for _ in 0..burst {
                if builder.len() < spans {
                    self.span(at, resource, scope, &mut builder);
                }
            }
        }
        builder.finish()
    }

    fn span(&mut self, at: usize, resource: u32, scope: u32, builder: &mut BatchBuilder) {
        let random = &mut self.random;
        let trace = &mut self.growing[at];
        let span_id = SpanId::from_u64(random.random_range(1..=u64::MAX));
        self.now_ns += random.random_range(100..2_000);
        let duration_ns = random.random_range(1_000..50_000_000);
        let is_error = random.random_ratio(1, 100);
        builder.begin_span(&SpanHead {
            trace_id: trace.id,
            span_id,
            parent_id: trace.parent(random),
            name: &self.names[random.random_range(0..NAMES)],
            start_ns: self.now_ns,
            end_ns: Some(self.now_ns + duration_ns),
            kind: random.random_range(0..=SpanKind::Client as u8),
            status: match is_error {
                true => StatusCode::Error as u8,
                false => StatusCode::Unset as u8,
            },
            state: SpanState::Ended as u8,
            version: 1,
            flags: 1,
            resource,
            scope,
            ..SpanHead::default()
        });
        let route = &self.routes[random.random_range(0..ROUTES)];
        attributes(random, route, builder);
        if random.random_ratio(1, 10) {
            let time_ns = self.now_ns + duration_ns / 2;
            let attempt = ValueRef::I64(random.random_range(0..5));
            builder.event(time_ns, "retry", [("retry.attempt", attempt)], 0);
        }
        builder.end_span();
        trace.grow(span_id);
        if trace.spans >= trace.spans_planned {
            *trace = GrowingTrace::new(random);
        }
    }
}

fn service(number: usize) -> Resource {
    Resource {
        attributes: vec![
            KeyValue::new("service.name", format!("service-{number:02}")),
            KeyValue::new("service.version", "1.0.0"),
            KeyValue::new("process.pid", 1000 + number),
        ],
        dropped_attributes: 0,
    }
}

fn attributes(random: &mut SmallRng, route: &str, builder: &mut BatchBuilder) {
    let unique = format!("{:016x}", random.random::<u64>());
    let region = REGIONS[random.random_range(0..REGIONS.len())];
    let int = |random: &mut SmallRng| ValueRef::I64(i64::from(random.random::<u32>()));
    builder.attribute("cloud.region", ValueRef::String(region));
    builder.attribute("http.route.path", ValueRef::String(route));
    builder.attribute("request.identifier", ValueRef::String(&unique));
    builder.attribute("request.body.size", int(random));
    builder.attribute("response.body.size", int(random));
    builder.attribute("cpu.seconds", ValueRef::F64(random.random()));
    builder.attribute("cache.was_hit", ValueRef::Bool(random.random()));
    builder.attribute("request.is_retry", ValueRef::Bool(random.random()));
}

impl GrowingTrace {
    fn new(random: &mut SmallRng) -> Self {
        let id: u128 = random.random_range(1..=u128::MAX);
        Self {
            id: TraceId::from_u128(id),
            spans: 0,
            spans_planned: trace_len(random),
            recent: [SpanId::INVALID; 4],
        }
    }

    /// None for the first span, else one of the latest.
    fn parent(&self, random: &mut SmallRng) -> SpanId {
        let known = (self.spans as usize).min(self.recent.len());
        match known {
            0 => SpanId::INVALID,
            known => self.recent[random.random_range(0..known)],
        }
    }

    fn grow(&mut self, span: SpanId) {
        self.recent[self.spans as usize % self.recent.len()] = span;
        self.spans += 1;
    }
}

/// Lengths of traces, one after the other, as the workload has them. The same for the same seed.
pub fn trace_lens(seed: u64) -> impl Iterator<Item = u32> {
    let mut random = SmallRng::seed_from_u64(seed);
    std::iter::repeat_with(move || trace_len(&mut random))
}

/// A Pareto distribution with shape 1.4 and smallest value 3.5, cut at [`TRACE_SPANS_MAX`]: 12 on
/// average (rounded down and cut).
fn trace_len(random: &mut SmallRng) -> u32 {
    let uniform: f64 = random.random_range(f64::EPSILON..1.0);
    let len = 3.7 * uniform.powf(-1.0 / 1.4);
    (len as u32).clamp(1, TRACE_SPANS_MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_spans() {
        let batch = |seed| Workload::new(seed, 1).batch(500);
        assert_eq!(batch(7), batch(7));
        assert_ne!(batch(7), batch(8));
    }

    #[test]
    fn traces_have_about_twelve_spans_and_a_heavy_tail() {
        let mut random = SmallRng::seed_from_u64(1);
        let lens: Vec<u32> = (0..200_000).map(|_| trace_len(&mut random)).collect();
        let mean = lens.iter().map(|n| f64::from(*n)).sum::<f64>() / lens.len() as f64;
        assert!((11.0..13.0).contains(&mean), "{mean}");
        assert!(lens.iter().filter(|len| **len > 500).count() > 50);
    }

    #[test]
    fn spans_are_standard() {
        let batch = Workload::new(3, 1).batch(1000);
        assert_eq!(batch.len(), 1000);
        let events: usize = batch.rows().map(|row| row.events().len()).sum();
        assert!((50..150).contains(&events), "{events}");
        for row in batch.rows() {
            assert_eq!(row.attributes().len(), 8);
            assert!(
                row.attributes()
                    .all(|(key, _)| (10..=20).contains(&key.len()))
            );
        }
        let traces: HashSet<_> = batch.rows().map(|row| row.trace_id()).collect();
        assert!(traces.len() > 30, "{}", traces.len());
    }
}
