//! What runs, with filters, groups, last words, and a list that is held.

use hindsight_protocol::hub::RunInfo;
use hindsight_protocol::{Event, KeyValue, Resource, Span, SpanId, SpanState};
use proptest::prelude::*;

use super::*;
use crate::fixture::{START_NS, open, page, span};

const SECOND_NS: u64 = 1_000_000_000;
const NOW_NS: u64 = START_NS + 72 * SECOND_NS;

fn of(service: &str, pid: i64) -> Resource {
    Resource {
        attributes: vec![
            KeyValue::new("service.name", service),
            KeyValue::new("process.pid", pid),
        ],
        dropped_attributes: 0,
    }
}

fn running(id: u64, parent: u64, name: &str, start_ms: u64, service: &str, pid: i64) -> Span {
    Span {
        resource: of(service, pid),
        ..open(span(id, parent, name, start_ms, 0), SpanState::Running)
    }
}

fn with_event(span: Span, name: &str, after_ms: u64) -> Span {
    Span {
        events: vec![Event {
            time_ns: span.start_ns + after_ms * 1_000_000,
            name: name.into(),
            ..Event::default()
        }],
        attributes: vec![KeyValue::new("lock", "index"), KeyValue::new("n", 5_i64)],
        ..span
    }
}

fn died(span: Span, state: SpanState) -> Span {
    Span {
        state: state as u8,
        ..span
    }
}

fn app(service: &str, pid: u32, state: &str, detached_ns: u64) -> AppInfo {
    AppInfo {
        run: RunInfo {
            service_name: service.into(),
            pid,
            ..RunInfo::default()
        },
        state: state.into(),
        detached_ns,
        ..AppInfo::default()
    }
}

/// A request that hangs in another process, a short one, and spans of two processes that died.
fn look() -> (Look, Vec<AppInfo>) {
    let stuck = running(4, 3, "wait_for_lock", 200, "catalog", 20);
    let open = page(&[
        running(1, 0, "POST /admin/reindex", 0, "web", 10),
        running(2, 1, "Catalog.reindex", 100, "web", 10),
        running(3, 2, "Catalog.reindex\u{1b}", 110, "catalog", 20),
        with_event(stuck, "held by nobody", 1_000),
        running(5, 0, "GET /", 71_500, "web", 10),
        died(
            with_event(running(6, 0, "charge", 50_000, "payments", 30), "sent", 10),
            SpanState::Disconnected,
        ),
        running(0, 0, "without id", 10, "web", 10),
    ]);
    let dead = page(&[
        died(
            running(7, 0, "charge", 9_000, "payments", 31),
            SpanState::Aborted,
        ),
        died(
            running(8, 1, "price", 9_500, "payments", 31),
            SpanState::Aborted,
        ),
        died(
            running(9, 0, "unknown", 9_500, "cron", 77),
            SpanState::Aborted,
        ),
    ]);
    let apps = vec![
        app("web", 10, "connected", 0),
        app("catalog", 20, "connected", 0),
        app("payments", 30, "disconnected", START_NS + 70 * SECOND_NS),
        app("payments", 31, "gone", START_NS + 10 * SECOND_NS),
        app("payments", 31, "gone", START_NS + 5 * SECOND_NS),
    ];
    (Look::new(NOW_NS, open, 9, dead), apps)
}

fn shape(filter: &str, only_long: bool) -> (Running, Wanted) {
    let (look, apps) = look();
    let wanted = Wanted {
        filter: Filter::parse(filter),
        only_long,
        ..Wanted::default()
    };
    (Running::new(&look, &apps, &wanted, Zone::UTC), wanted)
}

fn draw(filter: &str, only_long: bool) -> String {
    let (running, wanted) = shape(filter, only_long);
    let mut text = running.summary(&wanted) + "\n";
    for row in &running.rows {
        let mark = |is: bool, sign| if is { sign } else { ' ' };
        text += &format!(
            "{}{} {:>9}  {}{}{}  [{}, {}]  {}  | {}\n",
            mark(row.matches, '*'),
            mark(row.is_long, '!'),
            row.age,
            row.guide,
            row.reason,
            row.name,
            row.service,
            row.process,
            row.state.to_plain(),
            row.doing.to_plain(),
        );
    }
    for words in &running.last_words {
        text += &format!(
            "last words: {} {} [{}, {}], open for {}{} | {}\n",
            words.went,
            words.name,
            words.service,
            words.process,
            words.open_for,
            if words.may_return { ", may return" } else { "" },
            words.doing.to_plain(),
        );
    }
    text
}

#[test]
fn what_hangs_stands_below_who_waits_and_the_dead_have_the_last_words() {
    insta::assert_snapshot!(draw("", false));
}

#[test]
fn a_filter_keeps_the_tree_of_a_match_and_says_what_matched() {
    insta::assert_snapshot!(
        [
            draw("service:catalog HELD", false),
            draw("", true),
            draw("process:\"pid 30\"", false),
            draw("nothing has this", false),
        ]
        .join("\n")
    );
}

