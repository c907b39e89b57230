//! Building the directory: number the traces, sort them by start, place the rows, sum each up.
//!
//! Cost: a hash where a row is of another trace than the row before, a counting sort of the rows,
//! a sort of the traces. Memory while building: about 30 bytes a row.

use std::cmp::Reverse;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use hindsight_protocol::{OPEN_END_NS, SpanState, StatusCode, TraceId};

use super::super::heads::{HeadsStage, Order};
use super::super::packed::Packed;
use super::{TraceTable, range};

/// Trace ids of rows in order of arrival.
#[derive(Debug, Default)]
pub(in super::super) struct TracesStage {
    /// In order of appearance.
    ids: Vec<TraceId>,
    by_id: HashTable<u32>,
    hasher: DefaultHashBuilder,
    of_row: Vec<u32>,
}

/// The rows in order of arrival, and where they are in the end.
pub(in super::super) struct RowFacts<'a> {
    pub(in super::super) heads: &'a HeadsStage,
    pub(in super::super) order: &'a Order,
    /// Code of the service by code of the resource.
    pub(in super::super) services: &'a [u32],
}

/// What is found out about each trace, in the order of the table.
#[derive(Default)]
struct Sums {
    starts: Vec<u64>,
    newest_starts: Vec<u64>,
    ends: Vec<u64>,
    heads: Vec<u32>,
    has_root: Vec<u8>,
    errors: Vec<u32>,
    running: Vec<u32>,
    aborted: Vec<u32>,
    service_ends: Vec<u32>,
    services: Vec<u32>,
    service_spans: Vec<u32>,
    /// Services of the rows of one trace.
    scratch: Vec<u32>,
}

/// A candidate for the head of a trace: what is smaller is better.
type HeadRank = (bool, u64, u64, u32);

impl TracesStage {
    pub(in super::super) fn with_capacity(rows: usize) -> Self {
        Self {
            of_row: Vec::with_capacity(rows),
            ..Self::default()
        }
    }

    /// Adds rows with these trace ids.
    pub(in super::super) fn extend(&mut self, ids: impl Iterator<Item = TraceId>) {
        let mut last = None;
        for id in ids {
            let number = match last {
                Some((of, number)) if of == id => number,
                _ => self.number(id),
            };
            last = Some((id, number));
            self.of_row.push(number);
        }
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
        }
        found
    }

    pub(in super::super) fn finish(self, facts: &RowFacts<'_>) -> TraceTable {
        let ranks = self.ranks(&facts.heads.starts);
        let mut ids = vec![TraceId::INVALID; self.ids.len()];
        for (id, rank) in self.ids.iter().zip(&ranks) {
            ids[*rank as usize] = *id;
        }
        let mut table = TraceTable {
            by_id: index(&ids, &self.hasher),
            ids: ids.into(),
            hasher: self.hasher.clone(),
            ..TraceTable::default()
        };
        self.place_rows(&mut table, &ranks, facts);
        let mut sums = Sums::default();
        for at in 0..table.ids.len() {
            let rows = range(&table.row_ends, at).map(|at| table.rows.get_u32(at));
            sums.add(rows, facts);
        }
        sums.finish(table)
    }

    /// The place of each trace in the table.
    fn ranks(&self, starts: &[u64]) -> Vec<u32> {
        let mut earliest = vec![u64::MAX; self.ids.len()];
        for (trace, start) in self.of_row.iter().zip(starts) {
            let earliest = &mut earliest[*trace as usize];
            *earliest = (*earliest).min(*start);
        }
        // Backwards, because traces that appear later mostly start later: nearly sorted.
        let traces = earliest.iter().zip(&self.ids).enumerate().rev();
        let key =
            |(trace, (start, id)): (usize, (&u64, &TraceId))| (Reverse(*start), *id, trace as u32);
        let mut sorted: Vec<_> = traces.map(key).collect();
        sorted.sort();
        let mut ranks = vec![0; sorted.len()];
        for (rank, (.., trace)) in sorted.iter().enumerate() {
            ranks[*trace as usize] = rank as u32;
        }
        ranks
    }

    fn place_rows(&self, table: &mut TraceTable, ranks: &[u32], facts: &RowFacts<'_>) {
        let rank_of = |row: usize| ranks[self.of_row[facts.arrival(row)] as usize];
        let of_row: Vec<u32> = (0..self.of_row.len()).map(rank_of).collect();
        let mut ends = vec![0_u32; ranks.len()];
        for trace in &of_row {
            ends[*trace as usize] += 1;
        }
        let mut end = 0;
        let mut next = Vec::with_capacity(ends.len());
        for count in &mut ends {
            next.push(end);
            end += *count;
            *count = end;
        }
        let mut rows = vec![0_u32; of_row.len()];
        for (row, trace) in of_row.iter().enumerate() {
            let at = &mut next[*trace as usize];
            rows[*at as usize] = row as u32;
            *at += 1;
        }
        table.row_ends = Packed::of(&ends);
        table.rows = Packed::of(&rows);
        table.of_row = Packed::of(&of_row);
    }
}

