//! Copying rows of pinned traces out of a segment that is removed.
//!
//! In: a segment and the traces to spare. Out: their live rows in a chunk of the segment that is
//! being filled, known by the same identity as before. Bounded by the segment.

use std::sync::Arc;

use hashbrown::HashMap;
use hindsight_protocol::{BatchBuilder, TraceId};

use super::tables::Tables;
use crate::chunk::{RowRef, SkippedRows};
use crate::identity::Place;
use crate::open::SpanKey;
use crate::segment::Segment;

/// Rows on their way from one segment to another.
#[derive(Default)]
pub(super) struct Carried {
    rows: BatchBuilder,
    keys: Vec<SpanKey>,
    pub(super) traces: Vec<CarriedTrace>,
}

/// What was carried of one trace.
pub(super) struct CarriedTrace {
    pub(super) trace: TraceId,
    pub(super) spans: u32,
    /// About the bytes of the rows.
    pub(super) bytes: u64,
}

impl Carried {
    /// Copies the rows of these traces that are not superseded.
    pub(super) fn copy(tables: &Tables, segment: &Segment, spared: &[TraceId]) -> Self {
        let mut carried = Self::default();
        let (placed, rows) = (&segment.placed, &segment.placed.rows);
        let mut copier = rows.copier();
        for trace in spared {
            let Some(ordinal) = rows.traces().find(*trace) else {
                continue;
            };
            let superseded = tables.superseded_rows(*trace, placed);
            let (bytes, spans) = (carried.rows.byte_len(), carried.keys.len());
            for row in rows.traces().rows_of(ordinal).map(|row| row as usize) {
                if !superseded.contains(&row) {
                    copier.copy(row, &mut carried.rows);
                    carried.keys.push((*trace, rows.span_id(row)));
                }
            }
            carried.traces.push(CarriedTrace {
                trace: *trace,
                spans: (carried.keys.len() - spans) as u32,
                bytes: (carried.rows.byte_len() - bytes) as u64,
            });
        }
        carried
    }

    /// Stores the rows again; the segment they come from must be forgotten.
    pub(super) fn store(&mut self, tables: &mut Tables, now_ns: u64) {
        if self.keys.is_empty() {
            return;
        }
        let batch = Arc::new(std::mem::take(&mut self.rows).finish());
        let chunk = tables.begin_batch(&batch);
        for (row, key) in self.keys.iter().enumerate() {
            let row = row as u32;
            let place = Place::Row(RowRef { chunk, row });
            tables.insert(tables.hash(*key), key.0, place);
        }
        tables.finish_batch(chunk, SkippedRows::default(), now_ns);
    }

    /// Takes what was carried off what was removed.
    pub(super) fn subtract_from(&self, removed: &mut Vec<(TraceId, u32)>) {
        let carried = self.traces.iter().map(|of| (of.trace, of.spans));
        let carried: HashMap<TraceId, u32> = carried.collect();
        if !carried.is_empty() {
            removed.retain_mut(|(trace, spans)| {
                *spans -= carried.get(trace).copied().unwrap_or(0);
                *spans > 0
            });
        }
    }
}
