//! From rows of batches to the columns of one trace.
//!
//! Holds: a text has one code whatever batch it came from; resources that name the same process are
//! one process. Bounded by the batches.

use std::collections::HashMap;

use hindsight_protocol::batch::{SpanRow, ValueRef};
use hindsight_protocol::{CheckedBatch, OPEN_END_NS, TraceId};

use super::{Process, TraceColumns};

/// What the rows of one trace came to.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) columns: TraceColumns,
    /// Batch and row of each span.
    pub(crate) places: Vec<(u32, u32)>,
    /// Rows of other traces.
    pub(crate) foreign: usize,
}

/// Gathers the rows of `trace_id`.
pub(crate) fn gather(trace_id: TraceId, pages: &[CheckedBatch]) -> Gathered {
    let mut gatherer = Gatherer::default();
    gatherer.reserve(pages.iter().map(CheckedBatch::len).sum());
    for (number, page) in (0..).zip(pages) {
        let mut codes = PageCodes::of(page);
        for row in page.rows() {
            match row.trace_id() == trace_id {
                true => gatherer.add(number, row, &mut codes),
                false => gatherer.gathered.foreign += 1,
            }
        }
    }
    gatherer.gathered
}

const UNKNOWN: u32 = u32::MAX;

/// What a page's own numbers are called in the columns, [`UNKNOWN`] until asked for.
struct PageCodes {
    strings: Vec<u32>,
    resources: Vec<u32>,
}

impl PageCodes {
    fn of(page: &CheckedBatch) -> Self {
        let columns = page.columns();
        let resources = columns.resources.attribute_ends.len();
        Self {
            strings: vec![UNKNOWN; columns.strings.ends.len().max(1)],
            // A row beyond the table is a resource without attributes.
            resources: vec![UNKNOWN; resources + 1],
        }
    }
}

#[derive(Default)]
struct Gatherer {
    gathered: Gathered,
    codes: HashMap<String, u32>,
    processes: HashMap<Process, u32>,
}

impl Gatherer {
    fn reserve(&mut self, spans: usize) {
        let columns = &mut self.gathered.columns;
        columns.span_ids.reserve(spans);
        columns.parent_ids.reserve(spans);
        columns.starts_ns.reserve(spans);
        columns.ends_ns.reserve(spans);
        columns.names.reserve(spans);
        self.gathered.places.reserve(spans);
    }

    fn add(&mut self, page: u32, row: SpanRow<'_>, codes: &mut PageCodes) {
        let batch = row.batch().columns();
        let at = row.index();
        let name = batch.names.get(at).copied().unwrap_or_default();
        let name = self.code(row.batch(), name, codes);
        let message = batch.status_messages.get(at).copied().unwrap_or_default();
        let message = self.code(row.batch(), message, codes);
        let process = self.process(row, codes);
        let columns = &mut self.gathered.columns;
        columns.span_ids.push(row.span_id().bits);
        let parent = row.parent_id().unwrap_or_default();
        columns.parent_ids.push(parent.bits);
        columns.starts_ns.push(row.start_ns());
        columns.ends_ns.push(row.end_ns().unwrap_or(OPEN_END_NS));
        columns.names.push(name);
        columns.process_rows.push(process);
        columns.kinds.push(row.kind() as u8);
        columns.statuses.push(row.status() as u8);
        columns.messages.push(message);
        columns.states.push(row.state() as u8);
        columns.versions.push(row.version());
        self.gathered.places.push((page, at as u32));
    }

    /// The code of string `string` of `page`.
    fn code(&mut self, page: &CheckedBatch, string: u32, codes: &mut PageCodes) -> u32 {
        let Some(code) = codes.strings.get_mut(string as usize) else {
            return 0;
        };
        if *code == UNKNOWN {
            *code = self.intern(page.string(string));
        }
        *code
    }

    fn intern(&mut self, text: &str) -> u32 {
        if let Some(code) = self.codes.get(text) {
            return *code;
        }
        let code = self.gathered.columns.strings.push(text);
        self.codes.insert(text.to_owned(), code);
        code
    }

    fn process(&mut self, row: SpanRow<'_>, codes: &mut PageCodes) -> u32 {
        let resource = (row.resource_row() as usize).min(codes.resources.len() - 1);
        if codes.resources[resource] == UNKNOWN {
            let process = Process {
                service: self.intern(row.service()),
                instance: self.intern(&instance(row)),
            };
            let table = &mut self.gathered.columns.processes;
            let next = table.len() as u32;
            let known = *self.processes.entry(process).or_insert(next);
            if known == next {
                table.push(process);
            }
            codes.resources[resource] = known;
        }
        codes.resources[resource]
    }
}

/// What tells the process from others of its service; see [`Process::instance`].
pub(crate) fn instance(row: SpanRow<'_>) -> String {
    let find = |wanted: &str| {
        let value = row.resource().find(|(key, _)| *key == wanted)?.1;
        match value {
            ValueRef::String(text) => Some(text.to_owned()),
            ValueRef::I64(number) => Some(number.to_string()),
            _ => None,
        }
    };
    if let Some(instance) = find("service.instance.id") {
        return instance;
    }
    match (find("host.name"), find("process.pid")) {
        (Some(host), Some(pid)) => format!("{host}/{pid}"),
        (host, pid) => host.or(pid).unwrap_or_default(),
    }
}
