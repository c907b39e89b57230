//! Whose spans are open, and which are to go first.
//!
//! In: spans that come and go, by serial number. Out: those of a source, in the order of their reports;
//! those to make room with.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use hindsight_protocol::TracerId;

/// Who reported a span; none if nobody said so.
type Source = Option<TracerId>;

/// Number of open spans of a source, and the serial of the oldest: of the highest rank is who has
/// most, of several such who has the oldest.
type Rank = (usize, Reverse<u64>, Option<(u64, u64)>);

#[derive(Debug, Default)]
pub(super) struct Order {
    sources: HashMap<Source, BTreeSet<u64>>,
    ranks: BTreeSet<Rank>,
}

fn rank(source: Source, serials: &BTreeSet<u64>) -> Option<Rank> {
    let oldest = Reverse(*serials.first()?);
    let source = source.map(|tracer| (tracer.high, tracer.low));
    Some((serials.len(), oldest, source))
}

fn source((.., source): &Rank) -> Source {
    source.map(|(high, low)| TracerId { high, low })
}

impl Order {
    pub(super) fn add(&mut self, source: Source, serial: u64) {
        let serials = self.sources.entry(source).or_default();
        if let Some(before) = rank(source, serials) {
            self.ranks.remove(&before);
        }
        serials.insert(serial);
        self.ranks.extend(rank(source, serials));
    }

    pub(super) fn remove(&mut self, source: Source, serial: u64) {
        let Some(serials) = self.sources.get_mut(&source) else {
            return;
        };
        if let Some(before) = rank(source, serials) {
            self.ranks.remove(&before);
        }
        serials.remove(&serial);
        match rank(source, serials) {
            Some(rank) => drop(self.ranks.insert(rank)),
            None => drop(self.sources.remove(&source)),
        }
    }

    /// The spans of a source, in the order of their reports.
    pub(super) fn of(&self, source: Source) -> impl Iterator<Item = u64> {
        self.sources.get(&source).into_iter().flatten().copied()
    }

    /// The spans to make room with: those of the source with the most, oldest report first, then
    /// those of the next source.
    pub(super) fn to_go(&self) -> impl Iterator<Item = u64> {
        let sources = self.ranks.iter().rev().map(source);
        sources.flat_map(|source| self.of(source))
    }

    /// The first of [`Order::to_go`].
    pub(super) fn first_to_go(&self) -> Option<u64> {
        self.ranks.last().map(|(_, Reverse(oldest), _)| *oldest)
    }
}
