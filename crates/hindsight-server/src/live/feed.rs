//! The ring of recent changes that all subscribers read from.

use std::collections::VecDeque;
use std::sync::Arc;

use hindsight_store::Change;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::config::LiveLimits;

#[cfg(test)]
mod tests;

/// Changes taken from the ring at once, so that its lock is held briefly.
const TAKE_MAX: usize = 256;
/// What a change costs beside its rows.
const CHANGE_BYTES: usize = 256;

/// Where the engine publishes and subscribers read.
#[derive(Debug)]
pub(crate) struct Feed {
    ring: Mutex<Ring>,
    /// Number of the newest change, to wait on.
    newest: watch::Sender<u64>,
    bytes_max: usize,
    changes_max: usize,
    subscribers_max: usize,
}

#[derive(Debug, Default)]
struct Ring {
    changes: VecDeque<Arc<Change>>,
    bytes: usize,
    /// Number of the first change in `changes`; they are counted from the hub's start.
    first: u64,
    subscribers: usize,
}

/// What a subscriber finds in the ring.
#[derive(Debug)]
pub(crate) enum Taken {
    Changes(Vec<Arc<Change>>),
    /// The ring has moved on; this many changes were missed.
    Lagged {
        missed: u64,
    },
}

impl Feed {
    pub(crate) fn new(limits: &LiveLimits) -> Arc<Self> {
        Arc::new(Self {
            ring: Mutex::default(),
            newest: watch::Sender::new(0),
            bytes_max: limits.ring_bytes_max,
            changes_max: limits.ring_changes_max,
            subscribers_max: limits.subscribers_max,
        })
    }

    /// Adds a change. Never waits for a subscriber; the oldest changes make room.
    pub(crate) fn publish(&self, change: Arc<Change>) {
        let newest = {
            let mut ring = self.ring.lock();
            if ring.subscribers == 0 {
                ring.skip();
            } else {
                ring.push(change);
                ring.trim(self.bytes_max, self.changes_max);
            }
            ring.end()
        };
        self.newest.send_replace(newest);
    }

    /// A place at the end of the ring; none when there are too many subscribers.
    pub(crate) fn subscribe(self: &Arc<Self>) -> Option<Ticket> {
        let mut ring = self.ring.lock();
        if ring.subscribers >= self.subscribers_max {
            return None;
        }
        ring.subscribers += 1;
        Some(Ticket {
            feed: Arc::clone(self),
            next: ring.end(),
            newest: self.newest.subscribe(),
        })
    }

    pub(crate) fn subscribers(&self) -> usize {
        self.ring.lock().subscribers
    }

    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.ring.lock().bytes
    }
}

impl Ring {
    fn end(&self) -> u64 {
        self.first + self.changes.len() as u64
    }

    fn push(&mut self, change: Arc<Change>) {
        self.bytes += cost(&change);
        self.changes.push_back(change);
    }

    /// A change that nobody will read.
    fn skip(&mut self) {
        self.first = self.end() + 1;
        self.changes.clear();
        self.bytes = 0;
    }

    fn trim(&mut self, bytes_max: usize, changes_max: usize) {
        while self.bytes > bytes_max || self.changes.len() > changes_max {
            let Some(oldest) = self.changes.pop_front() else {
                return;
            };
            self.bytes -= cost(&oldest);
            self.first += 1;
        }
    }
}

fn cost(change: &Change) -> usize {
    CHANGE_BYTES + change.byte_len()
}

/// One subscriber's place in the ring.
#[derive(Debug)]
pub(crate) struct Ticket {
    feed: Arc<Feed>,
    /// Number of the next change to read.
    next: u64,
    newest: watch::Receiver<u64>,
}

impl Ticket {
    /// Waits until there is something to take. Cancel-safe.
    pub(crate) async fn ready(&mut self) {
        let next = self.next;
        // The feed, and with it the sender, lives as long as this ticket.
        let _ = self.newest.wait_for(|newest| *newest > next).await;
    }

    /// The next changes, oldest first; empty when there are none.
    pub(crate) fn take(&mut self) -> Taken {
        let ring = self.feed.ring.lock();
        if self.next < ring.first {
            let missed = ring.first - self.next;
            self.next = ring.first;
            return Taken::Lagged { missed };
        }
        let offset = usize::try_from(self.next - ring.first).unwrap_or(usize::MAX);
        let changes = ring.changes.iter().skip(offset).take(TAKE_MAX);
        let changes: Vec<_> = changes.cloned().collect();
        self.next += changes.len() as u64;
        Taken::Changes(changes)
    }

    #[cfg(test)]
    pub(crate) fn changes(&mut self) -> Vec<Arc<Change>> {
        match self.take() {
            Taken::Changes(changes) => changes,
            Taken::Lagged { missed } => panic!("missed {missed}"),
        }
    }

    /// Gives up on what waits; returns how many changes that were.
    pub(crate) fn skip_all(&mut self) -> u64 {
        let end = self.feed.ring.lock().end();
        let missed = end - self.next;
        self.next = end;
        missed
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut ring = self.feed.ring.lock();
        ring.subscribers -= 1;
        if ring.subscribers == 0 {
            ring.first = ring.end();
            ring.changes.clear();
            ring.bytes = 0;
        }
    }
}
