//! The best explanation that spans give: revisions at which dependencies changed against those at
//! which the dependent had last looked.
//!
//! Bounded: [`CAUSES_MAX`] causes; each query is explained once.

use std::collections::HashSet;

use hindsight_protocol::introspection::picante::{
    Cause, ExplainRequest, Explanation, QueryRef, outcome,
};

use super::execution::{Change, Execution};
use super::{Stored, is_same};
use crate::format;
use crate::lens::picante::name::shown_name;
use crate::lens::picante::outcome::Outcome;

/// Causes that are told.
const CAUSES_MAX: usize = 200;
/// Queries that are offered when it is not clear which one is meant.
const CANDIDATES_MAX: usize = 20;

impl Stored {
    /// Why a query was computed the last time, as far as spans tell.
    pub fn explain(&self, request: &ExplainRequest) -> Explanation {
        let query = match self.meant(request) {
            Ok(query) => query,
            Err(candidates) => {
                return Explanation {
                    summary: match candidates.is_empty() {
                        true => "No stored span is of such a query.".into(),
                        false => "Several queries could be meant.".into(),
                    },
                    candidates,
                    ..Explanation::default()
                };
            }
        };
        let mut told = Telling {
            stored: self,
            causes: Vec::new(),
            seen: HashSet::new(),
            cut: 0,
        };
        let summary = told.begin(&query);
        Explanation {
            is_found: true,
            summary,
            causes: told.causes,
            cut: told.cut,
            ..Explanation::default()
        }
    }

    /// The one query that is meant, or those that could be.
    fn meant(&self, request: &ExplainRequest) -> Result<QueryRef, Vec<QueryRef>> {
        let queries = self.executions.iter().map(|execution| &execution.query);
        let queries = queries.chain(self.changes.iter().map(|change| &change.query));
        let mut alike: Vec<&QueryRef> = queries
            .filter(|query| query.kind == request.kind || request.kind.is_empty())
            .filter(|query| query.key.contains(&request.key))
            .collect();
        alike.sort();
        alike.dedup();
        let is_exact = |query: &&&QueryRef| query.key == request.key && query.kind == request.kind;
        if let Some(exact) = alike.iter().find(is_exact) {
            return Ok((*exact).clone());
        }
        match alike.as_slice() {
            [one] => Ok((*one).clone()),
            several => Err(several
                .iter()
                .take(CANDIDATES_MAX)
                .map(|q| (*q).clone())
                .collect()),
        }
    }

    fn of<'a>(&'a self, query: &'a QueryRef) -> impl Iterator<Item = &'a Execution> {
        let executions = self.executions.iter();
        executions.filter(move |execution| is_same(&execution.query, query))
    }
}

/// An explanation under way.
struct Telling<'a> {
    stored: &'a Stored,
    causes: Vec<Cause>,
    seen: HashSet<QueryRef>,
    cut: u64,
}

impl<'a> Telling<'a> {
    /// The query itself; a summary.
    fn begin(&mut self, query: &QueryRef) -> String {
        let stored = self.stored;
        if let Some(change) = stored.last_change(query, 0, u64::MAX) {
            self.change(0, change);
            return "It is an input: it is set from outside.".into();
        }
        let ran = |execution: &&Execution| execution.outcome.is_computed();
        let newest = |a: &&Execution| (a.revision, a.end_ns);
        let last = stored.of(query).filter(ran).max_by_key(newest);
        let Some(last) = last.or_else(|| stored.of(query).max_by_key(newest)) else {
            return "Nothing is known of it.".into();
        };
        let known_at = stored.known_before(last);
        self.seen.insert(query.clone());
        self.push(0, last, known_at);
        let name = shown_name(query);
        if !last.outcome.is_computed() {
            return format!(
                "{name} was not computed in what is stored: {}.",
                last.outcome.meaning()
            );
        }
        if known_at == 0 {
            return format!(
                "{name} was computed in revision {}; no earlier access to it is stored, so it may \
                 have been the first.",
                last.revision
            );
        }
        self.causes_of(last, 0, known_at);
        match self.causes.len() - 1 {
            0 => format!(
                "{name} was computed in revision {}; what made it doubtful after revision {known_at} \
                 is not among the stored spans.",
                last.revision
            ),
            _ => format!(
                "{name} was computed in revision {}, because something that it uses changed after \
                 revision {known_at}.",
                last.revision
            ),
        }
    }

