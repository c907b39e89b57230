//! Processes and who calls whom, joined from what the ends of connections tell.

use std::collections::{BTreeMap, BTreeSet};

use hindsight_protocol::TracerId;
use hindsight_protocol::introspection::roam::{ConnectionInfo, LaneInfo, direction};

use super::{AppTold, Process, name};
use crate::format;
use crate::graph::{Area, EdgePath, GraphEdge, GraphLayout, GraphNode, Size, Spacing};

/// Processes that are drawn.
pub const PROCESSES_MAX: usize = 200;
/// Edges that are drawn.
const EDGES_MAX: usize = 600;
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

    /// `3 under way, 1,204 ended, 2 failed`.
    pub fn numbers(&self) -> String {
        let mut words = format!(
            "{} now, {} done",
            format::count(self.active),
            format::count(self.ended)
        );
        if self.failed > 0 {
            words += &format!(", {} failed", format::count(self.failed));
        }
        words
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

/// One end of a connection.
#[derive(Clone, Copy)]
struct End<'a> {
    app: &'a AppTold,
    connection: &'a ConnectionInfo,
}

impl Topology {
    /// Joins what apps tell.
    pub fn new(apps: &[AppTold]) -> Self {
        let mut joining = Joining::default();
        for app in apps {
            joining.cut += app.topology.connections_cut;
            joining.app(app);
        }
        let ends: Vec<End<'_>> = apps
            .iter()
            .flat_map(|app| {
                let connections = app.topology.connections.iter();
                connections.map(move |connection| End { app, connection })
            })
            .collect();
        for (end, other) in pairs(&ends) {
            joining.connection(end, other, apps);
        }
        joining.finish()
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

/// Each connection once: one of its ends, and the other where that tells of it too.
fn pairs<'a>(ends: &[End<'a>]) -> Vec<(End<'a>, Option<End<'a>>)> {
    let mut waiting: BTreeMap<u64, End<'a>> = BTreeMap::new();
    let mut found = Vec::new();
    for end in ends {
        let link = end.connection.link_id;
        match waiting.remove(&link).filter(|_| link != 0) {
            Some(other) => found.push((other, Some(*end))),
            None if link != 0 => {
                waiting.insert(link, *end);
            }
            None => found.push((*end, None)),
        }
    }
    found.extend(waiting.into_values().map(|end| (end, None)));
    by_name(found)
}

/// Of ends that no number joins, two are joined where their names fit and fit nobody else's.
fn by_name<'a>(found: Vec<(End<'a>, Option<End<'a>>)>) -> Vec<(End<'a>, Option<End<'a>>)> {
    let (mut joined, halves): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(_, other)| other.is_some());
    let mut of_names: BTreeMap<(&str, &str, bool), Vec<End<'a>>> = BTreeMap::new();
    for (end, _) in halves {
        let End { app, connection } = end;
        let names = (
            app.service.as_str(),
            connection.peer.as_str(),
            connection.is_dialed,
        );
        of_names.entry(names).or_default().push(end);
    }
    while let Some(((service, peer, is_dialed), ends)) = of_names.pop_first() {
        let opposite = (peer, service, !is_dialed);
        let fits = |ends: &[End<'a>], others: &[End<'a>]| match (ends, others) {
            ([one], [other]) => {
                let (a, b) = (one.connection.link_id, other.connection.link_id);
                let are_two = one.app.tracer != other.app.tracer;
                (are_two && (a == 0 || b == 0)).then_some((*one, *other))
            }
            _ => None,
        };
        let pair = of_names
            .get(&opposite)
            .and_then(|others| fits(&ends, others));
        match pair.filter(|_| !peer.is_empty() && !service.is_empty()) {
            Some((one, other)) => {
                of_names.remove(&opposite);
                joined.push((one, Some(other)));
            }
            None => joined.extend(ends.into_iter().map(|end| (end, None))),
        }
    }
    joined
}

#[derive(Default)]
struct Joining {
    nodes: BTreeMap<String, (Node, u64)>,
    edges: BTreeMap<(String, String), Sum>,
    cut: u64,
}

#[derive(Default)]
struct Sum {
    services: BTreeSet<String>,
    active: u64,
    ended: u64,
    failed: u64,
    is_open: bool,
    /// Set by the first connection: all must be whole.
    is_half: bool,
}

impl Joining {
    fn app(&mut self, app: &AppTold) -> String {
        let key = format!("app {}", app.tracer);
        let node = || Node {
            key: key.clone(),
            process: Process::named(&app.service),
            app: Some(app.tracer),
            about: String::new(),
        };
        self.nodes
            .entry(key.clone())
            .or_insert_with(|| (node(), 0))
            .1 += 0;
        key
    }

    fn other(&mut self, key: String, process: Process, about: &str) -> Option<String> {
        if !self.nodes.contains_key(&key) && self.nodes.len() >= PROCESSES_MAX {
            self.cut += 1;
            return None;
        }
        let node = Node {
            key: key.clone(),
            process,
            app: None,
            about: about.to_owned(),
        };
        self.nodes.entry(key.clone()).or_insert((node, 0));
        Some(key)
    }

