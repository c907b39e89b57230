use hindsight_protocol::hub::ServiceSpans;
use proptest::prelude::*;

use super::*;
use crate::format::Zone;
use crate::text::Role;

fn trace(id: u128, start_ns: u64, spans: u64) -> TraceSummary {
    TraceSummary {
        trace_id: TraceId::from_u128(id),
        start_ns,
        spans,
        ..TraceSummary::default()
    }
}

fn event(kind: u8, traces: Vec<TraceSummary>) -> LiveEvent {
    LiveEvent {
        kind,
        traces,
        ..LiveEvent::default()
    }
}

fn change(traces: Vec<TraceSummary>) -> LiveEvent {
    event(LiveEvent::KIND_CHANGE, traces)
}

fn snapshot(list: &mut TraceList, traces: Vec<TraceSummary>) {
    list.apply(event(LiveEvent::KIND_SNAPSHOT, traces));
    list.apply(event(LiveEvent::KIND_SNAPSHOT_END, Vec::new()));
}

fn shown(list: &TraceList) -> Vec<u128> {
    list.shown().iter().map(|id| id.as_u128()).collect()
}

#[test]
fn new_traces_stand_by_their_start_and_known_ones_stay_where_they_are() {
    let mut list = TraceList::default();
    snapshot(&mut list, vec![trace(1, 10, 1), trace(2, 20, 1)]);
    assert_eq!(shown(&list), [2, 1]);
    list.apply(change(vec![trace(3, 15, 1), trace(2, 5, 9)]));
    assert_eq!(shown(&list), [2, 3, 1], "2 began earlier than was known");
    assert_eq!(list.summary(TraceId::from_u128(2)).unwrap().spans, 9);
}

#[test]
fn a_held_list_keeps_its_rows_and_counts_what_waits() {
    let mut list = TraceList::default();
    snapshot(&mut list, vec![trace(1, 10, 1)]);
    list.hold(true);
    list.apply(change(vec![trace(2, 20, 1), trace(1, 10, 4)]));
    list.apply(change(vec![trace(2, 20, 2)]));
    assert_eq!((shown(&list), list.waiting()), (vec![1], 1));
    assert_eq!(list.summary(TraceId::from_u128(1)).unwrap().spans, 4);
    list.let_in();
    assert_eq!((shown(&list), list.waiting()), (vec![2, 1], 0));
    list.apply(change(vec![trace(3, 30, 1)]));
    assert_eq!(
        (shown(&list), list.waiting()),
        (vec![2, 1], 1),
        "still held"
    );
    list.hold(false);
    assert_eq!((shown(&list), list.waiting()), (vec![3, 2, 1], 0));
}

#[test]
fn a_new_snapshot_removes_rows_only_when_the_list_is_let_go() {
    let mut list = TraceList::default();
    snapshot(&mut list, vec![trace(1, 10, 1), trace(2, 20, 1)]);
    list.hold(true);
    list.apply(change(vec![trace(3, 30, 1)]));
    list.apply(event(LiveEvent::KIND_LAGGED, Vec::new()));
    snapshot(&mut list, vec![trace(2, 20, 1), trace(4, 40, 1)]);
    assert_eq!((shown(&list), list.waiting()), (vec![2, 1], 1));
    list.hold(false);
    assert_eq!(shown(&list), [4, 2]);
    assert!(list.summary(TraceId::from_u128(1)).is_none());
}

#[test]
fn a_snapshot_that_broke_off_leaves_no_trace() {
    let mut list = TraceList::default();
    list.apply(event(LiveEvent::KIND_SNAPSHOT, vec![trace(1, 1, 1)]));
    list.apply(event(LiveEvent::KIND_LAGGED, Vec::new()));
    snapshot(&mut list, vec![trace(2, 2, 1)]);
    assert_eq!(shown(&list), [2]);
}

#[test]
fn clearing_empties_even_a_held_list() {
    let mut list = TraceList::default();
    snapshot(&mut list, vec![trace(1, 10, 1)]);
    list.hold(true);
    list.apply(change(vec![trace(2, 20, 1)]));
    list.apply(event(LiveEvent::KIND_CLEARED, Vec::new()));
    assert_eq!((shown(&list), list.waiting()), (vec![], 0));
    list.apply(change(vec![trace(3, 30, 1)]));
    assert_eq!(list.waiting(), 1, "it is still held");
}