#[test]
fn groups_count_what_was_asked_for_and_their_filter_finds_it_again() {
    let (running, _) = shape("", false);
    for by in [Grouping::App, Grouping::Operation] {
        let groups = groups(&running.rows, by);
        let total: u64 = groups.iter().map(|group| group.open).sum();
        assert_eq!(total, running.open, "{by:?}");
        for group in &groups {
            let (again, _) = shape(&group.filter, false);
            assert_eq!(again.open, group.open, "{}", group.filter);
        }
    }
    let by_app = groups(&running.rows, Grouping::App);
    let told: Vec<_> = by_app
        .iter()
        .map(|group| {
            (
                group.service.as_str(),
                group.name.as_str(),
                group.open,
                group.long,
            )
        })
        .collect();
    assert_eq!(told, [("web", "pid 10", 3, 2), ("catalog", "pid 20", 2, 2)]);
    assert_eq!(by_app[0].oldest, "1 m 12 s");
}

#[test]
fn an_age_ticks_in_whole_seconds_and_never_runs_ahead() {
    for (ns, text) in [
        (0, "< 1 s"),
        (SECOND_NS - 1, "< 1 s"),
        (SECOND_NS, "1 s"),
        (60 * SECOND_NS - 1, "59 s"),
        (61 * SECOND_NS + 999_999_999, "1 m 01 s"),
        (3_725 * SECOND_NS, "1 h 02 m"),
    ] {
        assert_eq!(age(ns), text);
    }
    assert_eq!(
        [10, 60, 5_400, 7_200].map(|secs| plain_duration(secs * SECOND_NS)),
        ["10 s", "1 min", "90 min", "2 h"]
    );
}

/// A look in which only these spans run.
fn of_ids(ids: &[u64], now_ns: u64) -> Running {
    let spans: Vec<Span> = ids
        .iter()
        .map(|id| running(*id, 0, "work", *id, "web", 1))
        .collect();
    let total = ids.len() as u64;
    let look = Look::new(now_ns, page(&spans), total, page(&[]));
    Running::new(&look, &[], &Wanted::default(), Zone::UTC)
}

fn ids(list: &RunningList) -> Vec<u64> {
    list.shown().rows.iter().map(|row| row.span.bits).collect()
}

#[test]
fn a_held_list_keeps_its_rows_tells_who_ended_and_lets_ages_go_on() {
    let mut list = RunningList::default();
    list.apply(of_ids(&[1, 2], NOW_NS));
    list.hold(true);
    list.apply(of_ids(&[2, 3], NOW_NS + 5 * SECOND_NS));
    assert_eq!(ids(&list), [1, 2]);
    assert_eq!((list.ended(), list.waiting()), (1, 1));
    let rows = &list.shown().rows;
    assert_eq!(rows[0].state.to_plain(), "ended");
    assert_eq!([&rows[0].age, &rows[1].age], ["1 m 11 s", "1 m 16 s"]);
    assert_eq!(list.shown().open, 2, "counts are the latest");

    list.replace(of_ids(&[3], NOW_NS));
    assert_eq!((ids(&list), list.ended()), (vec![3], 0));
    list.apply(of_ids(&[4], NOW_NS));
    list.hold(false);
    assert_eq!((ids(&list), list.waiting()), (vec![4], 0));
}

#[test]
fn a_held_row_whose_process_died_is_not_said_to_have_ended() {
    let mut list = RunningList::default();
    list.apply(of_ids(&[1], NOW_NS));
    list.hold(true);
    let dead = died(running(1, 0, "work", 1, "web", 1), SpanState::Aborted);
    let look = Look::new(NOW_NS, page(&[]), 0, page(&[dead]));
    list.apply(Running::new(&look, &[], &Wanted::default(), Zone::UTC));
    let row = &list.shown().rows[0];
    assert_eq!(row.state.to_plain(), "its process went away");
    assert!(list.shown().last_words.is_empty(), "held too");
    list.hold(false);
    assert_eq!(list.shown().last_words.len(), 1);
}

proptest! {
    #[test]
    fn any_text_is_a_filter_that_lets_no_more_than_its_first_word(text in "[a-c \"service:nam]{0,24}") {
        let (all, _) = shape("", false);
        let (some, _) = shape(&text, false);
        prop_assert!(some.open <= all.open);
        let word = text.split_whitespace().next().unwrap_or_default();
        if text.trim() == word && !word.contains([':', '"']) {
            let found = |row: &&RunningRow| {
                row.is_open && [&row.name, &row.service, &row.process, &row.state.to_plain(), &row.doing.to_plain()]
                    .into_iter()
                    .any(|part| part.to_lowercase().contains(word))
            };
            prop_assert_eq!(some.open, all.rows.iter().filter(found).count() as u64);
        }
    }

    #[test]
    fn a_held_list_never_moves_whatever_comes(
        first in prop::collection::vec(1_u64..12, 0..8),
        looks in prop::collection::vec(prop::collection::vec(1_u64..12, 0..8), 0..6),
    ) {
        let mut list = RunningList::default();
        list.apply(of_ids(&first, NOW_NS));
        list.hold(true);
        let held = ids(&list);
        for look in looks {
            list.apply(of_ids(&look, NOW_NS));
            prop_assert_eq!(&ids(&list), &held);
            let latest: std::collections::HashSet<u64> = look.iter().copied().collect();
            let waiting = latest.iter().filter(|id| !held.contains(id)).count();
            prop_assert_eq!(list.waiting(), waiting);
        }
    }
}

#[test]
fn spans_with_ids_have_keys_of_their_own() {
    let (running, _) = shape("", false);
    let keys: HashSet<RowKey> = running.rows.iter().map(RunningRow::key).collect();
    assert_eq!(keys.len(), running.rows.len());
    assert!(running.rows.iter().all(|row| row.span != SpanId::default()));
}
