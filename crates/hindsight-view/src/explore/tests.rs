use proptest::prelude::*;

use hindsight_protocol::{Span, SpanId, StatusCode};

use super::*;
use crate::fixture::{any_family, family, span, tree};

/// A root with a step of three levels, a group of 300 and an error in the group.
fn shop() -> Vec<Span> {
    let mut spans = vec![
        span(1, 0, "request", 0, 1_000),
        span(2, 1, "load", 0, 500),
        span(3, 2, "parse", 10, 400),
        span(4, 1, "render", 500, 900),
    ];
    for member in 0..300 {
        spans.push(span(10 + member, 4, "row", 500 + member, 501 + member));
    }
    spans[4 + 250].status = StatusCode::Error as u8;
    spans
}

fn explorer(spans: &[Span]) -> Explorer {
    Explorer::new(tree(spans), 0)
}

fn selected_name(explorer: &Explorer) -> String {
    let node = explorer.selected_node().expect("something is selected");
    explorer.tree().name(node).to_owned()
}

#[test]
fn steps_lead_through_the_rows_and_stop_at_the_edges() {
    let mut explorer = explorer(&shop());
    assert_eq!(selected_name(&explorer), "request");
    explorer.step(Step::Previous);
    assert_eq!(explorer.selected_row(), Some(0));
    explorer.step(Step::Next);
    assert_eq!(selected_name(&explorer), "load");
    explorer.step(Step::NextSibling);
    assert_eq!(selected_name(&explorer), "render");
    explorer.step(Step::PreviousSibling);
    assert_eq!(selected_name(&explorer), "load");
    explorer.step(Step::Last);
    assert_eq!(explorer.selected_row(), Some(explorer.rows() - 1));
    explorer.step(Step::Next);
    assert_eq!(explorer.selected_row(), Some(explorer.rows() - 1));
    explorer.step(Step::Rows(-1000));
    assert_eq!(explorer.selected_row(), Some(0));
}

#[test]
fn folding_hides_what_is_below_and_goes_out_step_by_step() {
    let mut explorer = explorer(&shop());
    let all = explorer.rows();
    explorer.step(Step::Next);
    explorer.step(Step::Out);
    assert_eq!(explorer.rows(), all - 1);
    assert_eq!(selected_name(&explorer), "load");
    explorer.step(Step::Into);
    assert_eq!(explorer.rows(), all);
    explorer.step(Step::Into);
    assert_eq!(selected_name(&explorer), "parse");
    explorer.step(Step::Out);
    assert_eq!(selected_name(&explorer), "load");
}

#[test]
fn a_group_unfolds_a_hundred_members_at_a_time() {
    let mut explorer = explorer(&shop());
    explorer.step(Step::Last);
    let folded = explorer.rows();
    explorer.step(Step::Into);
    assert_eq!(explorer.rows(), folded + 101);
    explorer.set_folded(explorer.rows() - 1, false);
    assert_eq!(explorer.rows(), folded + 201);
    explorer.set_grouped(false);
    assert_eq!(explorer.rows(), 304);
}

#[test]
fn a_span_deep_in_folds_is_revealed() {
    let mut explorer = explorer(&shop());
    explorer.step(Step::Toggle);
    assert_eq!(explorer.rows(), 1);
    assert!(explorer.reveal(SpanId::from_u64(10 + 205)));
    let node = explorer.node(SpanId::from_u64(10 + 205));
    assert_eq!(explorer.selected_node(), node);
    assert!(!explorer.reveal(SpanId::from_u64(99_999)));
}

#[test]
fn what_hides_the_selected_span_is_selected_instead() {
    let mut explorer = explorer(&shop());
    explorer.reveal(SpanId::from_u64(3));
    explorer.set_folded(0, true);
    assert_eq!(selected_name(&explorer), "request");
}

#[test]
fn without_matches_errors_are_walked_and_come_round() {
    let mut explorer = explorer(&shop());
    assert!(explorer.next_match());
    let error = explorer.node(SpanId::from_u64(10 + 250));
    assert_eq!(explorer.selected_node(), error);
    assert!(explorer.next_match());
    assert_eq!(explorer.selected_node(), error);
}

#[test]
fn matches_are_walked_in_drawing_order_both_ways() {
    let mut explorer = explorer(&shop());
    let found = [4, 3, 12].map(SpanId::from_u64).to_vec();
    explorer.set_matches(found);
    let mut walked = Vec::new();
    for _ in 0..4 {
        assert!(explorer.next_match());
        walked.push(selected_name(&explorer));
    }
    assert_eq!(walked, ["parse", "render", "row", "parse"]);
    assert!(explorer.previous_match());
    assert_eq!(selected_name(&explorer), "row");
}

