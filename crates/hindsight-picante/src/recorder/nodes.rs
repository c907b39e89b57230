//! The last that is known of each query and input.
//!
//! In: ends of accesses, changes of inputs. Out: nodes by identity, and all in the order in which they were
//! first seen. Bounded: [`NODES_MAX`] nodes; a full store gives up one that was not answered lately, and counts
//! it. Of each node the newest [`HISTORY_MAX`] computations stay.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;
use std::time::Instant;

use hindsight::Context;
use hindsight_protocol::introspection::picante::QueryRef;
use hindsight_protocol::{SpanId, TraceId};
use picante::{Dep, Key, QueryKindId, Revision, RuntimeId};
use rustc_hash::FxHashMap;

use crate::Outcome;
use crate::kind::Kind;
use crate::names::Names;

/// Nodes that are known; about 600 bytes each.
pub(crate) const NODES_MAX: usize = 32_768;
/// Computations of a node that are remembered.
pub(crate) const HISTORY_MAX: usize = 4;

/// Identity of a node: what it is a query of, in which family of databases and snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NodeKey {
    pub(crate) family: RuntimeId,
    pub(crate) kind: QueryKindId,
    pub(crate) key: Key,
}

impl NodeKey {
    /// The node that a dependency of this one is.
    pub(crate) fn of_dependency(&self, dep: &Dep) -> Self {
        Self {
            family: self.family,
            kind: dep.kind,
            key: dep.key.clone(),
        }
    }
}

/// A query or an input.
#[derive(Clone)]
pub(crate) struct Node {
    /// Counts up; the order of first sight.
    pub(crate) serial: u64,
    pub(crate) kind: &'static Kind,
    pub(crate) text: Arc<str>,
    pub(crate) state: State,
    /// Of an input: its last change that was seen.
    pub(crate) set: Option<SetBy>,
    pub(crate) history: VecDeque<Computed>,
    /// The end of the last computation, for those that waited for it.
    pub(crate) leader: Option<(Instant, Option<Context>)>,
    /// Answered since the store last looked for one to give up.
    is_used: bool,
}

/// How a node was last answered.
#[derive(Clone, Default)]
pub(crate) struct State {
    pub(crate) outcome: Option<Outcome>,
    pub(crate) error: Option<Arc<str>>,
    pub(crate) verified_at: u64,
    pub(crate) changed_at: u64,
    pub(crate) at_ns: u64,
    pub(crate) compute_ns: u64,
    pub(crate) computed: u64,
    pub(crate) unchanged: u64,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) edges: Edges,
}

/// What an execution depended on.
#[derive(Clone, Default)]
pub(crate) struct Edges {
    /// As picante recorded them, with repetitions.
    pub(crate) recorded: Arc<[Dep]>,
    /// Called and not recorded.
    pub(crate) lost: Arc<[Dep]>,
    /// Recorded and not called.
    pub(crate) phantom: Arc<[Dep]>,
    /// Whether the calls were watched.
    pub(crate) is_watched: bool,
}

/// A change of an input.
#[derive(Clone)]
pub(crate) struct SetBy {
    /// Name of the span in which it was set; empty for none.
    pub(crate) name: Arc<str>,
    pub(crate) is_removed: bool,
    pub(crate) revision: u64,
    pub(crate) at_ns: u64,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
}

/// A computation that ended.
#[derive(Clone)]
pub(crate) struct Computed {
    pub(crate) outcome: Outcome,
    pub(crate) revision: u64,
    pub(crate) changed_at: u64,
    pub(crate) at_ns: u64,
    pub(crate) compute_ns: u64,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) why: Why,
}

/// Why a query was computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It never was, as far as anybody saw.
    First,
    /// The attempt before had failed.
    AfterError,
    /// There had been a value, which this database or snapshot does not have.
    ValueGone,
    /// Dependencies had changed since `known_at`, the first one that picante found in front.
    Changed {
        known_at: u64,
        dependencies: Arc<[(Dep, Revision)]>,
    },
    /// A dependency failed, and so did it.
    Failed { dependency: Dep },
    /// There was a value, and no dependency is known to have changed.
    Unclear { known_at: u64 },
}

