//! Laying the graph out: every span once, below the first that waits for it.

use super::graph::Graph;
use super::{OpenSpan, WaitNode, WaitReason};

/// Nodes in drawing order; everything else refers to them by place.
pub(super) struct Forest {
    pub(super) nodes: Vec<WaitNode>,
    pub(super) also: Vec<(usize, usize)>,
    pub(super) cycles: Vec<Vec<usize>>,
}

const UNPLACED: usize = usize::MAX;

/// Roots are the spans that nobody waits for, then the oldest of each cycle that none leads to.
pub(super) fn arrange(spans: &[OpenSpan], graph: &Graph, cycles: &[Vec<usize>]) -> Forest {
    let mut waited_for = vec![false; spans.len()];
    for (to, _) in graph.edges.iter().flatten() {
        waited_for[*to] = true;
    }
    let mut layout = Layout {
        spans,
        graph,
        nodes: Vec::with_capacity(spans.len()),
        node_of: vec![UNPLACED; spans.len()],
        also: Vec::new(),
    };
    for root in (0..spans.len()).filter(|place| !waited_for[*place]) {
        layout.place_all(root);
    }
    for root in 0..spans.len() {
        layout.place_all(root);
    }
    layout.mark_last();
    let to_nodes = |cycle: &Vec<usize>| cycle.iter().map(|place| layout.node_of[*place]).collect();
    let cycles: Vec<Vec<usize>> = cycles.iter().map(to_nodes).collect();
    for node in cycles.iter().flatten() {
        layout.nodes[*node].in_cycle = true;
    }
    let to_node = |(from, to): &(usize, usize)| (*from, layout.node_of[*to]);
    let mut also: Vec<_> = layout.also.iter().map(to_node).collect();
    also.sort_unstable();
    Forest {
        also,
        nodes: layout.nodes,
        cycles,
    }
}

struct Layout<'a> {
    spans: &'a [OpenSpan],
    graph: &'a Graph,
    nodes: Vec<WaitNode>,
    node_of: Vec<usize>,
    /// Node that waits, place of whom it waits for.
    also: Vec<(usize, usize)>,
}

impl Layout<'_> {
    /// Places `root` and all below it that have no place.
    fn place_all(&mut self, root: usize) {
        if self.node_of[root] != UNPLACED {
            return;
        }
        let mut waiting = vec![(root, None, WaitReason::Root)];
        while let Some((place, parent, reason)) = waiting.pop() {
            match (self.node_of[place], parent) {
                (UNPLACED, _) => {
                    let node = self.push(place, parent, reason);
                    let edges = self.graph.edges[place].iter().rev();
                    waiting.extend(edges.map(|(to, reason)| (*to, Some(node), *reason)));
                }
                (_, Some(parent)) => self.also.push((parent, place)),
                (_, None) => {}
            }
        }
    }

    fn push(&mut self, place: usize, parent: Option<usize>, reason: WaitReason) -> usize {
        let span = &self.spans[place];
        let node = self.nodes.len();
        self.node_of[place] = node;
        self.nodes.push(WaitNode {
            page: span.page,
            row: span.row,
            depth: parent.map_or(0, |parent| self.nodes[parent].depth + 1),
            parent,
            reason,
            is_last: false,
            is_leaf: self.graph.edges[place].is_empty(),
            in_cycle: false,
        });
        node
    }

    /// From the back, the first node met of a parent is its last.
    fn mark_last(&mut self) {
        let mut met = vec![false; self.nodes.len()];
        let mut met_root = false;
        for node in self.nodes.iter_mut().rev() {
            let seen = match node.parent {
                Some(parent) => &mut met[parent],
                None => &mut met_root,
            };
            node.is_last = !std::mem::replace(seen, true);
        }
    }
}
