//! The account of one connection. No IO, no clock: messages and times in, verdicts out.

use std::collections::HashMap;

use vox::{ConnectionSettings, MethodId, Parity, Payload};
use vox_rt::time::Instant;
use vox_types::{Message, MessagePayload};

use super::lane::Lane;
use super::limits::{GuardLimits, RelayedLimits};
use super::violation::Violation;

mod channels;
mod lanes;
mod relayed;
mod requests;
mod schemas;

/// What one schema counts for beyond its bytes.
const SCHEMA_COST: usize = 256;

/// What to do with a message from the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Give it to vox.
    Pass,
    /// Too late to mean anything: drop it.
    Swallow,
    /// It exceeds a limit of its lane: close the lane on both sides instead.
    CloseLane {
        /// The lane.
        lane: u64,
    },
    /// The end of a channel whose mailbox is full. Give it to vox when the channel has room, or
    /// never if the call ends before.
    Hold {
        /// The lane.
        lane: u64,
        /// The channel.
        channel: u64,
    },
    /// The end of a channel whose call has not come yet. vox sends it ahead of the call when the
    /// caller has dropped its receiver by then. Give it to vox after the call, if that comes.
    HoldForCall {
        /// The lane.
        lane: u64,
        /// The channel.
        channel: u64,
    },
}

/// What one of our messages does to a held one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing.
    None,
    /// The channel has room again.
    Room {
        /// The lane.
        lane: u64,
        /// The channel.
        channel: u64,
    },
}

#[derive(Debug)]
pub(crate) struct Ledger {
    limits: GuardLimits,
    peer_parity: Parity,
    lanes: HashMap<u64, Lane>,
    lane_id_last: [u64; 2],
    lanes_open_peer: usize,
    residue: usize,
    channels_declared: usize,
    open_tokens: f64,
    open_tokens_at: Instant,
    channels_live: usize,
    channel_bytes: usize,
    call_bytes: usize,
    schema_bytes: usize,
    /// Why lanes were closed, until somebody asks; see `ledger/relayed.rs`.
    faults: HashMap<u64, Violation>,
}

impl Ledger {
    pub(crate) fn new(limits: GuardLimits, our_parity: Parity, now: Instant) -> Self {
        Self {
            limits,
            peer_parity: our_parity.other(),
            lanes: HashMap::new(),
            lane_id_last: [0; 2],
            lanes_open_peer: 0,
            residue: 0,
            channels_declared: 0,
            open_tokens: f64::from(limits.lane_open_burst),
            open_tokens_at: now,
            channels_live: 0,
            channel_bytes: 0,
            call_bytes: 0,
            schema_bytes: 0,
            faults: HashMap::new(),
        }
    }

    /// Bytes of one answer of ours.
    pub(crate) fn answer_bytes_max(&self) -> usize {
        self.limits.answer_bytes_max
    }

    /// Checks the settings that the peer sent in the handshake.
    pub(crate) fn handshake(&self, peer: &ConnectionSettings) -> Result<(), Violation> {
        self.check_settings(0, peer)
    }

    /// Accounts for a message from the peer.
    pub(crate) fn inbound(
        &mut self,
        message: &Message<'_>,
        now: Instant,
    ) -> Result<Verdict, Violation> {
        let judged = self.judge(message, now);
        judged.or_else(|violation| self.close_lane_for(violation))
    }

    fn judge(&mut self, message: &Message<'_>, now: Instant) -> Result<Verdict, Violation> {
        let lane = message.lane_id.0;
        match &message.payload {
            MessagePayload::LaneOpen(open) => self.lane_open_in(lane, open, now),
            MessagePayload::LaneAccept(accept) => self.lane_accept_in(lane, accept),
            MessagePayload::LaneReject(_) => self.lane_reject_in(lane),
            MessagePayload::LaneClose(_) => self.lane_close_in(lane),
            MessagePayload::RequestMessage(request) => self.request_in(lane, request),
            MessagePayload::SchemaMessage(schema) => self.schema_in(lane, schema),
            MessagePayload::ChannelMessage(channel) => self.channel_in(lane, channel, now),
            // vox answers a ping on whatever lane it came and keeps state for that lane for ever.
            MessagePayload::Ping(_) if lane != 0 => Err(misplaced(lane, "a ping")),
            MessagePayload::Pong(_) if lane != 0 => Err(misplaced(lane, "a pong")),
            MessagePayload::Ping(_)
            | MessagePayload::Pong(_)
            | MessagePayload::ProtocolError(_) => Ok(Verdict::Pass),
        }
    }

    /// Accounts for one of our messages.
    pub(crate) fn outbound(&mut self, message: &Message<'_>, now: Instant) -> Effect {
        let lane = message.lane_id.0;
        match &message.payload {
            MessagePayload::LaneOpen(open) => self.lane_open_out(lane, open),
            MessagePayload::LaneAccept(_) => {
                if let Some(lane) = self.lanes.get_mut(&lane) {
                    lane.pending = false;
                }
            }
            MessagePayload::LaneReject(_) | MessagePayload::LaneClose(_) => self.forget(lane),
            MessagePayload::RequestMessage(request) => self.request_out(lane, request),
            MessagePayload::ChannelMessage(channel) => return self.channel_out(lane, channel, now),
            MessagePayload::SchemaMessage(_)
            | MessagePayload::Ping(_)
            | MessagePayload::Pong(_)
            | MessagePayload::ProtocolError(_) => {}
        }
        Effect::None
    }

    /// The method of a call whose answer is about to be the first of its method on its lane.
    /// `None` for later answers.
    pub(crate) fn first_answer(&mut self, lane: u64, request: u64) -> Option<MethodId> {
        let lane = self.lanes.get_mut(&lane)?;
        let method = lane.calls_in.get(&request)?.method;
        lane.answered.insert(method).then_some(MethodId(method))
    }

    /// Whether the lane was accepted and neither side has closed it.
    pub(crate) fn is_open(&self, lane: u64) -> bool {
        self.lanes.get(&lane).is_some_and(|lane| !lane.pending)
    }

    /// Whether this channel ended and its call has not come.
    pub(crate) fn has_ended_early(&self, lane: u64, channel: u64) -> bool {
        let lane = self.lanes.get(&lane);
        lane.is_some_and(|lane| lane.has_ended_early(channel))
    }

    /// Whether this channel is still alive.
    pub(crate) fn is_live(&self, lane: u64, channel: u64) -> bool {
        let lane = self.lanes.get(&lane);
        lane.is_some_and(|lane| lane.channels.contains_key(&channel))
    }
}

fn misplaced(lane: u64, message: &'static str) -> Violation {
    Violation::Misplaced { lane, message }
}

fn payload_len(payload: &Payload<'_>) -> usize {
    match payload {
        Payload::Encoded(bytes) => bytes.len(),
        // Only our own messages hold values; their size does not count against the peer.
        Payload::Value { .. } => 0,
    }
}
