//! Calls and their answers, either way.

use vox::RequestCall;
use vox_types::{RequestBody, RequestMessage};

use super::super::lane::{InFlight, Lane, Side};
use super::{Ledger, Verdict, Violation, misplaced, payload_len};

impl Ledger {
    pub(super) fn request_in(
        &mut self,
        lane: u64,
        request: &RequestMessage<'_>,
    ) -> Result<Verdict, Violation> {
        if lane == 0 {
            return Err(misplaced(lane, "a request"));
        }
        if self.lane(lane)?.is_none() {
            return Ok(Verdict::Swallow);
        }
        match &request.body {
            RequestBody::Call(call) => {
                self.count_schema(lane, call.method_id.0, true, call.schemas.0.len())?;
                self.call_in(lane, request.id.0, call)?;
            }
            RequestBody::Response(response) => {
                self.check_schema(lane, response.schemas.0.len())?;
                self.check_answer(lane, payload_len(&response.ret))?;
                self.response_in(lane, request.id.0, response.schemas.0.len())?;
            }
            RequestBody::Cancel(_) => {}
        }
        Ok(Verdict::Pass)
    }

    pub(super) fn call_in(
        &mut self,
        id: u64,
        request: u64,
        call: &RequestCall<'_>,
    ) -> Result<(), Violation> {
        let limits = self.limits;
        let lane = self.lanes.get_mut(&id);
        if lane.is_some_and(|lane| lane.methods.insert(call.method_id.0)) {
            self.leave_residue(1)?;
        }
        self.check_relayed_call(id, call)?;
        let Some(lane) = self.lanes.get_mut(&id) else {
            return Ok(());
        };
        let calls = lane.calls_in.len() + 1;
        let max = lane.calls_in_max as usize + limits.requests_per_lane_slack as usize;
        if calls > max && lane.relayed && limits.relayed.is_some() {
            return Err(Violation::LaneLimit {
                lane: id,
                what: "calls in flight",
                value: calls,
                max,
            });
        }
        if calls > max {
            return Err(Violation::CallsInFlight {
                lane: id,
                calls,
                max,
            });
        }
        if lane.calls_in.contains_key(&request) {
            return Err(Violation::DuplicateRequest { lane: id, request });
        }
        let live = self.channels_live + call.channels.len();
        if live > limits.channels_live_max {
            let max = limits.channels_live_max;
            return Err(Violation::ChannelsLive { live, max });
        }
        let declared = self.channels_declared + call.channels.len();
        if declared > limits.channels_declared_max {
            let max = limits.channels_declared_max;
            return Err(Violation::ChannelsDeclared { declared, max });
        }
        let mut in_flight = InFlight {
            method: call.method_id.0,
            channels: Vec::with_capacity(call.channels.len()),
            bytes: payload_len(&call.args),
        };
        let bytes = self.call_bytes + in_flight.bytes;
        if bytes > limits.call_bytes_max {
            let max = limits.call_bytes_max;
            return Err(Violation::CallBytes { bytes, max });
        }
        for channel in &call.channels {
            let channel = channel.0;
            if !lane.is_peers_id(channel) || lane.channels.contains_key(&channel) {
                return Err(Violation::ChannelId { lane: id, channel });
            }
            lane.declare(channel, Side::Peer);
            in_flight.channels.push(channel);
        }
        self.channels_live = live;
        self.channels_declared = declared;
        self.call_bytes = bytes;
        lane.call_bytes += in_flight.bytes;
        lane.calls_in.insert(request, in_flight);
        Ok(())
    }

    fn check_answer(&self, id: u64, value: usize) -> Result<(), Violation> {
        let relayed = self.lanes.get(&id).and_then(|lane| self.of_relayed(lane));
        let max = relayed.map(|limits| limits.answer_bytes_max);
        let max = max.unwrap_or(self.limits.answer_taken_bytes_max);
        if value > max {
            return Err(Violation::LaneLimit {
                lane: id,
                what: "bytes of an answer",
                value,
                max,
            });
        }
        Ok(())
    }

    fn check_relayed_call(&self, id: u64, call: &RequestCall<'_>) -> Result<(), Violation> {
        let methods = |lane: &Lane| lane.methods.len();
        self.check_relayed(id, "methods called", methods, |l| l.methods_max)?;
        let (more, bytes) = (call.channels.len(), payload_len(&call.args));
        let live = |lane: &Lane| lane.channels_of_peer() + more;
        self.check_relayed(id, "channels alive", live, |l| l.channels_live_max)?;
        let declared = |lane: &Lane| lane.channels_declared + more;
        self.check_relayed(id, "channels declared", declared, |l| {
            l.channels_declared_max
        })?;
        let waiting = |lane: &Lane| lane.call_bytes + bytes;
        let what = "bytes of calls not answered";
        self.check_relayed(id, what, waiting, |l| l.call_bytes_max)
    }

    pub(super) fn response_in(
        &mut self,
        id: u64,
        request: u64,
        schema: usize,
    ) -> Result<(), Violation> {
        let Some(lane) = self.lanes.get_mut(&id) else {
            return Ok(());
        };
        let Some(call) = lane.calls_out.remove(&request) else {
            // A late answer to a call that was given up. vox ignores it, unless it has a schema.
            return Ok(());
        };
        self.retire(id, &call.channels);
        // The method is not named; a response stands for one call of ours, so repeats are ours.
        self.add_schema(id, schema)
    }

    pub(super) fn request_out(&mut self, id: u64, request: &RequestMessage<'_>) {
        let Some(lane) = self.lanes.get_mut(&id) else {
            return;
        };
        match &request.body {
            RequestBody::Call(call) => {
                let channels: Vec<u64> = call.channels.iter().map(|id| id.0).collect();
                for channel in &channels {
                    lane.declare(*channel, Side::Us);
                }
                let in_flight = InFlight {
                    channels,
                    ..InFlight::default()
                };
                lane.calls_out.insert(request.id.0, in_flight);
            }
            RequestBody::Response(_) => {
                if let Some(call) = lane.calls_in.remove(&request.id.0) {
                    lane.call_bytes -= call.bytes;
                    self.call_bytes -= call.bytes;
                    self.retire(id, &call.channels);
                }
            }
            RequestBody::Cancel(_) => {}
        }
    }

    pub(super) fn retire(&mut self, id: u64, channels: &[u64]) {
        let Some(lane) = self.lanes.get_mut(&id) else {
            return;
        };
        let stays = lane.items_stay_here();
        for channel in channels {
            if let Some(channel) = lane.channels.remove(channel) {
                self.channels_live -= usize::from(channel.declared_by == Side::Peer);
                self.channel_bytes -= if stays { channel.unconsumed_bytes() } else { 0 };
            }
        }
    }
}
