//! The open spans of all pages, each once, the oldest first.

use std::collections::HashMap;

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::{CheckedBatch, SpanId, TraceId};

use crate::columns::instance;

/// An open span.
#[derive(Clone, Debug)]
pub(super) struct OpenSpan {
    pub(super) page: u32,
    pub(super) row: u32,
    pub(super) key: (TraceId, SpanId),
    pub(super) parent: SpanId,
    pub(super) start_ns: u64,
    /// Row of the table of processes that this module keeps.
    pub(super) process: u32,
}

/// Up to `spans_max` open spans, and how many there are beyond.
pub(super) fn gather(pages: &[CheckedBatch], spans_max: usize) -> (Vec<OpenSpan>, usize) {
    let mut processes = Processes::default();
    let mut spans: Vec<OpenSpan> = latest(pages)
        .into_iter()
        .filter(|((page, row), _)| pages[*page].row(*row).end_ns().is_none())
        .map(|((page, row), key)| {
            let span = pages[page].row(row);
            OpenSpan {
                page: page as u32,
                row: row as u32,
                key,
                parent: span.parent_id().unwrap_or_default(),
                start_ns: span.start_ns(),
                process: processes.code(page, span),
            }
        })
        .collect();
    spans.sort_unstable_by_key(|span| (span.start_ns, span.key, span.page, span.row));
    let left_out = spans.len().saturating_sub(spans_max);
    spans.truncate(spans_max);
    (spans, left_out)
}

type Place = (usize, usize);

/// The report that counts of every span; spans without an id are each their own.
fn latest(pages: &[CheckedBatch]) -> Vec<(Place, (TraceId, SpanId))> {
    let mut known: HashMap<(TraceId, SpanId), usize> = HashMap::new();
    let mut found: Vec<(Place, (TraceId, SpanId))> = Vec::new();
    let rank = |(page, row): Place| {
        let span = pages[page].row(row);
        (span.end_ns().is_some(), span.version(), page, row)
    };
    for (page, batch) in pages.iter().enumerate() {
        for span in batch.rows() {
            let place = (page, span.index());
            let key = (span.trace_id(), span.span_id());
            let at = match key.1.is_valid() {
                true => *known.entry(key).or_insert(found.len()),
                false => found.len(),
            };
            match found.get_mut(at) {
                Some((old, _)) if rank(place) > rank(*old) => *old = place,
                Some(_) => {}
                None => found.push((place, key)),
            }
        }
    }
    found
}

/// Numbers for processes: two resources that name the same one get the same.
#[derive(Default)]
struct Processes {
    codes: HashMap<(String, String), u32>,
    of_resources: HashMap<(usize, u32), u32>,
}

impl Processes {
    fn code(&mut self, page: usize, span: SpanRow<'_>) -> u32 {
        let resource = (page, span.resource_row());
        if let Some(code) = self.of_resources.get(&resource) {
            return *code;
        }
        let next = self.codes.len() as u32;
        let name = (span.service().to_owned(), instance(span));
        let code = *self.codes.entry(name).or_insert(next);
        self.of_resources.insert(resource, code);
        code
    }
}