#[test]
fn a_trace_that_is_not_stored_any_more_goes_when_the_list_is_let_go() {
    let mut list = TraceList::default();
    snapshot(&mut list, vec![trace(1, 10, 1), trace(2, 20, 1)]);
    list.apply(change(vec![trace(1, 0, 0), trace(9, 0, 0)]));
    assert_eq!(shown(&list), [2]);
    list.hold(true);
    list.apply(change(vec![trace(3, 30, 1)]));
    list.apply(change(vec![trace(2, 0, 0), trace(3, 0, 0)]));
    assert_eq!((shown(&list), list.waiting()), (vec![2], 0));
    assert_eq!(list.summary(TraceId::from_u128(2)).unwrap().spans, 1);
    list.hold(false);
    assert_eq!(shown(&list), []);
    assert!(list.summaries.is_empty());
}

#[test]
fn rows_and_what_waits_are_bounded_and_the_earliest_give_way() {
    let many = |from: u64| (from..from + 700).map(|n| trace(n.into(), n, 1)).collect();
    let mut list = TraceList::default();
    list.apply(change(many(1)));
    assert_eq!((list.shown().len(), shown(&list)[0]), (ROWS_MAX, 700));
    list.hold(true);
    list.apply(change(many(1000)));
    assert_eq!(list.waiting(), ROWS_MAX);
    list.hold(false);
    assert_eq!((list.shown().len(), shown(&list)[0]), (ROWS_MAX, 1699));
    assert_eq!(list.summaries.len(), ROWS_MAX);
}

#[test]
fn a_row_says_what_a_person_needs_and_escapes_the_rest() {
    let summary = TraceSummary {
        name: "GET\u{202e}\n".into(),
        service: "web".into(),
        start_ns: 1_000_000_000,
        end_ns: 1_050_200_000,
        spans: 1328,
        errors: 2,
        running: 3,
        services: ["web", "db"]
            .map(|service| ServiceSpans {
                service: service.into(),
                spans: 1,
            })
            .into(),
        ..trace(0xabc, 1_000_000_000, 1328)
    };
    let row = TraceRow::new(&summary, 2_000_000_000, Zone::UTC);
    assert_eq!(row.name, "GET\\u{202e}\\n");
    assert_eq!((row.service.as_str(), row.other_services), ("web", 1));
    assert_eq!(
        (row.duration.as_str(), row.spans.as_str()),
        ("50.2 ms", "1,328")
    );
    assert_eq!(
        (row.errors.as_str(), row.started.as_str()),
        ("2", "00:00:01.000")
    );
    assert_eq!(
        row.notes,
        [
            (Role::Good, "3 running".into()),
            (Role::Warning, "no root".into())
        ]
    );
    let later = TraceRow::new(&TraceSummary::default(), 200_000_000_000_000, Zone::UTC);
    assert_eq!(
        (later.name.as_str(), later.service.as_str()),
        ("(no name)", "?")
    );
    assert_eq!(later.started, "1970-01-01 00:00");
    assert_eq!(later.errors, "");
}

/// What a reader and a stream may do.
#[derive(Clone, Debug)]
enum Step {
    Change(Vec<(u8, u8)>),
    Snapshot(Vec<(u8, u8)>),
    Hold(bool),
    LetIn,
}

fn any_step() -> impl Strategy<Value = Step> {
    let traces = prop::collection::vec((0..12_u8, 0..20_u8), 0..6);
    prop_oneof![
        4 => traces.clone().prop_map(Step::Change),
        1 => traces.prop_map(Step::Snapshot),
        2 => any::<bool>().prop_map(Step::Hold),
        1 => Just(Step::LetIn),
    ]
}

