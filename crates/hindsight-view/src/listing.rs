//! The lists beside the picture of a trace: spans, statistics, critical path, findings, events.
//!
//! In: an [`Explorer`], what to list, how to sort. Out: a [`Listing`], whose rows are made when they
//! are asked for, so that a viewer with a window of rows pays for those alone. Holds: rows name
//! their span by id, so that selecting one works whatever has grown since; foreign text is escaped.
//! Bounded: 4 bytes a span for an order, 8 for self times; what the statistics, the path and the log
//! take. Cost: a sort when it is made, then by row.

mod findings;
mod operations;
mod path;
mod scroll;
mod sort;
mod spans;

#[cfg(test)]
mod tests;

use hindsight_protocol::SpanId;

use crate::events::EventLog;
use crate::explore::Explorer;
use crate::format;
use crate::text::{Line, Role};

pub use findings::FindingList;
pub use operations::OperationList;
pub use path::PathList;
pub use scroll::Scroll;
pub use sort::SortBy;
pub use spans::SpanList;

/// The head of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its name in links; empty where the list cannot be sorted by it.
    pub key: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Whether its cells are numbers, which stand at the right.
    pub is_number: bool,
}

pub(crate) const fn number(key: &'static str, title: &'static str) -> Head {
    Head {
        key,
        title,
        is_number: true,
    }
}

pub(crate) const fn text(key: &'static str, title: &'static str) -> Head {
    Head {
        key,
        title,
        is_number: false,
    }
}

/// A row of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListRow {
    /// The span that it is about or begins with; invalid if none.
    pub span: SpanId,
    /// A cell for each head.
    pub cells: Vec<Line>,
}

/// A list of something about a trace. It must be asked with the explorer it was made from.
#[derive(Debug)]
pub enum Listing {
    /// Spans.
    Spans(SpanList),
    /// Services and operations.
    Operations(OperationList),
    /// Stretches of the critical path.
    Path(PathList),
    /// Oddities.
    Findings(FindingList),
}

impl Listing {
    /// Its columns.
    pub fn heads(&self) -> &'static [Head] {
        match self {
            Self::Spans(_) => spans::HEADS,
            Self::Operations(_) => operations::HEADS,
            Self::Path(_) => path::HEADS,
            Self::Findings(_) => findings::HEADS,
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Spans(list) => list.len(),
            Self::Operations(list) => list.len(),
            Self::Path(list) => list.len(),
            Self::Findings(list) => list.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Row `number`; none if there is no such row.
    pub fn row(&self, explorer: &Explorer, number: usize) -> Option<ListRow> {
        match self {
            Self::Spans(list) => list.row(explorer, number),
            Self::Operations(list) => list.row(explorer, number),
            Self::Path(list) => list.row(explorer, number),
            Self::Findings(list) => list.row(number),
        }
    }

    /// The span of row `number`, without its cells; invalid if the row has none.
    pub fn span(&self, explorer: &Explorer, number: usize) -> Option<SpanId> {
        let of_node = |node: usize| explorer.tree().span_id(node);
        match self {
            Self::Spans(list) => list.node(number).map(of_node),
            Self::Operations(list) => list.node(number).map(of_node),
            Self::Path(list) => list.node(number).map(of_node),
            Self::Findings(list) => list.span(number),
        }
    }

    /// The first row of `span`. One pass.
    pub fn position(&self, explorer: &Explorer, span: SpanId) -> Option<usize> {
        let node = explorer.node(span);
        let is_it = |number: &usize| match (self, node) {
            (Self::Spans(list), Some(node)) => list.node(*number) == Some(node),
            (Self::Operations(list), Some(node)) => list.node(*number) == Some(node),
            (Self::Path(list), Some(node)) => list.node(*number) == Some(node),
            (Self::Findings(list), _) => list.span(*number) == Some(span),
            (_, None) => false,
        };
        (0..self.len()).find(is_it)
    }
}

/// The heads of a log, whose rows are [`EventLog::row`]s.
pub const EVENT_HEADS: &[Head] = crate::events::HEADS;

/// Row `number` of a log, or none.
pub fn event_row(explorer: &Explorer, log: &EventLog, number: usize) -> Option<ListRow> {
    log.row(explorer, number)
}

fn duration(ns: u64) -> Line {
    Line::new().with(Role::Plain, format::duration(ns))
}

/// A time since the start of a trace of `length_ns`, in one unit for the whole list, so that rows
/// can be told apart and compared.
pub(crate) fn offset(ns: u64, length_ns: u64) -> Line {
    let (unit_ns, digits, unit) = match length_ns {
        1_000_000_000.. => (1e9, 6, "s"),
        1_000_000.. => (1e6, 3, "ms"),
        _ => (1e3, 3, "µs"),
    };
    dim(format!("{:.digits$} {unit}", ns as f64 / unit_ns))
}

fn dim(text: impl Into<String>) -> Line {
    Line::new().with(Role::Dim, text)
}
