//! The account of one channel: credit either way, bytes not consumed, how long nothing has moved.

use std::collections::VecDeque;

use vox_rt::time::Instant;

use super::lane::Side;

/// Direction is not known: a call lists the channels of its `Tx` and `Rx` arguments alike. So
/// both directions are accounted for, and the one that is not used stays at its initial credit.
#[derive(Debug)]
pub(super) struct Channel {
    /// Whose call declared it.
    pub(super) declared_by: Side,
    /// Items that the peer may still send.
    window_in: u32,
    /// Items that we may still send.
    window_out: u64,
    /// Sizes of the items received and not consumed, oldest first; at most the credit of them.
    unconsumed: VecDeque<usize>,
    /// Since when the peer has had no credit, because we consumed nothing.
    unread_in: Option<Instant>,
    /// Since when we have had none, because the peer consumed nothing.
    unread_out: Option<Instant>,
    ended: bool,
}

impl Channel {
    pub(super) fn new(declared_by: Side, credit_in: u32, credit_out: u32) -> Self {
        Self {
            declared_by,
            window_in: credit_in,
            window_out: u64::from(credit_out),
            unconsumed: VecDeque::new(),
            unread_in: None,
            unread_out: None,
            ended: false,
        }
    }

    /// An item from the peer; `false` if it had no credit for it.
    #[must_use]
    pub(super) fn receive(&mut self, bytes: usize, now: Instant) -> bool {
        let Some(window) = self.window_in.checked_sub(1) else {
            return false;
        };
        self.window_in = window;
        self.unread_in = (window == 0).then_some(now);
        self.unconsumed.push_back(bytes);
        true
    }

    /// We granted credit, so as many items were consumed. Returns their bytes.
    pub(super) fn grant(&mut self, items: u32) -> usize {
        self.window_in = self.window_in.saturating_add(items);
        self.unread_in = None;
        let consumed = self.unconsumed.len().min(items as usize);
        self.unconsumed.drain(..consumed).sum()
    }

    /// We sent an item.
    pub(super) fn sent(&mut self, now: Instant) {
        self.window_out = self.window_out.saturating_sub(1);
        self.unread_out = (self.window_out == 0).then_some(now);
    }

    /// The peer granted credit. Returns what we may now send, in items.
    pub(super) fn granted(&mut self, items: u32) -> u64 {
        self.window_out = self.window_out.saturating_add(u64::from(items));
        self.unread_out = None;
        self.window_out
    }

    /// Since when as many items as there is credit for have waited, either way, and none was consumed.
    pub(super) fn unread_since(&self) -> Option<Instant> {
        match (self.unread_in, self.unread_out) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// Whether vox has no room for one more message of this channel: its mailbox has as many
    /// places as the initial credit, and they are taken by items not consumed.
    pub(super) fn is_full(&self) -> bool {
        self.window_in == 0
    }

    /// The peer ended the channel; `false` if it had done so before.
    #[must_use]
    pub(super) fn end(&mut self) -> bool {
        !std::mem::replace(&mut self.ended, true)
    }

    pub(super) fn unconsumed_bytes(&self) -> usize {
        self.unconsumed.iter().sum()
    }
}
