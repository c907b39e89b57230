//! Counts, rates, sums and percentiles by group and time.
//!
//! Cost: one look at each matching row and each field. Memory: a few words a group and stretch of
//! time, and eight bytes a value that a percentile is made of, within
//! [`crate::QueryLimits::values_max`].

use std::cmp::Ordering;

use hashbrown::HashMap;
use hindsight_protocol::hub::{QueryColumn, QueryTable};
use hindsight_query::{Aggregate, Direction, Field, Function, Pipeline, SortKey};

use super::groups::{GroupValue, LocalValue, Values, as_number, open_value_in, values_in};
use super::search::Search;
use crate::snapshot::run::runs;

/// Stretches of time of one table; of more, the newest are told.
const BUCKETS_MAX: u64 = 10_000;
/// Pairs of group and stretch of time that are kept; spans of further ones are left out.
const CELLS_MAX: usize = 1 << 18;
/// Values of one answer; of more groups than that makes, the first are told.
const VALUES_MAX: usize = 1 << 20;
const GROUPS_DEFAULT: usize = 1_000;
const SECOND_NS: f64 = 1e9;

/// A group's values of `by`.
type Key = Vec<Option<GroupValue>>;

/// What is known of one group and stretch of time, for each aggregate.
#[derive(Clone, Debug, Default)]
struct Cell {
    spans: u64,
    numbers: Vec<Numbers>,
}

/// The numbers an aggregate is made of.
#[derive(Clone, Debug, Default)]
struct Numbers {
    count: u64,
    sum: f64,
    min: f64,
    max: f64,
    /// Kept for percentiles only.
    all: Vec<f64>,
}

struct Table<'p> {
    pipeline: &'p Pipeline,
    groups: HashMap<Key, u32>,
    keys: Vec<Key>,
    /// By group and bucket of time.
    cells: HashMap<(u32, u64), Cell>,
    values_left: u64,
    groups_max: usize,
    first_ns: u64,
    last_ns: u64,
    matched: u64,
}

/// The pipeline's table, and how many spans it was made of.
pub(super) fn table(search: &mut Search<'_>, pipeline: &Pipeline) -> (QueryTable, u64) {
    let mut table = Table {
        pipeline,
        groups: HashMap::new(),
        keys: Vec::new(),
        cells: HashMap::new(),
        values_left: search.limits.values_max,
        groups_max: search.limits.groups_max,
        first_ns: u64::MAX,
        last_ns: 0,
        matched: 0,
    };
    let snapshot = search.snapshot;
    for run in runs(snapshot) {
        let found = search.rows_of(run);
        if found.is_empty() {
            continue;
        }
        let by = pipeline.by.iter();
        let by: Vec<Values<'_>> = by.map(|f| values_in(f, &run.rows, snapshot)).collect();
        let fields = pipeline.aggregates.iter().map(|a| a.field.as_ref());
        let fields: Vec<Option<Values<'_>>> = fields
            .map(|field| Some(values_in(field?, &run.rows, snapshot)))
            .collect();
        // Groups of this run by the codes of their values.
        let mut local: HashMap<Vec<LocalValue>, Option<u32>> = HashMap::new();
        let mut codes: Vec<LocalValue> = Vec::with_capacity(by.len());
        for row in found.iter() {
            codes.clear();
            codes.extend(by.iter().map(|values| values.local(row)));
            let group = match local.get(&codes) {
                Some(group) => *group,
                None => {
                    let group = table.group(by.iter().map(|v| v.get(row)).collect());
                    local.insert(codes.clone(), group);
                    group
                }
            };
            let number = |at: usize| fields[at].as_ref().and_then(|v| v.number(row));
            table.add(group, run.rows.start_ns(row), number, search);
        }
    }
    for row in search.open_rows() {
        let by = pipeline.by.iter();
        let key = by
            .map(|field| open_value_in(field, row, snapshot))
            .collect();
        let group = table.group(key);
        let number = |at: usize| {
            let field = pipeline.aggregates[at].field.as_ref()?;
            as_number(&open_value_in(field, row, snapshot)?)
        };
        table.add(group, row.start_ns(), number, search);
    }
    table.finish()
}

