use hindsight_protocol::{KeyValue, Span};

use super::{matcher, names, span};
use crate::fixture::batch;
use crate::view::RowsOfTrace;
use crate::{Budget, Verdict};

/// `s1(s2(s4 s5) s3(s6))`, s5 failed, and an orphan s9.
fn tree() -> Vec<Span> {
    let mut spans: Vec<Span> = [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3), (9, 8)]
        .map(|(id, parent)| span(id, parent))
        .into();
    spans[4].status = 2;
    spans[5].attributes = vec![KeyValue::new("picante.kind", "page")];
    spans
}

#[test]
fn relations_lead_to_other_spans() {
    for (text, expected) in [
        ("parent(name:s1)", "s2 s3"),
        ("child(status:error)", "s2"),
        ("ancestor(name:s1)", "s2 s4 s5 s3 s6"),
        ("descendant(status:error)", "s1 s2"),
        ("sibling(status:error)", "s4"),
        ("sibling(*)", "s2 s4 s5 s3"),
        ("-parent(*)", "s1 s9"),
        ("parent(parent(name:s1))", "s4 s5 s6"),
        ("child(child(*)) ", "s1"),
        ("parent(child(status:error)) -status:error", "s4"),
        ("has(status:error)", "s1 s2 s4 s5 s3 s6 s9"),
        ("-has(status:error)", ""),
        ("has(status:error) name:s9", "s9"),
        ("has(name:nobody)", ""),
        ("descendant(-ancestor(name:s1))", ""),
    ] {
        assert_eq!(names(&tree(), text), expected, "{text}");
    }
}

#[test]
fn facts_of_the_trace_are_those_of_every_span() {
    let all = "s1 s2 s4 s5 s3 s6 s9";
    for (text, expected) in [
        ("spans=7 errors>0 services=0 running=0", all),
        ("root.name:s1", all),
        ("exists(root.service)", ""),
        ("trace.duration>=18ns trace.start<now", all),
        ("trace.duration>18ns", ""),
        ("lens:picante", all),
        ("lens:pic", ""),
        ("lens:picante.kind", ""),
        ("spans>100 or name:s2", "s2"),
        ("name:s2 parent(spans>6)", "s2"),
    ] {
        assert_eq!(names(&tree(), text), expected, "{text}");
    }
}

#[test]
fn of_a_span_alone_structure_is_unknown_unless_it_decides_nothing() {
    let batch = batch(&[span(1, 0)]);
    for (text, expected) in [
        ("parent(name:x)", Verdict::Unknown),
        ("-has(name:x)", Verdict::Unknown),
        ("has(name:s1)", Verdict::Yes),
        ("spans>1", Verdict::Unknown),
        ("lens:picante", Verdict::Unknown),
        ("name:x spans>1", Verdict::No),
        ("name:s1 or child(*)", Verdict::Yes),
        ("name:s1 sibling(*)", Verdict::Unknown),
    ] {
        let verdict = matcher(text).matches_alone(batch.row(0));
        assert_eq!(verdict, expected, "{text}");
    }
}

#[test]
fn a_spent_budget_is_told_and_never_taken_for_an_answer() {
    let spans: Vec<Span> = (1..=200).map(|id| span(id, id - 1)).collect();
    let batch = batch(&spans);
    let trace = RowsOfTrace::new(batch.rows());
    let matcher = matcher("descendant(descendant(name:nobody)) or name:s200");
    for steps in [0, 1, 50, 500, 5_000] {
        let mut budget = Budget::new(steps);
        let verdict = matcher.matches(&trace, 0, &mut budget);
        assert_eq!((verdict, budget.is_cut()), (Verdict::Unknown, true));
        assert_eq!(budget.left(), 0);
    }
    for steps in 0..1_000 {
        let mut budget = Budget::new(steps);
        let found = matcher.search(&trace, &mut budget);
        let certain: Vec<usize> = found.matches().collect();
        assert!(certain.is_empty() || certain == [199], "{certain:?}");
        assert_eq!(budget.is_cut(), found.unknown().next().is_some(), "{steps}");
    }
    let mut budget = Budget::new(1_000);
    assert_eq!(matcher.matches_any(&trace, &mut budget), Verdict::Yes);
    assert!(!budget.is_cut());
}

#[test]
fn a_search_costs_parts_times_spans_whatever_the_depth() {
    let spans: Vec<Span> = (1..=5_000).map(|id| span(id, id - 1)).collect();
    let batch = batch(&spans);
    let trace = RowsOfTrace::new(batch.rows());
    let mut budget = Budget::new(6 * 5_000);
    let text = "descendant(ancestor(child(sibling(parent(name:s1)))))";
    matcher(text).search(&trace, &mut budget);
    assert!(!budget.is_cut());
}
