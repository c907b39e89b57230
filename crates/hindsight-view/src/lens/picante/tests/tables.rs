//! Statistics, what is under way, and the log.

use hindsight_protocol::introspection::picante::{
    ActiveQueries, ActiveQuery, CacheStats, Cause, Explanation, KindStats, QueryEvent, event, state,
};

use super::super::*;
use super::scene::{history, query};
use crate::fixture::{START_NS, page};
use crate::format::Zone;

#[test]
fn a_kind_is_told_with_its_hit_rate_waste_and_quantiles() {
    let parse = KindStats {
        kind: "parse_file".into(),
        hit: 60,
        validated: 20,
        computed_changed: 12,
        computed_unchanged: 8,
        compute_ns: 20_000_000,
        wasted_ns: 8_000_000,
        compute_max_ns: 1_900_000,
        // 19 of 2^19 ns and more, one of 2^20 ns and more.
        histogram: [vec![0; 19], vec![19, 1]].concat(),
        ..KindStats::default()
    };
    let stats = CacheStats {
        kinds: vec![parse],
        orphaned: 1,
        lost_dependencies: 2,
        ..CacheStats::default()
    };
    let statistics = Statistics::new(&stats, SortKinds::Time, false);
    insta::assert_snapshot!(statistics.sentence, @"100 accesses of 1 kind: memory answered 80 %; 20.0 ms in computations, 40 % of it for the same value as before.");
    assert_eq!(statistics.warnings.len(), 2);
    let row = &statistics.rows[0];
    assert_eq!((row.accesses, row.answered, row.computed), (100, 80, 20));
    assert!((524_288..1_048_576).contains(&row.p50_ns), "{}", row.p50_ns);
    assert!(
        (1_048_576..=1_900_000).contains(&row.p99_ns),
        "{}",
        row.p99_ns
    );
}

