//! What every row has: ids, times, codes of what it refers to, small numbers.
//!
//! In: rows of batches, in order of arrival. Out: [`Heads`], a packed column each, in the order the
//! segment's rows have in the end.

use hindsight_protocol::batch::SpanBatch;
use hindsight_protocol::{CheckedBatch, OPEN_END_NS, SpanState};

use super::attributes::TablesStage;
use super::build::Rows;
use super::dictionary::Interner;
use super::memo::Owner;
use super::owners::{OwnersStage, or_default};
use super::packed::Packed;
use super::traces::RowFacts;

/// The final order of rows as numbers in order of arrival; none if that is the same.
pub(super) type Order = Option<Vec<u32>>;

/// Columns in order of arrival.
#[derive(Debug, Default)]
pub(super) struct HeadsStage {
    span_ids: Vec<u64>,
    parent_ids: Vec<u64>,
    starts: Vec<u64>,
    /// End minus start, wrapping.
    durations: Vec<u64>,
    names: Vec<u32>,
    resources: Vec<u32>,
    scopes: Vec<u32>,
    statuses: Optional<u8>,
    states: Vec<u8>,
    kinds: Optional<u8>,
    flags: Optional<u8>,
    versions: Optional<u32>,
    status_messages: Optional<u32>,
    trace_states: Optional<u32>,
    dropped: [Optional<u32>; 3],
}

/// Columns by row.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    pub(super) span_ids: Packed,
    pub(super) parent_ids: Packed,
    pub(super) starts: Packed,
    /// End minus start, wrapping: rows without an end, and those that end before they start, have
    /// very large ones.
    pub(super) durations: Packed,
    pub(super) ended: EndedRange,
    pub(super) names: Packed,
    pub(super) resources: Packed,
    pub(super) scopes: Packed,
    pub(super) kinds: Packed,
    pub(super) statuses: Packed,
    pub(super) states: Packed,
    pub(super) flags: Packed,
    pub(super) versions: Packed,
    pub(super) status_messages: Packed,
    pub(super) trace_states: Packed,
    /// Attributes, events, links.
    pub(super) dropped: [Packed; 3],
}

/// Smallest and largest of the rows that have an end; the first above the second if none has.
#[derive(Clone, Copy, Debug)]
pub(super) struct EndedRange {
    /// An end before the start counts as 0.
    pub(super) durations: (u64, u64),
    pub(super) ends: (u64, u64),
}

impl Default for EndedRange {
    fn default() -> Self {
        Self {
            durations: (u64::MAX, 0),
            ends: (u64::MAX, 0),
        }
    }
}

impl EndedRange {
    fn of(starts: &[u64], durations: &[u64]) -> Self {
        let widen = |(min, max): (u64, u64), value: u64| (min.min(value), max.max(value));
        let mut range = Self::default();
        for (start, duration) in starts.iter().zip(durations) {
            let end = start.wrapping_add(*duration);
            if end != OPEN_END_NS {
                range.durations = widen(range.durations, end.saturating_sub(*start));
                range.ends = widen(range.ends, end);
            }
        }
        range
    }
}

/// A column that takes nothing until a row differs from the default.
#[derive(Debug, Default)]
pub(super) struct Optional<T> {
    values: Vec<T>,
    len: usize,
}

impl<T: Copy + Default + PartialEq> Optional<T> {
    /// Adds what `column` has in these rows, each changed by `map`, which keeps the default.
    fn extend(&mut self, column: &[T], rows: Rows<'_>, mut map: impl FnMut(T) -> T) {
        let len = self.len + rows.len();
        let says_nothing = |column: &[T]| column.iter().all(|value| *value == T::default());
        if !says_nothing(column) {
            self.values.resize(self.len, T::default());
            if rows.is_all {
                self.values.extend(column.iter().copied().map(&mut map));
            } else {
                let values = rows.list.iter().map(|row| column[*row as usize]);
                self.values.extend(values.map(&mut map));
            }
        }
        self.len = len;
    }

