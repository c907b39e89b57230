//! Building the directory: sum the traces up as rows arrive, sort them by start, place the rows.
//!
//! Cost: a hash where a row is of another trace than the row before, a counting sort of the rows,
//! a sort of the traces. Memory while building: about 20 bytes a row and 150 a trace.

use std::cmp::Reverse;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use hindsight_protocol::{OPEN_END_NS, SpanBatch, TraceId};

use super::super::build::Rows;
use super::super::heads::{HeadsStage, Order};
use super::super::packed::Packed;
use super::TraceTable;
use super::sums::{RowFacts, Sums};

/// What is known of the traces so far.
#[derive(Debug, Default)]
pub(in super::super) struct TracesStage {
    /// In order of appearance.
    ids: Vec<TraceId>,
    by_id: HashTable<u32>,
    hasher: DefaultHashBuilder,
    sums: Vec<Sums>,
    /// Trace of each row in order of arrival.
    of_row: Vec<u32>,
    services: Vec<ServiceRun>,
}

/// Rows of one trace and service that arrived one after the other.
#[derive(Clone, Copy, Debug, Default)]
struct ServiceRun {
    trace: u32,
    service: u32,
    spans: u32,
}

impl TracesStage {
    pub(in super::super) fn with_capacity(rows: usize) -> Self {
        Self {
            of_row: Vec::with_capacity(rows),
            ..Self::default()
        }
    }

    /// Adds rows, which are the last of `heads`; `services` gives the code of the service by that
    /// of the resource.
    pub(in super::super) fn extend(
        &mut self,
        columns: &SpanBatch,
        rows: Rows<'_>,
        heads: &HeadsStage,
        services: &[u32],
    ) {
        let first_row = self.of_row.len();
        let id = |row: &u32| TraceId {
            high: columns.trace_ids_high[*row as usize],
            low: columns.trace_ids_low[*row as usize],
        };
        let mut at = 0;
        // Rows of one trace that follow each other are added up together.
        while let Some(first) = rows.list.get(at) {
            let trace_id = id(first);
            let same = rows.list[at..].iter().take_while(|row| id(row) == trace_id);
            let end = at + same.count();
            let run = first_row + at..first_row + end;
            self.add_run(trace_id, run.len(), heads.facts(run, services));
            at = end;
        }
    }

    fn add_run(&mut self, id: TraceId, len: usize, rows: impl Iterator<Item = RowFacts>) {
        let first = self.of_row.len() as u32;
        let trace = match self.of_row.last() {
            Some(last) if self.ids[*last as usize] == id => *last,
            _ => self.number(id),
        };
        self.of_row.resize(self.of_row.len() + len, trace);
        let mut sums = self.sums[trace as usize];
        let mut run = self.services.pop().unwrap_or_default();
        for (row, facts) in (first..).zip(rows) {
            sums.add(row, &facts);
            if (run.trace, run.service) != (trace, facts.service) {
                let next = ServiceRun {
                    trace,
                    service: facts.service,
                    spans: 0,
                };
                let last = std::mem::replace(&mut run, next);
                self.services.extend((last.spans > 0).then_some(last));
            }
            run.spans += 1;
        }
        self.services.extend((run.spans > 0).then_some(run));
        self.sums[trace as usize] = sums;
    }

    fn number(&mut self, id: TraceId) -> u32 {
        let (ids, hasher) = (&mut self.ids, &self.hasher);
        let number = ids.len() as u32;
        let entry = self.by_id.entry(
            hasher.hash_one(id),
            |at| ids[*at as usize] == id,
            |at| hasher.hash_one(ids[*at as usize]),
        );
        let found = *entry.or_insert(number).get();
        if found == number {
            ids.push(id);
            self.sums.push(Sums::default());
        }
        found
    }

