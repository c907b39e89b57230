//! The newest snapshot, for readers that do not want to wait for the writer.
//!
//! In: snapshots, as the writer makes them. Out: the last one. Holds: it has everything that the
//! writer has told of, because the writer takes it away before it tells of a change and before it
//! removes what the snapshot would keep alive.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::snapshot::Snapshot;

/// Where a store leaves its newest snapshot; see [`crate::Store::latest`].
#[derive(Debug, Default)]
pub struct Latest {
    snapshot: Mutex<Option<Arc<Snapshot>>>,
    asked: AtomicU64,
}

impl Latest {
    /// The snapshot with everything that the store has told of, unless something changed since the
    /// last one was made.
    pub fn get(&self) -> Option<Arc<Snapshot>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.lock().clone()
    }

    /// How often it was asked for.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self, snapshot: Option<Arc<Snapshot>>) {
        // What it replaces is dropped outside: that may take a while.
        let before = std::mem::replace(&mut *self.lock(), snapshot);
        drop(before);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Arc<Snapshot>>> {
        // Nothing is half done while it is held.
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
