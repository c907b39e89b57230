//! A directed graph laid out in layers from left to right, for maps of services and of queries.
//!
//! In: nodes with a key and a size, edges with room for a label. Out: a [`GraphLayout`]: a box for
//! each node, a path for each edge. Holds: boxes and labels do not overlap; an edge that is not
//! [`EdgePath::is_reversed`] leads from left to right; an acyclic graph has no reversed edge; the
//! layout depends on the sets of nodes and edges, not on their order, so that what is drawn stays
//! where it is while numbers change. Bounded: [`BENDS_MAX`] bends, sweeps by [`WORK_MAX`]; no
//! recursion. Cost: O((nodes + edges + bends) log) for each of a bounded number of sweeps.
//!
//! After Sugiyama, Tagawa, Toda, "Methods for visual understanding of hierarchical system
//! structures" (1981): cycles are broken as by Eades, Lin, Smyth (1993), layers are those of the
//! longest path, shortened; orders within layers follow barycenters; a place within a layer is the
//! least squares solution that keeps the order (isotonic regression).

mod acyclic;
mod adjacency;
mod crossings;
mod curve;
mod layers;
mod order;
mod pack;
mod place;
mod proper;
mod route;
mod viewport;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use viewport::Viewport;

/// Bends of all edges of a part that hangs together. Beyond, the longest edges run straight from
/// node to node, over what is between.
pub const BENDS_MAX: usize = 150_000;

/// Vertices and links looked at in the search for a better order, and again for better places.
pub const WORK_MAX: usize = 3_000_000;

/// Width and height.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

impl Size {
    /// Both.
    pub const fn new(width: f64, height: f64) -> Self {
        Self { width, height }
    }
}

/// A place; `y` grows downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// A box.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    /// Left and top.
    pub at: Point,
    /// Width and height.
    pub size: Size,
}

impl Area {
    /// The right border.
    pub fn right(&self) -> f64 {
        self.at.x + self.size.width
    }

    /// The lower border.
    pub fn bottom(&self) -> f64 {
        self.at.y + self.size.height
    }

    /// The height of the middle.
    pub fn middle_y(&self) -> f64 {
        self.at.y + self.size.height / 2.0
    }
}

/// A node to be placed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GraphNode<'a> {
    /// Tells nodes apart and decides where nothing else does; of two nodes with the same key the
    /// order counts.
    pub key: &'a str,
    /// How large its box is.
    pub size: Size,
}

/// An edge to be drawn. Several from and to the same nodes share one path.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GraphEdge {
    /// Index of the node it begins at.
    pub from: usize,
    /// Index of the node it ends at.
    pub to: usize,
    /// Room for what is written on it; none where the width is 0.
    pub label: Size,
}

/// The room between things.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spacing {
    /// Between two layers, from left to right.
    pub layers: f64,
    /// Between two boxes of a layer, from top to bottom.
    pub nodes: f64,
    /// Between parts that do not hang together.
    pub parts: f64,
}

/// The way of an edge.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EdgePath {
    /// From the border of the one node to that of the other: at least two points, which are to be
    /// joined by curves that are level at the points. A self-call has four: two control points
    /// between beginning and end.
    pub points: Vec<Point>,
    /// The room for the label.
    pub label: Option<Area>,
    /// It leads back, from right to left, and closes a cycle.
    pub is_reversed: bool,
    /// It begins and ends at the same node.
    pub is_loop: bool,
}

/// Where everything stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GraphLayout {
    /// A box for each node, in the order they were given.
    pub nodes: Vec<Area>,
    /// A path for each edge, in the order they were given; empty for an edge of a node that there
    /// is not.
    pub edges: Vec<EdgePath>,
    /// The room that everything takes, from (0, 0).
    pub size: Size,
}

/// Room above a node for its self-call.
const LOOP_HEIGHT: f64 = 18.0;

/// What is laid out, in an order that does not depend on how it was given.
#[derive(Debug, Default)]
struct Canonical {
    sizes: Vec<Size>,
    loops: Vec<bool>,
    /// No loops, no two alike, sorted.
    edges: Vec<(u32, u32)>,
    labels: Vec<Size>,
}

impl GraphLayout {
    /// Lays out `nodes` and `edges`.
    pub fn new(nodes: &[GraphNode<'_>], edges: &[GraphEdge], spacing: Spacing) -> Self {
        let mut order: Vec<usize> = (0..nodes.len()).collect();
        order.sort_by_key(|node| nodes[*node].key);
        let mut rank = vec![0_u32; nodes.len()];
        for (place, node) in order.iter().enumerate() {
            rank[*node] = place as u32;
        }
        let mut graph = Canonical {
            sizes: order.iter().map(|node| nodes[*node].size).collect(),
            loops: vec![false; nodes.len()],
            ..Canonical::default()
        };
        let mut labels: BTreeMap<(u32, u32), Size> = BTreeMap::new();
        let ends = |edge: &GraphEdge| Some((*rank.get(edge.from)?, *rank.get(edge.to)?));
        for edge in edges {
            match ends(edge) {
                Some((from, to)) if from == to => graph.loops[from as usize] = true,
                Some(ends) => {
                    let label = labels.entry(ends).or_default();
                    label.width = label.width.max(edge.label.width);
                    label.height = label.height.max(edge.label.height);
                }
                None => {}
            }
        }
        (graph.edges, graph.labels) = labels.into_iter().unzip();
        for (size, is_loop) in graph.sizes.iter_mut().zip(&graph.loops) {
            size.height += if *is_loop { LOOP_HEIGHT } else { 0.0 };
        }
        let placed = pack::pack(&graph, spacing);
        let boxes: Vec<Area> = placed
            .nodes
            .iter()
            .zip(&graph.loops)
            .map(below_loop)
            .collect();
        let path = |edge: &GraphEdge| match ends(edge) {
            Some((from, to)) if from == to => route::of_loop(&boxes[from as usize]),
            Some(ends) => {
                let place = graph.edges.binary_search(&ends);
                place.map_or_else(|_| EdgePath::default(), |at| placed.edges[at].clone())
            }
            None => EdgePath::default(),
        };
        Self {
            nodes: rank.iter().map(|rank| boxes[*rank as usize]).collect(),
            edges: edges.iter().map(path).collect(),
            size: placed.size,
        }
    }
}

/// The box without the room for its self-call.
fn below_loop((area, is_loop): (&Area, &bool)) -> Area {
    let mut area = *area;
    if *is_loop {
        area.at.y += LOOP_HEIGHT;
        area.size.height -= LOOP_HEIGHT;
    }
    area
}
