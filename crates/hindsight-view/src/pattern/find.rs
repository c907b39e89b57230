//! Gathering calls of one shape under one parent.

use std::collections::HashMap;

use hindsight_protocol::{SpanKind, StatusCode};

use crate::statistics::Operation;
use crate::timeline::Timeline;
use crate::tree::TraceTree;

use super::call::CallDetails;
use super::statement::{Literal, Statement};
use super::{Finding, PatternKind, n_plus_one, retry};

/// Levels that may wrap a call.
const WRAPPERS_MAX: usize = 4;

/// What to look for, and how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindLimits {
    /// Fewest calls that make an N+1.
    pub calls_min: usize,
    /// Calls of one name under one parent that are looked at, the first by start.
    pub calls_max: usize,
    /// Findings, those that took longest.
    pub findings_max: usize,
}

impl Default for FindLimits {
    fn default() -> Self {
        Self {
            calls_min: 5,
            calls_max: 10_000,
            findings_max: 100,
        }
    }
}

/// A child of the parent that is a call, or wraps one.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) index: usize,
    pub(super) id: hindsight_protocol::SpanId,
    pub(super) start_ns: u64,
    pub(super) end_ns: u64,
    pub(super) failed: bool,
    pub(super) literals: Vec<Literal>,
    pub(super) arguments: Option<u64>,
    pub(super) resends: Option<u64>,
    pub(super) retry_of: Option<hindsight_protocol::SpanId>,
    pub(super) is_batch: bool,
}

impl Call {
    pub(super) fn duration_ns(&self) -> u64 {
        self.end_ns - self.start_ns
    }

    /// Whether it shows what it was called with.
    pub(super) fn shows_literals(&self) -> bool {
        !self.literals.is_empty() || self.arguments.is_some()
    }

    pub(super) fn same_literals(&self, other: &Self) -> bool {
        self.literals == other.literals && self.arguments == other.arguments
    }
}

/// Calls that have everything but literals in common, by start.
pub(super) struct Calls {
    pub(super) template: String,
    pub(super) calls: Vec<Call>,
}

/// The patterns of `tree`, the most time first.
pub fn find(
    tree: &TraceTree,
    timeline: &Timeline,
    details: &impl CallDetails,
    limits: FindLimits,
) -> Vec<Finding> {
    let mut finder = Finder {
        tree,
        timeline,
        details,
        limits,
        findings: Vec::new(),
    };
    for parent in 0..tree.len() {
        // A retry needs two; nothing repeats below that.
        if tree.child_count(parent) >= 2 {
            finder.look_below(parent);
        }
    }
    let mut findings = finder.findings;
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.total_ns), finding.members[0]));
    findings.truncate(limits.findings_max);
    findings
}

struct Finder<'a, D> {
    tree: &'a TraceTree,
    timeline: &'a Timeline,
    details: &'a D,
    limits: FindLimits,
    findings: Vec<Finding>,
}

impl<D: CallDetails> Finder<'_, D> {
    fn look_below(&mut self, parent: usize) {
        let mut alike: HashMap<(Operation, SpanKind), Vec<usize>> = HashMap::new();
        for child in self.tree.children(parent) {
            let shape = (Operation::of(self.tree, child), self.tree.kind(child));
            let known = alike.entry(shape).or_default();
            if known.len() < self.limits.calls_max {
                known.push(child);
            }
        }
        let mut repeated: Vec<_> = alike.into_values().filter(|all| all.len() > 1).collect();
        repeated.sort_unstable();
        for children in repeated {
            for calls in self.by_template(&children) {
                self.judge(parent, calls);
            }
        }
    }

    fn judge(&mut self, parent: usize, calls: Calls) {
        let found = match n_plus_one::is_n_plus_one(&calls, self.limits.calls_min) {
            true => vec![(PatternKind::NPlusOne, 0..calls.calls.len())],
            false => retry::attempts(&calls.calls)
                .into_iter()
                .map(|run| (PatternKind::Retry, run))
                .collect(),
        };
        for (kind, run) in found {
            let members = &calls.calls[run];
            let add = |sum: u64, call: &Call| sum.saturating_add(call.duration_ns());
            self.findings.push(Finding {
                kind,
                parent,
                members: members.iter().map(|call| call.index).collect(),
                shape: match calls.template.as_str() {
                    "" => self.tree.name(members[0].index).to_owned(),
                    template => template.to_owned(),
                },
                total_ns: members.iter().fold(0, add),
                last_failed: members.last().is_some_and(|call| call.failed),
                backs_off: retry::backs_off(members),
            });
        }
    }

    /// The calls among `children` of one name, by their templates.
    fn by_template(&self, children: &[usize]) -> Vec<Calls> {
        let mut places: HashMap<(Operation, String), usize> = HashMap::new();
        let mut found: Vec<Calls> = Vec::new();
        for child in children {
            let Some((inner, template, call)) = self.call(*child) else {
                continue;
            };
            let shape = (Operation::of(self.tree, inner), template);
            let template = shape.1.clone();
            let place = *places.entry(shape).or_insert(found.len());
            if place == found.len() {
                found.push(Calls {
                    template,
                    calls: Vec::new(),
                });
            }
            found[place].calls.push(call);
        }
        found
    }

    /// The call that `child` is or wraps: the node that makes it, its template, the call.
    fn call(&self, child: usize) -> Option<(usize, String, Call)> {
        let tree = self.tree;
        let mut inner = child;
        for _ in 0..=WRAPPERS_MAX {
            let details = self.details.details(inner);
            let calls = matches!(tree.kind(inner), SpanKind::Client | SpanKind::Producer);
            if !calls && details.statement.is_empty() {
                if tree.child_count(inner) != 1 {
                    return None;
                }
                inner += 1;
                continue;
            }
            let statement = Statement::of(&details.statement);
            let failed = |index| tree.status(index) == StatusCode::Error;
            let call = Call {
                index: child,
                id: tree.span_id(child),
                start_ns: tree.start_ns(child),
                end_ns: self.timeline.end_ns(child),
                failed: failed(child) || failed(inner),
                literals: statement.literals,
                arguments: details.arguments,
                resends: details.resends.or(self.details.details(child).resends),
                retry_of: details.retry_of.or(self.details.details(child).retry_of),
                is_batch: statement.is_batch || details.is_batch,
            };
            return Some((inner, statement.template, call));
        }
        None
    }
}
