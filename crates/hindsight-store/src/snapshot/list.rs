//! The newest traces, merged from the directories of all runs without touching all of them.
//!
//! A trace may be in several runs. Its start in any of them is not before its true start, so
//! entries are taken newest first from all runs at once, each trace is summed up when it is first
//! met, and it is answered once no entry left could belong to a newer one (Fagin's threshold
//! algorithm). Of traces that start together, that with the lower id comes first, in directories as in
//! answers, so many of them cost no more than others. Traces with superseded rows are summed up
//! beforehand, once per snapshot, because for them the directories say more than is true. Another
//! order than newest first is one of the newest [`TRACES_LISTED_MAX`].

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use hashbrown::HashSet;
use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{
    ListTracesRequest, TRACE_COLUMNS_MAX, TraceSort, TraceSortKey, TraceSummary,
};

use super::run::runs;
use super::{Snapshot, TRACES_LISTED_MAX, summary};
use crate::column::Bitmap;
use crate::directory::OpenTraces;
use crate::placed::PlacedRows;
use crate::query::Search;

const LIMIT_DEFAULT: usize = 100;

/// Place in the order of the answer, in which the greatest comes first.
type Rank = (u64, Reverse<TraceId>);

/// What lists need beyond the runs.
#[derive(Debug)]
pub(crate) struct ListSources {
    with_superseded: Vec<TraceSummary>,
}

impl ListSources {
    fn new(snapshot: &Snapshot) -> Self {
        let traces = snapshot.superseded.traces();
        Self {
            with_superseded: traces.filter_map(|trace| snapshot.summary(trace)).collect(),
        }
    }
}

/// The first traces in the order that is asked for, of those that `search` finds if there is one.
pub(crate) fn traces(
    snapshot: &Snapshot,
    request: &ListTracesRequest,
    search: Option<&mut Search<'_>>,
) -> Vec<TraceSummary> {
    let limit = match request.limit {
        0 => LIMIT_DEFAULT,
        limit => (limit as usize).min(TRACES_LISTED_MAX),
    };
    let sort = TraceSort::read(&request.sort);
    let seen_max = if sort.is_some() {
        TRACES_LISTED_MAX
    } else {
        limit
    };
    let mut traces = newest(snapshot, request, seen_max, search);
    let keys = &request.columns[..request.columns.len().min(TRACE_COLUMNS_MAX)];
    let add_columns = |trace: &mut TraceSummary, keys: &[String]| {
        trace.attributes = summary::attributes(snapshot, trace.trace_id, keys);
    };
    if let Some(sort) = &sort {
        if let TraceSortKey::Attribute(key) = &sort.by {
            let key = std::slice::from_ref(key);
            traces.iter_mut().for_each(|trace| add_columns(trace, key));
        }
        traces.sort_by(|a, b| sort.compare(a, b));
        traces.truncate(limit);
    }
    // Also where there are none: what was sorted by is told only if it was asked for.
    traces.iter_mut().for_each(|trace| match keys {
        [] => trace.attributes.clear(),
        keys => add_columns(trace, keys),
    });
    traces
}

/// The newest traces.
fn newest(
    snapshot: &Snapshot,
    request: &ListTracesRequest,
    limit: usize,
    mut search: Option<&mut Search<'_>>,
) -> Vec<TraceSummary> {
    let sources = snapshot.lists.get_or_init(|| ListSources::new(snapshot));
    let filter = Filter::new(request);
    let mut ready = BinaryHeap::new();
    let matches = |summary: &TraceSummary, search: &mut Option<&mut Search<'_>>| {
        let is_found = |search: &mut &mut Search<'_>| search.has_match(summary.trace_id);
        filter.matches(summary) && search.as_mut().is_none_or(is_found)
    };
    for summary in &sources.with_superseded {
        if matches(summary, &mut search) {
            ready.push(Ready(summary.clone()));
        }
    }
    let open_matches = search.as_mut().map(|search| search.open_traces());
    let mut entries = Entries::new(snapshot, &filter, open_matches.as_ref());
    let mut seen: HashSet<TraceId> = HashSet::new();
    let mut answer = Vec::new();
    while answer.len() < limit {
        let next = entries.next_rank();
        match ready.peek().map(Ready::rank) {
            // One of the same rank is the same trace.
            Some(rank) if next.is_none_or(|next| next <= rank) => {
                answer.extend(ready.pop().map(|ready| ready.0));
            }
            None if next.is_none() => break,
            _ => {
                if let Some(trace) = entries.pop(search.as_deref_mut())
                    && seen.insert(trace)
                    && snapshot.superseded.of(trace).is_none()
                    && let Some(summary) = snapshot.summary(trace)
                    && filter.matches(&summary)
                    && is_confirmed(trace, &mut search, open_matches.as_ref())
                {
                    ready.push(Ready(summary));
                }
            }
        }
    }
    answer
}

/// Whether a trace that a cursor stopped at is found by the search.
fn is_confirmed(
    trace: TraceId,
    search: &mut Option<&mut Search<'_>>,
    open_matches: Option<&HashSet<TraceId>>,
) -> bool {
    let is_open_match = open_matches.is_some_and(|matches| matches.contains(&trace));
    is_open_match || search.as_mut().is_none_or(|search| search.confirms(trace))
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
    fn cursor<'a>(
        &self,
        directory: Directory<'a>,
        open_matches: Option<&HashSet<TraceId>>,
    ) -> Option<Cursor<'a>> {
        let mut cursor = Cursor {
            directory,
            at: 0,
            service: None,
            only: Only::All,
        };
        if !self.service.is_empty() {
            cursor.service = Some(directory.service_code(self.service)?);
        } else if open_matches.is_none() {
            cursor.at = directory.first_before(self.before_ns);
        }
        match (directory, open_matches) {
            (_, None) => {}
            (Directory::Stored(run), Some(_)) => cursor.only = Only::Unknown(run),
            (Directory::Open(open), Some(matches)) => {
                cursor.only = Only::These(open.among(matches));
            }
        }
        cursor.skip();
        Some(cursor)
    }
}

