//! The part of a graph that is drawn, whatever its size: some queries one by one, the others as one
//! box a kind.
//!
//! In: [`Queries`] and a [`Look`]. Out: [`Shown`]: items and the links between them. Holds: every
//! query that is wanted is in exactly one item, so that nothing is hidden without being counted; the
//! selected one is always an item of its own; what is drawn does not depend on the order in which it
//! was told. Bounded: [`ALONE_MAX`] queries one by one, [`BOXES_MAX`] boxes, [`LINKS_MAX`] links;
//! what is beyond is counted. Cost: O((nodes + edges) log).

use std::collections::BTreeSet;

use hindsight_protocol::introspection::picante::QueryRef;

use super::filter::{Filter, Outcomes};
use super::graph::Queries;

mod boxes;
mod counts;
mod mode;

use boxes::{alone, links, put_together};
use mode::reached;

pub use counts::KindCounts;
pub use mode::Mode;

/// Most boxes that are drawn.
pub const BOXES_MAX: usize = ALONE_MAX + KINDS_MAX + 1;
/// Most links that are drawn, those that stand for most edges first.
pub const LINKS_MAX: usize = 900;

/// Queries that are drawn one by one; the weightiest first.
const ALONE_MAX: usize = 140;
/// Kinds that are drawn as a box each, those with the most queries first.
const KINDS_MAX: usize = 100;

/// What the reader wants to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Only these.
    pub filter: Filter,
    /// Only with such an outcome.
    pub outcomes: Outcomes,
    /// How.
    pub mode: Mode,
    /// Kinds whose queries are drawn one by one though others are not.
    pub opened: BTreeSet<String>,
    /// The query that is looked at.
    pub selected: Option<QueryRef>,
}

/// A box.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A query, by its index.
    Query(u32),
    /// Queries of a kind that are not drawn one by one.
    Kind(KindCounts),
    /// Queries of kinds that are too many to be drawn: how many kinds.
    More(KindCounts, usize),
}

/// Edges between the queries of two boxes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Index of the item that depends.
    pub from: usize,
    /// Index of the item it depends on.
    pub to: usize,
    /// Edges.
    pub edges: u64,
    /// Of them, those that picante lost.
    pub lost: u64,
    /// Of them, those that nobody called.
    pub phantom: u64,
}

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// The boxes: queries by name, then kinds by name.
    pub items: Vec<Item>,
    /// The links between them, by their ends.
    pub links: Vec<Link>,
    /// Queries that are wanted.
    pub wanted: usize,
    /// Links that are too many to be drawn.
    pub links_left_out: usize,
    /// How they are put together, with what fits decided.
    pub mode: Mode,
    /// The selected query, if the graph has it.
    pub selected: Option<u32>,
}

impl Shown {
    /// The part of `graph` that is wanted.
    pub fn new(graph: &Queries, look: &Look) -> Self {
        let selected = look.selected.as_ref().and_then(|query| graph.find(query));
        let is_wanted = |index: &u32| {
            let node = graph.node(*index);
            look.outcomes.lets(graph.outcome(*index)) && look.filter.lets(node)
        };
        let all = 0..graph.nodes().len() as u32;
        let mut wanted: Vec<u32> = all.filter(is_wanted).collect();
        let mode = look.mode.resolved(wanted.len(), selected);
        if let (true, Some(selected)) = (mode.needs_selected(), selected) {
            let reached = reached(graph, selected, mode);
            wanted.retain(|index| reached[*index as usize]);
        }
        if let Some(selected) = selected
            && let Err(place) = wanted.binary_search(&selected)
        {
            wanted.insert(place, selected);
        }
        let alone = alone(graph, look, mode, selected, &wanted);
        let (items, item_of) = put_together(graph, &wanted, &alone);
        let (links, links_left_out) = links(graph, &item_of);
        Self {
            items,
            links,
            wanted: wanted.len(),
            links_left_out,
            mode,
            selected,
        }
    }

    /// The item of the selected query.
    pub fn selected_item(&self) -> Option<usize> {
        let selected = self.selected?;
        self.items
            .iter()
            .position(|item| *item == Item::Query(selected))
    }
}
