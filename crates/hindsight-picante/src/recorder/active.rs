//! Accesses under way, and cells that wait for nobody.
//!
//! In: accesses as they begin and end; computations that were dropped half-way. Out: what is under way, oldest
//! first. Bounded: [`ACTIVE_MAX`] accesses (further ones run untold, and are counted), [`ORPHANS_MAX`] cells.

use std::collections::BTreeMap;
use std::sync::Arc;

use hindsight_protocol::SpanId;
use picante::Key;
use rustc_hash::FxHashMap;

use super::nodes::State;
use super::running::Running;
use crate::Outcome;

/// Accesses under way that are told.
pub(crate) const ACTIVE_MAX: usize = 16_384;
/// Orphaned cells that are remembered.
const ORPHANS_MAX: usize = 1024;

/// A cell: an ingredient's instance, and a key.
pub(crate) type CellKey = (u64, Key);

#[derive(Default)]
pub(crate) struct Active {
    by_id: BTreeMap<u64, Arc<Running>>,
    computing: FxHashMap<SpanId, Arc<Running>>,
    orphans: FxHashMap<CellKey, Orphan>,
    untold: u64,
}

/// A computation that was dropped half-way, after which picante waits for its cell for ever.
#[derive(Clone, Debug)]
pub(crate) struct Orphan {
    pub(crate) at_ns: u64,
}

impl Active {
    pub(crate) fn add(&mut self, running: &Arc<Running>) {
        if self.by_id.len() < ACTIVE_MAX {
            self.by_id.insert(running.id, running.clone());
        } else {
            self.untold += 1;
        }
    }

    pub(crate) fn remove(&mut self, running: &Running, span: Option<SpanId>) {
        self.by_id.remove(&running.id);
        if let Some(span) = span {
            self.computing.remove(&span);
        }
    }

    /// Lets a computing access be found by its span: for tasks that it spawns.
    pub(crate) fn computes(&mut self, running: &Arc<Running>, span: SpanId) {
        if self.computing.len() < ACTIVE_MAX {
            self.computing.insert(span, running.clone());
        }
    }

    pub(crate) fn of_span(&self, span: SpanId) -> Option<Arc<Running>> {
        self.computing.get(&span).cloned()
    }

    pub(crate) fn add_orphan(&mut self, cell: CellKey, orphan: Orphan) {
        if self.orphans.len() >= ORPHANS_MAX {
            let oldest = self.orphans.iter().min_by_key(|(_, orphan)| orphan.at_ns);
            if let Some(oldest) = oldest.map(|(cell, _)| cell.clone()) {
                self.orphans.remove(&oldest);
            }
        }
        self.orphans.insert(cell, orphan);
    }

    /// Forgets orphans of an ingredient whose cells are others now.
    pub(crate) fn forget_orphans(&mut self, instance: u64) {
        self.orphans.retain(|(other, _), _| *other != instance);
    }

    pub(crate) fn orphan(&self, cell: &CellKey) -> Option<&Orphan> {
        self.orphans.get(cell)
    }

    /// Whether a cell of this key waits for nobody, and its query was not answered since.
    pub(crate) fn is_orphaned(&self, key: &Key, state: &State) -> bool {
        let mut orphans = self.orphans.iter();
        state.outcome == Some(Outcome::Cancelled) && orphans.any(|((_, other), _)| other == key)
    }

    /// Accesses under way, oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<Running>> {
        self.by_id.values().cloned().collect()
    }

    /// Accesses for which there was no room.
    pub(crate) fn untold(&self) -> u64 {
        self.untold
    }
}