    /// All values, or nothing if all are the default.
    fn finish(mut self) -> Vec<T> {
        if !self.values.is_empty() {
            self.values.resize(self.len, T::default());
        }
        self.values
    }

    /// Value `row`.
    #[inline]
    fn get(&self, row: usize) -> T {
        or_default(&self.values, row)
    }
}

impl HeadsStage {
    pub(super) fn with_capacity(rows: usize) -> Self {
        Self {
            span_ids: Vec::with_capacity(rows),
            parent_ids: Vec::with_capacity(rows),
            starts: Vec::with_capacity(rows),
            durations: Vec::with_capacity(rows),
            names: Vec::with_capacity(rows),
            resources: Vec::with_capacity(rows),
            scopes: Vec::with_capacity(rows),
            states: Vec::with_capacity(rows),
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.span_ids.len()
    }

    /// Adds the numbers of these rows.
    pub(super) fn extend(&mut self, columns: &SpanBatch, rows: Rows<'_>) {
        let pick = |from: &[u64], to: &mut Vec<u64>| match rows.is_all {
            true => to.extend_from_slice(from),
            false => to.extend(rows.list.iter().map(|row| from[*row as usize])),
        };
        pick(&columns.span_ids, &mut self.span_ids);
        pick(&columns.parent_ids, &mut self.parent_ids);
        pick(&columns.starts_ns, &mut self.starts);
        let (starts, ends) = (&columns.starts_ns, &columns.ends_ns);
        if rows.is_all {
            let times = starts.iter().zip(ends);
            let durations = times.map(|(start, end)| end.wrapping_sub(*start));
            self.durations.extend(durations);
        } else {
            let duration = |row: &u32| ends[*row as usize].wrapping_sub(starts[*row as usize]);
            self.durations.extend(rows.list.iter().map(duration));
        }
        self.statuses.extend(&columns.statuses, rows, |v| v);
        self.kinds.extend(&columns.kinds, rows, |v| v);
        self.flags.extend(&columns.flags, rows, |v| v);
        self.versions.extend(&columns.versions, rows, |v| v);
        let dropped = [
            &columns.dropped_attributes,
            &columns.dropped_events,
            &columns.dropped_links,
        ];
        for (to, from) in self.dropped.iter_mut().zip(dropped) {
            to.extend(from, rows, |v| v);
        }
    }

    /// Adds the states of rows, those of the batch where none is given.
    pub(super) fn extend_states(
        &mut self,
        columns: &SpanBatch,
        states: impl Iterator<Item = (usize, Option<SpanState>)>,
    ) {
        self.states.extend(states.map(|(row, state)| match state {
            Some(state) => state as u8,
            None => or_default(&columns.states, row),
        }));
    }

    /// Adds the texts of these rows.
    pub(super) fn extend_texts(
        &mut self,
        batch: &CheckedBatch,
        rows: Rows<'_>,
        names: &mut Interner,
        tables: &mut TablesStage,
    ) {
        let columns = batch.columns();
        let (memo, hasher) = (&mut tables.memo, &tables.hasher);
        let name = |row: &u32| {
            let index = columns.names[*row as usize];
            memo.code(batch, index, Owner::NAMES, names, hasher)
        };
        self.names.extend(rows.list.iter().map(name));
        let text = |index| tables.text(batch, index);
        self.status_messages
            .extend(&columns.status_messages, rows, text);
        let text = |index| tables.text(batch, index);
        self.trace_states.extend(&columns.trace_states, rows, text);
    }

    /// Adds the resources and scopes of these rows.
    pub(super) fn extend_owners(
        &mut self,
        batch: &CheckedBatch,
        rows: Rows<'_>,
        (resources, services): (&mut OwnersStage, &mut Interner),
        scopes: &mut OwnersStage,
        tables: &mut TablesStage,
    ) {
        let columns = batch.columns();
        let resource = |row| resources.resource(batch, row, tables, services);
        extend_owners(&mut self.resources, &columns.resource_rows, rows, resource);
        let scope = |row| scopes.scope(batch, row, tables);
        extend_owners(&mut self.scopes, &columns.scope_rows, rows, scope);
    }

    /// What the directory of traces needs of these rows, by number; `services` gives the code of
    /// the service by that of the resource.
    #[inline]
    pub(super) fn facts<'a>(
        &'a self,
        rows: std::ops::Range<usize>,
        services: &'a [u32],
    ) -> impl Iterator<Item = RowFacts> + 'a {
        let ids = self.span_ids[rows.clone()].iter();
        let ids = ids.zip(&self.parent_ids[rows.clone()]);
        let times = self.starts[rows.clone()].iter();
        let times = times.zip(&self.durations[rows.clone()]);
        let numbers = self.states[rows.clone()].iter();
        let numbers = numbers.zip(&self.resources[rows.clone()]);
        let all = ids.zip(times).zip(numbers).zip(rows);
        all.map(
            |((((span, parent), (start, duration)), (state, resource)), row)| RowFacts {
                span_id: *span,
                parent_id: *parent,
                start_ns: *start,
                end_ns: start.wrapping_add(*duration),
                status: self.statuses.get(row),
                state: *state,
                service: services[*resource as usize],
            },
        )
    }

    pub(super) fn finish(self, order: &Order) -> Heads {
        let len = self.len();
        Heads {
            span_ids: pack_wide(self.span_ids, order),
            parent_ids: pack_wide(self.parent_ids, order),
            ended: EndedRange::of(&self.starts, &self.durations),
            starts: pack(self.starts, order, len),
            durations: pack(self.durations, order, len),
            names: pack(self.names, order, len),
            resources: pack(self.resources, order, len),
            scopes: pack(self.scopes, order, len),
            kinds: pack(self.kinds.finish(), order, len),
            statuses: pack(self.statuses.finish(), order, len),
            states: pack(self.states, order, len),
            flags: pack(self.flags.finish(), order, len),
            versions: pack(self.versions.finish(), order, len),
            status_messages: pack(self.status_messages.finish(), order, len),
            trace_states: pack(self.trace_states.finish(), order, len),
            dropped: self.dropped.map(|column| pack(column.finish(), order, len)),
        }
    }
}

