//! Sealing elsewhere: the longest piece of the writer's work, for another thread to do.
//!
//! Whoever owns the store takes a job, runs it wherever it likes and brings back the result, in any
//! order and at any time; meanwhile everything else goes on. A result that has become useless,
//! because its rows were cleared or sealed on the spot, is dropped.

use super::Store;
use crate::ripe::{SealJob, SealedPart};

impl Store {
    /// A full segment that nobody seals yet, oldest first. Never one unless
    /// [`crate::StoreLimits::seals_in_flight_max`] allows it.
    pub fn take_seal_job(&mut self) -> Option<SealJob> {
        self.tables.take_seal_job()
    }

    /// Puts a sealed segment in its place. What is stored does not change by it, only its form.
    pub fn finish_seal(&mut self, part: SealedPart) {
        self.tables.finish_seal(part);
        self.withdraw_snapshots();
    }

    /// Full segments that are not sealed yet. At [`crate::StoreLimits::seals_in_flight_max`] the
    /// next one makes the writer seal the oldest itself.
    pub fn seals_in_flight(&self) -> usize {
        self.tables.seals_in_flight()
    }
}
