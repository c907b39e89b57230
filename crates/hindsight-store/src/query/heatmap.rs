//! Spans counted by start time and duration, with an example for each bucket.

use hindsight_protocol::hub::{Exemplar, QueryHeatmap};
use hindsight_query::heatmap::{BUCKETS, bucket, floor_ns};

use super::search::Search;
use crate::column::Bitmap;
use crate::placed::PlacedRows;
use crate::snapshot::run::runs;

/// Stretches of time of a heatmap.
const TIMES_WANTED: u64 = 100;
const TIMES_MAX: u64 = 1_000;

/// The heatmap of the spans that match and have ended, and how many those are. The few that
/// started far from all others are counted but not drawn.
pub(super) fn heatmap(search: &mut Search<'_>, over_ns: Option<u64>) -> (QueryHeatmap, u64) {
    let snapshot = search.snapshot;
    let found: Vec<(&PlacedRows, Bitmap)> = runs(snapshot)
        .map(|run| (run, search.rows_of(run)))
        .filter(|(_, rows)| !rows.is_empty())
        .collect();
    let Some((first, last)) = time_of_most(&found) else {
        return (QueryHeatmap::default(), 0);
    };
    let step_ns = step(first, last, over_ns);
    let first = first / step_ns;
    let times = (last / step_ns - first + 1) as usize;
    let durations = usize::from(BUCKETS);
    let mut counts = vec![0_u64; times * durations];
    let mut errors = vec![0_u64; times * durations];
    let mut exemplars: Vec<Option<Exemplar>> = vec![None; times * durations];
    let mut matched = 0;
    for (run, rows) in &found {
        let run = &run.rows;
        for row in rows.iter() {
            let Some(duration_ns) = run.duration_ns(row) else {
                continue;
            };
            matched += 1;
            let time = (run.start_ns(row) / step_ns).checked_sub(first);
            let Some(time) = time.filter(|time| *time < times as u64) else {
                continue;
            };
            let at = time as usize * durations + usize::from(bucket(duration_ns));
            counts[at] += 1;
            errors[at] += u64::from(run.status(row) == hindsight_protocol::StatusCode::Error);
            let is_longer = |known: &Exemplar| known.duration_ns < duration_ns;
            if exemplars[at].as_ref().is_none_or(is_longer) {
                exemplars[at] = Some(Exemplar {
                    bucket: 0,
                    trace_id: run.trace_id(row),
                    span_id: run.span_id(row),
                    duration_ns,
                });
            }
        }
    }
    let starts_ns = (0..times as u64).map(|time| (first + time) * step_ns);
    let cells = Cells {
        durations,
        counts,
        errors,
        exemplars,
    };
    (cells.trimmed(starts_ns.collect(), step_ns), matched)
}

/// Starts looked at to tell when most spans were.
const STARTS_SAMPLED: usize = 4_096;

/// Earliest and latest start of the rows found, without the few that are far from all others:
/// clocks that are wrong would leave a single stretch of time to the rest.
fn time_of_most(found: &[(&PlacedRows, Bitmap)]) -> Option<(u64, u64)> {
    let all = || {
        let runs = found.iter();
        runs.flat_map(|(run, rows)| rows.iter().map(|row| run.rows.start_ns(row)))
    };
    let (first, last) = (all().min()?, all().max()?);
    let count: usize = found.iter().map(|(_, rows)| rows.count()).sum();
    let mut sample: Vec<u64> = all().step_by(count.div_ceil(STARTS_SAMPLED)).collect();
    sample.sort_unstable();
    let (low, high) = (
        sample[sample.len() / 100],
        sample[sample.len() - 1 - sample.len() / 100],
    );
    let around = (high - low).saturating_mul(2).max(1_000_000_000);
    Some((
        first.max(low.saturating_sub(around)),
        last.min(high.saturating_add(around)),
    ))
}

/// A round length of time, so that there are about as many stretches as wanted.
fn step(first: u64, last: u64, over_ns: Option<u64>) -> u64 {
    let length = (last - first).saturating_add(1);
    let least = length.div_ceil(TIMES_MAX).max(1);
    if let Some(over) = over_ns {
        return over.max(least);
    }
    let wanted = length.div_ceil(TIMES_WANTED).max(1);
    let power = 10_u64.pow(wanted.ilog10());
    let round = [1, 2, 5, 10].map(|n| power.saturating_mul(n));
    round
        .into_iter()
        .find(|step| *step >= wanted)
        .unwrap_or(wanted)
}

struct Cells {
    durations: usize,
    counts: Vec<u64>,
    errors: Vec<u64>,
    exemplars: Vec<Option<Exemplar>>,
}

impl Cells {
    /// Without the durations below the least and above the greatest that occur.
    fn trimmed(&self, starts_ns: Vec<u64>, step_ns: u64) -> QueryHeatmap {
        let is_used = |duration: usize| {
            let mut all = self.counts.iter().skip(duration).step_by(self.durations);
            all.any(|count| *count > 0)
        };
        let low = (0..self.durations).find(|d| is_used(*d)).unwrap_or(0);
        let high = (0..self.durations).rfind(|d| is_used(*d)).unwrap_or(low);
        let kept = high - low + 1;
        let mut map = QueryHeatmap {
            floors_ns: (low..=high).map(|d| floor_ns(d as u16)).collect(),
            ..QueryHeatmap::default()
        };
        for time in 0..starts_ns.len() {
            let from = time * self.durations + low;
            map.counts.extend(&self.counts[from..from + kept]);
            map.errors.extend(&self.errors[from..from + kept]);
            for (duration, exemplar) in self.exemplars[from..from + kept].iter().enumerate() {
                map.exemplars.extend(exemplar.map(|exemplar| Exemplar {
                    bucket: (time * kept + duration) as u32,
                    ..exemplar
                }));
            }
        }
        map.starts_ns = starts_ns;
        map.step_ns = step_ns;
        map
    }
}
