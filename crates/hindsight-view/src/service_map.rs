//! Which services call which, as a picture that stays where it is while its numbers change.
//!
//! In: answers of the hub, one after the other. Out: a [`MapLayout`] of every service and call that
//! was in any of them ([`MapMemory`]), and the [`MapNumbers`] of the latest. Holds: the layout
//! changes only when a service or call comes that was not there before; what has no numbers any more
//! stays and is quiet. Bounded: [`SERVICES_MAX`], [`CALLS_MAX`]; what is beyond is counted.

mod numbers;
mod query;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use hindsight_protocol::hub::ServiceMapReply;

use crate::format;
use crate::graph::{Area, EdgePath, GraphEdge, GraphLayout, GraphNode, Size, Spacing};

pub use numbers::{MapNumbers, Numbers};
pub use query::{MapWindow, call_query, service_query};

/// Services that are drawn, those with the most spans first.
pub const SERVICES_MAX: usize = 300;
/// Calls that are drawn, the most frequent first.
pub const CALLS_MAX: usize = 1_000;

/// Longest name in a box.
pub const NAME_CELLS_MAX: usize = 28;
/// The room for what is written on a call: one line above the arrow, one below it.
pub const LABEL: Size = Size::new(158.0, 40.0);
/// Height of a service's box, and its least width.
const BOX: Size = Size::new(176.0, 58.0);
/// Width of a character of a name, and of what is beside the name.
const NAME: (f64, f64) = (8.0, 34.0);

const SPACING: Spacing = Spacing {
    layers: 30.0,
    nodes: 16.0,
    parts: 40.0,
};

/// Every service and call that was told so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MapMemory {
    services: BTreeSet<String>,
    calls: BTreeSet<(String, String)>,
    is_full: bool,
}

/// Where services and calls are drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapLayout {
    /// By name.
    pub services: Vec<(String, Area)>,
    /// By names: from, to.
    pub calls: Vec<((String, String), EdgePath)>,
    /// The room that everything takes.
    pub size: Size,
}

impl MapMemory {
    /// Keeps what `reply` names; whether there was anything new.
    pub fn take_in(&mut self, reply: &ServiceMapReply) -> bool {
        let before = (self.services.len(), self.calls.len());
        for node in &reply.nodes {
            self.service(&node.service);
        }
        for edge in &reply.edges {
            // The caller may have no span that matches.
            let is_known = self.service(&edge.from) && self.service(&edge.to);
            let call = (edge.from.clone(), edge.to.clone());
            if !is_known || self.calls.len() >= CALLS_MAX && !self.calls.contains(&call) {
                self.is_full = true;
            } else {
                self.calls.insert(call);
            }
        }
        before != (self.services.len(), self.calls.len())
    }

    /// Whether there is room for it, or it is there.
    fn service(&mut self, service: &str) -> bool {
        let is_known = self.services.contains(service);
        if !is_known && self.services.len() >= SERVICES_MAX {
            self.is_full = true;
            return false;
        }
        if !is_known {
            self.services.insert(service.to_owned());
        }
        true
    }

    /// Whether something was left out because there is too much.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// Where everything stands.
    pub fn layout(&self) -> MapLayout {
        let nodes: Vec<GraphNode<'_>> = self.services.iter().map(|key| node(key)).collect();
        let places: BTreeMap<&String, usize> = self.services.iter().zip(0..).collect();
        let edges = self.calls.iter().map(|(from, to)| GraphEdge {
            from: places[from],
            to: places[to],
            label: LABEL,
        });
        let edges: Vec<GraphEdge> = edges.collect();
        let layout = GraphLayout::new(&nodes, &edges, SPACING);
        MapLayout {
            services: self.services.iter().cloned().zip(layout.nodes).collect(),
            calls: self.calls.iter().cloned().zip(layout.edges).collect(),
            size: layout.size,
        }
    }
}

fn node(service: &str) -> GraphNode<'_> {
    let cells = format::width(&name(service)) as f64;
    GraphNode {
        key: service,
        size: Size::new(BOX.width.max(cells * NAME.0 + NAME.1), BOX.height),
    }
}

/// The service for people: escaped, and cut with a mark.
pub fn name(service: &str) -> String {
    match service {
        "" => "(no name)".into(),
        service => format::truncate(&format::escape(service), NAME_CELLS_MAX).into_owned(),
    }
}
