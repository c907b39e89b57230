//! What is odd about a trace, in one list: patterns, clocks, holes, doubtful structure.
//!
//! In: a [`Trace`] as it was recorded, its times, what the hub removed of it. Out: [`Findings`], the
//! most telling first. Holds: what a finding says follows from what is stored; where a reason is not
//! known it says which there may be. Bounded: [`EACH_MAX`] findings of a kind, the rest is counted.

mod text;

#[cfg(test)]
mod tests;

use hindsight_protocol::SpanId;
use hindsight_protocol::hub::Removal;

use crate::pattern::{self, CallDetails, FindLimits, Finding, NoDetails, PatternKind};
use crate::skew::{self, SkewEstimate};
use crate::timeline::{Timeline, is_lost};
use crate::trace::Trace;
use crate::tree::{MissingParent, Placement, TraceTree};

pub use text::trace_finding_line;

/// Findings of one kind that are told one by one.
pub const EACH_MAX: usize = 100;

/// Spans of a finding that [`TraceFinding::nodes`] names.
pub const NODES_MAX: usize = 1000;

/// One oddity. Numbers of nodes are those of the trace's tree.
#[derive(Clone, Debug, PartialEq)]
pub enum TraceFinding {
    /// Spans of the trace that the hub has removed, for one reason at one time.
    Removed(Removal),
    /// N+1 calls, or retries.
    Pattern(Finding),
    /// Clocks that differ.
    Skew(SkewEstimate),
    /// A parent that is not stored.
    Missing {
        /// The parent.
        parent: MissingParent,
        /// Whether the hub has removed spans of this trace, so that it may be one of those.
        removed: bool,
    },
    /// No span of the trace is without a parent.
    NoRoot,
    /// A span whose parents lead back to it.
    Cycle {
        /// The node that was cut from its parent.
        node: usize,
        /// The parent it names, which is below it.
        parent: SpanId,
    },
    /// A span that is its own parent.
    SelfParent {
        /// The node.
        node: usize,
    },
    /// Spans without an end whose process went away.
    Lost {
        /// The first of them in drawing order.
        first: usize,
        /// How many.
        spans: usize,
    },
    /// Spans that were reported more often than they were changed.
    Duplicates {
        /// The first of them in drawing order.
        first: usize,
        /// How many.
        spans: usize,
        /// Reports that another replaces.
        reports: usize,
    },
    /// What limits of tracers left out of spans.
    LeftOut {
        /// The first span in drawing order.
        first: usize,
        /// Attributes.
        attributes: u64,
        /// Events.
        events: u64,
        /// Links.
        links: u64,
    },
}

/// The oddities of a trace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// Those that are told.
    pub found: Vec<TraceFinding>,
    /// Number of those beyond the limits.
    pub left_out: usize,
}

impl TraceFinding {
    /// A word for programs: `n_plus_one`, `retry`, `clock_skew`, `missing_parent`, ...
    pub fn code(&self) -> &'static str {
        match self {
            Self::Removed(_) => "removed",
            Self::Pattern(finding) => match finding.kind {
                PatternKind::NPlusOne => "n_plus_one",
                PatternKind::Retry => "retry",
            },
            Self::Skew(_) => "clock_skew",
            Self::Missing { .. } => "missing_parent",
            Self::NoRoot => "no_root",
            Self::Cycle { .. } => "cycle",
            Self::SelfParent { .. } => "self_parent",
            Self::Lost { .. } => "lost",
            Self::Duplicates { .. } => "duplicates",
            Self::LeftOut { .. } => "left_out",
        }
    }

    /// How many spans, calls or children it is about; 0 where that is not known.
    pub fn count(&self) -> u64 {
        match self {
            Self::Removed(removal) => removal.spans,
            Self::Pattern(finding) => finding.members.len() as u64,
            Self::Skew(estimate) => estimate.pairs as u64,
            Self::Missing { parent, .. } => parent.children as u64,
            Self::NoRoot => 0,
            Self::Cycle { .. } | Self::SelfParent { .. } => 1,
            Self::Lost { spans, .. } | Self::Duplicates { spans, .. } => *spans as u64,
            Self::LeftOut {
                attributes,
                events,
                links,
                ..
            } => attributes + events + links,
        }
    }

    /// The first span it is about, in drawing order; none where it is about no single one.
    pub fn first_node(&self) -> Option<usize> {
        match self {
            Self::Removed(_) | Self::Skew(_) | Self::NoRoot => None,
            Self::Pattern(finding) => finding.members.first().copied(),
            Self::Missing { parent, .. } => Some(parent.first),
            Self::Cycle { node, .. } | Self::SelfParent { node } => Some(*node),
            Self::Lost { first, .. }
            | Self::Duplicates { first, .. }
            | Self::LeftOut { first, .. } => Some(*first),
        }
    }

    /// The spans it is about, the first [`NODES_MAX`]; of many alike perhaps only the first.
    pub fn nodes(&self, trace: &Trace) -> Vec<usize> {
        match self {
            Self::Removed(_) | Self::Skew(_) | Self::NoRoot => Vec::new(),
            Self::Pattern(finding) => finding.members.iter().copied().take(NODES_MAX).collect(),
            Self::Missing { parent, .. } => {
                let roots = trace.tree().roots();
                let children = roots.skip_while(|root| *root < parent.first);
                children.take(parent.children.min(NODES_MAX)).collect()
            }
            Self::Cycle { node, .. } | Self::SelfParent { node } => vec![*node],
            Self::Lost { first, .. } => {
                let lost = (*first..trace.len()).filter(|node| is_lost(trace.tree(), *node));
                lost.take(NODES_MAX).collect()
            }
            Self::Duplicates { first, .. } => {
                let twice = |node: &usize| trace.tree().duplicates(*node) > 0;
                let nodes = (*first..trace.len()).filter(twice);
                nodes.take(NODES_MAX).collect()
            }
            Self::LeftOut { first, .. } => {
                let nodes = (*first..trace.len()).filter(|node| left_out(trace, *node) != [0; 3]);
                nodes.take(NODES_MAX).collect()
            }
        }
    }
}

