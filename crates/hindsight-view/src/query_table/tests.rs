use hindsight_protocol::hub::{MapEdge, MapNode, QueryColumn, ServiceMapReply};
use hindsight_protocol::{BatchBuilder, OPEN_END_NS, SpanState, StatusCode};
use proptest::prelude::*;

use super::*;
use crate::fixture::{START_NS, service, span};
use crate::text::Line;

const SECOND_NS: u64 = 1_000_000_000;

fn plain(table: Table) -> String {
    let lines: Vec<_> = table.lines(None).iter().map(Line::to_plain).collect();
    lines.join("\n")
}

fn columns(all: &[(&str, &str)]) -> Vec<QueryColumn> {
    let column = |(name, unit): &(&str, &str)| QueryColumn {
        name: (*name).to_owned(),
        unit: (*unit).to_owned(),
    };
    all.iter().map(column).collect()
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|text| (*text).to_owned()).collect()
}

fn by_service() -> QueryTable {
    QueryTable {
        by: texts(&["service", "http.route"]),
        columns: columns(&[
            ("count()", "1"),
            ("rate()", "1/s"),
            ("p99(duration)", "ns"),
            ("avg(size)", "1"),
        ]),
        starts_ns: vec![START_NS + 7],
        step_ns: 10 * SECOND_NS,
        keys: texts(&["web", "/users", "web", "", "db\u{1b}[31m", ""]),
        values: vec![
            1_234_567.0,
            123.4,
            48_000_000.0,
            0.5,
            12.0,
            0.012,
            1_230.0,
            f64::NAN,
            1.0,
            1.0,
            f64::NAN,
            -4096.25,
        ],
        groups_total: 3,
    }
}

#[test]
fn aggregates_stand_beside_their_groups_with_units() {
    insta::assert_snapshot!(plain(table(&by_service(), Zone::UTC)));
}

#[test]
fn stretches_of_time_have_rows_of_their_own_unless_they_are_empty() {
    let over_time = QueryTable {
        by: texts(&["service"]),
        columns: columns(&[("count()", "1"), ("p50(duration)", "ns")]),
        starts_ns: (0..3).map(|at| START_NS + at * 60 * SECOND_NS).collect(),
        step_ns: 60 * SECOND_NS,
        keys: texts(&["web", "db"]),
        values: vec![
            3.0,
            5e6,
            0.0,
            f64::NAN,
            1.0,
            7e6,
            0.0,
            f64::NAN,
            0.0,
            f64::NAN,
            2.0,
            1e3,
        ],
        groups_total: 2,
    };
    insta::assert_snapshot!(plain(table(&over_time, Zone::east_of_utc(3600))));
    let counts: Vec<f64> = rows(&over_time).map(|row| row.values[0]).collect();
    assert_eq!(counts, [3.0, 0.0, 1.0, 0.0, 0.0, 2.0]);
    let zero = QueryTable {
        columns: columns(&[("max(size)", "1")]),
        values: vec![0.0, f64::NAN, 7.0],
        keys: texts(&["web"]),
        ..over_time
    };
    let shown = plain(table(&zero, Zone::UTC));
    assert_eq!(shown.lines().count(), 3, "a zero is a value: {shown}");
}

#[test]
fn one_group_of_everything_is_one_row() {
    let one = QueryTable {
        columns: columns(&[("count()", "1"), ("max(duration)", "ns")]),
        starts_ns: vec![START_NS + 1],
        values: vec![0.0, f64::NAN],
        groups_total: 1,
        ..QueryTable::default()
    };
    assert_eq!(
        plain(table(&one, Zone::UTC)),
        "count()  max(duration)\n      0              -"
    );
}

#[test]
fn values_are_readable() {
    for (number, unit, expected) in [
        (0.0, "1", "0"),
        (1234.0, "1", "1,234"),
        (1234.567, "1", "1,235"),
        (123.456, "1", "123"),
        (12.345, "1", "12.3"),
        (1.5, "1", "1.5"),
        (0.25, "1/s", "0.25/s"),
        (0.000_012, "1/s", "1.2e-5/s"),
        (-3.0, "1", "-3"),
        (1e300, "1", "1.00e300"),
        (1_500_000.4, "ns", "1.50 ms"),
        (-5.0, "ns", "0 ns"),
        (f64::NAN, "ns", "-"),
        (f64::INFINITY, "1", "-"),
    ] {
        assert_eq!(value(number, unit), expected, "{number} {unit}");
    }
}