/// Adds the codes of these rows' owners, which are `of_row` of the batch's table; often all rows
/// have the same.
fn extend_owners(
    to: &mut Vec<u32>,
    of_row: &[u32],
    rows: Rows<'_>,
    mut code: impl FnMut(u32) -> u32,
) {
    let Some(first) = rows.list.first() else {
        return;
    };
    let owner = or_default(of_row, *first as usize);
    if of_row
        .iter()
        .fold(true, |all, other| all & (*other == owner))
    {
        to.resize(to.len() + rows.len(), code(owner));
        return;
    }
    to.extend(
        rows.list
            .iter()
            .map(|row| code(or_default(of_row, *row as usize))),
    );
}

/// The column in its final order; no values means that all `len` are zero.
pub(super) fn pack<T: Copy + Ord + Into<u64>>(values: Vec<T>, order: &Order, len: usize) -> Packed {
    match order {
        _ if values.is_empty() => Packed::repeat(0, len),
        None => Packed::of(&values),
        Some(order) => {
            let ordered: Vec<T> = order.iter().map(|row| values[*row as usize]).collect();
            Packed::of(&ordered)
        }
    }
}

/// [`pack`] for values that are likely to need all their bits.
fn pack_wide(values: Vec<u64>, order: &Order) -> Packed {
    match order {
        None => Packed::of_wide(values),
        Some(order) => {
            let ordered = order.iter().map(|row| values[*row as usize]);
            Packed::of_wide(ordered.collect())
        }
    }
}

impl Heads {
    pub(super) fn bytes(&self) -> u64 {
        let columns = [
            &self.span_ids,
            &self.parent_ids,
            &self.starts,
            &self.durations,
            &self.names,
            &self.resources,
            &self.scopes,
            &self.kinds,
            &self.statuses,
            &self.states,
            &self.flags,
            &self.versions,
            &self.status_messages,
            &self.trace_states,
        ];
        let all = columns.into_iter().chain(&self.dropped);
        all.map(Packed::bytes).sum()
    }
}
