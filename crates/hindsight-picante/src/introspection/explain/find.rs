//! Which query a request means.

use hindsight_protocol::introspection::picante::{ExplainRequest, QueryRef};

use super::CANDIDATES_MAX;
use crate::recorder::nodes::{Node, NodeKey, Nodes};

/// What was found.
pub(super) enum Found {
    One(NodeKey),
    /// None, or too many: those that are meant, or like it.
    Many(Vec<QueryRef>),
}

/// The node whose key is as told elsewhere; else the only one whose key contains it. Of the same query in
/// several databases the one that was answered last.
pub(super) fn find(nodes: &Nodes, request: &ExplainRequest) -> Found {
    let of_kind = |node: &Node| request.kind.is_empty() || node.kind.name == request.kind;
    let exact = |node: &Node| of_kind(node) && *node.text == *request.key;
    if let Some(found) = only(nodes, exact) {
        return Found::One(found);
    }
    let part = |node: &Node| of_kind(node) && node.text.contains(&request.key);
    if let Some(found) = only(nodes, part) {
        return Found::One(found);
    }
    let found = candidates(nodes, part);
    Found::Many(match found.is_empty() {
        true => candidates(nodes, of_kind),
        false => found,
    })
}

/// The node that `is` it, unless several of different names are.
fn only(nodes: &Nodes, is: impl Fn(&Node) -> bool) -> Option<NodeKey> {
    let mut found = nodes.iter().filter(|(_, node)| is(node));
    let (mut key, mut node) = found.next()?;
    for (other_key, other) in found {
        if (other.kind.name, &other.text) != (node.kind.name, &node.text) {
            return None;
        }
        if other.state.at_ns >= node.state.at_ns {
            (key, node) = (other_key, other);
        }
    }
    Some(key.clone())
}

fn candidates(nodes: &Nodes, is: impl Fn(&Node) -> bool) -> Vec<QueryRef> {
    let found = nodes.iter().filter(|(_, node)| is(node));
    found
        .map(|(key, node)| node.query(key))
        .take(CANDIDATES_MAX)
        .collect()
}
