//! The state of one query on its way through a snapshot.
//!
//! Columns tell of each run which rows match and which may. For the latter the whole trace is
//! looked at, once, within the limits. What a trace's own superseded rows say does not count.

use std::ops::RangeInclusive;
use std::rc::Rc;

use hashbrown::{HashMap, HashSet};
use hindsight_protocol::TraceId;
use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::hub::QueryExplain;
use hindsight_query::view::has_family;
use hindsight_query::{Budget, Matcher, Verdict};

use super::QueryLimits;
use super::facts::{facts_match, facts_of};
use super::kin::{Kin, Spots};
use super::prepared::{Node, Prepared, TraceSet};
use super::scan::{Scanned, is_ruled_out, of_open, scan};
use crate::Snapshot;
use crate::column::{Bitmap, SegmentRows};
use crate::placed::PlacedRows;
use crate::snapshot::run::{RowView, parts, runs};

/// Looks at spans by parts of the filter that a query may cost, for each span it may read.
const STEPS_PER_SPAN: u64 = 64;

/// Why an answer is incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    Deadline,
    Budget,
}

impl Cut {
    fn name(self) -> &'static str {
        match self {
            Self::Deadline => "deadline",
            Self::Budget => "budget",
        }
    }
}

/// The rows of a run that a part of the filter says yes of.
type Columns = HashMap<(*const Node, *const SegmentRows), Rc<Bitmap>>;

/// Ids of the spans of a trace that match.
type Matched = Rc<HashSet<u64>>;

