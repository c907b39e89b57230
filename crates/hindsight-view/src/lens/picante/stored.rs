//! What stored spans tell of queries, for when the app has gone or was never asked.
//!
//! In: spans with the attributes of [`hindsight_protocol::introspection::picante::attribute`]. Out:
//! the same messages that an app answers with, as far as spans tell them; their notes say what is
//! missing. Holds: a span that is given again in another version counts once. Bounded:
//! [`EXECUTIONS_MAX`] spans; more are counted, those that came first stay.

mod execution;
mod explain;
mod graph;
mod stats;

use std::collections::HashMap;

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::introspection::picante::QueryRef;
use hindsight_protocol::{CheckedBatch, SpanId, TraceId};

use execution::{Change, Execution, Read};

/// Spans of queries and inputs that are kept.
pub const EXECUTIONS_MAX: usize = 20_000;

/// The query that finds such spans.
pub(super) const QUERY: &str = "(span.picante.query=true or span.picante.input=true)";

/// Spans of queries, and of changes of inputs.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    executions: Vec<Execution>,
    changes: Vec<Change>,
    known: HashMap<(TraceId, SpanId), Known>,
    left_out: u64,
    newest_ns: u64,
}

/// Where a span is, and in which version.
#[derive(Clone, Copy, Debug)]
struct Known {
    version: u32,
    place: usize,
    is_query: bool,
}

impl Stored {
    /// The query of the query language that finds what [`add`](Self::add) takes; all of it, or that
    /// of one process.
    pub fn query_text(service: Option<&str>, pid: Option<u32>) -> String {
        let service = service.map(crate::query_text::service_term);
        let pid = pid
            .filter(|pid| *pid > 0)
            .map(|pid| format!("resource.process.pid={pid}"));
        let terms = [Some(QUERY.to_owned()), service, pid];
        terms.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// The query that a span is an access to, or the input that it changed; none where it is neither.
    pub fn query_of(row: SpanRow<'_>) -> Option<QueryRef> {
        Some(match execution::read(row)? {
            Read::Execution(execution) => execution.query,
            Read::Change(change) => change.query,
        })
    }

    /// Takes in the spans of a batch; those of nothing else than queries are left aside.
    pub fn add(&mut self, batch: &CheckedBatch) {
        for row in batch.rows() {
            let Some(read) = execution::read(row) else {
                continue;
            };
            let id = (row.trace_id(), row.span_id());
            let is_query = matches!(read, Read::Execution(_));
            let place = match (self.known.get(&id), is_query) {
                (Some(known), _) if known.version >= row.version() => continue,
                (Some(known), is_query) if known.is_query == is_query => Some(known.place),
                // A span does not become another thing.
                (Some(_), _) => continue,
                (None, _) if self.known.len() >= EXECUTIONS_MAX => {
                    self.left_out += 1;
                    continue;
                }
                (None, _) => None,
            };
            self.newest_ns = self.newest_ns.max(row.end_ns().unwrap_or(row.start_ns()));
            let place = match read {
                Read::Execution(read) => put(&mut self.executions, place, *read),
                Read::Change(read) => put(&mut self.changes, place, read),
            };
            let known = Known {
                version: row.version(),
                place,
                is_query,
            };
            self.known.insert(id, known);
        }
    }

    /// Spans of queries and inputs.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// What cannot be told from these spans.
    fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            "Told by stored spans: hits without a span, and queries that nobody asked for since the \
             first of them, are not there."
                .to_owned(),
        ];
        if self.left_out > 0 {
            let left_out = crate::format::plural(self.left_out, "more span");
            notes.push(format!("{left_out} of queries were left out."));
        }
        notes
    }

    /// Revision of the newest access.
    fn revision(&self) -> u64 {
        let executions = self.executions.iter().map(|execution| execution.revision);
        let changes = self.changes.iter().map(|change| change.revision);
        executions.chain(changes).max().unwrap_or_default()
    }
}

fn put<T>(to: &mut Vec<T>, place: Option<usize>, item: T) -> usize {
    match place.and_then(|place| Some((place, to.get_mut(place)?))) {
        Some((place, known)) => {
            *known = item;
            place
        }
        None => {
            to.push(item);
            to.len() - 1
        }
    }
}

/// The same query but for its hash, which spans do not tell.
fn is_same(a: &QueryRef, b: &QueryRef) -> bool {
    a.kind == b.kind && a.key == b.key
}
