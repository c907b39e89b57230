//! A trace and what follows from it.

use hindsight_protocol::SpanId;
use hindsight_protocol::hub::TraceSummary;
use hindsight_view::critical_path::{PathSegment, critical_path};
use hindsight_view::findings::{findings, trace_finding_line};
use hindsight_view::format::Zone;
use hindsight_view::self_time::self_times_ns;
use hindsight_view::skew::{self, ClockOverlay};
use hindsight_view::{Line, Timeline, Trace};

use super::Fetched;

/// Everything the views of a trace are made from. Node numbers are those of `trace`.
pub(crate) struct Analysed {
    /// What the hub says of it in short.
    pub(super) summary: Option<TraceSummary>,
    /// The spans, in one clock if that was asked for.
    pub(crate) trace: Trace,
    pub(super) now_ns: u64,
    pub(super) timeline: Timeline,
    /// Of each node.
    pub(crate) self_times_ns: Vec<u64>,
    /// Through the main root.
    pub(super) path: Vec<PathSegment>,
    /// Of each node, on the path.
    pub(crate) critical_ns: Vec<u64>,
    /// Told of the trace as it was recorded.
    pub(super) findings: Vec<Told>,
    /// Findings beyond the limits.
    pub(super) findings_left_out: usize,
    /// How the clocks were aligned; empty if they were not.
    pub(super) clocks: Vec<Line>,
}

/// A finding in words.
pub(crate) struct Told {
    pub(crate) code: &'static str,
    pub(crate) count: u64,
    pub(crate) line: Line,
    pub(crate) span_ids: Vec<SpanId>,
}

impl Analysed {
    /// Finds everything; `align` moves all times into the clock of the main root's process.
    pub(crate) fn new(fetched: Fetched, now_ns: u64, align: bool, zone: Zone) -> Self {
        let recorded = fetched.trace;
        let timeline = Timeline::new(recorded.tree(), now_ns);
        let all = findings(&recorded, &timeline, &fetched.removals);
        let told = |finding: &hindsight_view::findings::TraceFinding| {
            let nodes = finding.nodes(&recorded).into_iter();
            Told {
                code: finding.code(),
                count: finding.count(),
                line: trace_finding_line(recorded.tree(), finding, zone),
                span_ids: nodes.map(|node| recorded.tree().span_id(node)).collect(),
            }
        };
        let findings = all.found.iter().map(told).collect();
        let (trace, clocks) = match align {
            true => aligned(recorded),
            false => (recorded, Vec::new()),
        };
        let tree = trace.tree();
        let timeline = Timeline::new(tree, now_ns);
        let root = tree.main_root();
        let path = root.map_or_else(Vec::new, |root| critical_path(tree, &timeline, root));
        let mut critical_ns = vec![0; trace.len()];
        for segment in &path {
            critical_ns[segment.index] += segment.duration_ns();
        }
        Self {
            self_times_ns: self_times_ns(tree, &timeline),
            summary: fetched.summary,
            findings,
            findings_left_out: all.left_out,
            now_ns,
            timeline,
            path,
            critical_ns,
            clocks,
            trace,
        }
    }

    /// Length of the critical path, at least 1.
    pub(super) fn path_ns(&self) -> u64 {
        let total: u64 = self.path.iter().map(PathSegment::duration_ns).sum();
        total.max(1)
    }
}

/// The trace in the clock of its main root, and what was moved.
fn aligned(trace: Trace) -> (Trace, Vec<Line>) {
    let tree = trace.tree();
    let overlay = ClockOverlay::of_tree(tree, &skew::estimate(tree));
    let lines = skew::aligned_lines(tree, &overlay);
    (trace.aligned(&overlay), lines)
}
