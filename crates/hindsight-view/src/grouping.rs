//! Folding what repeats: siblings of one shape, chains of single children.
//!
//! In: a tree and its times. Out: a [`Grouping`]: which nodes fold into which [`Group`] or
//! [`Chain`]; with an [`Expansion`] it makes an [`Outline`], the rows that a waterfall draws. Holds:
//! a node is in at most one group and hidden in at most one chain; a [`FoldKey`] stays the same
//! while the trace grows, so that what is unfolded stays so. Bounded: members shown of a group are
//! a number of the expansion; the rest is one row. Cost: sorts the children of parents that have
//! enough of them, else one pass.

mod chain;
mod expansion;
mod outline;
mod text;

#[cfg(test)]
mod tests;

use hindsight_protocol::{SpanId, StatusCode};

use crate::statistics::{Durations, Operation};
use crate::timeline::Timeline;
use crate::tree::TraceTree;

pub use chain::Chain;
pub use expansion::{Expansion, FoldKey};
pub use outline::{Outline, OutlineRow, Row};
pub use text::{chain_line, group_line, more_line};
pub(crate) use text::{chain_notes, chain_title, group_notes, group_title};

/// When to fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoldLimits {
    /// Fewest siblings of one shape that make a group; at least 2.
    pub members_min: usize,
    /// Fewest spans that a chain must hide; at least 2.
    pub chain_min: usize,
}

impl Default for FoldLimits {
    fn default() -> Self {
        Self {
            members_min: 5,
            chain_min: 4,
        }
    }
}

/// Siblings of the same service, name and kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What stays the same while the trace grows.
    pub key: FoldKey,
    /// The first member in drawing order.
    pub first: usize,
    /// Earliest start of the members.
    pub start_ns: u64,
    /// Latest end of the members.
    pub end_ns: u64,
    /// Spans with the status error, those below the members included.
    pub errors: usize,
    /// Spans without an end, those below the members included.
    pub open: usize,
    /// Durations of the members that have ended.
    pub durations: Durations,
    members: std::ops::Range<usize>,
}

/// What folds in a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grouping {
    groups: Vec<Group>,
    /// Nodes of all groups, end to end.
    members: Vec<u32>,
    /// Group of each node, [`NO_GROUP`] for most; empty where there is no group.
    group_of: Vec<u32>,
    /// In order of their first nodes.
    chains: Vec<Chain>,
}

const NO_GROUP: u32 = u32::MAX;

impl Group {
    /// Number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether it has no member; never so.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

impl Grouping {
    /// What folds in `tree`.
    pub fn new(tree: &TraceTree, timeline: &Timeline, limits: FoldLimits) -> Self {
        let counts = Counts::of(tree);
        let mut grouping = Self {
            chains: chain::find(tree, limits.chain_min.max(2), &counts),
            ..Self::default()
        };
        let mut finder = Finder::new(tree, limits);
        finder.siblings(tree.roots(), SpanId::INVALID, &mut grouping);
        for parent in 0..tree.len() {
            if tree.child_count(parent) >= finder.members_min {
                let id = tree.span_id(parent);
                finder.siblings(tree.children(parent), id, &mut grouping);
            }
        }
        if !grouping.groups.is_empty() {
            grouping.index_members(tree.len());
            grouping.add_up(tree, timeline, &counts);
        }
        grouping
    }

    /// The groups.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The chains, in drawing order.
    pub fn chains(&self) -> &[Chain] {
        &self.chains
    }

    /// The nodes of a group, in drawing order.
    pub fn members(&self, group: &Group) -> impl ExactSizeIterator<Item = usize> + use<'_> {
        let members = self.members[group.members.clone()].iter();
        members.map(|member| *member as usize)
    }

    /// The group that node `index` folds into.
    pub fn group_of(&self, index: usize) -> Option<usize> {
        let group = self.group_of.get(index).copied();
        group.filter(|g| *g != NO_GROUP).map(|g| g as usize)
    }

    /// The chain whose first hidden node is `index`.
    pub fn chain_at(&self, index: usize) -> Option<usize> {
        self.chains
            .binary_search_by_key(&index, |chain| chain.first)
            .ok()
    }

