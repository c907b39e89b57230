//! Patterns in small traces, and how well they are told from what looks like them.

mod calls;
mod labelled;
mod scene;

use std::collections::BTreeMap;

use hindsight_protocol::SpanKind;

use super::*;
use crate::Trace;
use crate::timeline::Timeline;
use labelled::{Case, KINDS};
use scene::{Random, Scene};

/// Traces of each kind.
const ROUNDS: u64 = 40;

fn findings(trace: &Trace) -> Vec<Finding> {
    let timeline = Timeline::new(trace.tree(), 0);
    find(trace.tree(), &timeline, trace, FindLimits::default())
}

/// Counts of one pattern over the labelled set.
#[derive(Debug, Default)]
struct Score {
    hits: u32,
    missed: BTreeMap<&'static str, u32>,
    false_alarms: BTreeMap<&'static str, u32>,
}

impl Score {
    fn add(&mut self, name: &'static str, expected: bool, found: bool) {
        match (expected, found) {
            (true, true) => self.hits += 1,
            (true, false) => *self.missed.entry(name).or_default() += 1,
            (false, true) => *self.false_alarms.entry(name).or_default() += 1,
            (false, false) => {}
        }
    }

    fn precision(&self) -> f64 {
        let false_alarms: u32 = self.false_alarms.values().sum();
        f64::from(self.hits) / f64::from(self.hits + false_alarms)
    }

    fn recall(&self) -> f64 {
        let missed: u32 = self.missed.values().sum();
        f64::from(self.hits) / f64::from(self.hits + missed)
    }
}

/// Found means: with at least half of the calls that the label is about.
fn is_found(case: &Case, findings: &[Finding], kind: PatternKind) -> bool {
    let calls = findings
        .iter()
        .filter(|finding| finding.kind == kind)
        .map(|finding| finding.members.len())
        .max();
    calls.is_some_and(|calls| case.expected != Some(kind) || calls * 2 >= case.calls)
}

#[test]
fn precision_and_recall_on_the_labelled_set_stay_above_their_floors() {
    let mut scores = [PatternKind::NPlusOne, PatternKind::Retry].map(|k| (k, Score::default()));
    for (number, (name, make)) in (0..).zip(KINDS) {
        for round in 0..ROUNDS {
            let mut random = Random::new(number * 1_000 + round);
            let case = make(&mut random);
            let found = findings(&case.trace);
            for (kind, score) in &mut scores {
                let expected = case.expected == Some(*kind);
                score.add(name, expected, is_found(&case, &found, *kind));
            }
        }
    }
    for (kind, score) in &scores {
        let (precision, recall) = (score.precision(), score.recall());
        println!("{kind:?}: precision {precision:.3}, recall {recall:.3}");
        println!("  missed: {:?}", score.missed);
        println!("  false alarms: {:?}", score.false_alarms);
    }
    let [(_, n_plus_one), (_, retry)] = &scores;
    assert!(n_plus_one.precision() >= 0.95 && n_plus_one.recall() >= 0.9);
    // Two calls that show nothing, of which the first fails, look like a retry whatever they are:
    // the set has them, and no rule tells them apart.
    assert!(retry.precision() >= 0.85 && retry.recall() >= 0.9);
}

#[test]
fn findings_read_as_sentences() {
    let mut scene = Scene::new();
    for id in 0..34 {
        let query = format!("SELECT * FROM users\u{1b} WHERE id = {id}");
        let call = scene.call("query", 5_000_000);
        scene.statement(call, "db.query.text", &query);
        scene.pause(1_000_000);
    }
    for (attempt, pause) in [10_000_000, 20_000_000, 40_000_000, 0]
        .into_iter()
        .enumerate()
    {
        let call = scene.call("", 2_000_000);
        scene.failed(call, attempt < 3);
        scene.pause(pause);
    }
    let trace = scene.finish();
    let lines: Vec<_> = findings(&trace)
        .iter()
        .map(|finding| finding_line(trace.tree(), finding).to_plain())
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn without_attributes_names_and_times_must_do() {
    let mut scene = Scene::new();
    for _ in 0..8 {
        scene.call("users.get", 2_000_000);
        scene.pause(10_000);
    }
    let trace = scene.finish();
    let timeline = Timeline::new(trace.tree(), 0);
    let found = find(trace.tree(), &timeline, &NoDetails, FindLimits::default());
    assert_eq!((found.len(), found[0].kind), (1, PatternKind::NPlusOne));
    assert_eq!(found[0].shape, "users.get");
    let few = FindLimits {
        calls_min: 9,
        ..FindLimits::default()
    };
    assert_eq!(find(trace.tree(), &timeline, &NoDetails, few), []);
}

#[test]
fn limits_bound_what_is_looked_at_and_what_is_said() {
    let mut scene = Scene::new();
    for name in ["a", "b", "c"] {
        for _ in 0..20 {
            scene.call(name, 2_000_000);
            scene.pause(10_000);
        }
    }
    let trace = scene.finish();
    let timeline = Timeline::new(trace.tree(), 0);
    let limits = FindLimits {
        calls_max: 7,
        findings_max: 2,
        ..FindLimits::default()
    };
    let found = find(trace.tree(), &timeline, &NoDetails, limits);
    let calls: Vec<_> = found.iter().map(|finding| finding.members.len()).collect();
    assert_eq!(calls, [7, 7]);
}

#[test]
fn internal_work_without_a_statement_is_no_call() {
    let mut scene = Scene::new();
    for _ in 0..8 {
        let work = scene.call("compute", 2_000_000);
        scene.kind(work, SpanKind::Internal);
    }
    assert_eq!(findings(&scene.finish()), []);
}
