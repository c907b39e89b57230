//! The newest traces, merged from the directories of all runs without touching all of them.
//!
//! A trace may be in several runs. Its start in any of them is not before its true start, so
//! entries are taken newest first from all runs at once, each trace is summed up when it is first
//! met, and it is answered once no entry left could belong to a newer one (Fagin's threshold
//! algorithm). Traces with superseded rows are summed up beforehand, once per snapshot, because
//! for them the directories say more than is true.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use hashbrown::HashSet;
use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{ListTracesRequest, TraceSummary};

use super::run::runs;
use super::{Snapshot, TRACES_LISTED_MAX};
use crate::chunk::Slot;
use crate::directory::{TraceEntry, TraceTable};

const LIMIT_DEFAULT: usize = 100;

/// What lists need beyond the runs.
#[derive(Debug)]
pub(crate) struct ListSources {
    open: TraceTable,
    with_superseded: Vec<TraceSummary>,
}

impl ListSources {
    fn new(snapshot: &Snapshot) -> Self {
        let open = snapshot.open.iter().enumerate();
        let open = TraceTable::build(open.map(|(slot, (_, span))| (slot as Slot, span.row())));
        let traces = snapshot.superseded.traces();
        Self {
            open,
            with_superseded: traces.filter_map(|trace| snapshot.summary(trace)).collect(),
        }
    }
}

pub(super) fn newest(snapshot: &Snapshot, request: &ListTracesRequest) -> Vec<TraceSummary> {
    let limit = match request.limit {
        0 => LIMIT_DEFAULT,
        limit => (limit as usize).min(TRACES_LISTED_MAX),
    };
    let sources = snapshot.lists.get_or_init(|| ListSources::new(snapshot));
    let filter = Filter::new(request);
    let mut ready = BinaryHeap::new();
    let matching = |summary: &&TraceSummary| filter.matches(summary);
    let restated = sources.with_superseded.iter().filter(matching);
    ready.extend(restated.cloned().map(Ready));
    let mut entries = Entries::new(snapshot, &sources.open, &filter);
    let mut seen: HashSet<TraceId> = HashSet::new();
    let mut answer = Vec::new();
    while answer.len() < limit {
        let next_start = entries.next_start_ns();
        match ready.peek().map(|ready: &Ready| ready.0.start_ns) {
            Some(start) if next_start.is_none_or(|next| next < start) => {
                answer.extend(ready.pop().map(|ready| ready.0));
            }
            None if next_start.is_none() => break,
            _ => {
                if let Some(trace) = entries.pop()
                    && seen.insert(trace)
                    && snapshot.superseded.of(trace).is_none()
                    && let Some(summary) = snapshot.summary(trace)
                    && filter.matches(&summary)
                {
                    ready.push(Ready(summary));
                }
            }
        }
    }
    answer
}

struct Filter<'r> {
    service: &'r str,
    before_ns: u64,
}

impl<'r> Filter<'r> {
    fn new(request: &'r ListTracesRequest) -> Self {
        Self {
            service: &request.service,
            before_ns: match request.before_ns {
                0 => u64::MAX,
                before => before,
            },
        }
    }

    fn matches(&self, summary: &TraceSummary) -> bool {
        let of_service = || summary.services.iter().any(|s| s.service == self.service);
        summary.start_ns < self.before_ns && (self.service.is_empty() || of_service())
    }

    /// The entries of a directory that can matter. A trace may have begun earlier in another run
    /// than its spans of the service in this one, so with a service, times are not looked at.
    fn cursor<'a>(&self, table: &'a TraceTable) -> Option<Cursor<'a>> {
        if self.service.is_empty() {
            let from = table
                .entries()
                .partition_point(|entry| entry.start_ns >= self.before_ns);
            return Some(Cursor::new(table, from, None));
        }
        let code = table.service_code(self.service)?;
        Some(Cursor::new(table, 0, Some(code)))
    }
}

/// A position in the entries of one directory.
struct Cursor<'a> {
    table: &'a TraceTable,
    at: usize,
    service: Option<u32>,
}

impl<'a> Cursor<'a> {
    fn new(table: &'a TraceTable, at: usize, service: Option<u32>) -> Self {
        let mut cursor = Self { table, at, service };
        cursor.skip();
        cursor
    }

    fn entry(&self) -> Option<&'a TraceEntry> {
        self.table.entries().get(self.at)
    }

    fn advance(&mut self) {
        self.at += 1;
        self.skip();
    }

    fn skip(&mut self) {
        if let Some(code) = self.service {
            while let Some(entry) = self.entry()
                && !self.table.has_service(entry, code)
            {
                self.at += 1;
            }
        }
    }
}

/// The entries of all directories, newest start first.
struct Entries<'a> {
    cursors: Vec<Cursor<'a>>,
    /// Start and cursor.
    next: BinaryHeap<(u64, usize)>,
}

impl<'a> Entries<'a> {
    fn new(snapshot: &'a Snapshot, open: &'a TraceTable, filter: &Filter<'_>) -> Self {
        let tables = runs(snapshot)
            .map(|run| run.traces())
            .chain(std::iter::once(open));
        let cursors: Vec<Cursor<'a>> = tables.filter_map(|table| filter.cursor(table)).collect();
        let starts = cursors.iter().enumerate();
        let next = starts
            .filter_map(|(index, cursor)| Some((cursor.entry()?.start_ns, index)))
            .collect();
        Self { cursors, next }
    }

    fn next_start_ns(&self) -> Option<u64> {
        self.next.peek().map(|(start, _)| *start)
    }

    fn pop(&mut self) -> Option<TraceId> {
        let (_, index) = self.next.pop()?;
        let cursor = self.cursors.get_mut(index)?;
        let trace = cursor.entry()?.trace_id;
        cursor.advance();
        if let Some(entry) = cursor.entry() {
            self.next.push((entry.start_ns, index));
        }
        Some(trace)
    }
}

/// A summary in the order of the answer: the greatest comes first.
struct Ready(TraceSummary);

impl Ready {
    fn rank(&self) -> (u64, Reverse<TraceId>) {
        (self.0.start_ns, Reverse(self.0.trace_id))
    }
}

impl PartialEq for Ready {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Ready {}

impl PartialOrd for Ready {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ready {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}