#[test]
fn rate_errors_and_durations_are_put_together_by_group() {
    let all = QueryTable {
        by: texts(&["service"]),
        columns: columns(&[
            ("count()", "1"),
            ("rate()", "1/s"),
            ("p50(duration)", "ns"),
            ("p90(duration)", "ns"),
            ("p99(duration)", "ns"),
        ]),
        starts_ns: vec![START_NS],
        keys: texts(&["web", "db", ""]),
        values: vec![
            200.0,
            20.0,
            1e6,
            2e6,
            9e6,
            40.0,
            4.0,
            3e5,
            4e5,
            5e5,
            1.0,
            0.1,
            f64::NAN,
            f64::NAN,
            f64::NAN,
        ],
        ..QueryTable::default()
    };
    let failed = QueryTable {
        by: texts(&["service"]),
        columns: columns(&[("count()", "1")]),
        starts_ns: vec![START_NS + 5],
        keys: texts(&["db"]),
        values: vec![3.0],
        ..QueryTable::default()
    };
    let rows = red_rows(&all, &failed);
    assert_eq!(
        rows.iter().map(|row| row.errors).collect::<Vec<_>>(),
        [0, 3, 0]
    );
    insta::assert_snapshot!(plain(red_table(&all.by, &rows)));
}

#[test]
fn found_spans_are_listed_with_what_is_wrong_with_them() {
    let mut failed = span(1, 0, "GET /users", 0, 12);
    failed.status = StatusCode::Error as u8;
    failed.status_message = "no such user".into();
    failed.resource = service("web");
    let mut running = span(2, 1, "query\u{7}", 3, 0);
    running.end_ns = OPEN_END_NS;
    running.state = SpanState::Running as u8;
    let mut builder = BatchBuilder::new();
    builder.push(&failed);
    builder.push(&running);
    let batch = builder.finish();
    let today = plain(spans(&batch, START_NS + SECOND_NS, Zone::UTC));
    let later = plain(spans(&batch, START_NS + 100_000 * SECOND_NS, Zone::UTC));
    insta::assert_snapshot!(format!("{today}\n\n{later}"));
}

#[test]
fn calls_are_listed_and_then_services_without_any() {
    let node = |service: &str, spans| MapNode {
        service: service.to_owned(),
        spans,
        p50_ns: 1_000_000,
        p99_ns: 2_000_000,
        ..MapNode::default()
    };
    let map = ServiceMapReply {
        first_ns: START_NS,
        last_ns: START_NS + 20 * SECOND_NS,
        nodes: vec![
            node("web", 100),
            node("db", 80),
            node("cron", 7),
            node("", 1),
        ],
        edges: vec![MapEdge {
            from: "web".into(),
            to: "db".into(),
            calls: 80,
            errors: 4,
            p50_ns: 500_000,
            p99_ns: 9_000_000,
        }],
        ..ServiceMapReply::default()
    };
    insta::assert_snapshot!(plain(calls(&map)));
}

proptest! {
    #[test]
    fn an_answer_that_is_not_as_it_says_is_no_fault(
        by in 0usize..3, columns in 0usize..3, times in 0usize..4,
        keys in 0usize..8, values in proptest::collection::vec(any::<f64>(), 0..30),
        step_ns: u64,
    ) {
        let answer = QueryTable {
            by: vec!["k".into(); by],
            columns: vec![QueryColumn::default(); columns],
            starts_ns: vec![5; times],
            step_ns,
            keys: vec!["v".into(); keys],
            values,
            groups_total: 9,
        };
        for row in rows(&answer) {
            prop_assert_eq!((row.keys.len(), row.values.len()), (by, columns.max(1)));
        }
        table(&answer, Zone::UTC).lines(Some(40));
        red_rows(&answer, &answer);
    }
}
