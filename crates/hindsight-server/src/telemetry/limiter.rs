//! Decides which complaints are written to the log.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::Reason;

/// Most pairs of peer and reason that are remembered.
const PAIRS_MAX: usize = 1_024;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Log {
        /// The same complaints left out since the last line.
        suppressed: u64,
    },
    Suppress,
}

#[derive(Debug)]
pub(super) struct Limiter {
    interval: Duration,
    pairs: HashMap<(Reason, String), Pair>,
}

#[derive(Debug)]
struct Pair {
    logged: Instant,
    suppressed: u64,
}

impl Limiter {
    pub(super) fn new(interval: Duration) -> Self {
        let pairs = HashMap::new();
        Self { interval, pairs }
    }

    pub(super) fn decide(&mut self, reason: Reason, peer: &str, now: Instant) -> Decision {
        let host = host_of(peer);
        if let Some(pair) = self.pairs.get_mut(&(reason, host.to_owned())) {
            if now.duration_since(pair.logged) < self.interval {
                pair.suppressed += 1;
                return Decision::Suppress;
            }
            pair.logged = now;
            let suppressed = std::mem::take(&mut pair.suppressed);
            return Decision::Log { suppressed };
        }
        self.make_room(now);
        if self.pairs.len() >= PAIRS_MAX {
            return Decision::Suppress;
        }
        let pair = Pair {
            logged: now,
            suppressed: 0,
        };
        self.pairs.insert((reason, host.to_owned()), pair);
        Decision::Log { suppressed: 0 }
    }

    /// Forgets pairs that would be logged again anyway.
    fn make_room(&mut self, now: Instant) {
        if self.pairs.len() >= PAIRS_MAX {
            let interval = self.interval;
            self.pairs
                .retain(|_, pair| now.duration_since(pair.logged) < interval);
        }
    }
}

/// A peer without its port: every connection has another one.
fn host_of(peer: &str) -> &str {
    match peer.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => peer,
    }
}
