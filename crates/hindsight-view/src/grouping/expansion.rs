//! What is unfolded.

use std::collections::{HashMap, HashSet};

use hindsight_protocol::SpanId;

use crate::tree::TraceTree;

/// Identity of a fold that outlives the tree: it does not depend on numbers of nodes or codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FoldKey {
    /// The span above; [`SpanId::INVALID`] for groups of roots.
    pub above: SpanId,
    /// A hash of the members' service, name and kind; 0 for a chain.
    pub shape: u64,
}

impl FoldKey {
    pub(super) fn of_group(tree: &TraceTree, member: usize, parent: SpanId) -> Self {
        // FNV-1a: stable over versions and platforms. Keys that collide unfold together.
        let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let texts = [tree.service(member), tree.name(member)];
        let bytes = texts
            .into_iter()
            .flat_map(|text| text.bytes().chain([0xff]));
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325, fnv);
        Self {
            above: parent,
            shape: fnv(hash, tree.kind(member) as u8) | 1,
        }
    }

    pub(super) fn of_chain(tree: &TraceTree, head: usize) -> Self {
        Self {
            above: tree.span_id(head),
            shape: 0,
        }
    }
}

/// What a viewer has unfolded and collapsed. At first every fold is folded and every span open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expansion {
    shown: HashMap<FoldKey, usize>,
    collapsed: HashSet<SpanId>,
}

impl Expansion {
    /// Shows up to `members` members of the group `key`, or all of a chain; 0 folds it again.
    pub fn show(&mut self, key: FoldKey, members: usize) {
        match members {
            0 => self.shown.remove(&key),
            _ => self.shown.insert(key, members),
        };
    }

    /// How many members of `key` are shown; 0 while it is folded.
    pub fn shown(&self, key: FoldKey) -> usize {
        self.shown.get(&key).copied().unwrap_or_default()
    }

    /// Hides or shows what is below the span.
    pub fn set_collapsed(&mut self, span: SpanId, collapsed: bool) {
        match collapsed {
            true => self.collapsed.insert(span),
            false => self.collapsed.remove(&span),
        };
    }

    /// Whether what is below the span is hidden.
    pub fn is_collapsed(&self, span: SpanId) -> bool {
        !self.collapsed.is_empty() && self.collapsed.contains(&span)
    }
}