impl Table<'_> {
    /// The number of a group; none when there are too many.
    fn group(&mut self, key: Key) -> Option<u32> {
        if let Some(known) = self.groups.get(&key) {
            return Some(*known);
        }
        if self.keys.len() >= self.groups_max {
            return None;
        }
        let number = self.keys.len() as u32;
        self.keys.push(key.clone());
        self.groups.insert(key, number);
        Some(number)
    }

    fn add(
        &mut self,
        group: Option<u32>,
        start_ns: u64,
        number: impl Fn(usize) -> Option<f64>,
        search: &mut Search<'_>,
    ) {
        self.matched += 1;
        self.first_ns = self.first_ns.min(start_ns);
        self.last_ns = self.last_ns.max(start_ns);
        let Some(group) = group else {
            search.leave_out();
            return;
        };
        let bucket = self.pipeline.over_ns.map_or(0, |over| start_ns / over);
        let aggregates = &self.pipeline.aggregates;
        if self.cells.len() >= CELLS_MAX && !self.cells.contains_key(&(group, bucket)) {
            search.leave_out();
            return;
        }
        let cell = self.cells.entry((group, bucket)).or_insert_with(|| Cell {
            spans: 0,
            numbers: vec![Numbers::default(); aggregates.len()],
        });
        cell.spans += 1;
        for (at, aggregate) in aggregates.iter().enumerate() {
            let Some(number) = number(at) else {
                continue;
            };
            let numbers = &mut cell.numbers[at];
            numbers.add(number);
            if matches!(aggregate.function, Function::Percentile(_)) {
                if self.values_left == 0 {
                    search.leave_out();
                    continue;
                }
                self.values_left -= 1;
                numbers.all.push(number);
            }
        }
    }

    fn finish(mut self) -> (QueryTable, u64) {
        let (starts_ns, step_ns) = self.stretches();
        let seconds = match self.pipeline.over_ns {
            Some(over) => over as f64 / SECOND_NS,
            None => {
                let between = self.last_ns.saturating_sub(self.first_ns);
                (between as f64 / SECOND_NS).max(1.0)
            }
        };
        let aggregates = &self.pipeline.aggregates;
        let cells = std::mem::take(&mut self.cells);
        let values: HashMap<(u32, u64), Vec<f64>> = cells
            .into_iter()
            .map(|(at, mut cell)| (at, cell.values(aggregates, seconds)))
            .collect();
        let width = aggregates.len() * starts_ns.len();
        let kept = self.pipeline.limit.map_or(GROUPS_DEFAULT, |n| n as usize);
        let kept = kept.min((VALUES_MAX / width.max(1)).max(1));
        let order = self.order(&values);
        let order: Vec<usize> = order.into_iter().take(kept).collect();
        let nothing: Vec<f64> = aggregates.iter().map(of_no_spans).collect();
        let over = self.pipeline.over_ns;
        let bucket_of = |start_ns: &u64| over.map_or(0, |over| start_ns / over);
        let buckets: Vec<u64> = starts_ns.iter().map(bucket_of).collect();
        let pairs = order.iter().flat_map(|group| {
            let group = *group as u32;
            buckets.iter().map(move |bucket| (group, *bucket))
        });
        let told: Vec<f64> = pairs
            .flat_map(|at| values.get(&at).unwrap_or(&nothing))
            .copied()
            .collect();
        let text = |value: &Option<GroupValue>| {
            value.as_ref().map_or_else(String::new, GroupValue::to_text)
        };
        let table = QueryTable {
            by: self.pipeline.by.iter().map(ToString::to_string).collect(),
            columns: aggregates.iter().map(column).collect(),
            starts_ns,
            step_ns,
            keys: order
                .iter()
                .flat_map(|at| self.keys[*at].iter().map(text))
                .collect(),
            values: told,
            groups_total: self.keys.len() as u64,
        };
        (table, self.matched)
    }

    /// Starts of the stretches of time from the first span to the last, and their length.
    fn stretches(&mut self) -> (Vec<u64>, u64) {
        let Some(over) = self.pipeline.over_ns else {
            let first = if self.matched == 0 { 0 } else { self.first_ns };
            return (vec![first], self.last_ns.saturating_sub(first));
        };
        if self.matched == 0 {
            return (Vec::new(), over);
        }
        let (first, last) = (self.first_ns / over, self.last_ns / over);
        // The newest ones, if there are too many.
        let first = first.max((last + 1).saturating_sub(BUCKETS_MAX));
        ((first..=last).map(|bucket| bucket * over).collect(), over)
    }

    /// Groups in the order of the answer.
    fn order(&self, values: &HashMap<(u32, u64), Vec<f64>>) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.keys.len()).collect();
        let columns = self.pipeline.aggregates.len();
        // Over several stretches of time the largest value decides.
        let mut largest = vec![f64::NAN; columns * self.keys.len()];
        for ((group, _), cell) in values {
            let from = *group as usize * columns;
            for (largest, value) in largest[from..from + columns].iter_mut().zip(cell) {
                *largest = largest.max(*value);
            }
        }
        let first_of = |group: usize, column: usize| largest[group * columns + column];
        let Some(sort) = &self.pipeline.sort else {
            // Most spans, or whatever the first aggregate says, first.
            if columns > 0 {
                order.sort_by(|a, b| compare(first_of(*a, 0), first_of(*b, 0), true));
            }
            return order;
        };
        let is_descending = sort.direction == Direction::Descending;
        match &sort.key {
            SortKey::Aggregate(wanted) => {
                let column = self.pipeline.aggregates.iter().position(|a| a == wanted);
                let column = column.unwrap_or(0);
                order.sort_by(|a, b| {
                    compare(first_of(*a, column), first_of(*b, column), is_descending)
                });
            }
            SortKey::Field(field) => {
                let at = self.pipeline.by.iter().position(|by| by == field);
                let value = |group: usize| at.and_then(|at| self.keys[group][at].as_ref());
                order.sort_by(|a, b| match (value(*a), value(*b)) {
                    (None, None) => Ordering::Equal,
                    (None, _) => Ordering::Greater,
                    (_, None) => Ordering::Less,
                    (Some(a), Some(b)) if is_descending => b.cmp(a),
                    (Some(a), Some(b)) => a.cmp(b),
                });
            }
        }
        order
    }
}

