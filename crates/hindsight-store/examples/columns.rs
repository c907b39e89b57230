//! Measures the columns of sealed segments on the standard workload: `cargo run --release -p
//! hindsight-store --example columns [SPANS [ROUNDS]]`.
//!
//! Prints nanoseconds a span of encoding and copying, bytes a span by part, and scans as time and as
//! bytes a second beside a plain sum over memory. Everything runs on one thread; each time is the
//! best of several rounds, in CPU time from `/proc/thread-self/schedstat` (wall time elsewhere).

/// The store's own module, compiled into this program: it is not public.
#[path = "../src"]
mod store {
    #[allow(
        dead_code,
        unused_imports,
        reason = "what the store uses of it and what is measured differ"
    )]
    pub(crate) mod column;
}

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use hindsight_protocol::{BatchBuilder, CheckedBatch, StatusCode};
use hindsight_testkit::workload::Workload;
use store::column::{
    AttributeScope, Bitmap, BoolTest, Bound, Number, NumberRange, SegmentBuilder, SegmentRows,
    TextField, TextTest, ValueTest,
};

const BATCH_SPANS: usize = 4096;

fn main() {
    let spans = std::env::args().nth(1).and_then(|n| n.parse().ok());
    let spans: usize = spans.unwrap_or(262_144);
    let mut workload = Workload::new(1, 1_750_000_000_000_000_000);
    let batches: Vec<CheckedBatch> = (0..spans.div_ceil(BATCH_SPANS))
        .map(|_| workload.batch(BATCH_SPANS))
        .collect();
    let spans = batches.len() * BATCH_SPANS;
    let wire: usize = batches.iter().map(CheckedBatch::byte_len).sum();
    println!("{spans} spans, {} bytes/span as batches", wire / spans);

    let rounds = std::env::args().nth(2).and_then(|n| n.parse().ok());
    let mut built = None;
    let (mut push, mut finish) = (Duration::MAX, Duration::MAX);
    for _ in 0..rounds.unwrap_or(5) {
        drop(built.take());
        let begun = cpu_time();
        let mut builder = SegmentBuilder::new(spans);
        for batch in &batches {
            builder.push(batch, (0..batch.len()).map(|row| (row, None)));
        }
        push = push.min(cpu_time() - begun);
        let begun = cpu_time();
        built = Some(builder.finish());
        finish = finish.min(cpu_time() - begun);
    }
    println!(
        "encode {:.1} ns/span: push {:.1}, finish {:.1} (best of the rounds)",
        per(push + finish, spans),
        per(push, spans),
        per(finish, spans),
    );
    let Some(built) = built else { return };
    let rows = built.rows;
    let parts = rows.part_bytes();
    println!(
        "{:.1} bytes/span in all",
        rows.bytes() as f64 / spans as f64
    );
    for (name, bytes) in [
        ("heads", parts.heads),
        ("attributes", parts.attributes),
        ("events and links", parts.nested),
        ("tables", parts.tables),
        ("traces", parts.traces),
    ] {
        println!("  {name}: {:.2}", bytes as f64 / spans as f64);
    }
    let count = rows.len().min(50_000);
    let copied = best(5, || {
        let mut to = BatchBuilder::new();
        let mut copier = rows.copier();
        (0..count).for_each(|row| copier.copy(row, &mut to));
    });
    println!("copy {:.1} ns/row, one copier", per(copied, count));
    let mut count = 0;
    let traces = rows.traces().len().min(1000);
    let copied = best(5, || {
        let mut to = BatchBuilder::new();
        for ordinal in 0..traces as u32 {
            let mut copier = rows.copier();
            for row in rows.sorted_rows_of(ordinal) {
                copier.copy(row as usize, &mut to);
            }
        }
        count = to.len();
    });
    println!(
        "copy {:.1} ns/row, {:.0} ns/trace, one copier a trace",
        per(copied, count),
        per(copied, traces)
    );
    scans(&rows);
}

