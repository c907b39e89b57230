//! Building a directory: group rows by trace, order each group, sum it up, sort the groups.
//!
//! Memory while building: about 50 bytes a row. Time: one hash look-up a row and small sorts.

use std::cmp::Reverse;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::{CheckedBatch, SpanState, StatusCode, TraceId};

use super::{TraceEntry, TraceTable};
use crate::chunk::Slot;

/// What is needed of a row.
#[derive(Clone, Copy, Default)]
struct Key {
    start_ns: u64,
    span_bits: u64,
    end_ns: Option<u64>,
    slot: Slot,
    service: u32,
    group: u32,
    is_root: bool,
    is_error: bool,
    state: SpanState,
}

pub(super) fn build<'a>(rows: impl Iterator<Item = (Slot, SpanRow<'a>)>) -> TraceTable {
    let mut services = ServiceCodes::default();
    let (keys, traces) = collect(rows, &mut services);
    let mut table = TraceTable {
        rows: Vec::with_capacity(keys.len()),
        entries: Vec::with_capacity(traces.len()),
        service_names: services.names,
        ..TraceTable::default()
    };
    let (mut grouped, starts) = group(&keys, traces.len());
    for (index, trace) in traces.iter().enumerate() {
        let range = starts[index] as usize..starts[index + 1] as usize;
        let keys = &mut grouped[range];
        keys.sort_unstable_by_key(|key| (key.start_ns, key.span_bits));
        add_trace(&mut table, *trace, keys);
    }
    table.services.shrink_to_fit();
    table
        .entries
        .sort_unstable_by_key(|entry| (Reverse(entry.start_ns), entry.trace_id));
    index_by_id(&mut table);
    table
}

/// The keys of all rows, and the traces in order of appearance.
fn collect<'a>(
    rows: impl Iterator<Item = (Slot, SpanRow<'a>)>,
    services: &mut ServiceCodes<'a>,
) -> (Vec<Key>, Vec<TraceId>) {
    let hasher = DefaultHashBuilder::default();
    let mut groups: HashTable<u32> = HashTable::new();
    let mut traces: Vec<TraceId> = Vec::new();
    let mut keys = Vec::with_capacity(rows.size_hint().0);
    for (slot, row) in rows {
        let trace = row.trace_id();
        let group = match traces.last() {
            Some(last) if *last == trace => traces.len() as u32 - 1,
            _ => *groups
                .entry(
                    hasher.hash_one(trace),
                    |group| traces[*group as usize] == trace,
                    |group| hasher.hash_one(traces[*group as usize]),
                )
                .or_insert(traces.len() as u32)
                .get(),
        };
        if group as usize == traces.len() {
            traces.push(trace);
        }
        keys.push(Key {
            start_ns: row.start_ns(),
            span_bits: row.span_id().bits,
            end_ns: row.end_ns(),
            slot,
            service: services.code(row),
            group,
            is_root: row.parent_id().is_none(),
            is_error: row.status() == StatusCode::Error,
            state: row.state(),
        });
    }
    (keys, traces)
}

/// The keys group by group, and where each group starts (and the last one ends).
fn group(keys: &[Key], groups: usize) -> (Vec<Key>, Vec<u32>) {
    let mut starts = vec![0_u32; groups + 1];
    for key in keys {
        starts[key.group as usize + 1] += 1;
    }
    for index in 0..groups {
        starts[index + 1] += starts[index];
    }
    let mut next = starts.clone();
    let mut grouped = vec![Key::default(); keys.len()];
    for key in keys {
        let at = &mut next[key.group as usize];
        grouped[*at as usize] = *key;
        *at += 1;
    }
    (grouped, starts)
}

/// Adds a trace whose keys are in order.
fn add_trace(table: &mut TraceTable, trace_id: TraceId, keys: &[Key]) {
    let (Some(first), Some(last)) = (keys.first(), keys.last()) else {
        return;
    };
    let root = keys.iter().find(|key| key.is_root);
    let count = |wanted: fn(&Key) -> bool| keys.iter().filter(|key| wanted(key)).count() as u32;
    let services_start = table.services.len() as u32;
    add_services(table, keys);
    let entry = TraceEntry {
        trace_id,
        start_ns: first.start_ns,
        newest_start_ns: last.start_ns,
        end_ns: keys.iter().filter_map(|key| key.end_ns).max(),
        head: root.unwrap_or(first).slot,
        has_root: root.is_some(),
        spans: keys.len() as u32,
        errors: count(|key| key.is_error),
        running: count(|key| key.state == SpanState::Running),
        aborted: count(|key| matches!(key.state, SpanState::Disconnected | SpanState::Aborted)),
        rows_start: table.rows.len() as u32,
        services_start,
        services_end: table.services.len() as u32,
    };
    table.rows.extend(keys.iter().map(|key| key.slot));
    table.entries.push(entry);
}

fn add_services(table: &mut TraceTable, keys: &[Key]) {
    let mut codes: Vec<u32> = keys.iter().map(|key| key.service).collect();
    codes.sort_unstable();
    for same in codes.chunk_by(|a, b| a == b) {
        table.services.push((same[0], same.len() as u32));
    }
}

fn index_by_id(table: &mut TraceTable) {
    let (entries, hasher) = (&table.entries, &table.hasher);
    let hash_at = |at: &u32| hasher.hash_one(entries[*at as usize].trace_id);
    table.by_id = HashTable::with_capacity(entries.len());
    for at in 0..entries.len() as u32 {
        table.by_id.insert_unique(hash_at(&at), at, hash_at);
    }
}

/// Service names as numbers; a name is looked up once per resource of a batch.
#[derive(Default)]
struct ServiceCodes<'a> {
    names: Vec<Box<str>>,
    codes: HashMap<&'a str, u32>,
    batch: Option<&'a CheckedBatch>,
    /// Code plus one by resource row of `batch`; 0 = not known yet.
    of_resource: Vec<u32>,
}

impl<'a> ServiceCodes<'a> {
    fn code(&mut self, row: SpanRow<'a>) -> u32 {
        if !self
            .batch
            .is_some_and(|known| std::ptr::eq(known, row.batch()))
        {
            self.batch = Some(row.batch());
            self.of_resource.clear();
            let resources = row.batch().columns().resources.attribute_ends.len();
            self.of_resource.resize(resources.max(1), 0);
        }
        let at = row.resource_row() as usize;
        if let Some(known) = self
            .of_resource
            .get(at)
            .and_then(|code| code.checked_sub(1))
        {
            return known;
        }
        let code = self.intern(row.service());
        if let Some(known) = self.of_resource.get_mut(at) {
            *known = code + 1;
        }
        code
    }

    fn intern(&mut self, service: &'a str) -> u32 {
        let next = self.names.len() as u32;
        let code = *self.codes.entry(service).or_insert(next);
        if code == next {
            self.names.push(service.into());
        }
        code
    }
}