    /// Adds what changed below an execution, and why.
    fn causes_of(&mut self, execution: &Execution, of: usize, known_at: u64) {
        let mut waiting = vec![(execution, of, known_at)];
        while let Some((execution, of, known_at)) = waiting.pop() {
            let dependencies = execution.dependencies.iter().chain(&execution.phantom);
            for query in dependencies {
                if self.seen.contains(query) {
                    continue;
                }
                let until = execution.revision;
                if let Some(change) = self.stored.last_change(query, known_at, until) {
                    self.seen.insert(query.clone());
                    if self.has_room() {
                        self.change(of, change);
                    }
                    continue;
                }
                let Some(cause) = self.stored.changed_between(query, known_at, until) else {
                    continue;
                };
                self.seen.insert(query.clone());
                if !self.has_room() {
                    continue;
                }
                // Who uses it found it right at `known_at`.
                let before = self.stored.known_before(cause).max(known_at);
                let at = self.causes.len();
                self.push(of, cause, known_at);
                waiting.push((cause, at, before));
            }
        }
    }

    fn has_room(&mut self) -> bool {
        let has_room = self.causes.len() < CAUSES_MAX;
        self.cut += u64::from(!has_room);
        has_room
    }

    fn push(&mut self, of: usize, execution: &Execution, known_at: u64) {
        let text = match execution.outcome {
            Outcome::Changed => match execution.compute_ns {
                0 => format!(
                    "computed anew in revision {}: another value",
                    execution.revision
                ),
                ns => format!(
                    "computed anew in revision {} in {}: another value",
                    execution.revision,
                    format::duration(ns)
                ),
            },
            Outcome::Unchanged => format!(
                "computed anew in revision {}: the same value",
                execution.revision
            ),
            other => format!("{} in revision {}", other.label(), execution.revision),
        };
        self.causes.push(Cause {
            of: of as u32,
            query: execution.query.clone(),
            outcome: execution.outcome_word.clone(),
            changed_at: execution.changed_at,
            known_at,
            at_ns: execution.end_ns,
            compute_ns: execution.compute_ns,
            trace_id: execution.trace_id,
            span_id: execution.span_id,
            text,
            ..Cause::default()
        });
    }

    fn change(&mut self, of: usize, change: &Change) {
        let word = if change.is_removed {
            outcome::REMOVED
        } else {
            outcome::SET
        };
        self.causes.push(Cause {
            of: of as u32,
            query: change.query.clone(),
            is_input: true,
            outcome: word.into(),
            changed_at: change.revision,
            at_ns: change.at_ns,
            trace_id: change.trace_id,
            span_id: change.span_id,
            text: format!(
                "{}, which made revision {}",
                Outcome::of_word(word).label(),
                change.revision
            ),
            ..Cause::default()
        });
    }
}

impl Stored {
    /// The last change of an input after `known_at`, up to `until`.
    fn last_change(&self, query: &QueryRef, known_at: u64, until: u64) -> Option<&Change> {
        let changes = self
            .changes
            .iter()
            .filter(|change| is_same(&change.query, query));
        let within = |change: &&Change| (known_at + 1..=until).contains(&change.revision);
        // A change whose revision is not told is better than none.
        let within = |change: &&Change| change.revision == 0 || within(change);
        changes
            .filter(within)
            .max_by_key(|change| (change.revision, change.at_ns))
    }

    /// The execution that changed a value after `known_at`, up to `until`.
    fn changed_between(&self, query: &QueryRef, known_at: u64, until: u64) -> Option<&Execution> {
        let executions = self
            .executions
            .iter()
            .filter(|found| is_same(&found.query, query));
        let changed = |found: &&Execution| {
            let at = if found.changed_at > 0 {
                found.changed_at
            } else {
                found.revision
            };
            let is_computed = matches!(found.outcome, Outcome::Changed | Outcome::Error);
            is_computed && at > known_at && at <= until
        };
        executions
            .filter(changed)
            .max_by_key(|found| (found.revision, found.end_ns))
    }

    /// The revision at which a query was last found right before an execution of it; 0 where no
    /// earlier access is stored.
    fn known_before(&self, execution: &Execution) -> u64 {
        let before = self.of(&execution.query);
        let before = before.filter(|other| other.revision < execution.revision);
        before.map(|other| other.revision).max().unwrap_or_default()
    }
}
