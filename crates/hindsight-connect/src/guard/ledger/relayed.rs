//! Lanes between a viewer and an app: limits of each, and whether what is on its way moves.

use std::time::Duration;

use vox::{Metadata, MetadataExt};
use vox_rt::time::Instant;

use super::super::lane::Lane;
use super::{Ledger, RelayedLimits, Verdict, Violation};
use crate::lane::APP_METADATA_KEY;

/// Faults that nobody asked for: the relay of a closed lane asks, others do not. Further ones are
/// forgotten.
const FAULTS_MAX: usize = 1_024;

/// Whether a lane is between a viewer and an app.
pub(super) fn is_relayed(metadata: &Metadata) -> bool {
    metadata.meta_str(APP_METADATA_KEY).is_some()
}

impl Ledger {
    /// What the lane may do, if it is relayed and this side is held to that.
    pub(super) fn of_relayed(&self, lane: &Lane) -> Option<RelayedLimits> {
        self.limits.relayed.filter(|_| lane.relayed)
    }

    /// Checks one of the limits of a lane, if it is relayed. `limit` picks it.
    pub(super) fn check_relayed(
        &self,
        id: u64,
        what: &'static str,
        value: impl FnOnce(&Lane) -> usize,
        limit: impl FnOnce(&RelayedLimits) -> usize,
    ) -> Result<(), Violation> {
        let Some(lane) = self.lanes.get(&id) else {
            return Ok(());
        };
        let Some(limits) = self.of_relayed(lane) else {
            return Ok(());
        };
        let (value, max) = (value(lane), limit(&limits));
        if value > max {
            return Err(Violation::LaneLimit {
                lane: id,
                what,
                value,
                max,
            });
        }
        Ok(())
    }

    pub(super) fn close_lane_for(&mut self, violation: Violation) -> Result<Verdict, Violation> {
        let Violation::LaneLimit { lane, .. } = violation else {
            return Err(violation);
        };
        self.forget(lane);
        if self.faults.len() < FAULTS_MAX {
            self.faults.insert(lane, violation);
        }
        Ok(Verdict::CloseLane { lane })
    }

    /// Why a relayed lane was closed by the guard. Tells it once.
    pub(crate) fn take_fault(&mut self, lane: u64) -> Option<Violation> {
        self.faults.remove(&lane)
    }

    /// How long, on any channel of this lane, as many items as there is credit for have waited for
    /// their reader, at either end, without one being consumed.
    pub(crate) fn unread_for(&self, lane: u64, now: Instant) -> Option<Duration> {
        let channels = self.lanes.get(&lane)?.channels.values();
        let oldest = channels
            .filter_map(|channel| channel.unread_since())
            .min()?;
        Some(now.saturating_duration_since(oldest))
    }
}
