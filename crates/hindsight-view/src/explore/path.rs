//! The critical path by node, for rows that ask for their part of it.

use crate::critical_path::{PathSegment, critical_path};

use super::Explorer;

/// The path of the main root, ordered by node and time; none until it is asked for.
#[derive(Debug, Default)]
pub(super) struct PathByNode(Option<Vec<PathSegment>>);

impl Explorer {
    /// Works out the critical path of the main root, unless that is done.
    pub fn find_critical_path(&mut self) {
        if self.path.0.is_none() {
            let root = self.tree.main_root();
            let path = root.map(|root| critical_path(&self.tree, &self.timeline, root));
            let mut path = path.unwrap_or_default();
            path.sort_unstable_by_key(|part| (part.index, part.from_ns));
            self.path.0 = Some(path);
        }
    }

    /// Stretches of the critical path in `nodes`, ordered by node; empty until
    /// [`Self::find_critical_path`].
    pub fn critical_parts(&self, nodes: std::ops::Range<usize>) -> &[PathSegment] {
        let path = self.path.0.as_deref().unwrap_or_default();
        let from = path.partition_point(|part| part.index < nodes.start);
        let to = path.partition_point(|part| part.index < nodes.end);
        &path[from..to]
    }
}