    fn index_members(&mut self, nodes: usize) {
        self.group_of = vec![NO_GROUP; nodes];
        for (number, group) in (0..).zip(&self.groups) {
            for member in &self.members[group.members.clone()] {
                self.group_of[*member as usize] = number;
            }
        }
    }

    /// In drawing order over all groups at once: members of one lie far apart.
    fn add_up(&mut self, tree: &TraceTree, timeline: &Timeline, counts: &Counts) {
        let mut durations_ns = vec![0; self.members.len()];
        let mut ended: Vec<usize> = self.groups.iter().map(|g| g.members.start).collect();
        for (index, group) in self.group_of.iter().enumerate() {
            let Some(ended) = ended.get_mut(*group as usize) else {
                continue;
            };
            let group = &mut self.groups[*group as usize];
            let (errors, open) = counts.of_range(tree.subtree(index));
            group.errors += errors;
            group.open += open;
            group.start_ns = group.start_ns.min(tree.start_ns(index));
            group.end_ns = group.end_ns.max(timeline.end_ns(index));
            if tree.end_ns(index).is_some() {
                durations_ns[*ended] = timeline.duration_ns(tree, index);
                *ended += 1;
            }
        }
        for (group, ended) in self.groups.iter_mut().zip(ended) {
            group.durations = Durations::of(&mut durations_ns[group.members.start..ended]);
        }
    }
}

/// Errors and open spans before each node, for sums over subtrees.
struct Counts {
    errors: Vec<u32>,
    open: Vec<u32>,
}

impl Counts {
    fn of(tree: &TraceTree) -> Self {
        let running_sum = |counts: &dyn Fn(usize) -> bool| {
            let mut sum = 0;
            let mut sums = Vec::with_capacity(tree.len() + 1);
            sums.push(0);
            for index in 0..tree.len() {
                sum += u32::from(counts(index));
                sums.push(sum);
            }
            sums
        };
        Self {
            errors: running_sum(&|index| tree.status(index) == StatusCode::Error),
            open: running_sum(&|index| tree.end_ns(index).is_none()),
        }
    }

    /// Errors and open spans of `nodes`.
    fn of_range(&self, nodes: std::ops::Range<usize>) -> (usize, usize) {
        let count = |sums: &[u32]| (sums[nodes.end] - sums[nodes.start]) as usize;
        (count(&self.errors), count(&self.open))
    }
}

/// Service and name, kind and node, as two numbers that sort fast.
fn shaped_key(tree: &TraceTree, index: usize) -> (u64, u64) {
    let operation = Operation::of(tree, index);
    let shape = u64::from(operation.service) << 32 | u64::from(operation.name);
    (shape, (tree.kind(index) as u64) << 32 | index as u64)
}

/// Finds the groups among siblings.
struct Finder<'a> {
    tree: &'a TraceTree,
    members_min: usize,
    /// Scratch.
    shaped: Vec<(u64, u64)>,
}

impl<'a> Finder<'a> {
    fn new(tree: &'a TraceTree, limits: FoldLimits) -> Self {
        Self {
            tree,
            members_min: limits.members_min.max(2),
            shaped: Vec::new(),
        }
    }

    fn siblings(
        &mut self,
        siblings: impl Iterator<Item = usize>,
        parent: SpanId,
        grouping: &mut Grouping,
    ) {
        self.shaped.clear();
        let keys = siblings.map(|index| shaped_key(self.tree, index));
        self.shaped.extend(keys);
        if self.shaped.len() < self.members_min {
            return;
        }
        self.shaped.sort_unstable();
        let alike = self
            .shaped
            .chunk_by(|a, b| a.0 == b.0 && a.1 >> 32 == b.1 >> 32);
        for members in alike.filter(|members| members.len() >= self.members_min) {
            let start = grouping.members.len();
            let nodes = members
                .iter()
                .map(|(_, kind_and_index)| *kind_and_index as u32);
            grouping.members.extend(nodes);
            let first = grouping.members[start] as usize;
            grouping.groups.push(Group {
                key: FoldKey::of_group(self.tree, first, parent),
                first,
                start_ns: u64::MAX,
                end_ns: 0,
                errors: 0,
                open: 0,
                durations: Durations::default(),
                members: start..grouping.members.len(),
            });
        }
    }
}