pub(crate) struct Search<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) prepared: &'a Prepared,
    pub(super) limits: &'a QueryLimits,
    interrupted: &'a dyn Fn() -> bool,
    /// Spans that start then.
    window: Option<RangeInclusive<u64>>,
    /// Of [`Prepared`]'s sets, made before the first look at a run.
    sets: Vec<HashSet<TraceId>>,
    verified: HashMap<TraceId, Matched>,
    /// Of parts that columns tell, for runs with traces that had to be looked at.
    columns: Columns,
    /// Whether the facts of a trace pass.
    facts: HashMap<TraceId, bool>,
    spans_left: u64,
    budget: Budget,
    cut: Option<Cut>,
    explain: QueryExplain,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        prepared: &'a Prepared,
        limits: &'a QueryLimits,
        interrupted: &'a dyn Fn() -> bool,
    ) -> Self {
        let spans_left = limits.spans_read_max;
        Self {
            snapshot,
            prepared,
            limits,
            interrupted,
            window: None,
            sets: Vec::new(),
            verified: HashMap::new(),
            columns: Columns::new(),
            facts: HashMap::new(),
            spans_left,
            budget: Budget::new(spans_left.saturating_mul(STEPS_PER_SPAN)),
            cut: None,
            explain: QueryExplain {
                runs: runs(snapshot).count() as u64,
                ..QueryExplain::default()
            },
        }
    }

    /// Only spans that start from `since_ns` to before `until_ns`; 0 is no bound.
    pub(super) fn between(&mut self, since_ns: u64, until_ns: u64) {
        let last = match until_ns {
            0 => u64::MAX,
            until => until - 1,
        };
        self.window = (since_ns > 0 || until_ns > 0).then_some(since_ns..=last);
    }

    /// Whether it is time to stop.
    pub(crate) fn is_over(&mut self) -> bool {
        if self.cut.is_none() && (self.interrupted)() {
            self.cut = Some(Cut::Deadline);
        }
        self.cut.is_some()
    }

    /// Something was left out.
    pub(super) fn leave_out(&mut self) {
        self.cut.get_or_insert(Cut::Budget);
    }

    /// Why the answer is incomplete, empty if it is not, and how it was found.
    pub(super) fn finish(mut self) -> (String, QueryExplain) {
        let looked_at = self.explain.runs_skipped + self.explain.runs_unread;
        self.explain.runs_unread = self.explain.runs.saturating_sub(looked_at);
        (self.cut.map_or("", Cut::name).to_owned(), self.explain)
    }

    /// Makes the sets of traces that parts of the filter are about, once.
    fn make_sets(&mut self) {
        let (snapshot, prepared) = (self.snapshot, self.prepared);
        while let Some(set) = prepared.sets.get(self.sets.len()) {
            let mut traces: HashSet<TraceId> = HashSet::new();
            for run in runs(snapshot) {
                if self.is_over() {
                    break;
                }
                let mut found = match set {
                    TraceSet::Lens(family) => run.rows.rows_with_key(&|key| is_of(key, family)),
                    TraceSet::Some(inner) if is_ruled_out(inner, &run.rows) => continue,
                    TraceSet::Some(inner) => scan(inner, &run.rows, &self.sets, None).may,
                };
                for row in superseded(snapshot, run) {
                    found.remove(row);
                }
                let ordinals = run.rows.traces_of(&found);
                traces.extend(
                    ordinals
                        .iter()
                        .map(|ordinal| run.rows.traces().id(ordinal as u32)),
                );
            }
            let is_in = |row: SpanRow<'_>| match set {
                TraceSet::Lens(family) => has_family(&row, family),
                TraceSet::Some(inner) => of_open(inner, row, &self.sets).may_be(),
            };
            let open = snapshot.open.rows();
            traces.extend(open.filter(|row| is_in(*row)).map(|row| row.trace_id()));
            self.sets.push(traces);
        }
    }

    /// The rows of a run that match.
    pub(crate) fn rows_of(&mut self, run: &PlacedRows) -> Bitmap {
        let rows = &run.rows;
        let nothing = Bitmap::none(rows.len());
        if self.is_over() {
            return nothing;
        }
        let (first, last) = rows.start_range();
        let window = self.window.clone();
        let is_outside = window
            .as_ref()
            .is_some_and(|w| *w.start() > last || *w.end() < first);
        if is_outside || is_ruled_out(&self.prepared.root, rows) {
            self.explain.runs_skipped += 1;
            return nothing;
        }
        // Counts those looked at, until the end.
        self.explain.runs_unread += 1;
        self.explain.rows += rows.len() as u64;
        let is_inside = |w: &RangeInclusive<u64>| *w.start() <= first && last <= *w.end();
        let within = window
            .filter(|w| !is_inside(w))
            .map(|w| rows.rows_by_start(w));
        self.make_sets();
        let root = &self.prepared.root;
        let Scanned { mut yes, mut may } = scan(root, rows, &self.sets, within.as_ref());
        if let Some(within) = within {
            yes.and(&within);
            may.and(&within);
        }
        for row in superseded(self.snapshot, run) {
            yes.remove(row);
            may.remove(row);
        }
        self.explain.rows_matched += may.count() as u64;
        if yes != may {
            self.verify_rows(run, &mut yes, &may);
        }
        yes
    }

    /// Adds to `yes` the rows of `may` that match in their traces.
    fn verify_rows(&mut self, run: &PlacedRows, yes: &mut Bitmap, may: &Bitmap) {
        let rows = &run.rows;
        for row in may.iter() {
            if yes.contains(row) {
                continue;
            }
            if self.is_over() {
                return;
            }
            let trace = rows.trace_id(row);
            let matches = match self.facts_pass(trace) {
                Some(passes) => passes,
                None => self.matches_of(trace).contains(&rows.span_id(row).bits),
            };
            if matches {
                yes.insert(row);
            }
        }
    }

    /// Whether the facts of a trace pass, where those are all that is left to know.
    fn facts_pass(&mut self, trace: TraceId) -> Option<bool> {
        let matcher = self.prepared.facts()?;
        let snapshot = self.snapshot;
        let look = || {
            let summary = snapshot.summary(trace)?;
            Some(facts_match(matcher, &facts_of(&summary)))
        };
        let known = self.facts.entry(trace);
        Some(*known.or_insert_with(|| look().unwrap_or(false)))
    }

    /// The traces of a run that may have a matching row there: those that do, where columns tell.
    pub(crate) fn traces_of(&mut self, run: &PlacedRows) -> Bitmap {
        let rows = &run.rows;
        if self.prepared.is_exact() {
            let found = self.rows_of(run);
            return rows.traces_of(&found);
        }
        if self.is_over() {
            return Bitmap::none(rows.traces().len());
        }
        if is_ruled_out(&self.prepared.root, rows) {
            self.explain.runs_skipped += 1;
            return Bitmap::none(rows.traces().len());
        }
        self.explain.runs_unread += 1;
        self.explain.rows += rows.len() as u64;
        self.make_sets();
        let found = scan(&self.prepared.root, rows, &self.sets, None);
        self.explain.rows_matched += found.may.count() as u64;
        rows.traces_of(&found.may)
    }

    /// Whether a trace that was found by [`Search::traces_of`] has a matching span.
    pub(crate) fn confirms(&mut self, trace: TraceId) -> bool {
        if self.prepared.is_exact() {
            return true;
        }
        match self.facts_pass(trace) {
            Some(passes) => passes,
            None => self.has_match(trace),
        }
    }

    /// Whether any span of the trace matches, by all of its spans.
    pub(crate) fn has_match(&mut self, trace: TraceId) -> bool {
        !self.matches_of(trace).is_empty()
    }

    /// The open spans that match.
    pub(crate) fn open_rows(&mut self) -> Vec<SpanRow<'a>> {
        let snapshot = self.snapshot;
        let mut found = Vec::new();
        if snapshot.open.is_empty() {
            return found;
        }
        self.make_sets();
        for row in snapshot.open.rows() {
            if self.is_over() {
                break;
            }
            if self
                .window
                .as_ref()
                .is_some_and(|w| !w.contains(&row.start_ns()))
            {
                continue;
            }
            let matches = match of_open(&self.prepared.root, row, &self.sets) {
                Verdict::Yes => true,
                Verdict::No => false,
                Verdict::Unknown => {
                    let matched = self.matches_of(row.trace_id());
                    matched.contains(&row.span_id().bits)
                }
            };
            if matches {
                found.push(row);
            }
        }
        found
    }

    /// The traces of open spans that match.
    pub(crate) fn open_traces(&mut self) -> HashSet<TraceId> {
        let rows = self.open_rows().into_iter();
        rows.map(|row| row.trace_id()).collect()
    }

    /// Ids of the spans of a trace that match, by all of its spans. Counts what it reads.
    pub(super) fn matches_of(&mut self, trace: TraceId) -> Matched {
        if let Some(known) = self.verified.get(&trace) {
            return Rc::clone(known);
        }
        let matched = Rc::new(self.look_at(trace));
        self.verified.insert(trace, Rc::clone(&matched));
        matched
    }

    /// Decides by columns, ids and ids of parents; no span is copied.
    fn look_at(&mut self, trace: TraceId) -> HashSet<u64> {
        if self.is_over() {
            return HashSet::new();
        }
        self.make_sets();
        let parts = parts(self.snapshot, trace);
        let spans: u64 = parts.iter().map(|part| part.rows().count() as u64).sum();
        let steps = spans.saturating_mul(self.prepared.root.steps());
        let is_too_large = spans > self.limits.trace_spans_max || spans > self.spans_left;
        if is_too_large || !self.budget.take(steps) {
            self.leave_out();
            return HashSet::new();
        }
        self.spans_left -= spans;
        self.explain.traces_verified += 1;
        let rows: Vec<RowView<'a>> = parts.iter().flat_map(|part| part.rows()).collect();
        let kin = Kin::new(trace, rows);
        let found = kin.judge(&self.prepared.root, self);
        let found = kin
            .rows()
            .iter()
            .zip(found)
            .filter(|(_, is_match)| *is_match);
        found.map(|(row, _)| row.span_id().bits).collect()
    }
}

