//! Where boxes and links stand.
//!
//! In: what is [`Shown`]. Out: a [`Picture`]: a box for each item, a path for each link, from the one
//! that depends on the left to what it depends on at the right. Holds: the picture depends on which
//! items and links there are, not on their outcomes or figures, so that boxes stay where they are
//! while outcomes change. Bounded: as what is shown is.

use super::graph::Queries;
use super::shown::{Item, Shown};
use crate::graph::{Area, EdgePath, GraphEdge, GraphLayout, GraphNode, Size, Spacing};

/// The size of a box.
pub const BOX: Size = Size::new(196.0, 50.0);

const SPACING: Spacing = Spacing {
    layers: 56.0,
    nodes: 12.0,
    parts: 32.0,
};

/// A box in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureBox {
    /// What tells it from the others, whatever its figures.
    pub key: String,
    /// Where it stands.
    pub area: Area,
}

/// What is drawn, in its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// A box for each item.
    pub boxes: Vec<PictureBox>,
    /// A path for each link.
    pub paths: Vec<EdgePath>,
    /// The room that everything takes.
    pub size: Size,
}

impl Picture {
    /// The picture of `shown`, which is a part of `graph`.
    pub fn new(graph: &Queries, shown: &Shown) -> Self {
        let keys: Vec<String> = shown.items.iter().map(|item| key(graph, item)).collect();
        let nodes: Vec<GraphNode<'_>> = keys
            .iter()
            .map(|key| GraphNode { key, size: BOX })
            .collect();
        let edges: Vec<GraphEdge> = shown
            .links
            .iter()
            .map(|link| GraphEdge {
                from: link.from,
                to: link.to,
                label: Size::default(),
            })
            .collect();
        let layout = GraphLayout::new(&nodes, &edges, SPACING);
        let boxes = keys.into_iter().zip(layout.nodes);
        Self {
            boxes: boxes.map(|(key, area)| PictureBox { key, area }).collect(),
            paths: layout.edges,
            size: layout.size,
        }
    }
}

/// Unlike for every two items.
fn key(graph: &Queries, item: &Item) -> String {
    match item {
        Item::Query(index) => {
            let query = &graph.node(*index).query;
            format!(
                "{}\u{0}q\u{0}{}\u{0}{:x}",
                query.kind, query.key, query.key_hash
            )
        }
        Item::Kind(counts) => format!("{}\u{0}k", counts.kind),
        Item::More(..) => "\u{10ffff}".into(),
    }
}