    /// The directory of rows in their final order; `placed` is where each row went.
    pub(in super::super) fn finish(self, order: &Order, placed: &Order) -> TraceTable {
        let sorted = self.sorted();
        let mut ranks = vec![0; sorted.len()];
        for (rank, trace) in sorted.iter().enumerate() {
            ranks[*trace as usize] = rank as u32;
        }
        let ids: Box<[TraceId]> = sorted.iter().map(|at| self.ids[*at as usize]).collect();
        let column = |pick: &dyn Fn(&Sums) -> u64| {
            let values = sorted.iter().map(|at| pick(&self.sums[*at as usize]));
            Packed::of(&values.collect::<Vec<u64>>())
        };
        let place = |row: u32| placed.as_ref().map_or(row, |placed| placed[row as usize]);
        let table = TraceTable {
            by_id: index(&ids, &self.hasher),
            ids,
            starts: column(&|sums| sums.start_ns),
            newest_starts: column(&|sums| sums.newest_start_ns),
            ends: column(&|sums| sums.end_ns.unwrap_or(OPEN_END_NS)),
            heads: column(&|sums| u64::from(place(sums.head_row()))),
            has_root: column(&|sums| u64::from(sums.has_root())),
            errors: column(&|sums| u64::from(sums.errors)),
            running: column(&|sums| u64::from(sums.running)),
            aborted: column(&|sums| u64::from(sums.aborted)),
            ..TraceTable::default()
        };
        let table = self.place_services(table, &ranks);
        self.place_rows(table, &ranks, order)
    }

    /// The traces, newest start first, then by id.
    fn sorted(&self) -> Vec<u32> {
        // Backwards, because traces that appear later mostly start later: nearly sorted.
        let traces = self.sums.iter().zip(&self.ids).enumerate().rev();
        let key = |(trace, (sums, id)): (usize, (&Sums, &TraceId))| {
            (Reverse(sums.start_ns), *id, trace as u32)
        };
        let mut sorted: Vec<_> = traces.map(key).collect();
        sorted.sort();
        sorted.into_iter().map(|(.., trace)| trace).collect()
    }

    fn place_services(&self, table: TraceTable, ranks: &[u32]) -> TraceTable {
        let traces = self.services.iter().map(|run| ranks[run.trace as usize]);
        let (ends, order) = counting_sort(&traces.collect::<Vec<u32>>(), ranks.len());
        let mut of_trace = Vec::new();
        let mut start = 0;
        let (mut service_ends, mut services, mut spans) = (Vec::new(), Vec::new(), Vec::new());
        for end in ends {
            let runs = &order[start as usize..end as usize];
            of_trace.clear();
            of_trace.extend(runs.iter().map(|run| {
                let run = &self.services[*run as usize];
                (run.service, run.spans)
            }));
            of_trace.sort_unstable();
            for same in of_trace.chunk_by(|a, b| a.0 == b.0) {
                services.push(same[0].0);
                spans.push(same.iter().map(|(_, spans)| spans).sum::<u32>());
            }
            service_ends.push(services.len() as u32);
            start = end;
        }
        TraceTable {
            service_ends: Packed::of(&service_ends),
            services: Packed::of(&services),
            service_spans: Packed::of(&spans),
            ..table
        }
    }

    fn place_rows(self, table: TraceTable, ranks: &[u32], order: &Order) -> TraceTable {
        let rank = |trace: &u32| ranks[*trace as usize];
        let of_row: Vec<u32> = match order {
            None => self.of_row.iter().map(rank).collect(),
            Some(order) => {
                let arrived = order.iter().map(|row| &self.of_row[*row as usize]);
                arrived.map(rank).collect()
            }
        };
        let (ends, rows) = counting_sort(&of_row, ranks.len());
        TraceTable {
            hasher: self.hasher,
            row_ends: Packed::of(&ends),
            rows: Packed::of(&rows),
            of_row: Packed::of(&of_row),
            ..table
        }
    }
}

/// Where the elements of each group end, and the elements' numbers group by group, ascending.
fn counting_sort(group_of: &[u32], groups: usize) -> (Vec<u32>, Vec<u32>) {
    let mut next = vec![0_u32; groups];
    for group in group_of {
        next[*group as usize] += 1;
    }
    let mut end = 0;
    for count in &mut next {
        end += std::mem::replace(count, end);
    }
    let mut sorted = vec![0; group_of.len()];
    for (at, group) in group_of.iter().enumerate() {
        let next = &mut next[*group as usize];
        sorted[*next as usize] = at as u32;
        *next += 1;
    }
    // Each place to write next is now the end of its group.
    (next, sorted)
}

fn index(ids: &[TraceId], hasher: &DefaultHashBuilder) -> HashTable<u32> {
    let mut by_id = HashTable::with_capacity(ids.len());
    let hash_at = |at: &u32| hasher.hash_one(ids[*at as usize]);
    for at in 0..ids.len() as u32 {
        by_id.insert_unique(hash_at(&at), at, hash_at);
    }
    by_id
}
