//! Spans that have not ended: the mutable part of the store.
//!
//! In: reports of open spans. Out: the newest report of each. Holds at most
//! [`crate::StoreLimits::open_spans_max`] spans (the caller evicts [`OpenTable::first_to_go`]), whose
//! reports are rows of pieces that are shared with readers ([`pieces`]); the index over them is
//! copied on write ([`ShardedMap`]).
//!
//! A span expires `ttl_ns` after its last report, except while its tracer is connected: then it
//! is still running, however long that takes.
//!
//! [`ShardedMap`]: crate::sharded::ShardedMap

mod order;
mod pieces;
mod spans;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashMap;
use hindsight_protocol::batch::RowCopier;
use hindsight_protocol::{SpanId, SpanState, TraceId, TracerId};

use self::order::Order;
use self::pieces::{PieceRow, Pieces};
use self::spans::{OpenAt, OpenIndex};

pub(crate) use self::pieces::OpenCopier;
pub(crate) use self::spans::{OpenPiece, OpenSpans};

/// Identity of a span.
pub(crate) type SpanKey = (TraceId, SpanId);

/// About the bytes an open span takes besides its row: the index's, the orders'.
const OPEN_OVERHEAD_BYTES: u64 = 256;

/// What is known of an open span besides its report.
#[derive(Clone, Copy, Debug)]
struct Known {
    key: SpanKey,
    /// Who reported it.
    tracer: Option<TracerId>,
    /// When it was reported.
    reported_ns: u64,
    /// When it expires; none while its tracer is connected.
    expiry_ns: Option<u64>,
}

#[derive(Debug, Default)]
pub(crate) struct OpenTable {
    index: OpenIndex,
    pieces: Pieces,
    /// By serial number, which grows with each report that was stored.
    known: HashMap<u64, Known>,
    order: Order,
    expiry: BTreeSet<(u64, u64)>,
    ttl_ns: u64,
    last_serial: u64,
    last_stamp: u64,
}

