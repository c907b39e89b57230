//! Which edges to turn around so that no cycle is left.
//!
//! Eades, Lin, Smyth, "A fast and effective heuristic for the feedback arc set problem" (1993):
//! nodes are put in a row, sinks to the end and sources to the beginning, else the one with most
//! edges out and fewest in. Edges that lead back in that row are the ones to turn around: none where
//! there was no cycle.

use std::collections::BTreeSet;

use super::adjacency::Adjacency;

/// Whether to turn around, for each edge.
pub(super) fn reversed(nodes: usize, edges: &[(u32, u32)]) -> Vec<bool> {
    let out = Adjacency::new(nodes, edges.iter().copied());
    let into = Adjacency::new(nodes, edges.iter().map(|(from, to)| (*to, *from)));
    let mut row = Row::new(nodes, &out, &into);
    let places = row.places(&out, &into);
    let leads_back = |(from, to): &(u32, u32)| places[*from as usize] > places[*to as usize];
    edges.iter().map(leads_back).collect()
}

/// What is not in the row yet.
struct Row {
    /// Edges out and in, to and from what is left.
    degrees: Vec<(u32, u32)>,
    is_left: Vec<bool>,
    /// Nodes with edges both in and out: in minus out, node.
    inner: BTreeSet<(i64, u32)>,
    sources: BTreeSet<u32>,
    sinks: BTreeSet<u32>,
}

impl Row {
    fn new(nodes: usize, out: &Adjacency, into: &Adjacency) -> Self {
        let degree = |node| (out.degree(node) as u32, into.degree(node) as u32);
        let mut row = Self {
            degrees: (0..nodes as u32).map(degree).collect(),
            is_left: vec![true; nodes],
            inner: BTreeSet::new(),
            sources: BTreeSet::new(),
            sinks: BTreeSet::new(),
        };
        for node in 0..nodes as u32 {
            row.insert(node);
        }
        row
    }

    fn insert(&mut self, node: u32) {
        match self.degrees[node as usize] {
            (0, _) => self.sinks.insert(node),
            (_, 0) => self.sources.insert(node),
            (out, into) => self.inner.insert((i64::from(into) - i64::from(out), node)),
        };
    }

    fn remove(&mut self, node: u32) {
        match self.degrees[node as usize] {
            (0, _) => self.sinks.remove(&node),
            (_, 0) => self.sources.remove(&node),
            (out, into) => self.inner.remove(&(i64::from(into) - i64::from(out), node)),
        };
    }

    /// The place of each node in the row.
    fn places(&mut self, out: &Adjacency, into: &Adjacency) -> Vec<u32> {
        let mut places = vec![0; self.degrees.len()];
        let (mut first, mut last) = (0, self.degrees.len() as u32);
        loop {
            let (node, is_last) = if let Some(node) = self.sinks.first() {
                (*node, true)
            } else if let Some(node) = self.sources.first() {
                (*node, false)
            } else if let Some((_, node)) = self.inner.first() {
                (*node, false)
            } else {
                return places;
            };
            if is_last {
                last -= 1;
                places[node as usize] = last;
            } else {
                places[node as usize] = first;
                first += 1;
            }
            self.take(node, out, into);
        }
    }

    fn take(&mut self, node: u32, out: &Adjacency, into: &Adjacency) {
        self.remove(node);
        self.is_left[node as usize] = false;
        for (neighbours, is_out) in [(out.of(node), true), (into.of(node), false)] {
            for neighbour in neighbours.iter().filter(|other| **other != node) {
                if !self.is_left[*neighbour as usize] {
                    continue;
                }
                self.remove(*neighbour);
                let (outs, ins) = &mut self.degrees[*neighbour as usize];
                *(if is_out { ins } else { outs }) -= 1;
                self.insert(*neighbour);
            }
        }
    }
}
