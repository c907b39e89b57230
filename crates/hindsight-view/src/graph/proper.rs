//! A graph whose edges lead from each layer to the next: long edges have a bend in every layer.

use std::ops::Range;

use super::adjacency::Adjacency;
use super::{BENDS_MAX, Size, acyclic, layers};

/// Nodes first, then bends.
#[derive(Debug, Default)]
pub(super) struct Proper {
    pub(super) nodes: usize,
    /// The layer of each vertex.
    pub(super) layer_of: Vec<u32>,
    pub(super) sizes: Vec<Size>,
    /// The edges from left to right, and whether they were turned around for it.
    pub(super) edges: Vec<(u32, u32)>,
    pub(super) is_reversed: Vec<bool>,
    /// The bends of each edge, from left to right.
    pub(super) bends: Vec<Range<u32>>,
    /// The bend that has the label, where there is one.
    pub(super) labels: Vec<Option<u32>>,
    /// Neighbours one layer to the left, and to the right.
    pub(super) left: Adjacency,
    pub(super) right: Adjacency,
    pub(super) links: usize,
    pub(super) layers: usize,
}

impl Proper {
    /// Of nodes and edges that hang together.
    pub(super) fn new(sizes: &[Size], edges: &[(u32, u32)], labels: &[Size]) -> Self {
        let nodes = sizes.len();
        let is_reversed = acyclic::reversed(nodes, edges);
        let forward = edges.iter().zip(&is_reversed);
        let forward = forward.map(|((from, to), is_reversed)| match is_reversed {
            true => (*to, *from),
            false => (*from, *to),
        });
        let edges: Vec<(u32, u32)> = forward.collect();
        // A label stands in a bend.
        let length = |label: &Size| if label.width > 0.0 { 2 } else { 1 };
        let lengths: Vec<u32> = labels.iter().map(length).collect();
        let mut proper = Self {
            nodes,
            layer_of: layers::layers(nodes, &edges, &lengths),
            sizes: sizes.to_vec(),
            is_reversed,
            bends: vec![0..0; edges.len()],
            labels: vec![None; edges.len()],
            edges,
            ..Self::default()
        };
        proper.layers = proper
            .layer_of
            .iter()
            .max()
            .map_or(0, |last| *last as usize + 1);
        proper.bend(labels);
        proper.link();
        proper
    }

    /// How many bends an edge needs.
    fn between(&self, edge: usize) -> u32 {
        let (from, to) = self.edges[edge];
        (self.layer_of[to as usize] - self.layer_of[from as usize]).saturating_sub(1)
    }

    fn bend(&mut self, labels: &[Size]) {
        let mut by_length: Vec<usize> = (0..self.edges.len()).collect();
        by_length.sort_by_key(|edge| self.between(*edge));
        for edge in by_length {
            let (from, to) = self.edges[edge];
            let (first, last) = (self.layer_of[from as usize] + 1, self.layer_of[to as usize]);
            let begin = self.layer_of.len() as u32;
            if self.layer_of.len() - self.nodes + (last - first) as usize > BENDS_MAX {
                continue;
            }
            self.layer_of.extend(first..last);
            self.sizes.resize(self.layer_of.len(), Size::default());
            let end = self.layer_of.len() as u32;
            self.bends[edge] = begin..end;
            let label = labels[edge];
            if label.width > 0.0 {
                // As near to the beginning as it can be: labels of one caller stand below each other.
                let holder = if self.is_reversed[edge] {
                    end - 1
                } else {
                    begin
                };
                self.sizes[holder as usize] = label;
                self.labels[edge] = Some(holder);
            }
        }
    }

    fn link(&mut self) {
        let mut links: Vec<(u32, u32)> = Vec::new();
        for (edge, (from, to)) in self.edges.iter().enumerate() {
            let bends = self.bends[edge].clone();
            if bends.is_empty() && self.between(edge) > 0 {
                continue;
            }
            let right = bends.clone().chain([*to]);
            links.extend([*from].into_iter().chain(bends).zip(right));
        }
        let vertices = self.layer_of.len();
        self.links = links.len();
        self.right = Adjacency::new(vertices, links.iter().copied());
        self.left = Adjacency::new(vertices, links.iter().map(|(a, b)| (*b, *a)));
    }

    /// Whether a vertex is only a bend, without a label.
    pub(super) fn is_bend(&self, vertex: u32) -> bool {
        vertex as usize >= self.nodes && self.sizes[vertex as usize].width <= 0.0
    }
}