/// Times of scans of the whole segment; `bytes` is what a scan has to read.
fn scans(rows: &SegmentRows) {
    let memory: Vec<u64> = (0..rows.len() as u64 * 4).collect();
    let sum = best(20, || {
        std::hint::black_box(memory.iter().fold(0_u64, |sum, word| sum ^ word));
    });
    let speed = |bytes: usize, time: Duration| bytes as f64 / time.as_nanos() as f64;
    println!("plain memory {:.1} GB/s", speed(memory.len() * 8, sum));
    let text = |key: &'static str, test: TextTest<'_>| {
        let test = ValueTest::texts(test);
        rows.rows_by_attribute(AttributeScope::Span, key, &test, None)
    };
    let number = |key: &'static str, low: f64, high: f64| {
        let ranges = [NumberRange {
            low: Bound::Including(Number::Real(low)),
            high: Bound::Excluding(Number::Real(high)),
        }];
        let test = ValueTest::numbers(&ranges);
        rows.rows_by_attribute(AttributeScope::Span, key, &test, None)
    };
    let has = |text: &str| text.contains("77");
    let far = 30_000_000..=u64::MAX;
    let (oldest, newest) = rows.start_range();
    let late = oldest + (newest - oldest) / 2..=newest;
    let id = "0123456789abcdef";
    type Scan<'a> = (&'static str, usize, &'a dyn Fn() -> Bitmap);
    let all: [Scan<'_>; 14] = [
        ("one of 5 texts", 1, &|| {
            text("cloud.region", TextTest::OneOf(&["ap-south"]))
        }),
        ("one of 1,000 texts", 2, &|| {
            text("http.route.path", TextTest::OneOf(&["/api/v1/items/0077"]))
        }),
        ("19 of 1,000 texts by predicate", 2, &|| {
            text("http.route.path", TextTest::Where(&has))
        }),
        ("unique text", 8, &|| {
            text("request.identifier", TextTest::OneOf(&[id]))
        }),
        ("unique text by predicate", 8, &|| {
            text("request.identifier", TextTest::Where(&has))
        }),
        ("32-bit integers", 4, &|| {
            number("request.body.size", 1e8, 1e9)
        }),
        ("doubles", 8, &|| number("cpu.seconds", 0.25, 0.5)),
        ("bool", 0, &|| {
            let bools = BoolTest {
                yes: true,
                no: false,
            };
            let test = ValueTest {
                bools,
                ..ValueTest::NOTHING
            };
            rows.rows_by_attribute(AttributeScope::Span, "cache.was_hit", &test, None)
        }),
        ("name", 1, &|| {
            rows.rows_by_text(TextField::Name, &TextTest::OneOf(&["operation.077"]))
        }),
        ("duration", 4, &|| rows.rows_by_duration(far.clone())),
        ("start", 4, &|| rows.rows_by_start(late.clone())),
        ("end", 8, &|| rows.rows_by_end(late.clone())),
        ("status", 0, &|| {
            rows.rows_by_status(|status| status == StatusCode::Error)
        }),
        ("any text by predicate", 14, &|| {
            rows.rows_by_any_text(&has, None)
        }),
    ];
    for (name, bytes, scan) in all {
        let mut found = 0;
        let time = best(20, || found = scan().count());
        let us = time.as_nanos() as f64 / 1000.0;
        let speed = speed(bytes * rows.len(), time);
        println!("{name}: {us:.0} us, {speed:.1} GB/s, {found} rows");
    }
    let slow = rows.rows_by_duration(0..=u64::MAX);
    let time = best(20, || drop(rows.traces_of(&slow)));
    println!(
        "all rows to traces: {:.0} us",
        time.as_nanos() as f64 / 1000.0
    );
}

fn per(time: Duration, count: usize) -> f64 {
    time.as_nanos() as f64 / count as f64
}

/// The shortest time that `work` takes.
fn best(rounds: usize, mut work: impl FnMut()) -> Duration {
    let time = |_| {
        let begun = cpu_time();
        work();
        cpu_time() - begun
    };
    (0..rounds).map(time).min().unwrap_or_default()
}

/// CPU time of this thread.
fn cpu_time() -> Duration {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    // The kernel brings the figure up to date when the thread gives way.
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ns = text.split(' ').next().and_then(|ns| ns.parse().ok());
    ns.map_or_else(|| BEGUN.elapsed(), Duration::from_nanos)
}