#[derive(Default)]
pub(crate) struct Nodes {
    by_serial: BTreeMap<u64, (NodeKey, Node)>,
    serials: FxHashMap<NodeKey, u64>,
    next_serial: u64,
    /// Where the search for one to give up goes on.
    hand: u64,
    forgotten: u64,
}

impl Nodes {
    pub(crate) fn get(&self, key: &NodeKey) -> Option<&Node> {
        let serial = self.serials.get(key)?;
        self.by_serial.get(serial).map(|(_, node)| node)
    }

    /// The node of this number, found without comparing keys; none if it was given up since.
    pub(crate) fn at(&self, serial: u64) -> Option<&Node> {
        self.by_serial.get(&serial).map(|(_, node)| node)
    }

    /// The same, to be changed; it counts as used.
    pub(crate) fn at_mut(&mut self, serial: u64) -> Option<&mut Node> {
        let (_, node) = self.by_serial.get_mut(&serial)?;
        node.is_used = true;
        Some(node)
    }

    /// The node, made if there is none.
    pub(crate) fn node(
        &mut self,
        key: &NodeKey,
        kind: &'static Kind,
        names: &dyn Names,
    ) -> &mut Node {
        let serial = match self.serials.get(key) {
            Some(&serial) => serial,
            None => self.add(key, kind, names),
        };
        let entry = self.by_serial.entry(serial);
        let (_, node) = entry.or_insert_with(|| (key.clone(), new_node(serial, key, kind, names)));
        node.is_used = true;
        node
    }

    /// Makes nodes of what `of` depends on, where there are none.
    pub(crate) fn add_dependencies(&mut self, of: &NodeKey, deps: &[Dep], names: &dyn Names) {
        for dep in deps {
            let key = of.of_dependency(dep);
            if !self.serials.contains_key(&key)
                && let Some(kind) = names.kind(dep.kind)
            {
                self.add(&key, kind, names);
            }
        }
    }

    fn add(&mut self, key: &NodeKey, kind: &'static Kind, names: &dyn Names) -> u64 {
        if self.by_serial.len() >= NODES_MAX {
            self.give_one_up();
        }
        self.next_serial += 1;
        let serial = self.next_serial;
        let node = new_node(serial, key, kind, names);
        self.by_serial.insert(serial, (key.clone(), node));
        self.serials.insert(key.clone(), serial);
        serial
    }

    /// Removes the next node that was not used since the hand last passed it. Ends within two rounds.
    fn give_one_up(&mut self) {
        loop {
            let after = (Excluded(self.hand), Unbounded);
            let next = self.by_serial.range_mut(after).next();
            let Some((&serial, (_, node))) = next else {
                self.hand = 0;
                continue;
            };
            self.hand = serial;
            if !std::mem::take(&mut node.is_used) {
                if let Some((key, _)) = self.by_serial.remove(&serial) {
                    self.serials.remove(&key);
                }
                self.forgotten += 1;
                return;
            }
        }
    }

    /// All, in the order in which they were first seen.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&NodeKey, &Node)> {
        self.by_serial.values().map(|(key, node)| (key, node))
    }

    /// Those that were given up.
    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

fn new_node(serial: u64, key: &NodeKey, kind: &'static Kind, names: &dyn Names) -> Node {
    Node {
        serial,
        kind,
        text: kind.key_text(&key.key, names).into(),
        state: State::default(),
        set: None,
        history: VecDeque::new(),
        leader: None,
        is_used: true,
    }
}

impl Node {
    pub(crate) fn query(&self, key: &NodeKey) -> QueryRef {
        QueryRef {
            kind: self.kind.name.to_owned(),
            key: self.text.to_string(),
            key_hash: key.key.hash(),
        }
    }

    /// Revision in which it last changed, of a query or an input.
    pub(crate) fn changed_at(&self) -> u64 {
        let set = self.set.as_ref().map_or(0, |set| set.revision);
        self.state.changed_at.max(set)
    }

    pub(crate) fn remember(&mut self, computed: Computed) {
        if self.history.len() == HISTORY_MAX {
            self.history.pop_front();
        }
        self.history.push_back(computed);
    }
}

#[cfg(test)]
mod tests;
