//! What an explorer needs of a newer tree, prepared step by step.
//!
//! In: columns or a tree. Out: an [`Arrangement`] for [`Explorer::adopt`](super::Explorer::adopt).
//! Holds: what is shown stays as it is meanwhile, so that a viewer's input never waits for longer
//! than a step: one sort or a few passes over the spans.

use crate::columns::{ColumnsError, TraceColumns};
use crate::grouping::{FoldLimits, Grouping};
use crate::skew::{self, ClockOverlay};
use crate::text::Line;
use crate::timeline::Timeline;
use crate::tree::{Assembly, TraceTree};

use super::ids::NodesById;

/// A newer tree and what is derived from it, complete or on the way there.
#[derive(Debug)]
pub struct Arrangement {
    pub(super) tree: TraceTree,
    pub(super) timeline: Timeline,
    pub(super) nodes: NodesById,
    pub(super) grouping: Grouping,
    pub(super) is_grouped: bool,
    now_ns: u64,
    aligns: bool,
    clocks: Vec<Line>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Assembling(Box<Assembly>),
    Clocks,
    Times,
    Ids,
    Groups,
    Done,
}

impl Arrangement {
    /// Begins with `columns` at the time `now_ns`; the error says which column is wrong.
    pub fn new(columns: TraceColumns, now_ns: u64, is_grouped: bool) -> Result<Self, ColumnsError> {
        let assembly = Box::new(Assembly::new(columns)?);
        let begun = Self::of_tree(TraceTree::default(), now_ns, is_grouped);
        Ok(Self {
            stage: Stage::Assembling(assembly),
            ..begun
        })
    }

    /// Begins with a tree.
    pub(super) fn of_tree(tree: TraceTree, now_ns: u64, is_grouped: bool) -> Self {
        Self {
            tree,
            timeline: Timeline::default(),
            nodes: NodesById::default(),
            grouping: Grouping::default(),
            is_grouped,
            now_ns,
            aligns: false,
            clocks: Vec::new(),
            stage: Stage::Times,
        }
    }

    /// The same in the clock of the main root's process ([`ClockOverlay`]).
    pub fn aligned(self) -> Self {
        Self {
            aligns: true,
            ..self
        }
    }

    /// What was moved into one clock; empty unless [`Self::aligned`].
    pub fn clocks(&self) -> &[Line] {
        &self.clocks
    }

    /// Does the next step; false when all are done.
    pub fn step(&mut self) -> bool {
        self.stage = match &mut self.stage {
            Stage::Assembling(assembly) => match assembly.step() {
                None => return true,
                Some(tree) => {
                    self.tree = tree;
                    if self.aligns {
                        Stage::Clocks
                    } else {
                        Stage::Times
                    }
                }
            },
            Stage::Clocks => {
                let overlay = ClockOverlay::of_tree(&self.tree, &skew::estimate(&self.tree));
                self.clocks = skew::aligned_lines(&self.tree, &overlay);
                self.tree = overlay.apply(&self.tree);
                Stage::Times
            }
            Stage::Times => {
                self.timeline = Timeline::new(&self.tree, self.now_ns);
                Stage::Ids
            }
            Stage::Ids => {
                self.nodes = NodesById::new(&self.tree);
                Stage::Groups
            }
            Stage::Groups => {
                self.grouping = grouping(&self.tree, &self.timeline, self.is_grouped);
                Stage::Done
            }
            Stage::Done => Stage::Done,
        };
        !matches!(self.stage, Stage::Done)
    }

    /// All steps that are left.
    pub fn finish(mut self) -> Self {
        while self.step() {}
        self
    }
}

/// What folds in `tree`; nothing where repeats are not grouped.
pub(super) fn grouping(tree: &TraceTree, timeline: &Timeline, is_grouped: bool) -> Grouping {
    match is_grouped {
        true => Grouping::new(tree, timeline, FoldLimits::default()),
        false => Grouping::default(),
    }
}