/// Everything odd about `trace`, which must not be aligned; `removals` is what the hub tells of it.
pub fn findings(trace: &Trace, timeline: &Timeline, removals: &[Removal]) -> Findings {
    let mut all = of_structure(trace.tree(), timeline, trace, removals);
    all.add(sums(trace));
    all
}

/// What the structure alone shows to be odd: repetition is told by names and times, limits and
/// repeated reports are not known. Cost: a few passes.
pub fn structure_findings(tree: &TraceTree, timeline: &Timeline, removals: &[Removal]) -> Findings {
    let mut all = of_structure(tree, timeline, &NoDetails, removals);
    all.add(lost(tree));
    all
}

fn of_structure(
    tree: &TraceTree,
    timeline: &Timeline,
    details: &impl CallDetails,
    removals: &[Removal],
) -> Findings {
    let mut all = Findings::default();
    all.add(removals.iter().cloned().map(TraceFinding::Removed));
    let patterns = pattern::find(tree, timeline, details, FindLimits::default());
    all.add(patterns.into_iter().map(TraceFinding::Pattern));
    let estimates = skew::estimate(tree).into_iter();
    let significant = estimates.filter(SkewEstimate::is_significant);
    all.add(significant.map(TraceFinding::Skew));
    let removed = !removals.is_empty();
    let missing = tree.missing_parents().into_iter();
    all.add(missing.map(|parent| TraceFinding::Missing { parent, removed }));
    let has_root = tree
        .roots()
        .any(|root| tree.placement(root) == Placement::Root);
    all.add((!has_root && !tree.is_empty()).then_some(TraceFinding::NoRoot));
    all.add(tree.roots().filter_map(|node| match tree.placement(node) {
        Placement::Cycle(parent) => Some(TraceFinding::Cycle { node, parent }),
        Placement::SelfParent => Some(TraceFinding::SelfParent { node }),
        Placement::Root | Placement::Child | Placement::Orphan(_) => None,
    }));
    all
}

fn lost(tree: &TraceTree) -> Option<TraceFinding> {
    let lost = first_and_count(tree.len(), |node| is_lost(tree, node));
    lost.map(|(first, spans)| TraceFinding::Lost { first, spans })
}

impl Findings {
    fn add(&mut self, findings: impl IntoIterator<Item = TraceFinding>) {
        let mut findings = findings.into_iter();
        self.found.extend(findings.by_ref().take(EACH_MAX));
        self.left_out += findings.count();
    }
}

/// What is told in one sum over all spans.
fn sums(trace: &Trace) -> Vec<TraceFinding> {
    let tree = trace.tree();
    let twice = first_and_count(trace.len(), |node| tree.duplicates(node) > 0);
    let cut = first_and_count(trace.len(), |node| left_out(trace, node) != [0; 3]);
    let twice = twice.map(|(first, spans)| TraceFinding::Duplicates {
        first,
        spans,
        reports: tree.superseded(),
    });
    let cut = cut.map(|(first, _)| {
        let mut sums = [0u64; 3];
        for node in first..trace.len() {
            let numbers = left_out(trace, node);
            sums = std::array::from_fn(|place| sums[place].saturating_add(numbers[place]));
        }
        let [attributes, events, links] = sums;
        TraceFinding::LeftOut {
            first,
            attributes,
            events,
            links,
        }
    });
    [lost(tree), twice, cut].into_iter().flatten().collect()
}

/// The first node that is so, and how many are.
fn first_and_count(spans: usize, is_so: impl Fn(usize) -> bool) -> Option<(usize, usize)> {
    let mut nodes = (0..spans).filter(|node| is_so(*node));
    let first = nodes.next()?;
    Some((first, nodes.count() + 1))
}

/// Attributes, events and links.
fn left_out(trace: &Trace, node: usize) -> [u64; 3] {
    let (attributes, events, links) = trace.span(node).dropped();
    [attributes.into(), events.into(), links.into()]
}