impl OpenTable {
    pub(crate) fn new(ttl_ns: u64) -> Self {
        Self {
            ttl_ns,
            ..Self::default()
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// All of them, for readers. Costs a copy of the piece that is being filled, at most once per
    /// change of it.
    pub(crate) fn view(&mut self) -> OpenSpans {
        let filling = self.pieces.filling();
        OpenSpans::new(&self.index, self.pieces.ended(), filling)
    }

    /// About the bytes held.
    pub(crate) fn bytes(&self) -> u64 {
        self.pieces.bytes() + self.len() as u64 * OPEN_OVERHEAD_BYTES
    }

    /// Lets stamps go on after `stamp`.
    pub(crate) fn stamp_after(&mut self, stamp: u64) {
        self.last_stamp = stamp;
    }

    /// The greatest stamp given so far.
    pub(crate) fn last_stamp(&self) -> u64 {
        self.last_stamp
    }

    /// Whether `serial` is the span `key`.
    pub(crate) fn is(&self, serial: u64, key: SpanKey) -> bool {
        self.known.get(&serial).is_some_and(|span| span.key == key)
    }

    fn at(&self, key: SpanKey) -> Option<OpenAt> {
        self.index.get(key.0, &key).copied()
    }

    /// State and version of a report.
    pub(crate) fn report(&self, serial: u64) -> Option<(SpanState, u32)> {
        let at = self.at(self.known.get(&serial)?.key)?;
        let (columns, row) = (self.pieces.columns(at.piece)?, at.row as usize);
        let state = columns.states.get(row).copied().unwrap_or_default();
        let version = columns.versions.get(row).copied().unwrap_or_default();
        Some((SpanState::from_u8(state), version))
    }

    /// A report: a piece and the row in it.
    pub(crate) fn row(&mut self, serial: u64) -> Option<(Arc<OpenPiece>, usize)> {
        let at = self.at(self.known.get(&serial)?.key)?;
        Some((self.pieces.piece(at.piece)?, at.row as usize))
    }

    /// Stores a report of a span that is not in the table: a row of the copier's batch, as it is but
    /// for the state; gives its serial.
    pub(crate) fn insert(
        &mut self,
        copier: &mut OpenCopier<'_>,
        (row, key, state): (usize, SpanKey, SpanState),
        tracer: Option<TracerId>,
        reported_ns: u64,
    ) -> u64 {
        let at = self.pieces.push(copier, row, state as u8);
        self.last_serial += 1;
        let expiry_ns = self.expiry_ns(tracer, state, reported_ns);
        let known = Known {
            key,
            tracer,
            reported_ns,
            expiry_ns,
        };
        self.add(self.last_serial, known, at);
        self.settle();
        self.last_serial
    }

    fn expiry_ns(&self, tracer: Option<TracerId>, state: SpanState, at_ns: u64) -> Option<u64> {
        let attended = tracer.is_some() && state == SpanState::Running;
        (!attended).then(|| at_ns.saturating_add(self.ttl_ns))
    }

    fn add(&mut self, serial: u64, known: Known, at: PieceRow) {
        self.last_stamp += 1;
        let stamp = self.last_stamp;
        let (key, PieceRow { piece, row }) = (known.key, at);
        let at = OpenAt { piece, row, stamp };
        let before = self.index.insert(key.0, key, at);
        debug_assert!(before.is_none(), "open span stored twice");
        self.order.add(known.tracer, serial);
        self.expiry.extend(known.expiry_ns.map(|at| (at, serial)));
        self.known.insert(serial, known);
    }

    /// Takes a span out of everything but its piece.
    fn take(&mut self, serial: u64) -> Option<(Known, PieceRow)> {
        let known = self.known.remove(&serial)?;
        let (trace, _) = known.key;
        let at = self.index.remove(trace, &known.key)?;
        self.order.remove(known.tracer, serial);
        if let Some(at) = known.expiry_ns {
            self.expiry.remove(&(at, serial));
        }
        Some((known, at.place()))
    }

    /// Takes a span out; gives its identity.
    pub(crate) fn remove(&mut self, serial: u64) -> Option<SpanKey> {
        let (known, at) = self.take(serial)?;
        self.pieces.remove(at);
        self.settle();
        Some(known.key)
    }

    /// Moves the rows that count out of pieces with few of them.
    fn settle(&mut self) {
        while let Some((number, sparse)) = self.pieces.pop_sparse() {
            let rows = sparse.batch();
            let mut copier = OpenCopier::new(RowCopier::new(rows));
            for row in rows.rows() {
                let key = (row.trace_id(), row.span_id());
                let at = row.index() as u32;
                let is_it = |known: &OpenAt| known.piece == number && known.row == at;
                if let Some(known) = self.at(key).filter(is_it) {
                    let state = row.state() as u8;
                    let PieceRow { piece, row } = self.pieces.push(&mut copier, row.index(), state);
                    let moved = OpenAt {
                        piece,
                        row,
                        ..known
                    };
                    self.index.insert(key.0, key, moved);
                    self.pieces.remove(known.place());
                }
            }
        }
    }

    /// Stores the report of a span anew with another state.
    pub(crate) fn restate(&mut self, serial: u64, state: SpanState) {
        let Some((piece, row)) = self.row(serial) else {
            return;
        };
        let Some((known, from)) = self.take(serial) else {
            return;
        };
        let mut copier = OpenCopier::new(RowCopier::new(piece.batch()));
        let at = self.pieces.push(&mut copier, row, state as u8);
        let expiry_ns = self.expiry_ns(known.tracer, state, known.reported_ns);
        self.add(serial, Known { expiry_ns, ..known }, at);
        self.pieces.remove(from);
        self.settle();
    }

    /// Puts a span behind all others, as if it had been reported at `reported_ns` (if none is given,
    /// when it was); gives its identity and its new serial number.
    pub(crate) fn renew(
        &mut self,
        serial: u64,
        reported_ns: Option<u64>,
    ) -> Option<(SpanKey, u64)> {
        let (mut known, at) = self.take(serial)?;
        if let Some(reported_ns) = reported_ns {
            known.reported_ns = reported_ns;
            let expiry_ns = reported_ns.saturating_add(self.ttl_ns);
            known.expiry_ns = known.expiry_ns.map(|_| expiry_ns);
        }
        self.last_serial += 1;
        self.add(self.last_serial, known, at);
        Some((known.key, self.last_serial))
    }

    /// The spans to make room with, each with its trace: those of the source with the most open
    /// spans, oldest report first, then those of the next source. So a tracer that opens spans
    /// without end loses its own, and never the newest.
    pub(crate) fn to_go(&self) -> impl Iterator<Item = (u64, TraceId)> {
        let serials = self.order.to_go();
        serials.filter_map(|serial| Some((serial, self.known.get(&serial)?.key.0)))
    }

    /// The first of [`OpenTable::to_go`].
    pub(crate) fn first_to_go(&self) -> Option<u64> {
        self.order.first_to_go()
    }

    /// The spans a tracer reported, in order of their reports.
    pub(crate) fn of_tracer(&self, tracer: TracerId) -> Vec<u64> {
        self.order.of(Some(tracer)).collect()
    }

    /// A span that has expired at `now_ns`, with its trace.
    pub(crate) fn expired(&self, now_ns: u64) -> Option<(u64, TraceId)> {
        let (at, serial) = self.expiry.first()?;
        let (trace, _) = self.known.get(serial)?.key;
        (*at <= now_ns).then_some((*serial, trace))
    }

    /// When the next span expires.
    pub(crate) fn next_expiry_ns(&self) -> Option<u64> {
        self.expiry.first().map(|(at, _)| *at)
    }
}
