//! Pinning traces.

use std::sync::Arc;

use hindsight_protocol::{BatchBuilder, TraceId};

use super::Store;
use crate::change::Change;
use crate::pins::PinError;
use crate::snapshot::page::Copiers;
use crate::snapshot::run::parts;

/// Spans of a trace that are looked at to tell what one takes.
const MEASURED_SPANS_MAX: usize = 1024;

/// What a span takes besides its columns: in the index.
pub(super) const SPAN_OVERHEAD_BYTES: u64 = 16;

impl Store {
    /// Keeps the spans of a trace, those that are stored and those that come, whatever age or the
    /// byte budget would remove, until it is unpinned or everything is cleared. Nothing changes if
    /// it is pinned already.
    ///
    /// A pinned trace that grows beyond what `pinned_bytes_max` leaves for it is treated like others
    /// until there is room; what is removed of it then is counted as
    /// [`crate::reason::PINNED_REMOVED`]. An open span of a pinned trace does not expire; for lack of
    /// room in the open table it goes after those that are not pinned.
    ///
    /// Cost: a copy of at most 1,024 spans, to see what one takes; later a copy of the trace's spans
    /// each time their segment is removed.
    pub fn pin(&mut self, trace: TraceId, now_ns: u64) -> Result<Option<Arc<Change>>, PinError> {
        self.begin(now_ns);
        if self.pins.contains(trace) {
            return Ok(None);
        }
        let spans = u64::from(self.tables.live_of(trace));
        if spans == 0 {
            return Err(PinError::NotStored { trace });
        }
        let pinned_traces_max = self.limits.pinned_traces_max;
        if self.pins.len() >= pinned_traces_max {
            return Err(PinError::TooMany { pinned_traces_max });
        }
        let span_bytes = self.span_bytes(trace);
        let (bytes, pinned_bytes) = (spans * span_bytes, self.pinned_bytes());
        let pinned_bytes_max = self.limits.pinned_bytes_max;
        if bytes > pinned_bytes_max.saturating_sub(pinned_bytes) {
            return Err(PinError::TooLarge {
                trace,
                bytes,
                pinned_bytes,
                pinned_bytes_max,
            });
        }
        self.pins.add(trace, span_bytes);
        Ok(Some(self.change(Arc::default(), vec![trace], false)))
    }

    /// Ends what [`Store::pin`] began: the spans go when their time has come, or room is needed.
    /// None if the trace was not pinned.
    pub fn unpin(&mut self, trace: TraceId, now_ns: u64) -> Option<Arc<Change>> {
        self.begin(now_ns);
        let was_pinned = self.pins.remove(trace);
        was_pinned.then(|| self.change(Arc::default(), vec![trace], false))
    }

    /// About the bytes of the spans of pinned traces.
    pub(super) fn pinned_bytes(&mut self) -> u64 {
        self.pins.spans_bytes(|trace| self.tables.live_of(trace))
    }

    /// The pinned traces that are spared: as far as their bytes allow.
    pub(super) fn spared(&mut self) -> Vec<TraceId> {
        let bytes_max = self.limits.pinned_bytes_max;
        self.pins
            .fitting(bytes_max, |trace| self.tables.live_of(trace))
    }

    pub(super) fn is_spared(&mut self, trace: TraceId) -> bool {
        self.pins.contains(trace) && self.spared().contains(&trace)
    }

    /// About the bytes of one span of a trace that has some.
    fn span_bytes(&mut self, trace: TraceId) -> u64 {
        let snapshot = self.snapshot();
        let parts = parts(&snapshot, trace);
        let rows = parts.iter().flat_map(|part| part.rows());
        let (mut copiers, mut builder) = (Copiers::default(), BatchBuilder::new());
        for row in rows.take(MEASURED_SPANS_MAX) {
            copiers.copy(row, &mut builder);
        }
        let bytes = builder.byte_len().div_ceil(builder.len().max(1));
        bytes as u64 + SPAN_OVERHEAD_BYTES
    }
}
