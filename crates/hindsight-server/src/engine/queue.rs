//! Batches that wait to be stored, by the connection they came on.
//!
//! In: batches, each with its connection. Out: the next one to store. Holds: connections take
//! turns, a batch each, so one that sends without end makes the others wait for one batch of its
//! own at a time; batches of one connection stay in order. Bounded: what one connection may have
//! waiting ([`QueueLimits`]); what all together may is the engine's affair.

use std::collections::{HashMap, VecDeque};

use parking_lot::Mutex;

#[cfg(test)]
mod tests;

use super::Append;
use crate::connections::ConnectionId;

/// What one connection may have waiting.
#[derive(Clone, Copy, Debug)]
pub(super) struct QueueLimits {
    pub(super) bytes_max: usize,
    pub(super) batches_max: usize,
}

/// Why a batch was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotQueued {
    /// The connection has as much waiting as it may.
    Full,
    /// Nobody takes anything out any more.
    Closed,
}

#[derive(Debug)]
pub(super) struct FairQueue {
    limits: QueueLimits,
    turns: Mutex<Turns>,
}

#[derive(Debug, Default)]
struct Turns {
    lines: HashMap<ConnectionId, Line>,
    /// Connections with something waiting; the first one's turn is next.
    order: VecDeque<ConnectionId>,
    is_closed: bool,
}

#[derive(Debug, Default)]
struct Line {
    waiting: VecDeque<Append>,
    bytes: usize,
}

impl FairQueue {
    pub(super) fn new(limits: QueueLimits) -> Self {
        Self {
            limits,
            turns: Mutex::default(),
        }
    }

    pub(super) fn push(&self, append: Append) -> Result<(), NotQueued> {
        let turns = &mut *self.turns.lock();
        if turns.is_closed {
            return Err(NotQueued::Closed);
        }
        let bytes = append.batch.byte_len();
        let line = turns.lines.entry(append.connection).or_default();
        let is_full = line.waiting.len() >= self.limits.batches_max
            || line.bytes.saturating_add(bytes) > self.limits.bytes_max;
        if is_full && !line.waiting.is_empty() {
            return Err(NotQueued::Full);
        }
        if line.waiting.is_empty() {
            turns.order.push_back(append.connection);
        }
        line.bytes += bytes;
        line.waiting.push_back(append);
        Ok(())
    }

    /// The next batch; its connection is then the last to have another turn.
    pub(super) fn pop(&self) -> Option<Append> {
        self.turns.lock().pop()
    }

    /// Everything that waits at this moment, in the order of turns.
    pub(super) fn take_all(&self) -> Vec<Append> {
        let turns = &mut *self.turns.lock();
        std::iter::from_fn(|| turns.pop()).collect()
    }

    /// Everything of one connection.
    pub(super) fn take(&self, connection: ConnectionId) -> VecDeque<Append> {
        let turns = &mut *self.turns.lock();
        turns.order.retain(|other| *other != connection);
        let line = turns.lines.remove(&connection);
        line.map(|line| line.waiting).unwrap_or_default()
    }

    /// Drops what waits, and takes nothing more.
    pub(super) fn close(&self) {
        let waiting = {
            let turns = &mut *self.turns.lock();
            turns.is_closed = true;
            turns.order.clear();
            std::mem::take(&mut turns.lines)
        };
        drop(waiting);
    }
}

impl Turns {
    fn pop(&mut self) -> Option<Append> {
        let connection = self.order.pop_front()?;
        let line = self.lines.get_mut(&connection)?;
        let append = line.waiting.pop_front()?;
        line.bytes -= append.batch.byte_len();
        match line.waiting.is_empty() {
            true => drop(self.lines.remove(&connection)),
            false => self.order.push_back(connection),
        }
        Some(append)
    }
}
