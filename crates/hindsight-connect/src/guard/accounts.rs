//! What others may ask the guard of a connection.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use vox::{MaybeSend, MaybeSync};

use super::violation::Violation;

/// What a guard knows of its lanes.
pub(crate) trait LaneAccounts: MaybeSend + MaybeSync {
    /// How long items have waited on a channel of the lane that took all its credit.
    fn unread_for(&self, lane: u64) -> Option<Duration>;

    /// Why the guard closed the lane; told once.
    fn take_fault(&self, lane: u64) -> Option<Violation>;

    /// Tells the peer that the lane is closed, if it was told neither by us nor by the peer.
    fn close_lane(&self, lane: u64);
}

/// The guard of a connection, as soon as there is one and for as long as it lives.
#[derive(Clone, Default)]
pub(crate) struct Accounts {
    guard: Arc<OnceLock<Weak<dyn LaneAccounts>>>,
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accounts").finish_non_exhaustive()
    }
}

impl Accounts {
    pub(super) fn bind(&self, guard: &Arc<dyn LaneAccounts>) {
        // A connection has one guard, which is split once.
        self.guard.set(Arc::downgrade(guard)).ok();
    }

    fn guard(&self) -> Option<Arc<dyn LaneAccounts>> {
        self.guard.get()?.upgrade()
    }

    pub(crate) fn unread_for(&self, lane: u64) -> Option<Duration> {
        self.guard()?.unread_for(lane)
    }

    pub(crate) fn close_lane(&self, lane: u64) {
        if let Some(guard) = self.guard() {
            guard.close_lane(lane);
        }
    }

    pub(crate) fn take_fault(&self, lane: u64) -> Option<Violation> {
        self.guard()?.take_fault(lane)
    }
}
