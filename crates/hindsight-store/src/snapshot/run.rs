//! Runs: the immutable pieces a snapshot consists of, each with a directory of its traces.

use hindsight_protocol::batch::{SpanRow, ValueRef};
use hindsight_protocol::{SpanId, SpanKind, SpanState, StatusCode, TraceId, Value};

use super::Snapshot;
use crate::column::{AttributeScope, SegmentRows};
use crate::placed::PlacedRows;

/// All runs of a snapshot, oldest first: segments, then the chunks of the one that is not sealed.
pub(crate) fn runs(snapshot: &Snapshot) -> impl DoubleEndedIterator<Item = &PlacedRows> {
    let segments = snapshot.segments.iter().map(|segment| &segment.placed);
    let chunks = snapshot.chunks.iter().map(|chunk| chunk.placed());
    segments.chain(chunks)
}

/// A span, wherever it is stored.
#[derive(Clone, Copy)]
pub(crate) enum RowView<'a> {
    Stored(&'a SegmentRows, usize),
    Open(SpanRow<'a>),
}

impl<'a> RowView<'a> {
    pub(crate) fn span_id(self) -> SpanId {
        match self {
            Self::Stored(rows, row) => rows.span_id(row),
            Self::Open(row) => row.span_id(),
        }
    }

    /// The parent's id as reported, 0 for a root.
    pub(crate) fn parent_bits(self) -> u64 {
        let parent = match self {
            Self::Stored(rows, row) => rows.parent_id(row),
            Self::Open(row) => row.parent_id(),
        };
        parent.map_or(0, |id| id.bits)
    }

    pub(crate) fn is_root(self) -> bool {
        self.parent_bits() == 0
    }

    pub(crate) fn start_ns(self) -> u64 {
        match self {
            Self::Stored(rows, row) => rows.start_ns(row),
            Self::Open(row) => row.start_ns(),
        }
    }

    pub(crate) fn end_ns(self) -> Option<u64> {
        match self {
            Self::Stored(rows, row) => rows.end_ns(row),
            Self::Open(row) => row.end_ns(),
        }
    }

    pub(crate) fn name(self) -> &'a str {
        match self {
            Self::Stored(rows, row) => rows.name(row),
            Self::Open(row) => row.name(),
        }
    }

    pub(crate) fn service(self) -> &'a str {
        match self {
            Self::Stored(rows, row) => rows.service(row),
            Self::Open(row) => row.service(),
        }
    }

    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::Stored(rows, row) => rows.status(row),
            Self::Open(row) => row.status(),
        }
    }

    pub(crate) fn kind(self) -> SpanKind {
        match self {
            Self::Stored(rows, row) => rows.kind(row),
            Self::Open(row) => row.kind(),
        }
    }

    pub(crate) fn is_error(self) -> bool {
        self.status() == StatusCode::Error
    }

    pub(crate) fn state(self) -> SpanState {
        match self {
            Self::Stored(rows, row) => rows.state(row),
            Self::Open(row) => row.state(),
        }
    }

    /// The first attribute with a key, of the span or else of its resource, if it is a text (cut
    /// at so many bytes), a number or a boolean.
    pub(super) fn simple_value(self, key: &str, bytes_max: usize) -> Option<Value> {
        match self {
            Self::Stored(rows, row) => {
                let scopes = [AttributeScope::Span, AttributeScope::Resource];
                let mut buffer = String::new();
                scopes.into_iter().find_map(|scope| {
                    let reader = rows.key_reader(scope, key)?;
                    let value = rows.attribute(row, reader, &mut buffer)?;
                    Some(simple(value, bytes_max))
                })?
            }
            Self::Open(row) => {
                let mut all = row.attributes().chain(row.resource());
                let (_, value) = all.find(|(of, _)| *of == key)?;
                simple(value, bytes_max)
            }
        }
    }

    /// Its place in the order of a trace: by start, then id.
    pub(crate) fn order(self) -> (u64, u64) {
        (self.start_ns(), self.span_id().bits)
    }
}

fn simple(value: ValueRef<'_>, bytes_max: usize) -> Option<Value> {
    match value {
        ValueRef::String(text) => {
            let end = text.floor_char_boundary(bytes_max);
            Some(Value::String(text[..end].to_owned()))
        }
        ValueRef::Bool(_) | ValueRef::I64(_) | ValueRef::F64(_) => Some(value.to_value()),
        _ => None,
    }
}

/// The rows of one trace in one run, or in the open table.
pub(crate) enum Part<'a> {
    Stored {
        rows: &'a SegmentRows,
        /// The trace's number in the run.
        ordinal: u32,
        /// Rows that no longer count, ascending.
        superseded: Vec<usize>,
    },
    Open(Vec<SpanRow<'a>>),
}

impl<'a> Part<'a> {
    /// Its rows, in no stated order, superseded ones left out.
    pub(crate) fn rows(&self) -> Box<dyn Iterator<Item = RowView<'a>> + '_> {
        match self {
            Self::Open(rows) => Box::new(rows.iter().map(|row| RowView::Open(*row))),
            Self::Stored {
                rows,
                ordinal,
                superseded,
            } => {
                let all = rows.traces().rows_of(*ordinal).map(|row| row as usize);
                let live = all.filter(|row| superseded.binary_search(row).is_err());
                Box::new(live.map(|row| RowView::Stored(rows, row)))
            }
        }
    }

    /// The row of a span, unless it is superseded.
    pub(super) fn find(&self, span: u64) -> Option<RowView<'a>> {
        self.rows().find(|row| row.span_id().bits == span)
    }
}

/// Where the rows of a trace are.
pub(crate) fn parts(snapshot: &Snapshot, trace: TraceId) -> Vec<Part<'_>> {
    let superseded = snapshot.superseded.of(trace);
    let stored = runs(snapshot).filter_map(|run| {
        let ordinal = run.rows.traces().find(trace)?;
        let superseded = superseded.into_iter().flatten();
        let mut superseded: Vec<usize> = superseded.filter_map(|at| run.row_of(*at)).collect();
        superseded.sort_unstable();
        Some(Part::Stored {
            rows: &run.rows,
            ordinal,
            superseded,
        })
    });
    let mut parts: Vec<Part<'_>> = stored.collect();
    let open = snapshot.open.of_trace(trace);
    let open: Vec<SpanRow<'_>> = open.map(|span| span.row).collect();
    if !open.is_empty() {
        parts.push(Part::Open(open));
    }
    parts
}
