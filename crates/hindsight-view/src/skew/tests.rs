//! Skew that is put in is found, and nothing is moved by itself.

use hindsight_protocol::{Span, SpanKind};
use proptest::prelude::*;

use super::*;
use crate::fixture::{family, service, span, tree};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// A call of process `from` by process `to` in true time: caller, callee, four times.
type Call = (usize, usize, [u64; 4]);

/// A root in `a`, and for each call a client span and its server span, in the clocks of their
/// processes, `ahead[process]` ahead of the true time.
fn calls(calls: &[Call], ahead: &[u64]) -> Vec<Span> {
    let mut spans = family(&[(0, 0, 1_000_000)]);
    spans[0].resource = service(NAMES[0]);
    let mut next = 2;
    for (from, to, [sent, received, answered, done]) in calls {
        let client = Span {
            kind: SpanKind::Client as u8,
            resource: service(NAMES[*from]),
            start_ns: sent + ahead[*from],
            end_ns: done + ahead[*from],
            ..span(next, if *from == 0 { 1 } else { 0 }, "call", 0, 0)
        };
        spans.push(client);
        spans.push(Span {
            kind: SpanKind::Server as u8,
            resource: service(NAMES[*to]),
            start_ns: received + ahead[*to],
            end_ns: answered + ahead[*to],
            ..span(next + 1, next, "handle", 0, 0)
        });
        next += 2;
    }
    spans
}

#[test]
fn an_offset_is_found_between_the_bounds_of_all_calls() {
    // Clock of b is 5,000 ahead; way there 10 and 40, way back 30 and 20.
    let found = calls(
        &[(0, 1, [100, 110, 200, 230]), (0, 1, [300, 340, 400, 420])],
        &[0, 5_000],
    );
    let tree = tree(&found);
    let estimates = estimate(&tree);
    assert_eq!(estimates.len(), 1);
    // From 4,980 (420 - 400 back) to 5,010.
    assert_eq!((estimates[0].offset_ns, estimates[0].error_ns), (4_995, 15));
    assert_eq!((estimates[0].pairs, estimates[0].contradicting), (2, 0));
    assert!(estimates[0].is_significant());
}

#[test]
fn calls_that_were_not_waited_for_do_not_spoil_the_estimate() {
    let mut all: Vec<Call> = (0..10)
        .map(|i| (0, 1, [i * 100, i * 100 + 10, i * 100 + 50, i * 100 + 60]))
        .collect();
    // Answered long after the caller stopped waiting.
    all.push((0, 1, [2_000, 2_010, 9_000, 2_060]));
    let estimates = estimate(&tree(&calls(&all, &[700, 0])));
    assert_eq!((estimates[0].offset_ns, estimates[0].error_ns), (-700, 10));
    assert_eq!((estimates[0].pairs, estimates[0].contradicting), (11, 1));
}

#[test]
fn without_both_bounds_there_is_no_estimate() {
    let mut spans = calls(&[(0, 1, [100, 110, 200, 230])], &[0, 0]);
    spans[2].kind = SpanKind::Consumer as u8;
    assert_eq!(estimate(&tree(&spans)), []);
}

#[test]
fn contradictions_are_labelled_and_say_how_far() {
    let mut spans = calls(&[(0, 1, [100, 110, 200, 230])], &[50, 0]);
    let label_of = |spans: &[Span]| {
        let tree = tree(spans);
        let node = (0..tree.len()).find(|i| tree.name(*i) == "handle").unwrap();
        label(&tree, node).map(|label| label.to_string())
    };
    let said = label_of(&spans);
    assert_eq!(
        said.unwrap(),
        "begins 40 ns before its parent in another process"
    );
    spans[2].end_ns += 500;
    let said = label_of(&spans).unwrap();
    assert_eq!(
        said,
        "begins 40 ns before and ends 420 ns after its parent in another process"
    );
    spans[2].resource = service("a");
    assert_eq!(label_of(&spans), None, "one process has one clock");
}

#[test]
fn skew_reads_as_sentences() {
    let mut spans = calls(
        &[
            (0, 1, [100, 110, 200, 230]),
            (0, 2, [300, 340, 400, 420]),
            (0, 3, [500, 540, 600, 720]),
        ],
        &[0, 5_000_000, 70_000, 20],
    );
    for span in spans
        .iter_mut()
        .filter(|span| span.resource == service("c"))
    {
        span.resource = service("c\u{202e}");
    }
    let tree = tree(&spans);
    let lines = skew_lines(&tree, &estimate(&tree), 5);
    let plain: Vec<_> = lines.iter().map(crate::Line::to_plain).collect();
    insta::assert_snapshot!(plain.join("\n"));
    let silent = skew_lines(&tree, &[], 5);
    assert_eq!(silent, []);
}

/// Calls in true time between a process and the one it knows, either way.
fn any_calls() -> impl Strategy<Value = Vec<Call>> {
    let any_call = (
        1..4usize,
        any::<bool>(),
        prop::array::uniform4(0..100_000u64),
    );
    let to_call = |(process, back, mut times): (usize, bool, [u64; 4])| {
        times.sort_unstable();
        match back {
            true => (process, process / 2, times),
            false => (process / 2, process, times),
        }
    };
    prop::collection::vec(any_call.prop_map(to_call), 1..30)
}

proptest! {
    #[test]
    fn the_true_offset_is_within_the_error(
        all in any_calls(), ahead in prop::array::uniform4(0..1_000_000u64),
    ) {
        let tree = tree(&calls(&all, &ahead));
        let of = |row: u32| {
            let name = tree.strings.get(tree.processes[row as usize].service);
            ahead[NAMES.iter().position(|known| *known == name).unwrap()] as i64
        };
        for estimate in estimate(&tree) {
            let truth = of(estimate.to) - of(estimate.from);
            prop_assert!(estimate.offset_ns.abs_diff(truth) <= estimate.error_ns + 1);
            prop_assert_eq!(estimate.contradicting, 0);
        }
    }

    #[test]
    fn in_one_clock_nothing_contradicts_and_the_recorded_tree_stays(
        all in any_calls(), ahead in prop::array::uniform4(0..1_000_000u64), reference in 0..4u32,
    ) {
        let tree = tree(&calls(&all, &ahead));
        let before = tree.clone();
        let overlay = ClockOverlay::new(tree.processes.len(), &estimate(&tree), reference);
        let moved = overlay.apply(&tree);
        prop_assert_eq!(&tree, &before);
        prop_assert_eq!(moved.len(), tree.len());
        for index in 0..moved.len() {
            prop_assert_eq!(moved.span_id(index), tree.span_id(moved.row(index)));
            let reached = overlay.offset_ns(moved.process_row(index)).is_some();
            if reached && moved.name(index) == "handle" {
                prop_assert_eq!(label(&moved, index), None);
            }
        }
    }
}
