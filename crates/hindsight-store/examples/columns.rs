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

use hindsight_protocol::{BatchBuilder, CheckedBatch};
use hindsight_testkit::workload::Workload;
use store::column::SegmentBuilder;

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