#[test]
fn statistics_from_spans_are_those_of_the_accesses_that_have_one() {
    let mut stored = Stored::default();
    stored.add(&page(&history()));
    let statistics = Statistics::new(&stored.cache_stats(), SortKinds::Accesses, false);
    let told: Vec<String> = statistics
        .rows
        .iter()
        .map(|row| {
            format!(
                "{} keys {} accesses {} answered {} computed {} same {}",
                row.name, row.keys, row.accesses, row.answered, row.computed, row.unchanged
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    outline keys 2 accesses 5 answered 1 computed 4 same 1
    parse_file keys 2 accesses 5 answered 1 computed 4 same 0
    SourceFile::data keys 2 accesses 4 answered 0 computed 0 same 0
    site_index keys 1 accesses 3 answered 1 computed 2 same 0
    ");
}

#[test]
fn figures_that_cannot_be_do_not_overflow() {
    let kind = KindStats {
        hit: u64::MAX,
        validated: u64::MAX,
        compute_ns: u64::MAX,
        wasted_ns: u64::MAX,
        histogram: vec![u64::MAX; 1_000],
        ..KindStats::default()
    };
    let stats = CacheStats {
        kinds: vec![kind; 2_000],
        ..CacheStats::default()
    };
    for sort in SortKinds::ALL {
        let statistics = Statistics::new(&stats, sort, true);
        assert_eq!(
            (statistics.rows.len(), statistics.left_out),
            (ROWS_MAX, 1_000)
        );
    }
}

fn active(id: u64, parent: u64, name: &str, state: &str, waits_for: &[u64]) -> ActiveQuery {
    ActiveQuery {
        id,
        parent,
        query: query(name),
        age_ns: 10_000_000_000 - id * 100_000_000,
        state: state.into(),
        waits_for: waits_for.to_vec(),
        ..ActiveQuery::default()
    }
}

fn shown(queries: Vec<ActiveQuery>) -> Vec<String> {
    let told = Active::new(&ActiveQueries {
        queries,
        ..ActiveQueries::default()
    });
    let row = |row: &ActiveRow| {
        let mark = if row.is_stuck { " !" } else { "" };
        format!(
            "{}{} {}: {}{mark}",
            "  ".repeat(row.depth),
            row.name,
            row.age,
            row.state.to_plain()
        )
    };
    told.rows
        .iter()
        .map(row)
        .chain(told.stuck.iter().cloned())
        .collect()
}

#[test]
fn what_is_under_way_is_a_tree_oldest_first_and_orphans_are_named() {
    let queries = vec![
        active(4, 0, "other()", state::COMPUTING, &[]),
        active(3, 2, "parse_file(b.md)", state::ORPHANED, &[]),
        active(2, 1, "outline(b.md)", state::WAITING_ON_DEPENDENCY, &[3]),
        active(1, 0, "site_index()", state::WAITING_ON_DEPENDENCY, &[2]),
    ];
    insta::assert_snapshot!(shown(queries).join("\n"), @r"
    site_index() 9 s: waits for outline(b.md)
      outline(b.md) 9 s: waits for parse_file(b.md)
        parse_file(b.md) 9 s: orphaned: nobody computes it !
    other() 9 s: computing
    parse_file(b.md) waits for a computation that nobody carries on: for ever.
    ");
}

#[test]
fn a_cycle_is_named_once_with_all_who_wait_in_it() {
    let queries = vec![
        active(1, 0, "a()", state::CYCLE, &[2]),
        active(2, 0, "b()", state::CYCLE, &[3]),
        active(3, 0, "c()", state::CYCLE, &[1]),
    ];
    insta::assert_snapshot!(shown(queries).join("\n"), @r"
    a() 9 s: in a cycle: waits for b() !
    b() 9 s: in a cycle: waits for c() !
    c() 9 s: in a cycle: waits for a() !
    a() waits for itself: by way of b(), then c(), then a().
    ");
}

#[test]
fn circles_of_parents_end_and_every_access_is_one_row() {
    let queries = vec![
        active(1, 2, "a()", "computing", &[]),
        active(2, 1, "b()", "melting\u{1b}[31m", &[9, 9]),
        active(2, 2, "again()", "", &[]),
    ];
    let rows = shown(queries);
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(rows.concat().contains("melting\\x1b[31m"), "{rows:?}");
}

#[test]
fn the_log_keeps_the_newest_and_counts_what_was_lost() {
    let mut log = Log::default();
    let ended = |sequence: u64, dropped: u64| QueryEvent {
        sequence,
        dropped,
        at_ns: START_NS + sequence,
        kind: event::QUERY_ENDED.into(),
        query: query("parse_file(a.md)"),
        outcome: "computed_unchanged".into(),
        revision: 4,
        compute_ns: 4_366_000,
        ..QueryEvent::default()
    };
    for sequence in 1..=1_500 {
        log.take_in(&ended(sequence, 0), Zone::UTC);
    }
    log.take_in(&ended(1_511, 10), Zone::UTC);
    assert_eq!(log.rows().len(), LOG_ROWS_MAX);
    let last = log.rows().next_back().expect("a row");
    insta::assert_snapshot!(format!("{} r{} {}", last.at, last.revision, last.text.to_plain()), @"14:32:10.000 r4 parse_file(a.md) recomputed (same) in 4.37 ms");
    insta::assert_snapshot!(log.note(), @"1,501 events, the newest 1,000 shown; 10 lost on the way");
}

#[test]
fn an_explanation_whose_indices_lead_nowhere_has_all_its_steps() {
    let cause = |of: u32, name: &str| Cause {
        of,
        query: query(name),
        ..Cause::default()
    };
    let explanation = Explanation {
        is_found: true,
        summary: "because\u{202e}".into(),
        causes: vec![
            cause(0, "a()"),
            cause(2, "b()"),
            cause(1, "c()"),
            cause(u32::MAX, "d()"),
            cause(3, "e()"),
        ],
        ..Explanation::default()
    };
    let why = Why::new(&explanation, Zone::UTC);
    let steps: Vec<(u32, &str)> = why
        .steps
        .iter()
        .map(|step| (step.depth, step.name.as_str()))
        .collect();
    assert_eq!(
        steps,
        [(0, "a()"), (1, "b()"), (2, "c()"), (1, "d()"), (2, "e()")]
    );
    assert_eq!(why.summary, "because\\u{202e}");
    let mut told = explanation;
    told.causes[0].text = "It ran in revision 5.".into();
    told.causes[0].at_ns = START_NS;
    let line = Why::new(&told, Zone::UTC).lines()[1].to_plain();
    assert_eq!(line, "  a(): It ran in revision 5, at 14:32:10.000");
}
