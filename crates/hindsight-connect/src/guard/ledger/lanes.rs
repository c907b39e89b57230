//! Lanes: whose ids, how many, how fast, with which settings.

use vox::{ConnectionSettings, MetadataExt};
use vox_rt::time::Instant;
use vox_types::{LaneAccept, LaneOpen};

use super::super::lane::{Lane, Side, parity_of};
use super::super::limits::{CREDIT_METADATA_KEY, GuardLimits};
use super::relayed::is_relayed;
use super::{Ledger, Verdict, Violation, misplaced};

impl Ledger {
    pub(super) fn lane_open_in(
        &mut self,
        id: u64,
        open: &LaneOpen,
        now: Instant,
    ) -> Result<Verdict, Violation> {
        let used = id <= self.lane_id_last[(id % 2) as usize];
        if id == 0 || used || parity_of(id) != self.peer_parity {
            return Err(Violation::LaneId { lane: id });
        }
        self.count_lane_open(now)?;
        let settings = &open.connection_settings;
        self.check_settings(id, settings)?;
        if let Some(metadata) = open.metadata.meta_u64(CREDIT_METADATA_KEY)
            && metadata != u64::from(settings.initial_channel_credit)
        {
            return Err(Violation::CreditMismatch {
                lane: id,
                settings: settings.initial_channel_credit,
                metadata,
            });
        }
        let relayed = is_relayed(&open.metadata);
        if relayed && let Some(limits) = &self.limits.relayed {
            check_requests(id, settings, limits.requests_max)?;
        }
        let (open, max) = (self.lanes_open_peer + 1, self.limits.lanes_open_max);
        if open > max {
            return Err(Violation::LanesOpen { open, max });
        }
        self.lanes_open_peer = open;
        self.lane_id_last[(id % 2) as usize] = id;
        let lane = Lane::new(Side::Peer, relayed, settings);
        self.lanes.insert(id, lane);
        Ok(Verdict::Pass)
    }

    pub(super) fn count_lane_open(&mut self, now: Instant) -> Result<(), Violation> {
        let GuardLimits {
            lane_open_burst: burst,
            lane_opens_per_sec: per_sec,
            ..
        } = self.limits;
        let elapsed = now.saturating_duration_since(self.open_tokens_at);
        self.open_tokens_at = now;
        let tokens = self.open_tokens + elapsed.as_secs_f64() * f64::from(per_sec);
        self.open_tokens = tokens.min(f64::from(burst)) - 1.0;
        if self.open_tokens < 0.0 {
            return Err(Violation::LaneOpenRate { burst, per_sec });
        }
        self.leave_residue(1)
    }

    /// Counts what vox will keep until the connection ends.
    pub(super) fn leave_residue(&mut self, more: usize) -> Result<(), Violation> {
        self.residue += more;
        let (residue, max) = (self.residue, self.limits.residue_max);
        if residue > max {
            return Err(Violation::Residue { residue, max });
        }
        Ok(())
    }

    pub(super) fn check_settings(
        &self,
        lane: u64,
        settings: &ConnectionSettings,
    ) -> Result<(), Violation> {
        let limits = &self.limits;
        let credit = settings.initial_channel_credit;
        let (min, max) = (limits.channel_credit_min, limits.channel_credit_max);
        if !(min..=max).contains(&credit) {
            return Err(Violation::ChannelCredit {
                lane,
                credit,
                min,
                max,
            });
        }
        check_requests(lane, settings, limits.requests_per_lane_max)
    }

    pub(super) fn lane_accept_in(
        &mut self,
        id: u64,
        accept: &LaneAccept,
    ) -> Result<Verdict, Violation> {
        if !self.is_pending_open_of_ours(id)? {
            return Ok(Verdict::Swallow);
        }
        self.check_settings(id, &accept.connection_settings)?;
        if let Some(lane) = self.lanes.get_mut(&id) {
            lane.pending = false;
            lane.credit_out = accept.connection_settings.initial_channel_credit;
        }
        Ok(Verdict::Pass)
    }

    pub(super) fn lane_reject_in(&mut self, id: u64) -> Result<Verdict, Violation> {
        if !self.is_pending_open_of_ours(id)? {
            return Ok(Verdict::Swallow);
        }
        self.forget(id);
        Ok(Verdict::Pass)
    }

    /// `false` for a lane that was ours and is gone. An answer for any other lane would make vox
    /// close that lane.
    pub(super) fn is_pending_open_of_ours(&self, id: u64) -> Result<bool, Violation> {
        match self.lanes.get(&id) {
            Some(lane) if lane.pending && lane.opened_by == Side::Us => Ok(true),
            None if self.was_opened(id) => Ok(false),
            _ => Err(Violation::LaneAnswer { lane: id }),
        }
    }

    pub(super) fn lane_close_in(&mut self, id: u64) -> Result<Verdict, Violation> {
        if id == 0 {
            return Err(misplaced(id, "a lane close"));
        }
        if self.lane(id)?.is_none() {
            return Ok(Verdict::Swallow);
        }
        self.forget(id);
        Ok(Verdict::Pass)
    }

    pub(super) fn lane_open_out(&mut self, id: u64, open: &LaneOpen) {
        let last = &mut self.lane_id_last[(id % 2) as usize];
        *last = id.max(*last);
        let relayed = is_relayed(&open.metadata);
        let lane = Lane::new(Side::Us, relayed, &open.connection_settings);
        self.lanes.insert(id, lane);
    }

    /// The lane, `None` if it is gone.
    pub(super) fn lane(&mut self, id: u64) -> Result<Option<&mut Lane>, Violation> {
        if !self.lanes.contains_key(&id) && !self.was_opened(id) {
            return Err(Violation::UnknownLane { lane: id });
        }
        Ok(self.lanes.get_mut(&id))
    }

    pub(super) fn was_opened(&self, id: u64) -> bool {
        id != 0 && id <= self.lane_id_last[(id % 2) as usize]
    }

    pub(super) fn forget(&mut self, id: u64) {
        let Some(lane) = self.lanes.remove(&id) else {
            return;
        };
        if lane.opened_by == Side::Peer {
            self.lanes_open_peer -= 1;
        }
        // An excess is found when the next lane opens.
        self.residue += lane.calls_in.len();
        self.channels_declared -= lane.channels_declared;
        self.channels_live -= lane.channels_of_peer();
        if lane.items_stay_here() {
            self.channel_bytes -= lane.unconsumed_bytes();
        }
        self.call_bytes -= lane.calls_in.values().map(|call| call.bytes).sum::<usize>();
        self.schema_bytes -= lane.schema_bytes;
    }
}

fn check_requests(lane: u64, settings: &ConnectionSettings, max: u32) -> Result<(), Violation> {
    let requests = settings.max_concurrent_requests;
    if (1..=max).contains(&requests) {
        return Ok(());
    }
    Err(Violation::RequestLimit {
        lane,
        requests,
        max,
    })
}
