//! Events of builds: the newest [`EVENTS_MAX`], each with a place in the order of all.
//!
//! A reader has a place and takes what is there after it; what went before it came is counted. So a reader
//! that is slow costs nothing, and a flood replaces what nobody has read.

use std::collections::VecDeque;

use hindsight_protocol::introspection::dodeca::BuildEvent;
use tokio::sync::watch;

/// Events that are kept.
pub(crate) const EVENTS_MAX: usize = 4_096;
/// Events of the past that a new reader is told first.
pub(crate) const PAST_MAX: u64 = 256;

/// The newest events.
#[derive(Debug)]
pub(crate) struct Events {
    kept: VecDeque<BuildEvent>,
    /// Place of the next one.
    next: u64,
    news: watch::Sender<u64>,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            kept: VecDeque::new(),
            next: 0,
            news: watch::Sender::new(0),
        }
    }
}

impl Events {
    pub(crate) fn push(&mut self, event: BuildEvent) {
        if self.kept.len() == EVENTS_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(event);
        self.next += 1;
        self.news.send_replace(self.next);
    }

    pub(crate) fn extend(&mut self, events: impl IntoIterator<Item = BuildEvent>) {
        for event in events {
            self.push(event);
        }
    }

    /// Tells of new events.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Where a new reader begins.
    pub(crate) fn first_place(&self) -> u64 {
        let kept = self.kept.len() as u64;
        self.next - kept.min(PAST_MAX)
    }

    /// Events from `place` on, at most `max`; how many before them are gone, and the place after them.
    pub(crate) fn read(&self, place: u64, max: usize) -> (u64, Vec<BuildEvent>, u64) {
        let oldest = self.next - self.kept.len() as u64;
        let gone = oldest.saturating_sub(place);
        let from = place.max(oldest);
        let skip = (from - oldest) as usize;
        let events: Vec<BuildEvent> = self.kept.iter().skip(skip).take(max).cloned().collect();
        let after = from + events.len() as u64;
        (gone, events, after)
    }
}
