//! Accesses by kind as a table: how often memory answered, what computing cost, what was in vain.
//!
//! In: [`CacheStats`], of an app or of stored spans. Out: [`Statistics`]. Bounded: [`super::ROWS_MAX`]
//! rows, those with the most time first.

use std::cmp::Ordering;

use hindsight_protocol::introspection::picante::{CacheStats, KindStats};

use super::ROWS_MAX;
use crate::format;

/// Cells of a kind's name.
const NAME_CELLS_MAX: usize = 60;

/// One kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KindRow {
    /// As the app has it.
    pub kind: String,
    /// Escaped and cut.
    pub name: String,
    /// It is set from outside.
    pub is_input: bool,
    /// Keys that are known.
    pub keys: u64,
    /// Accesses that have an answer; of an input, times that it was set.
    pub accesses: u64,
    /// Those that did not run: hits, validated, coalesced, adopted.
    pub answered: u64,
    /// Those that ran and had a value.
    pub computed: u64,
    /// Of them, those whose value was the same.
    pub unchanged: u64,
    /// Those that failed.
    pub errors: u64,
    /// Those that were given up.
    pub cancelled: u64,
    /// Nanoseconds of all computations.
    pub compute_ns: u64,
    /// Of them, those whose value was the same.
    pub wasted_ns: u64,
    /// Half of the computations took at most about this long; 0 where there is none.
    pub p50_ns: u64,
    /// 99 % of them.
    pub p99_ns: u64,
    /// The longest.
    pub max_ns: u64,
}

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortKinds {
    /// Time of all computations.
    #[default]
    Time,
    /// Name.
    Name,
    /// Accesses.
    Accesses,
    /// Share that memory answered, least first.
    HitRate,
    /// Time in vain.
    Wasted,
    /// The slow ones.
    P99,
    /// Errors.
    Errors,
}

impl SortKinds {
    /// All.
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::Accesses,
        Self::HitRate,
        Self::Time,
        Self::Wasted,
        Self::P99,
        Self::Errors,
    ];

    fn compare(self, a: &KindRow, b: &KindRow) -> Ordering {
        match self {
            Self::Name => Ordering::Equal,
            Self::Time => b.compute_ns.cmp(&a.compute_ns),
            Self::Accesses => b.accesses.cmp(&a.accesses),
            // Inputs have none.
            Self::HitRate => a.is_input.cmp(&b.is_input).then_with(|| {
                let share = |row: &KindRow| row.answered as f64 / row.accesses.max(1) as f64;
                share(a).total_cmp(&share(b))
            }),
            Self::Wasted => b.wasted_ns.cmp(&a.wasted_ns),
            Self::P99 => b.p99_ns.cmp(&a.p99_ns),
            Self::Errors => b.errors.cmp(&a.errors),
        }
    }
}

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// By kind, in the order that was asked for.
    pub rows: Vec<KindRow>,
    /// Kinds that are not listed.
    pub left_out: usize,
    /// What is wrong, in words: lost dependencies, orphaned queries.
    pub warnings: Vec<String>,
    /// All of it in a sentence.
    pub sentence: String,
}

impl Statistics {
    /// Shapes the counts.
    pub fn new(stats: &CacheStats, sort: SortKinds, is_reversed: bool) -> Self {
        let mut rows: Vec<KindRow> = stats.kinds.iter().map(row).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.compute_ns));
        let left_out = rows.len().saturating_sub(ROWS_MAX);
        rows.truncate(ROWS_MAX);
        rows.sort_by(|a, b| sort.compare(a, b).then_with(|| a.kind.cmp(&b.kind)));
        if is_reversed {
            rows.reverse();
        }
        let warn = |count: u64, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{} {many}", format::count(count))),
        };
        let warnings = [
            warn(
                stats.orphaned,
                "computation was dropped half-way: its query waits for ever",
                "computations were dropped half-way: their queries wait for ever",
            ),
            warn(
                stats.lost_dependencies,
                "dependency was called and not recorded: its changes are missed",
                "dependencies were called and not recorded: their changes are missed",
            ),
            warn(
                stats.phantom_dependencies,
                "dependency was recorded and not called",
                "dependencies were recorded and not called",
            ),
        ];
        Self {
            sentence: sentence(&rows),
            warnings: warnings.into_iter().flatten().collect(),
            rows,
            left_out,
        }
    }
}

fn sentence(rows: &[KindRow]) -> String {
    let queries = || rows.iter().filter(|row| !row.is_input);
    let sum = |of: fn(&KindRow) -> u64| queries().map(of).fold(0, u64::saturating_add);
    let (accesses, answered) = (sum(|row| row.accesses), sum(|row| row.answered));
    let (compute, wasted) = (sum(|row| row.compute_ns), sum(|row| row.wasted_ns));
    match accesses {
        0 => "No query was asked for.".into(),
        accesses => format!(
            "{} of {}: memory answered {}; {} in computations, {} of it for the same value as before.",
            match accesses {
                1 => "1 access".into(),
                count => format!("{} accesses", format::count(count)),
            },
            format::plural(queries().count() as u64, "kind"),
            format::percent(answered, accesses),
            format::duration(compute),
            format::percent(wasted, compute),
        ),
    }
}

fn row(stats: &KindStats) -> KindRow {
    let sum = |counts: &[u64]| counts.iter().copied().fold(0, u64::saturating_add);
    let answered = sum(&[stats.hit, stats.validated, stats.coalesced, stats.adopted]);
    let computed = sum(&[stats.computed_changed, stats.computed_unchanged]);
    let name = match stats.kind.as_str() {
        "" => "(no name)",
        kind => &kind[..kind.floor_char_boundary(4 * NAME_CELLS_MAX)],
    };
    KindRow {
        kind: stats.kind.clone(),
        name: format::truncate(&format::escape(name), NAME_CELLS_MAX).into_owned(),
        is_input: stats.is_input,
        keys: stats.keys,
        accesses: match stats.is_input {
            true => stats.set,
            false => sum(&[answered, computed, stats.error, stats.cancelled]),
        },
        answered,
        computed,
        unchanged: stats.computed_unchanged,
        errors: stats.error,
        cancelled: stats.cancelled,
        compute_ns: stats.compute_ns,
        wasted_ns: stats.wasted_ns,
        p50_ns: quantile(stats, 0.5),
        p99_ns: quantile(stats, 0.99),
        max_ns: stats.compute_max_ns,
    }
}

/// The duration that `part` of the computations did not exceed, in between within its bucket.
fn quantile(stats: &KindStats, part: f64) -> u64 {
    // A duration has 64 bits.
    let buckets = &stats.histogram[..stats.histogram.len().min(64)];
    let total: f64 = buckets.iter().map(|count| *count as f64).sum();
    let wanted = total * part;
    let mut below = 0.0;
    for (bucket, count) in buckets.iter().enumerate() {
        let count = *count as f64;
        if count > 0.0 && below + count >= wanted {
            let floor = (1_u64 << bucket) as f64;
            let within = floor * (1.0 + (wanted - below) / count);
            let longest = match stats.compute_max_ns {
                0 => u64::MAX,
                longest => longest,
            };
            return (within as u64).min(longest);
        }
        below += count;
    }
    0
}