#[test]
fn a_growing_trace_keeps_selection_folds_and_matches() {
    let spans = shop();
    let mut explorer = explorer(&spans[..4]);
    explorer.reveal(SpanId::from_u64(2));
    explorer.step(Step::Toggle);
    explorer.set_matches(vec![SpanId::from_u64(20)]);
    assert!(explorer.matches().is_empty());
    explorer.grow(tree(&spans), 0);
    assert_eq!(selected_name(&explorer), "load");
    assert!(explorer.is_folded(1));
    assert_eq!(explorer.matches().len(), 1);
}

#[test]
fn the_parts_of_the_critical_path_are_found_by_node() {
    let mut explorer = explorer(&shop());
    assert!(explorer.critical_parts(0..304).is_empty());
    explorer.find_critical_path();
    let total: u64 = (0..304)
        .flat_map(|node| explorer.critical_parts(node..node + 1))
        .map(|part| part.duration_ns())
        .sum();
    assert_eq!(total, 1_000_000_000);
}

#[test]
fn an_empty_trace_has_nothing_to_walk() {
    let mut explorer = Explorer::new(TraceTree::default(), 0);
    for step in [Step::Next, Step::Last, Step::Into, Step::Out, Step::Toggle] {
        explorer.step(step);
    }
    assert!(!explorer.next_match());
    assert_eq!(explorer.selected_row(), None);
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Next),
        Just(Step::Previous),
        Just(Step::Last),
        (-9..9_isize).prop_map(Step::Rows),
        Just(Step::Out),
        Just(Step::Into),
        Just(Step::Toggle),
        Just(Step::NextSibling),
        Just(Step::PreviousSibling),
    ]
}

proptest! {
    #[test]
    fn wherever_steps_lead_the_selected_row_is_what_is_selected(
        members in any_family(60, 50),
        steps in prop::collection::vec(any_step(), 1..40),
        grouped: bool,
    ) {
        let mut explorer = explorer(&family(&members));
        explorer.set_grouped(grouped);
        for step in steps {
            explorer.step(step);
            let row = explorer.selected_row().expect("a row is selected");
            let shown = explorer.outline().rows()[row].row;
            prop_assert_eq!(Some(explorer.identity(shown)), explorer.selected());
        }
    }

    #[test]
    fn every_span_can_be_revealed_from_everywhere(
        members in any_family(60, 50),
        steps in prop::collection::vec(any_step(), 1..20),
        wanted in 1..60_u64,
    ) {
        let mut explorer = explorer(&family(&members));
        for step in steps {
            explorer.step(step);
        }
        let id = SpanId::from_u64(wanted);
        let is_there = explorer.node(id).is_some();
        prop_assert_eq!(explorer.reveal(id), is_there);
        if is_there {
            prop_assert_eq!(explorer.selected(), Some(Selected::Span(id)));
            prop_assert_eq!(explorer.selected_node(), explorer.node(id));
        }
    }
}

#[test]
fn an_arrangement_in_steps_keeps_what_is_shown_and_may_move_clocks() {
    let mut spans = vec![
        span(1, 0, "request", 0, 100),
        span(2, 1, "call", 10, 50),
        span(3, 2, "handle", 1_020, 1_040),
    ];
    spans[1].kind = hindsight_protocol::SpanKind::Client as u8;
    spans[2].kind = hindsight_protocol::SpanKind::Server as u8;
    spans[2].resource = crate::fixture::service("db");
    let recorded = tree(&spans);
    let begin = || Arrangement::new((*recorded).clone(), 0, true).expect("sound columns");
    let mut shown = explorer(&spans[..2]);
    shown.reveal(SpanId::from_u64(2));

    let mut begun = begin();
    let mut steps = 0;
    while begun.step() {
        steps += 1;
    }
    assert!(steps > 5, "{steps}");
    assert!(begun.clocks().is_empty());
    shown.adopt(begun);
    assert_eq!(**shown.tree(), *recorded);
    assert_eq!(selected_name(&shown), "call");

    // Recorded a second ahead; shown within the call.
    let aligned = begin().aligned().finish();
    assert_eq!(
        aligned.clocks()[0].to_plain(),
        "aligned: db is shown 1.00 s earlier (± 10.0 ms)"
    );
    shown.adopt(aligned);
    let start = |node: usize| shown.tree().start_ns(node) - recorded.start_ns(0);
    assert_eq!((start(1), start(2)), (10_000_000, 20_000_000));
    assert_eq!(selected_name(&shown), "call");
}
