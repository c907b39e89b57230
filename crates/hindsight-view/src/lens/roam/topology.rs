//! Processes and who calls whom, joined from what the ends of connections tell.

mod join;

use std::collections::BTreeMap;

use hindsight_protocol::TracerId;

use super::{AppTold, Process};
use crate::format;
use crate::graph::{Area, EdgePath, GraphEdge, GraphLayout, GraphNode, Size, Spacing};

/// Processes that are drawn.
pub const PROCESSES_MAX: usize = 200;
/// Services that are named on an edge.
const SERVICES_MAX: usize = 3;
const BOX: Size = Size::new(168.0, 44.0);
const LABEL: Size = Size::new(170.0, 40.0);
/// Width of a character of a name, and of what is beside it.
const NAME: (f64, f64) = (8.0, 34.0);
const SPACING: Spacing = Spacing {
    layers: 30.0,
    nodes: 16.0,
    parts: 40.0,
};

/// A process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Tells nodes apart, and stays the same from answer to answer.
    pub key: String,
    /// Its name and colour.
    pub process: Process,
    /// Which app it is; none for one that is only known by what others tell.
    pub app: Option<TracerId>,
    /// `2 connections`, `not asked: known by its name`, `did not say who it is`.
    pub about: String,
}

/// One process calls another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Who calls: a place in [`Topology::nodes`].
    pub from: usize,
    /// Who is called.
    pub to: usize,
    /// The services that are called, escaped, by name.
    pub services: Vec<String>,
    /// Calls under way.
    pub active: u64,
    /// Calls that ended.
    pub ended: u64,
    /// Of them, those that failed.
    pub failed: u64,
    /// Whether a lane between them is open.
    pub is_open: bool,
    /// Whether both ends tell of it.
    pub is_whole: bool,
}

impl Edge {
    /// `Catalog, Prices`; at most three names.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self
            .services
            .iter()
            .take(SERVICES_MAX)
            .map(String::as_str)
            .collect();
        let names = match self.services.len().saturating_sub(SERVICES_MAX) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        };
        format::truncate(&names, 26).into_owned()
    }

    /// `3 now, 1,204 done, 2 failed`.
    pub fn numbers(&self) -> String {
        let now = (self.active > 0).then(|| format!("{} now", format::count(self.active)));
        let done = Some(format!("{} done", format::count(self.ended)));
        let failed = (self.failed > 0).then(|| format!("{} failed", format::count(self.failed)));
        let parts: Vec<String> = [now, done, failed].into_iter().flatten().collect();
        parts.join(", ")
    }

    /// What its line says of it besides: nothing where both ends tell and a lane is open.
    pub fn remark(&self) -> &'static str {
        match (self.is_open, self.is_whole) {
            (true, true) => "",
            (true, false) => "told by one end only",
            (false, true) => "closed",
            (false, false) => "closed, told by one end only",
        }
    }
}

/// Processes and who calls whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topology {
    /// By key.
    pub nodes: Vec<Node>,
    /// By who calls, and whom.
    pub edges: Vec<Edge>,
    /// Connections that were left out, here or by the apps.
    pub cut: u64,
}

/// Where processes and edges are drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoamLayout {
    /// By the node's key.
    pub nodes: BTreeMap<String, Area>,
    /// By the keys of who calls and of who is called.
    pub edges: BTreeMap<(String, String), EdgePath>,
    /// The room that everything takes.
    pub size: Size,
}

impl Topology {
    /// Joins what apps tell. A connection that one end has just begun to tell of is drawn when the other
    /// does too, or has not for two seconds: no box comes only to go.
    pub fn new(apps: &[AppTold], now_ns: u64) -> Self {
        join::join(apps, now_ns)
    }

    /// Only what has to do with one app: it, who calls it, whom it calls.
    pub fn around(&self, app: TracerId) -> Self {
        let is_it = |at: usize| self.nodes.get(at).is_some_and(|node| node.app == Some(app));
        let kept: Vec<&Edge> = self
            .edges
            .iter()
            .filter(|edge| is_it(edge.from) || is_it(edge.to))
            .collect();
        let is_kept =
            |at: usize| is_it(at) || kept.iter().any(|edge| edge.from == at || edge.to == at);
        let old: Vec<usize> = (0..self.nodes.len()).filter(|at| is_kept(*at)).collect();
        let moved = |edge: &Edge| {
            let (from, to) = (
                old.binary_search(&edge.from).ok()?,
                old.binary_search(&edge.to).ok()?,
            );
            Some(Edge {
                from,
                to,
                ..edge.clone()
            })
        };
        Self {
            nodes: old
                .iter()
                .filter_map(|at| self.nodes.get(*at).cloned())
                .collect(),
            edges: kept.into_iter().filter_map(moved).collect(),
            cut: self.cut,
        }
    }

    /// Where everything stands; the same for the same processes and edges, whatever their numbers are.
    pub fn layout(&self) -> RoamLayout {
        let nodes: Vec<GraphNode<'_>> = self.nodes.iter().map(node).collect();
        let edges = self.edges.iter().map(|edge| GraphEdge {
            from: edge.from,
            to: edge.to,
            label: LABEL,
        });
        let edges: Vec<GraphEdge> = edges.collect();
        let layout = GraphLayout::new(&nodes, &edges, SPACING);
        let keys = |edge: &Edge| Some((self.key(edge.from)?, self.key(edge.to)?));
        let paths = self.edges.iter().zip(layout.edges);
        RoamLayout {
            nodes: self
                .nodes
                .iter()
                .map(|n| n.key.clone())
                .zip(layout.nodes)
                .collect(),
            edges: paths
                .filter_map(|(edge, path)| Some((keys(edge)?, path)))
                .collect(),
            size: layout.size,
        }
    }

    fn key(&self, node: usize) -> Option<String> {
        self.nodes.get(node).map(|node| node.key.clone())
    }
}

fn node(node: &Node) -> GraphNode<'_> {
    let cells = format::width(&node.process.name) as f64;
    GraphNode {
        key: &node.key,
        size: Size::new(BOX.width.max(cells * NAME.0 + NAME.1), BOX.height),
    }
}