impl<'a> Spots<'a> for Search<'a> {
    fn says_yes(&mut self, node: &'a Node, row: RowView<'a>) -> bool {
        match row {
            RowView::Open(row) => of_open(node, row, &self.sets).is_yes(),
            RowView::Stored(rows, row) => {
                let key = (std::ptr::from_ref(node), std::ptr::from_ref(rows));
                let sets = &self.sets;
                let found = || Rc::new(scan(node, rows, sets, None).yes);
                self.columns.entry(key).or_insert_with(found).contains(row)
            }
        }
    }

    fn facts_say(&mut self, matcher: &Matcher, trace: TraceId) -> bool {
        let summary = self.snapshot.summary(trace);
        summary.is_some_and(|summary| facts_match(matcher, &facts_of(&summary)))
    }
}

/// Whether a key begins with a family and a dot.
fn is_of(key: &str, family: &str) -> bool {
    let rest = key.strip_prefix(family);
    rest.is_some_and(|rest| rest.starts_with('.'))
}

/// The rows of a run of which newer reports are stored.
fn superseded(snapshot: &Snapshot, run: &PlacedRows) -> Vec<usize> {
    let rows = snapshot.superseded.rows_in(run).into_iter();
    rows.filter_map(|(_, at)| run.row_of(at)).collect()
}
