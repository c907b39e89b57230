//! Where boxes and links stand.
//!
//! In: what is [`Shown`]. Out: its [`Structure`], and the [`Picture`] of that: a box for each item, a
//! path for each link, from the one that depends on the left to what it depends on at the right.
//! Holds: the structure says which items and links there are, not how they went, so that boxes stay
//! where they are while outcomes and figures change. Bounded: as what is shown is.

use super::graph::Queries;
use super::shown::{Item, Shown};
use crate::graph::{Area, EdgePath, GraphEdge, GraphLayout, GraphNode, Size, Spacing};

/// The size of a box.
pub const BOX: Size = Size::new(196.0, 54.0);

const SPACING: Spacing = Spacing {
    layers: 56.0,
    nodes: 12.0,
    parts: 32.0,
};

/// Which items a link joins, and what is odd about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkEnds {
    /// The place of the item that depends.
    pub from: usize,
    /// The place of what it depends on.
    pub to: usize,
    /// picante lost some of its edges.
    pub is_lost: bool,
    /// Nobody called some of its edges.
    pub is_phantom: bool,
}

/// Which boxes and links there are. Equal ones look the same but for texts and colours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Structure {
    keys: Vec<String>,
    links: Vec<LinkEnds>,
}

impl Structure {
    /// That of `shown`, which is a part of `graph`.
    pub fn new(graph: &Queries, shown: &Shown) -> Self {
        let links = shown.links.iter().map(|link| LinkEnds {
            from: link.from,
            to: link.to,
            is_lost: link.lost > 0,
            is_phantom: link.phantom > 0,
        });
        Self {
            keys: shown.items.iter().map(|item| key(graph, item)).collect(),
            links: links.collect(),
        }
    }
}

/// What is drawn, in its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// A box for each item.
    pub boxes: Vec<Area>,
    /// Each link with its path.
    pub links: Vec<(LinkEnds, EdgePath)>,
    /// The room that everything takes.
    pub size: Size,
}

impl Picture {
    /// Lays out.
    pub fn new(structure: &Structure) -> Self {
        let nodes = structure.keys.iter();
        let nodes: Vec<GraphNode<'_>> = nodes.map(|key| GraphNode { key, size: BOX }).collect();
        let links = structure.links.iter();
        let edges: Vec<GraphEdge> = links
            .map(|link| GraphEdge {
                from: link.from,
                to: link.to,
                label: Size::default(),
            })
            .collect();
        let layout = GraphLayout::new(&nodes, &edges, SPACING);
        Self {
            boxes: layout.nodes,
            links: structure.links.iter().copied().zip(layout.edges).collect(),
            size: layout.size,
        }
    }

    /// The box to go to from the one at `from`, in the direction of an arrow key: the nearest of
    /// those that lie that way, those straight ahead first.
    pub fn next_box(&self, from: usize, (right, down): (i8, i8)) -> Option<usize> {
        let here = self.boxes.get(from)?;
        let ahead = |area: &Area| {
            let dx = (area.at.x - here.at.x) * f64::from(right);
            let dy = (area.at.y - here.at.y) * f64::from(down);
            let aside = match right {
                0 => (area.at.x - here.at.x).abs(),
                _ => (area.at.y - here.at.y).abs(),
            };
            let ahead = dx + dy;
            (ahead > 1.0).then_some(ahead + 2.0 * aside)
        };
        let others = self.boxes.iter().enumerate();
        let far = others.filter_map(|(at, area)| Some((ahead(area)?, at)));
        far.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, at)| at)
    }
}

/// Unlike for every two items.
fn key(graph: &Queries, item: &Item) -> String {
    match item {
        Item::Query(index) => {
            let query = &graph.node(*index).query;
            let hash = query.key_hash;
            format!("{}\u{0}q\u{0}{}\u{0}{hash:x}", query.kind, query.key)
        }
        Item::Kind(counts) => format!("{}\u{0}k", counts.kind),
        Item::More(..) => "\u{10ffff}".into(),
    }
}
