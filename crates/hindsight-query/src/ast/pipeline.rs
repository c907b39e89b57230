//! What follows the first `|` of a query.
//!
//! `filter | count(), p99(duration) by service over 1m | sort p99(duration) desc | limit 10`
//!
//! With aggregates the result is one row a group and bucket; without, the matching spans, sorted and
//! cut. [`Function::Heatmap`] stands alone.

use crate::Field;

/// What to make of the matching spans.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pipeline {
    /// Columns of the result; empty: the spans themselves.
    pub aggregates: Vec<Aggregate>,
    /// One group for each combination of these fields' values, a missing value being one too.
    /// Values group by what they are: text `"1"` and integer 1 are two groups, integer 1 and double
    /// 1.0 are one. An array is a single value here. Only with aggregates; never with
    /// [`Function::Heatmap`]; never of events, durations or times.
    pub by: Vec<Field>,
    /// Width of the time buckets in nanoseconds, not 0: a span belongs to the bucket of its start,
    /// buckets begin at multiples of the width since the Unix epoch. None: all time is one bucket,
    /// or, for a heatmap, the executor chooses. Only with aggregates.
    pub over_ns: Option<u64>,
    /// Order of the rows. None: rows by bucket, then group, in order of appearance.
    pub sort: Option<Sort>,
    /// Most rows, not 0. Cut after sorting.
    pub limit: Option<u32>,
}

/// One column of the result.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// What is computed.
    pub function: Function,
    /// Over which numbers: `duration`, a count, or an attribute (span, resource or scope). None
    /// exactly for the functions that take none ([`Function::takes_field`]). Spans without a
    /// numeric value there are left out; with no number at all the cell is empty (a sum is 0).
    pub field: Option<Field>,
}

/// What an aggregate computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// Number of spans.
    Count,
    /// Spans a second: of the bucket's width, or without buckets of the time from the earliest to
    /// the latest start among the matching spans of all groups, at least one second.
    Rate,
    /// Arithmetic mean.
    Avg,
    /// Smallest.
    Min,
    /// Largest.
    Max,
    /// Sum.
    Sum,
    /// The value below or at which this many of a thousand lie (nearest rank): 500 is the median.
    Percentile(u16),
    /// Spans counted by time bucket and by duration bucket ([`crate::heatmap`]).
    Heatmap,
}

/// The order of the result.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Which way. Missing values come last either way; ties keep their order.
    pub direction: Direction,
}

/// What rows are sorted by.
#[derive(Clone, Debug, PartialEq)]
pub enum SortKey {
    /// One of the pipeline's aggregates.
    Aggregate(Aggregate),
    /// A field: of the span, or with aggregates one of the `by` fields.
    Field(Field),
}

/// Smallest or largest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first; what `sort` does when nothing is said.
    #[default]
    Descending,
}

impl Function {
    /// Every function of the language.
    pub const ALL: [Self; 13] = [
        Self::Count,
        Self::Rate,
        Self::Avg,
        Self::Min,
        Self::Max,
        Self::Sum,
        Self::Percentile(500),
        Self::Percentile(750),
        Self::Percentile(900),
        Self::Percentile(950),
        Self::Percentile(990),
        Self::Percentile(999),
        Self::Heatmap,
    ];

    /// The name in the language.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Rate => "rate",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Sum => "sum",
            Self::Percentile(500) => "p50",
            Self::Percentile(750) => "p75",
            Self::Percentile(900) => "p90",
            Self::Percentile(950) => "p95",
            Self::Percentile(990) => "p99",
            Self::Percentile(_) => "p999",
            Self::Heatmap => "heatmap",
        }
    }

    /// The function called `name`, in any case.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|function| function.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether it computes over a field.
    pub const fn takes_field(self) -> bool {
        !matches!(self, Self::Count | Self::Rate | Self::Heatmap)
    }
}