proptest! {
    #[test]
    fn held_rows_never_move_and_nothing_is_lost(steps in prop::collection::vec(any_step(), 0..40)) {
        let mut list = TraceList::default();
        let mut held = false;
        let mut stored = HashMap::new();
        for step in steps {
            let before = shown(&list);
            let rows = |traces: &[(u8, u8)]| {
                traces.iter().map(|(id, start)| trace(u128::from(*id) + 1, u64::from(*start), 1))
                    .collect::<Vec<_>>()
            };
            match &step {
                Step::Change(traces) => {
                    stored.extend(rows(traces).into_iter().map(|t| (t.trace_id.as_u128(), t)));
                    list.apply(change(rows(traces)));
                }
                Step::Snapshot(traces) => {
                    stored = rows(traces).into_iter().map(|t| (t.trace_id.as_u128(), t)).collect();
                    snapshot(&mut list, rows(traces));
                }
                Step::Hold(is_held) => {
                    held = *is_held;
                    list.hold(held);
                }
                Step::LetIn => list.let_in(),
            }
            if held && matches!(step, Step::Change(_) | Step::Snapshot(_) | Step::Hold(true)) {
                prop_assert_eq!(&shown(&list), &before);
            }
            let mut listed: Vec<_> = shown(&list);
            listed.extend(list.waiting.iter().map(|id| id.as_u128()));
            let distinct: HashSet<_> = listed.iter().copied().collect();
            prop_assert_eq!(distinct.len(), listed.len(), "no trace twice");
            prop_assert!(stored.keys().all(|id| distinct.contains(id)), "none missing");
            if !held {
                prop_assert_eq!(list.waiting(), 0);
                prop_assert_eq!(listed.len(), stored.len(), "nothing that is gone");
            }
        }
    }
}

fn sorted(text: &str) -> Option<TraceSort> {
    Some(TraceSort::read(text).expect("an order"))
}

#[test]
fn a_sorted_list_holds_still_until_it_is_let_in() {
    let mut list = TraceList::default();
    list.ask(sorted("-spans"));
    snapshot(
        &mut list,
        vec![trace(1, 10, 5), trace(2, 20, 9), trace(3, 5, 7)],
    );
    assert_eq!(shown(&list), [2, 3, 1]);
    list.apply(change(vec![trace(4, 30, 8), trace(1, 10, 50)]));
    list.hold(true);
    list.hold(false);
    assert_eq!((shown(&list), list.waiting()), (vec![2, 3, 1], 1));
    assert_eq!(list.summary(TraceId::from_u128(1)).unwrap().spans, 50);
    list.let_in();
    assert_eq!((shown(&list), list.waiting()), (vec![1, 2, 4, 3], 0));
    list.ask(None);
    snapshot(&mut list, vec![trace(1, 10, 5), trace(2, 20, 9)]);
    assert_eq!(shown(&list), [2, 1]);
}

#[test]
fn the_answer_to_another_question_takes_the_place_of_all_rows() {
    let mut list = TraceList::default();
    snapshot(&mut list, vec![trace(1, 10, 1), trace(2, 20, 1)]);
    list.hold(true);
    list.ask(None);
    assert_eq!(shown(&list), [2, 1], "until it comes");
    snapshot(&mut list, vec![trace(3, 5, 1), trace(2, 20, 1)]);
    assert_eq!((shown(&list), list.waiting()), (vec![2, 3], 0));
    // The same question again, after a loss: the reader holds the list.
    snapshot(&mut list, vec![trace(4, 50, 1)]);
    assert_eq!((shown(&list), list.waiting()), (vec![2, 3], 1));
}

proptest! {
    #[test]
    fn rows_come_a_window_at_a_time_and_none_that_stays_is_taken_away(
        before in proptest::collection::hash_set(0_u128..300, 0..200),
        after in proptest::collection::hash_set(0_u128..300, 0..200),
    ) {
        let ids = |ids: std::collections::HashSet<u128>| {
            ids.into_iter().map(TraceId::from_u128).collect::<Vec<_>>()
        };
        let (mut shown, list) = (ids(before), ids(after));
        for _ in 0..=list.len() / ROWS_AT_ONCE {
            let next = next_rows(&shown, &list);
            let is_new = |trace: &&TraceId| !shown.contains(trace);
            prop_assert!(next.iter().filter(is_new).count() <= ROWS_AT_ONCE);
            let stays = shown.iter().filter(|trace| list.contains(trace));
            prop_assert!(stays.into_iter().all(|trace| next.contains(trace)));
            let places = next.iter().map(|trace| list.iter().position(|other| other == trace));
            prop_assert!(places.is_sorted(), "in the order of the list");
            shown = next;
        }
        prop_assert_eq!(shown, list);
    }
}