    fn connection(&mut self, end: End<'_>, other: Option<End<'_>>, apps: &[AppTold]) {
        let here = self.app(end.app);
        let there = match other {
            Some(other) => Some(self.app(other.app)),
            None => self.stranger(end, apps),
        };
        let Some(there) = there else { return };
        for key in [&here, &there] {
            if let Some((_, connections)) = self.nodes.get_mut(key) {
                *connections += 1;
            }
        }
        let is_half = other.is_none();
        // Who calls tells how many are under way, who is called how many failed: of both, the more.
        for (from, to, word) in [
            (&here, &there, direction::OUTGOING),
            (&there, &here, direction::INCOMING),
        ] {
            let own = lanes(end.connection, word);
            let opposite = match word {
                direction::OUTGOING => direction::INCOMING,
                _ => direction::OUTGOING,
            };
            let others = other.map(|other| lanes(other.connection, opposite));
            let sum = Lanes::more(Lanes::of(&own), Lanes::of(&others.unwrap_or_default()));
            if sum.services.is_empty() {
                continue;
            }
            let edge_key = (from.clone(), to.clone());
            if !self.edges.contains_key(&edge_key) && self.edges.len() >= EDGES_MAX {
                self.cut += 1;
                continue;
            }
            let edge = self.edges.entry(edge_key).or_default();
            edge.services.extend(sum.services);
            edge.active += sum.active;
            edge.ended += sum.ended;
            edge.failed += sum.failed;
            edge.is_open |= sum.is_open;
            edge.is_half |= is_half;
        }
    }

    /// The process at the other end of a connection of which only one end tells.
    fn stranger(&mut self, end: End<'_>, apps: &[AppTold]) -> Option<String> {
        let peer = end.connection.peer.as_str();
        if !peer.is_empty() {
            let mut of_name = apps.iter().filter(|app| app.service == peer);
            if let (Some(app), None) = (of_name.next(), of_name.next()) {
                return Some(self.app(app));
            }
            let about = "not asked: known by its name only";
            return self.other(format!("name {peer}"), Process::named(peer), about);
        }
        let about = "did not say who it is";
        let serves = lanes(end.connection, direction::OUTGOING);
        let asked: BTreeSet<&str> = serves.iter().map(|lane| lane.service.as_str()).collect();
        let (key, words) = match asked.iter().next() {
            Some(first) => (
                format!("serves {asked:?}"),
                format!("serves {}", name(first)),
            ),
            None => {
                let lanes = lanes(end.connection, direction::INCOMING);
                let service = lanes.first().map_or("", |lane| lane.service.as_str());
                let words = format!("calls {}", name(service));
                (format!("calls {} {service}", end.app.tracer), words)
            }
        };
        let words = match end.connection.address.as_str() {
            "" => words,
            address => name(address),
        };
        let key = match end.connection.address.as_str() {
            "" => key,
            // A caller's port is another with each connection.
            _ if !end.connection.is_dialed => key,
            address => format!("address {address}"),
        };
        self.other(key, Process::unknown(&words), about)
    }

    fn finish(self) -> Topology {
        let places: BTreeMap<&String, usize> = self.nodes.keys().zip(0..).collect();
        let edges = self.edges.iter().filter_map(|((from, to), sum)| {
            Some(Edge {
                from: *places.get(from)?,
                to: *places.get(to)?,
                services: sum.services.iter().cloned().collect(),
                active: sum.active,
                ended: sum.ended,
                failed: sum.failed,
                is_open: sum.is_open,
                is_whole: !sum.is_half,
            })
        });
        let edges = edges.collect();
        let nodes = self.nodes.into_values().map(|(mut node, connections)| {
            if node.app.is_some() {
                node.about = format::plural(connections, "connection");
            }
            node
        });
        Topology {
            nodes: nodes.collect(),
            edges,
            cut: self.cut,
        }
    }
}

fn lanes<'a>(connection: &'a ConnectionInfo, word: &str) -> Vec<&'a LaneInfo> {
    let lanes = connection.lanes.iter();
    lanes.filter(|lane| lane.direction == word).collect()
}

/// The lanes of one direction together.
#[derive(Default)]
struct Lanes {
    services: BTreeSet<String>,
    active: u64,
    ended: u64,
    failed: u64,
    is_open: bool,
}

impl Lanes {
    fn of(lanes: &[&LaneInfo]) -> Self {
        let sum = |count: fn(&LaneInfo) -> u64| {
            let counts = lanes.iter().map(|lane| count(lane));
            counts.fold(0, u64::saturating_add)
        };
        Self {
            services: lanes.iter().map(|lane| name(&lane.service)).collect(),
            active: sum(|lane| lane.calls_active),
            ended: sum(|lane| lane.calls_ended),
            failed: sum(|lane| lane.calls_failed),
            is_open: lanes.iter().any(|lane| lane.closed_ns == 0),
        }
    }

    fn more(mut self, other: Self) -> Self {
        self.services.extend(other.services);
        self.active = self.active.max(other.active);
        self.ended = self.ended.max(other.ended);
        self.failed = self.failed.max(other.failed);
        self.is_open |= other.is_open;
        self
    }
}
