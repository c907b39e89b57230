//! Traces of several shapes, and the steps that are measured on them.

use std::time::{Duration, Instant};

use hindsight_protocol::{SpanId, TraceId};
use hindsight_view::columns::Process;
use hindsight_view::critical_path::critical_path;
use hindsight_view::grouping::{Expansion, FoldLimits, Grouping, Outline};
use hindsight_view::pattern::{FindLimits as PatternLimits, NoDetails, find};
use hindsight_view::self_time::self_times_ns;
use hindsight_view::statistics::statistics;
use hindsight_view::{Timeline, Trace, TraceColumns, TraceTree};

const NAMES: u64 = 200;
const PROCESSES: u64 = 20;

/// How the spans hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One root, all others its children.
    Wide,
    /// A chain.
    Deep,
    /// A random earlier span is the parent, mostly a near one.
    Mixed,
}

impl Shape {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Wide, Self::Deep, Self::Mixed];
}

/// Steps and how long each took.
pub(crate) type Steps = Vec<(&'static str, Took)>;

/// How long a step took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Took {
    /// On the clock.
    pub(crate) wall: Duration,
    /// On a processor; where the system does not say, on the clock.
    pub(crate) cpu: Duration,
}

/// A small generator (splitmix64): the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }
}

/// A trace of `spans` spans with random ids, in random order.
pub(crate) fn columns(shape: Shape, spans: usize) -> TraceColumns {
    let mut random = Random(7);
    let mut columns = TraceColumns::default();
    let names: Vec<u32> = (0..NAMES)
        .map(|n| columns.strings.push(&format!("operation {n}")))
        .collect();
    for number in 0..PROCESSES {
        let service = columns.strings.push(&format!("service {number}"));
        columns.processes.push(Process {
            service,
            instance: 0,
        });
    }
    // Times of the spans so far; a child lies within its parent, more or less.
    let mut times: Vec<(u64, u64)> = Vec::with_capacity(spans);
    let mut ids = Vec::with_capacity(spans);
    for index in 0..spans {
        let parent = match (shape, index) {
            (_, 0) => None,
            (Shape::Wide, _) => Some(0),
            (Shape::Deep, _) => Some(index - 1),
            (Shape::Mixed, _) if random.below(2) == 0 => Some(random.below(index as u64) as usize),
            (Shape::Mixed, _) => Some(index - 1 - random.below(index.min(10) as u64) as usize),
        };
        let (from, to) = parent.map_or((1_000, 1_000 + 10 * spans as u64), |p| times[p]);
        let start = match shape {
            Shape::Deep => from + 1,
            _ => from + random.below((to - from) / 2),
        };
        let end = match shape {
            Shape::Deep => to - 1,
            _ => start + random.below((to - start) / 2 + 10),
        };
        times.push((start, end));
        ids.push(random.next() | 1);
        columns.span_ids.push(ids[index]);
        columns.parent_ids.push(parent.map_or(0, |p| ids[p]));
        columns.starts_ns.push(start);
        columns.ends_ns.push(end);
        columns.names.push(names[random.below(NAMES) as usize]);
        columns.process_rows.push(random.below(PROCESSES) as u32);
        columns.kinds.push(random.below(5) as u8);
        columns.statuses.push(u8::from(random.below(100) == 0) * 2);
        columns.states.push(0);
    }
    shuffle(&mut columns, &mut random);
    columns
}

/// Rows in the order of arrival: none at all.
fn shuffle(columns: &mut TraceColumns, random: &mut Random) {
    for last in (1..columns.len()).rev() {
        let other = random.below(last as u64 + 1) as usize;
        columns.span_ids.swap(last, other);
        columns.parent_ids.swap(last, other);
        columns.starts_ns.swap(last, other);
        columns.ends_ns.swap(last, other);
        columns.names.swap(last, other);
        columns.process_rows.swap(last, other);
        columns.kinds.swap(last, other);
        columns.statuses.swap(last, other);
    }
}

/// The same spans as a batch.
fn batch(columns: &TraceColumns) -> hindsight_protocol::CheckedBatch {
    let mut builder = hindsight_protocol::BatchBuilder::new();
    for row in 0..columns.len() {
        builder.begin_span(&hindsight_protocol::batch::SpanHead {
            trace_id: TraceId::from_u128(1),
            span_id: columns.span_id(row),
            parent_id: columns.parent_id(row).unwrap_or(SpanId::INVALID),
            name: columns.name(row),
            start_ns: columns.start_ns(row),
            end_ns: columns.end_ns(row),
            ..Default::default()
        });
        builder.end_span();
    }
    builder.finish()
}

/// Runs all steps once.
pub(crate) fn run(shape: Shape, spans: usize) -> Steps {
    let columns = columns(shape, spans);
    let mut steps = Steps::new();
    let pages = vec![batch(&columns)];
    let trace = step(&mut steps, "gather + tree", || {
        Trace::new(TraceId::from_u128(1), pages)
    });
    assert_eq!(trace.len(), spans);
    let tree = step(&mut steps, "tree", || TraceTree::new(columns));
    let tree = tree.expect("generated columns are sound");
    let timeline = step(&mut steps, "timeline", || Timeline::new(&tree, 0));
    let own = step(&mut steps, "self time", || self_times_ns(&tree, &timeline));
    let path = step(&mut steps, "critical path", || {
        critical_path(&tree, &timeline, 0)
    });
    let grouping = step(&mut steps, "grouping", || {
        Grouping::new(&tree, &timeline, FoldLimits::default())
    });
    let groups = step(&mut steps, "statistics", || {
        statistics(&tree, &timeline, &own)
    });
    let outline = step(&mut steps, "outline", || {
        Outline::new(&tree, &grouping, &Expansion::default())
    });
    step(&mut steps, "patterns", || {
        find(&tree, &timeline, &NoDetails, PatternLimits::default())
    });
    assert!(!path.is_empty() && !groups.is_empty() && !outline.rows().is_empty());
    steps
}

/// Of each step the faster.
pub(crate) fn fastest(a: Steps, b: Steps) -> Steps {
    let pairs = a.into_iter().zip(b);
    let least = |a: Took, b: Took| Took {
        wall: a.wall.min(b.wall),
        cpu: a.cpu.min(b.cpu),
    };
    pairs.map(|(a, b)| (a.0, least(a.1, b.1))).collect()
}

/// All steps but the one that repeats another and the one that need not be fast.
pub(crate) fn required(steps: &Steps) -> impl Iterator<Item = Took> {
    let apart = ["gather + tree", "patterns"];
    let counted = steps.iter().filter(move |(step, _)| !apart.contains(step));
    counted.map(|(_, took)| *took)
}

fn step<T>(steps: &mut Steps, name: &'static str, work: impl FnOnce() -> T) -> T {
    let (begun, begun_cpu) = (Instant::now(), on_cpu());
    let made = work();
    let wall = begun.elapsed();
    let cpu = on_cpu().zip(begun_cpu).map(|(end, begun)| end - begun);
    let cpu = cpu.unwrap_or(wall);
    steps.push((name, Took { wall, cpu }));
    made
}

/// Time of this thread on a processor.
fn on_cpu() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let ns = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(ns))
}