/// Traces of a run or of a piece of the open spans, newest start first.
#[derive(Clone, Copy)]
enum Directory<'a> {
    Stored(&'a PlacedRows),
    Open(&'a OpenTraces),
}

impl Directory<'_> {
    fn len(self) -> usize {
        match self {
            Self::Stored(run) => run.rows.traces().len(),
            Self::Open(open) => open.len(),
        }
    }

    /// Id and start of the trace at `at`, which must be there.
    fn entry(self, at: usize) -> (TraceId, u64) {
        match self {
            Self::Stored(run) => {
                let traces = run.rows.traces();
                (traces.id(at as u32), traces.start_ns(at as u32))
            }
            Self::Open(open) => open.entry(at),
        }
    }

    /// The first trace that began before this time.
    fn first_before(self, before_ns: u64) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.entry(middle).1 >= before_ns {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        low
    }

    /// The code of a service, if a span has it.
    fn service_code(self, service: &str) -> Option<u32> {
        match self {
            Self::Stored(run) => run.rows.services().find(service),
            Self::Open(open) => open.service_code(service),
        }
    }

    /// Whether a span of the trace at `at` has the service with this code.
    fn has_service(self, at: usize, code: u32) -> bool {
        match self {
            Self::Stored(run) => run.rows.traces().has_service(at as u32, code),
            Self::Open(open) => open.has_service(at, code),
        }
    }
}

/// A position in the entries of one directory.
struct Cursor<'a> {
    directory: Directory<'a>,
    at: usize,
    service: Option<u32>,
    only: Only<'a>,
}

/// Which traces of a directory a search is about.
enum Only<'a> {
    All,
    /// Not looked at yet.
    Unknown(&'a PlacedRows),
    These(Bitmap),
}

impl Cursor<'_> {
    fn entry(&self) -> Option<(TraceId, u64)> {
        (self.at < self.directory.len()).then(|| self.directory.entry(self.at))
    }

    fn rank(&self) -> Option<Rank> {
        let (trace, start_ns) = self.entry()?;
        Some((start_ns, Reverse(trace)))
    }

    fn advance(&mut self) {
        self.at += 1;
        self.skip();
    }

    /// Finds out which traces the search is about, if that is not known.
    fn look(&mut self, search: Option<&mut Search<'_>>) -> bool {
        let (Only::Unknown(run), Some(search)) = (&self.only, search) else {
            return false;
        };
        self.only = Only::These(search.traces_of(run));
        self.skip();
        true
    }

    fn skip(&mut self) {
        let len = self.directory.len();
        while self.at < len && !self.is_wanted() {
            self.at += 1;
        }
    }

    fn is_wanted(&self) -> bool {
        let is_found = match &self.only {
            Only::All | Only::Unknown(_) => true,
            Only::These(traces) => traces.contains(self.at),
        };
        let of_service = |code| self.directory.has_service(self.at, code);
        is_found && self.service.is_none_or(of_service)
    }
}

/// The entries of all directories, newest start first.
struct Entries<'a> {
    snapshot: &'a Snapshot,
    cursors: Vec<Cursor<'a>>,
    /// Rank of the entry that a cursor is at, and the cursor.
    next: BinaryHeap<(Rank, usize)>,
}

impl<'a> Entries<'a> {
    fn new(
        snapshot: &'a Snapshot,
        filter: &Filter<'_>,
        open_matches: Option<&HashSet<TraceId>>,
    ) -> Self {
        let directories = runs(snapshot).map(Directory::Stored);
        let open = snapshot.open.pieces().map(|piece| piece.traces());
        let directories = directories.chain(open.map(Directory::Open));
        let cursors = directories.filter_map(|d| filter.cursor(d, open_matches));
        let cursors: Vec<Cursor<'a>> = cursors.collect();
        let starts = cursors.iter().enumerate();
        let next = starts
            .filter_map(|(index, cursor)| Some((cursor.rank()?, index)))
            .collect();
        Self {
            snapshot,
            cursors,
            next,
        }
    }

    fn next_rank(&self) -> Option<Rank> {
        self.next.peek().map(|(rank, _)| *rank)
    }

    /// The newest trace; none when a run had to be looked at first, an open span is not open any
    /// more, or there is none left.
    fn pop(&mut self, search: Option<&mut Search<'_>>) -> Option<TraceId> {
        let (_, index) = self.next.pop()?;
        let cursor = self.cursors.get_mut(index)?;
        let found = match cursor.look(search) {
            true => None,
            false => {
                let (trace, _) = cursor.entry()?;
                cursor.advance();
                let is_there = match cursor.directory {
                    Directory::Stored(_) => true,
                    Directory::Open(_) => self.snapshot.open.has_trace(trace),
                };
                is_there.then_some(trace)
            }
        };
        if let Some(rank) = cursor.rank() {
            self.next.push((rank, index));
        }
        found
    }
}

/// A summary in the order of the answer: the greatest comes first.
struct Ready(TraceSummary);

impl Ready {
    fn rank(&self) -> Rank {
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