fn index(ids: &[TraceId], hasher: &DefaultHashBuilder) -> HashTable<u32> {
    let mut by_id = HashTable::with_capacity(ids.len());
    let hash_at = |at: &u32| hasher.hash_one(ids[*at as usize]);
    for at in 0..ids.len() as u32 {
        by_id.insert_unique(hash_at(&at), at, hash_at);
    }
    by_id
}

impl RowFacts<'_> {
    /// When a row arrived.
    #[inline]
    fn arrival(&self, row: usize) -> usize {
        match self.order {
            Some(order) => order[row] as usize,
            None => row,
        }
    }
}

impl Sums {
    /// Adds the next trace, which has these rows.
    fn add(&mut self, rows: impl Iterator<Item = u32>, facts: &RowFacts<'_>) {
        let heads = facts.heads;
        let mut head: HeadRank = (true, u64::MAX, u64::MAX, u32::MAX);
        let mut starts = (u64::MAX, 0);
        let mut end: Option<u64> = None;
        let (mut errors, mut running, mut aborted) = (0, 0, 0);
        self.scratch.clear();
        for row in rows {
            let at = facts.arrival(row as usize);
            let start = heads.starts[at];
            starts = (starts.0.min(start), starts.1.max(start));
            let has_parent = heads.parent_ids[at] != 0;
            head = head.min((has_parent, start, heads.span_ids[at], row));
            let row_end = start.wrapping_add(heads.durations[at]);
            if row_end != OPEN_END_NS {
                end = end.max(Some(row_end));
            }
            errors += u32::from(StatusCode::from_u8(heads.statuses.get(at)) == StatusCode::Error);
            match SpanState::from_u8(heads.states[at]) {
                SpanState::Running => running += 1,
                SpanState::Disconnected | SpanState::Aborted => aborted += 1,
                SpanState::Ended | SpanState::EndedByDrop => (),
            }
            let resource = heads.resources[at] as usize;
            self.scratch.push(facts.services[resource]);
        }
        self.starts.push(starts.0);
        self.newest_starts.push(starts.1);
        self.ends.push(end.unwrap_or(OPEN_END_NS));
        self.heads.push(head.3);
        self.has_root.push(u8::from(!head.0));
        self.errors.push(errors);
        self.running.push(running);
        self.aborted.push(aborted);
        self.add_services();
    }

    fn add_services(&mut self) {
        self.scratch.sort_unstable();
        for same in self.scratch.chunk_by(|a, b| a == b) {
            self.services.push(same[0]);
            self.service_spans.push(same.len() as u32);
        }
        self.service_ends.push(self.services.len() as u32);
    }

    fn finish(self, table: TraceTable) -> TraceTable {
        TraceTable {
            starts: Packed::of(&self.starts),
            newest_starts: Packed::of(&self.newest_starts),
            ends: Packed::of(&self.ends),
            heads: Packed::of(&self.heads),
            has_root: Packed::of(&self.has_root),
            errors: Packed::of(&self.errors),
            running: Packed::of(&self.running),
            aborted: Packed::of(&self.aborted),
            service_ends: Packed::of(&self.service_ends),
            services: Packed::of(&self.services),
            service_spans: Packed::of(&self.service_spans),
            ..table
        }
    }
}
