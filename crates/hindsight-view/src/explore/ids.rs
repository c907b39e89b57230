//! Which node shows a span.

use hindsight_protocol::SpanId;

use crate::tree::TraceTree;

/// Ids in order, each with its node.
#[derive(Debug, Default)]
pub(super) struct NodesById(Vec<(u64, u32)>);

impl NodesById {
    pub(super) fn new(tree: &TraceTree) -> Self {
        let ids = tree.span_ids.iter().copied().zip(0..);
        let mut nodes: Vec<(u64, u32)> = ids.collect();
        nodes.sort_unstable();
        Self(nodes)
    }

    pub(super) fn node(&self, id: SpanId) -> Option<usize> {
        let wanted = id.bits;
        let at = self.0.binary_search_by_key(&wanted, |(id, _)| *id).ok()?;
        Some(self.0[at].1 as usize)
    }
}
