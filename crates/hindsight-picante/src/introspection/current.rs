//! What is known of all queries now, page by page.
//!
//! A page has the nodes that match, in the order in which they were first seen, and after them their
//! dependencies and dependents as many steps away as was asked. The cursor is the place of the last that
//! matched in that order, so that nothing is told twice or left out when nodes are added meanwhile.

use std::sync::Arc;

use hindsight_protocol::introspection::picante::{CurrentGraphRequest, QueryGraph};
use picante::Dep;
use rustc_hash::FxHashSet;

use super::graph::{Graph, NODES_MAX, node};
use super::limit;
use crate::recorder::nodes::{NodeKey, Nodes};
use crate::recorder::recorder;

/// Steps of dependencies that are followed.
const DEPTH_MAX: u32 = 16;

/// What a node depends on.
struct Links {
    key: NodeKey,
    recorded: Arc<[Dep]>,
    lost: Arc<[Dep]>,
}

impl Links {
    fn dependencies(&self) -> impl Iterator<Item = NodeKey> {
        let all = self.recorded.iter().chain(self.lost.iter());
        all.map(|dep| self.key.of_dependency(dep))
    }
}

pub(super) fn graph(request: &CurrentGraphRequest) -> QueryGraph {
    recorder().adopt_all();
    // Neighbours need room, too.
    let most = match request.depth {
        0 => limit(request.limit, NODES_MAX),
        _ => limit(request.limit, NODES_MAX / 2),
    };
    let (page, total, links) = {
        let nodes = recorder().nodes.lock();
        let (page, total) = page(&nodes, request, most);
        let links = match request.depth {
            0 => Vec::new(),
            _ => all_links(&nodes),
        };
        (page, total, links)
    };
    let next = match page.last() {
        Some((serial, _)) if page.len() < total.after_cursor => *serial,
        _ => 0,
    };
    let matching: Vec<NodeKey> = page.into_iter().map(|(_, key)| key).collect();
    let (around, is_cut) = neighbours(&matching, &links, request.depth.min(DEPTH_MAX));

    let nodes = recorder().nodes.lock();
    let mut graph = Graph::default();
    let told: Vec<&NodeKey> = matching.iter().chain(&around).collect();
    for key in &told {
        if let Some(of) = nodes.get(key) {
            graph.add(key, node(key, of));
        }
    }
    for key in &told {
        if let Some(of) = nodes.get(key) {
            graph.connect(key, &of.state.edges);
        }
    }
    let mut notes = Vec::new();
    if is_cut {
        notes.push("further dependencies and dependents are left out".to_owned());
    }
    if nodes.forgotten() > 0 {
        notes.push(format!("{} queries are forgotten", nodes.forgotten()));
    }
    drop(nodes);
    graph.finish(total.matching, next, notes)
}

struct Total {
    matching: u64,
    after_cursor: usize,
}

fn page(nodes: &Nodes, request: &CurrentGraphRequest, most: usize) -> (Vec<(u64, NodeKey)>, Total) {
    let mut page = Vec::new();
    let mut total = Total {
        matching: 0,
        after_cursor: 0,
    };
    let matching = nodes.iter().filter(|(_, node)| {
        let is_kind = request.kind.is_empty() || request.kind == node.kind.name;
        is_kind && (request.find.is_empty() || node.text.contains(&request.find))
    });
    for (key, node) in matching {
        total.matching += 1;
        if node.serial > request.cursor {
            total.after_cursor += 1;
            if page.len() < most {
                page.push((node.serial, key.clone()));
            }
        }
    }
    (page, total)
}

fn all_links(nodes: &Nodes) -> Vec<Links> {
    let links = nodes.iter().map(|(key, node)| Links {
        key: key.clone(),
        recorded: node.state.edges.recorded.clone(),
        lost: node.state.edges.lost.clone(),
    });
    links.collect()
}

/// What is at most `depth` steps away, nearest first, in both directions apart; and whether it was too much.
fn neighbours(of: &[NodeKey], links: &[Links], depth: u32) -> (Vec<NodeKey>, bool) {
    let mut found: Vec<NodeKey> = Vec::new();
    let mut known: FxHashSet<NodeKey> = of.iter().cloned().collect();
    let room = NODES_MAX.saturating_sub(of.len());
    let (mut below, mut above) = (known.clone(), known.clone());
    for _ in 0..depth {
        let next_below = links
            .iter()
            .filter(|links| below.contains(&links.key))
            .flat_map(Links::dependencies);
        let next_below: FxHashSet<NodeKey> = next_below.collect();
        let next_above = links
            .iter()
            .filter(|links| links.dependencies().any(|key| above.contains(&key)))
            .map(|links| links.key.clone());
        let next_above: FxHashSet<NodeKey> = next_above.collect();
        // In the order of first sight, which `links` has.
        for key in links.iter().map(|links| &links.key) {
            let is_near = next_below.contains(key) || next_above.contains(key);
            if is_near && known.insert(key.clone()) {
                if found.len() == room {
                    return (found, true);
                }
                found.push(key.clone());
            }
        }
        (below, above) = (next_below, next_above);
    }
    (found, false)
}
