//! Queries and what they depend on, joined from any number of answers.
//!
//! In: [`QueryGraph`]s, of an app and of stored spans ([`super::Stored::graph`]), in any order. Out:
//! [`Queries`]: nodes by name, edges by their ends, both without doubles. Holds: edges lead to nodes
//! that are there; what one answer lacks and another has is there; of two answers about a node the
//! later one counts. Bounded: [`NODES_MAX`], [`EDGES_MAX`], [`TEXT_BYTES_MAX`]; what is beyond is
//! counted and said in the notes.

use std::collections::{BTreeMap, HashMap};

use hindsight_protocol::introspection::picante::{QueryGraph, QueryNode, QueryRef};

use super::outcome::Outcome;
use super::{dependencies, queries};

/// Nodes that are kept.
pub const NODES_MAX: usize = 50_000;
/// Edges that are kept.
pub const EDGES_MAX: usize = 200_000;
/// Bytes of names and errors that are kept, in all.
pub const TEXT_BYTES_MAX: usize = 16 << 20;

/// Bytes of a name or an error that are kept.
const NAME_BYTES_MAX: usize = 1_024;
/// Notes that are kept, each as long as a name.
const NOTES_MAX: usize = 32;

/// One query depends on another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    /// Who depends.
    pub from: u32,
    /// On whom.
    pub to: u32,
    /// picante recorded it.
    pub is_recorded: bool,
    /// The call was seen.
    pub is_observed: bool,
    /// Calls were watched, so that not seeing one means something.
    pub is_watched: bool,
}

impl Edge {
    /// Called and not recorded: a change does not reach the one that depends.
    pub fn is_lost(&self) -> bool {
        self.is_watched && self.is_observed && !self.is_recorded
    }

    /// Recorded and not called: a change makes the one that depends doubtful for nothing.
    pub fn is_phantom(&self) -> bool {
        self.is_watched && self.is_recorded && !self.is_observed
    }
}

/// Queries and what they depend on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queries {
    nodes: Vec<QueryNode>,
    edges: Vec<Edge>,
    /// Indices of nodes that each one depends on, and that depend on it.
    uses: Vec<Vec<u32>>,
    users: Vec<Vec<u32>>,
    kinds: BTreeMap<String, Vec<u32>>,
    /// Newest revision that was told.
    pub revision: u64,
    /// Newest time of an answer, nanoseconds since the Unix epoch.
    pub at_ns: u64,
    /// Nodes that the app has, told or not.
    pub total: u64,
    /// What was not there to be told, in words; not escaped.
    pub notes: Vec<String>,
}

impl Queries {
    /// The nodes, by kind and key.
    pub fn nodes(&self) -> &[QueryNode] {
        &self.nodes
    }

    /// The node at `index`, which is one that this graph gave.
    pub fn node(&self, index: u32) -> &QueryNode {
        &self.nodes[index as usize]
    }

    /// Its outcome.
    pub fn outcome(&self, index: u32) -> Outcome {
        Outcome::of_word(&self.node(index).outcome)
    }

    /// The edges, by their ends.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// What a node depends on.
    pub fn uses(&self, index: u32) -> &[u32] {
        &self.uses[index as usize]
    }

    /// What depends on a node.
    pub fn users(&self, index: u32) -> &[u32] {
        &self.users[index as usize]
    }

