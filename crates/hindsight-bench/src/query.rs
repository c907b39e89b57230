//! P7 and P8: questions to a store, and how it does as it fills up.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use hindsight_protocol::hub::ListTracesRequest;
use hindsight_store::{Prepared, QueryLimits, Snapshot};

use crate::Scale;
use crate::figure::{Figure, percentile};
use crate::store::{Filling, filled, lookup_ms};

/// Equality at every cardinality, ranges, conjunctions, and each without a match.
const COLUMNS: &[&str] = &[
    "cloud.region=ap-south",
    "http.route.path=\"/api/v1/items/0042\"",
    "http.route.path=\"/api/v1/items/none\"",
    "request.identifier=0123456789abcdef",
    "duration>49990us",
    "duration>60ms",
    "request.body.size>=4294900000",
    "request.body.size<-1",
    "service:service-07 cache.was_hit=true duration>49ms",
    "service:service-07 status:error request.is_retry=true http.route.path=\"/api/v1/items/0007\"",
    "name=operation.042 service:service-03",
    "service:nobody",
];

/// Regular expressions, free text, structure.
const OTHERS: &[&str] = &[
    "http.route.path~\"00[0-4]2$\" duration>49900us",
    "http.route.path~\"none$\"",
    "\"items/0042\" duration>49900us",
    "\"no such text\"",
    "service:service-07 name=operation.042 and child(service:service-03)",
    "has(http.route.path=\"/api/v1/items/0007\") and has(http.route.path=\"/api/v1/items/0008\")",
];

/// P7: the newest 100 traces that match.
pub(crate) fn run(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let mut filling = Filling::new(16_000_000_000);
    let mut figures = Vec::new();
    let sizes = scale.pick(
        [(1_000_000, "1M"), (10_000_000, "10M")],
        [(10_000, "1M"), (20_000, "10M")],
    );
    for (spans, size) in sizes {
        filling.fill_to(spans);
        let snapshot = filling.store.snapshot();
        let reference = scan_ms(spans);
        let rounds = scale.pick(10, 1);
        for (name, queries) in [("", COLUMNS), (".others", OTHERS)] {
            let p95 = p95_ms(&snapshot, queries, rounds)?;
            let name = format!("P7.{size}{name}");
            let figure = Figure::new(&name, p95, "ms p95");
            figures.push(figure.against(reference, "a scan of one 8-byte column in memory"));
        }
    }
    Ok(figures)
}

/// 95 of 100 answers take at most this many milliseconds; the first answer of each query, which
/// may have to make something, is one of them.
fn p95_ms(snapshot: &Snapshot, queries: &[&str], rounds: usize) -> anyhow::Result<f64> {
    let mut times = Vec::new();
    for text in queries {
        let query = hindsight_query::parse(text).into_result(text)?;
        let prepared = Prepared::new(&query, 0)?;
        let mut slowest: f64 = 0.0;
        for _ in 0..rounds {
            let begun = Instant::now();
            let request = ListTracesRequest::default();
            let limits = QueryLimits::default();
            let reply = snapshot.list_matching(&request, &prepared, &limits, &|| false);
            let took = begun.elapsed().as_secs_f64() * 1e3;
            anyhow::ensure!(reply.cut.is_empty(), "{text} was cut: {}", reply.cut);
            black_box(reply);
            slowest = slowest.max(took);
            times.push(took);
        }
        if std::env::var_os("HINDSIGHT_BENCH_VERBOSE").is_some() {
            eprintln!("{slowest:9.2} ms at most: {text}");
        }
    }
    Ok(percentile(&mut times, 0.95))
}

/// Milliseconds to add up one number of 8 bytes for each span.
fn scan_ms(spans: u64) -> f64 {
    let column: Vec<u64> = (0..spans).collect();
    let mut times: Vec<f64> = (0..10)
        .map(|_| {
            let begun = Instant::now();
            black_box(black_box(&column).iter().fold(0_u64, |sum, n| sum ^ n));
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    percentile(&mut times, 0.5)
}

/// P8: append, look-up and query, each at three sizes against the smallest.
pub(crate) fn growth(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let sizes = scale.pick(
        [(1_000_000, "1M"), (10_000_000, "10M"), (30_000_000, "30M")],
        [(10_000, "1M"), (20_000, "10M"), (30_000, "30M")],
    );
    let mut figures: Vec<Figure> = Vec::new();
    let mut smallest: Option<[f64; 3]> = None;
    for (spans, size) in sizes {
        let (mut filling, probes) = filled(spans);
        let before = (filling.spans, filling.busy);
        filling.fill_to(spans + spans.min(1_000_000));
        let busy = filling.busy - before.1;
        let append = (filling.spans - before.0) as f64 / busy.as_secs_f64();
        let snapshot: Arc<Snapshot> = filling.store.snapshot();
        let lookup = lookup_ms(&snapshot, probes.together, scale.pick(2_000, 10));
        let query = p95_ms(&snapshot, COLUMNS, scale.pick(5, 1))?;
        let here = [append, lookup, query];
        let first = *smallest.get_or_insert(here);
        let units = [("append", "spans/s"), ("get", "ms p99"), ("list", "ms p95")];
        for (at, (what, unit)) in units.into_iter().enumerate() {
            let figure = Figure::new(&format!("P8.{what}.{size}"), here[at], unit);
            let reference = first.get(at).copied().context("three figures")?;
            figures.push(figure.against(reference, "the same at 1 M stored"));
        }
    }
    Ok(figures)
}
