//! One graph from what the ends of connections tell, each of its own side.

use std::collections::{BTreeMap, BTreeSet};

use hindsight_protocol::introspection::roam::{ConnectionInfo, LaneInfo, direction};

use super::super::{AppTold, Process, name};
use super::{Edge, Node, PROCESSES_MAX, Topology};
use crate::format;

/// Edges that are drawn.
const EDGES_MAX: usize = 600;
/// How long the other end of a connection may take to tell of it: apps are asked one after another.
const OTHER_END_NS: u64 = 2_000_000_000;

/// Joins what apps tell.
pub(super) fn join(apps: &[AppTold], now_ns: u64) -> Topology {
    let mut joining = Joining::default();
    for app in apps {
        joining.cut = joining.cut.saturating_add(app.topology.connections_cut);
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
        if other.is_some() || !is_new(end.connection, now_ns) {
            joining.connection(end, other, apps);
        }
    }
    joining.finish()
}

/// Whether the other end may still come to tell of it. A clock that is ahead of ours says nothing.
fn is_new(connection: &ConnectionInfo, now_ns: u64) -> bool {
    let age = now_ns.checked_sub(connection.opened_ns);
    age.is_some_and(|age| age < OTHER_END_NS)
}

/// One end of a connection.
#[derive(Clone, Copy)]
struct End<'a> {
    app: &'a AppTold,
    connection: &'a ConnectionInfo,
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
        self.nodes.entry(key.clone()).or_insert_with(|| (node(), 0));
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
            edge.active = edge.active.saturating_add(sum.active);
            edge.ended = edge.ended.saturating_add(sum.ended);
            edge.failed = edge.failed.saturating_add(sum.failed);
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
