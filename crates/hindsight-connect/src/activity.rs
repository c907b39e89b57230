//! What moved over a link, and when it last did.
//!
//! In: every frame that a link reads or writes. Out: counters and [`Activity::idle_for`]. Holds:
//! counters only grow. Bounded: six words per link.
//!
//! This is the whole of hindsight's keepalive. vox's own wakes every connection a hundred times a
//! second; instead a client pings now and then, and one sweeper in the hub aborts what has been
//! idle for too long. A connection whose tasks are stuck reads nothing, so it looks idle too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use vox_rt::time::Instant;

/// Counters of one link, shared by both of its halves and by whoever watches it.
#[derive(Clone, Debug)]
pub struct Activity {
    counters: Arc<Counters>,
}

#[derive(Debug)]
struct Counters {
    started: Instant,
    last_rx_micros: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    frames_in: AtomicU64,
    frames_out: AtomicU64,
}

impl Activity {
    pub(crate) fn new() -> Self {
        Self {
            counters: Arc::new(Counters {
                started: Instant::now(),
                last_rx_micros: AtomicU64::new(0),
                bytes_in: AtomicU64::new(0),
                bytes_out: AtomicU64::new(0),
                frames_in: AtomicU64::new(0),
                frames_out: AtomicU64::new(0),
            }),
        }
    }

    /// Time since the peer last sent a byte; since the link was made if it never has.
    pub fn idle_for(&self) -> Duration {
        let last = Duration::from_micros(self.counters.last_rx_micros.load(Ordering::Relaxed));
        self.counters.started.elapsed().saturating_sub(last)
    }

    /// Age of the link.
    pub fn age(&self) -> Duration {
        self.counters.started.elapsed()
    }

    /// Bytes read, framing included where the link frames.
    pub fn bytes_in(&self) -> u64 {
        self.counters.bytes_in.load(Ordering::Relaxed)
    }

    /// Bytes written, framing included where the link frames.
    pub fn bytes_out(&self) -> u64 {
        self.counters.bytes_out.load(Ordering::Relaxed)
    }

    /// Whole frames read.
    pub fn frames_in(&self) -> u64 {
        self.counters.frames_in.load(Ordering::Relaxed)
    }

    /// Whole frames written.
    pub fn frames_out(&self) -> u64 {
        self.counters.frames_out.load(Ordering::Relaxed)
    }

    pub(crate) fn note_bytes_in(&self, bytes: usize) {
        let now = self.counters.started.elapsed().as_micros();
        let now = u64::try_from(now).unwrap_or(u64::MAX);
        self.counters.last_rx_micros.store(now, Ordering::Relaxed);
        self.counters
            .bytes_in
            .fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn note_frame_in(&self) {
        self.counters.frames_in.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn note_out(&self, frames: usize, bytes: usize) {
        self.counters
            .frames_out
            .fetch_add(frames as u64, Ordering::Relaxed);
        self.counters
            .bytes_out
            .fetch_add(bytes as u64, Ordering::Relaxed);
    }
}
