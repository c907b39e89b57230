//! The account of one lane: its settings, the calls in flight either way, its channels.

use std::collections::{HashMap, HashSet, VecDeque};

use vox::{ConnectionSettings, Parity};

use super::channel::Channel;

/// Channels of one lane that ended before their call came. The oldest are forgotten: the call of
/// most of them never comes.
pub(super) const ENDED_EARLY_MAX: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Us,
    Peer,
}

#[derive(Debug)]
pub(super) struct Lane {
    pub(super) opened_by: Side,
    /// Between a viewer and an app: the other side is not at this hub.
    pub(super) relayed: bool,
    /// Not yet answered.
    pub(super) pending: bool,
    /// The parity of the ids that the peer allocates on this lane.
    pub(super) peer_parity: Parity,
    /// Items that the peer may send on a new channel.
    pub(super) credit_in: u32,
    /// Items that we may send on a new channel.
    pub(super) credit_out: u32,
    /// Calls that the peer may have in flight.
    pub(super) calls_in_max: u32,
    pub(super) calls_in: HashMap<u64, InFlight>,
    pub(super) calls_out: HashMap<u64, InFlight>,
    pub(super) channels: HashMap<u64, Channel>,
    /// Highest channel id declared, by whom: what is not above and not alive has been retired.
    channel_id_last: [u64; 2],
    /// Channels that the peer ever declared.
    pub(super) channels_declared: usize,
    /// Not declared and ended already; at most [`ENDED_EARLY_MAX`].
    ended_early: VecDeque<u64>,
    /// Methods that the peer called. Bounded by the connection's residue.
    pub(super) methods: HashSet<u64>,
    /// Those whose answers the peer can decode.
    pub(super) answered: HashSet<u64>,
    /// Of the arguments of `calls_in`.
    pub(super) call_bytes: usize,
    pub(super) schema_bytes: usize,
    /// Times that the schema of a method and direction came. Bounded by the bytes that each
    /// schema counts for.
    pub(super) schema_repeats: HashMap<(u64, bool), u32>,
}

/// A call without its answer.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    pub(super) method: u64,
    pub(super) channels: Vec<u64>,
    pub(super) bytes: usize,
}

impl Lane {
    /// A lane as its opener proposed it; vox accepts with the same limits.
    pub(super) fn new(opened_by: Side, relayed: bool, settings: &ConnectionSettings) -> Self {
        let peer_parity = match opened_by {
            Side::Peer => settings.parity,
            Side::Us => settings.parity.other(),
        };
        Self {
            opened_by,
            relayed,
            pending: true,
            peer_parity,
            credit_in: settings.initial_channel_credit,
            credit_out: settings.initial_channel_credit,
            calls_in_max: settings.max_concurrent_requests,
            calls_in: HashMap::new(),
            calls_out: HashMap::new(),
            channels: HashMap::new(),
            channel_id_last: [0; 2],
            channels_declared: 0,
            ended_early: VecDeque::new(),
            methods: HashSet::new(),
            answered: HashSet::new(),
            call_bytes: 0,
            schema_bytes: 0,
            schema_repeats: HashMap::new(),
        }
    }

    /// Channels alive that the peer declared.
    pub(super) fn channels_of_peer(&self) -> usize {
        let of_peer = |channel: &&Channel| channel.declared_by == Side::Peer;
        self.channels.values().filter(of_peer).count()
    }

    /// Whether items that the peer sends rest in this process until they are consumed. Those of an app
    /// whose lane is relayed are handed on to the viewer's link, which has a limit of its own.
    pub(super) fn items_stay_here(&self) -> bool {
        !(self.relayed && self.opened_by == Side::Us)
    }

    /// Bytes of the items that the peer sent on this lane and that were not consumed.
    pub(super) fn unconsumed_bytes(&self) -> usize {
        self.channels.values().map(Channel::unconsumed_bytes).sum()
    }

    pub(super) fn is_peers_id(&self, id: u64) -> bool {
        parity_of(id) == self.peer_parity
    }

    pub(super) fn declare(&mut self, channel: u64, by: Side) {
        let last = &mut self.channel_id_last[(channel % 2) as usize];
        *last = channel.max(*last);
        self.channels_declared += usize::from(by == Side::Peer);
        let mut account = Channel::new(by, self.credit_in, self.credit_out);
        if let Some(at) = self.ended_early.iter().position(|early| *early == channel) {
            self.ended_early.remove(at);
            // A new account has not ended.
            let _ = account.end();
        }
        self.channels.insert(channel, account);
    }

    /// The end of a channel that is not declared yet; `false` if it had come before.
    #[must_use]
    pub(super) fn end_early(&mut self, channel: u64) -> bool {
        if self.has_ended_early(channel) {
            return false;
        }
        if self.ended_early.len() == ENDED_EARLY_MAX {
            self.ended_early.pop_front();
        }
        self.ended_early.push_back(channel);
        true
    }

    pub(super) fn has_ended_early(&self, channel: u64) -> bool {
        self.ended_early.contains(&channel)
    }

    /// Whether a call once declared this channel. vox allocates ids in ascending order.
    pub(super) fn was_declared(&self, channel: u64) -> bool {
        channel != 0 && channel <= self.channel_id_last[(channel % 2) as usize]
    }
}

pub(super) fn parity_of(id: u64) -> Parity {
    if id.is_multiple_of(2) {
        Parity::Even
    } else {
        Parity::Odd
    }
}