    /// The nodes of each kind.
    pub fn kinds(&self) -> &BTreeMap<String, Vec<u32>> {
        &self.kinds
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The node of that name; where several have it, the one of the same hash, else the first.
    pub fn find(&self, query: &QueryRef) -> Option<u32> {
        let same = |other: &QueryRef| (&other.kind, &other.key).cmp(&(&query.kind, &query.key));
        let first = self.nodes.partition_point(|node| same(&node.query).is_lt());
        let alike = self.nodes[first..]
            .iter()
            .take_while(|node| same(&node.query).is_eq());
        let exact = alike
            .clone()
            .position(|node| node.query.key_hash == query.key_hash);
        let place = first + exact.unwrap_or(0);
        alike.count().checked_sub(1).map(|_| place as u32)
    }

    /// Edges that picante lost, and those it has for nothing.
    pub fn suspicious(&self) -> (usize, usize) {
        let lost = self.edges.iter().filter(|edge| edge.is_lost()).count();
        let phantom = self.edges.iter().filter(|edge| edge.is_phantom()).count();
        (lost, phantom)
    }
}

/// Takes in one answer after the other.
#[derive(Debug, Default)]
pub struct QueriesBuilder {
    nodes: Vec<QueryNode>,
    /// Nodes of a name, by their hashes.
    places: HashMap<(String, String), Vec<u32>>,
    edges: HashMap<(u32, u32), Edge>,
    revision: u64,
    at_ns: u64,
    total: u64,
    notes: Vec<String>,
    text_bytes: usize,
    nodes_cut: u64,
    edges_cut: u64,
}

impl QueriesBuilder {
    /// Adds what an answer tells.
    pub fn add(&mut self, graph: QueryGraph) {
        self.revision = self.revision.max(graph.revision);
        self.at_ns = self.at_ns.max(graph.at_ns);
        self.total = self.total.max(graph.nodes_total);
        for mut note in graph.notes {
            cut(&mut note);
            if self.notes.len() < NOTES_MAX && !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        let told: Vec<Option<u32>> = graph
            .nodes
            .into_iter()
            .map(|node| self.node(node))
            .collect();
        for edge in graph.edges {
            let end = |index: u32| told.get(index as usize).copied().flatten();
            let (Some(from), Some(to)) = (end(edge.from), end(edge.to)) else {
                self.edges_cut += 1;
                continue;
            };
            let is_full = self.edges.len() >= EDGES_MAX;
            if is_full && !self.edges.contains_key(&(from, to)) {
                self.edges_cut += 1;
                continue;
            }
            let known = self.edges.entry((from, to)).or_default();
            known.is_recorded |= edge.is_recorded;
            known.is_observed |= edge.is_observed;
            known.is_watched |= edge.is_watched;
        }
    }

    /// The index of a node, new or joined with what is known of it.
    fn node(&mut self, mut node: QueryNode) -> Option<u32> {
        cut(&mut node.query.kind);
        cut(&mut node.query.key);
        cut(&mut node.error);
        let hash = node.query.key_hash;
        let name = (node.query.kind.clone(), node.query.key.clone());
        let alike = self.places.get(&name).map_or(&[][..], Vec::as_slice);
        let known = alike.iter().copied().find(|index| {
            let other = self.nodes[*index as usize].query.key_hash;
            // Spans do not tell the hash.
            other == hash || other == 0 || hash == 0
        });
        if let Some(index) = known {
            join(&mut self.nodes[index as usize], node);
            return Some(index);
        }
        let bytes = 2 * (name.0.len() + name.1.len()) + node.error.len();
        if self.nodes.len() >= NODES_MAX || self.text_bytes + bytes > TEXT_BYTES_MAX {
            self.nodes_cut += 1;
            return None;
        }
        self.text_bytes += bytes;
        let index = self.nodes.len() as u32;
        self.nodes.push(node);
        self.places.entry(name).or_default().push(index);
        Some(index)
    }

    /// Nodes so far.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether more nodes would be left out.
    pub fn is_full(&self) -> bool {
        self.nodes_cut > 0
    }

    /// All of it.
    pub fn finish(self) -> Queries {
        let mut notes = self.notes;
        if self.nodes_cut > 0 {
            notes.push(format!(
                "{} more were left out: too many for a page",
                queries(self.nodes_cut)
            ));
        }
        if self.edges_cut > 0 {
            let cut = dependencies(self.edges_cut);
            notes.push(format!("{cut} of what is not here were left out"));
        }
        let mut order: Vec<u32> = (0..self.nodes.len() as u32).collect();
        order.sort_by(|a, b| {
            let query = |index: &u32| &self.nodes[*index as usize].query;
            query(a).cmp(query(b))
        });
        let mut place = vec![0_u32; order.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old as usize] = new as u32;
        }
        let mut nodes: Vec<Option<QueryNode>> = self.nodes.into_iter().map(Some).collect();
        let nodes: Vec<QueryNode> = order
            .iter()
            .filter_map(|old| nodes[*old as usize].take())
            .collect();
        let mut edges: Vec<Edge> = self
            .edges
            .into_iter()
            .map(|((from, to), edge)| Edge {
                from: place[from as usize],
                to: place[to as usize],
                ..edge
            })
            .collect();
        edges.sort_by_key(|edge| (edge.from, edge.to));
        let (mut uses, mut users) = (vec![Vec::new(); nodes.len()], vec![Vec::new(); nodes.len()]);
        for edge in &edges {
            uses[edge.from as usize].push(edge.to);
            users[edge.to as usize].push(edge.from);
        }
        let mut kinds: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (index, node) in nodes.iter().enumerate() {
            match kinds.get_mut(&node.query.kind) {
                Some(kind) => kind.push(index as u32),
                None => {
                    kinds.insert(node.query.kind.clone(), vec![index as u32]);
                }
            }
        }
        Queries {
            total: self.total.max(nodes.len() as u64),
            nodes,
            edges,
            uses,
            users,
            kinds,
            revision: self.revision,
            at_ns: self.at_ns,
            notes,
        }
    }
}

/// Joins what two answers tell of a node: the later one about the last access, all of the rest.
fn join(known: &mut QueryNode, mut told: QueryNode) {
    let rank = |node: &QueryNode| {
        let outcome = Outcome::of_word(&node.outcome);
        (node.at_ns, outcome, node.compute_ns, node.span_id.bits)
    };
    if rank(&told) > rank(known) {
        std::mem::swap(known, &mut told);
    }
    known.query.key_hash = known.query.key_hash.max(told.query.key_hash);
    known.is_input |= told.is_input;
    known.verified_at = known.verified_at.max(told.verified_at);
    known.changed_at = known.changed_at.max(told.changed_at);
    known.computed = known.computed.max(told.computed);
    known.unchanged = known.unchanged.max(told.unchanged);
    if !known.span_id.is_valid() {
        (known.trace_id, known.span_id) = (told.trace_id, told.span_id);
    }
    if known.compute_ns == 0 {
        known.compute_ns = told.compute_ns;
    }
}

fn cut(text: &mut String) {
    text.truncate(text.floor_char_boundary(NAME_BYTES_MAX));
}