/// What an aggregate says of a group in a stretch of time without a span of it.
fn of_no_spans(aggregate: &Aggregate) -> f64 {
    match aggregate.function {
        Function::Count | Function::Rate => 0.0,
        _ => f64::NAN,
    }
}

/// Missing values last, whichever way.
fn compare(a: f64, b: f64, is_descending: bool) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        _ if is_descending => b.total_cmp(&a),
        _ => a.total_cmp(&b),
    }
}

fn column(aggregate: &Aggregate) -> QueryColumn {
    let is_time = matches!(
        aggregate.field,
        Some(Field::Duration | Field::TraceDuration)
    );
    let unit = match aggregate.function {
        Function::Rate => "1/s",
        _ if is_time => "ns",
        _ => "1",
    };
    QueryColumn {
        name: aggregate.to_string(),
        unit: unit.to_owned(),
    }
}

impl Numbers {
    fn add(&mut self, number: f64) {
        self.min = if self.count == 0 {
            number
        } else {
            self.min.min(number)
        };
        self.max = if self.count == 0 {
            number
        } else {
            self.max.max(number)
        };
        self.count += 1;
        self.sum += number;
    }

    /// The smallest number that so many of a thousand do not exceed.
    fn percentile(&mut self, part: u16) -> f64 {
        let count = self.all.len();
        let rank = (u128::from(part) * count as u128).div_ceil(1000) as usize;
        match rank.max(1) - 1 {
            at if at < count => *self.all.select_nth_unstable_by(at, f64::total_cmp).1,
            _ => f64::NAN,
        }
    }
}

impl Cell {
    /// What each aggregate says of the cell.
    fn values(&mut self, aggregates: &[Aggregate], seconds: f64) -> Vec<f64> {
        let numbered = aggregates.iter().enumerate();
        let value =
            |(column, aggregate): (usize, &Aggregate)| self.value(aggregate, column, seconds);
        numbered.map(value).collect()
    }

    fn value(&mut self, aggregate: &Aggregate, column: usize, seconds: f64) -> f64 {
        let numbers = &mut self.numbers[column];
        let some = |value: f64| if numbers.count == 0 { f64::NAN } else { value };
        match aggregate.function {
            Function::Count => self.spans as f64,
            Function::Rate => self.spans as f64 / seconds,
            Function::Avg => some(numbers.sum / numbers.count as f64),
            Function::Min => some(numbers.min),
            Function::Max => some(numbers.max),
            Function::Sum => numbers.sum,
            Function::Percentile(part) => numbers.percentile(part),
            Function::Heatmap => f64::NAN,
        }
    }
}
