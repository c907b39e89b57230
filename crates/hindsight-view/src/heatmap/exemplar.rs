//! Spans that stand for the cells most worth a look.

use hindsight_protocol::hub::{Exemplar, QueryHeatmap};

/// Why a span was picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// Among the longest of all.
    Slowest,
    /// Its bucket has errors, and more than others.
    Errors,
    /// Its bucket has more spans than others.
    Busiest,
}

impl Why {
    /// A word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slowest => "slowest",
            Self::Errors => "errors",
            Self::Busiest => "busiest",
        }
    }
}

/// A span, and the bucket it stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pick {
    /// Why.
    pub why: Why,
    /// The span.
    pub exemplar: Exemplar,
    /// Start of the bucket's stretch of time.
    pub start_ns: u64,
    /// Spans of the bucket.
    pub count: u64,
    /// Those whose status is error.
    pub errors: u64,
}

/// At most `each_max` spans for each reason, the slowest first; no span twice.
pub fn picks(answer: &QueryHeatmap, each_max: usize) -> Vec<Pick> {
    let mut left: Vec<Pick> = answer
        .exemplars
        .iter()
        .filter_map(|exemplar| pick(answer, exemplar))
        .collect();
    let mut picked = Vec::new();
    for why in [Why::Slowest, Why::Errors, Why::Busiest] {
        let rank = |pick: &Pick| match why {
            Why::Slowest => pick.exemplar.duration_ns,
            Why::Errors => pick.errors,
            Why::Busiest => pick.count,
        };
        left.sort_by_key(|pick| std::cmp::Reverse(rank(pick)));
        let wanted = left.iter().filter(|pick| rank(pick) > 0).take(each_max);
        let wanted = wanted.count();
        picked.extend(left.drain(..wanted).map(|pick| Pick { why, ..pick }));
    }
    picked
}

fn pick(answer: &QueryHeatmap, exemplar: &Exemplar) -> Option<Pick> {
    let bucket = usize::try_from(exemplar.bucket).ok()?;
    let column = bucket.checked_div(answer.floors_ns.len())?;
    Some(Pick {
        why: Why::Slowest,
        exemplar: *exemplar,
        start_ns: *answer.starts_ns.get(column)?,
        count: *answer.counts.get(bucket)?,
        errors: answer.errors.get(bucket).copied().unwrap_or(0),
    })
}
