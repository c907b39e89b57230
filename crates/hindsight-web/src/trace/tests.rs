use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{QueryProblem, Removal, TraceSummary};
use hindsight_protocol::introspection::picante::QueryGraph;
use hindsight_view::{Line, Role};

use super::*;

#[test]
fn orders_are_read_as_they_were_given() {
    for order in [
        Order::Follow(TraceId::from_u128(7)),
        Order::Pointer(Pointer::Wheel(1.5, -2.0, 300.0, true)),
        Order::Pointer(Pointer::Leave),
        Order::Key("]".into()),
        Order::Select(u64::MAX),
        Order::Find("duration>1ms".into()),
        Order::Colors(vec![1, 2, 3], "sans-serif".into()),
        Order::Tab("table".into(), "-self".into()),
        Order::Window(999_000, 60),
        Order::Align(true),
        Order::Hold(true),
    ] {
        assert_eq!(decode(&encode(&order)), Some(order));
    }
}

#[test]
fn what_is_told_is_read_as_it_was_told() {
    let line = Line::new()
        .with(Role::Service(3), "web")
        .with(Role::Heat(2), "é\u{1b}")
        .with(Role::Error, "bad");
    let pieces = Piece::of_line(&line);
    let roles: Vec<_> = pieces.iter().map(Piece::role).collect();
    assert_eq!(roles, [Role::Service(3), Role::Heat(2), Role::Error]);
    let shown = Shown {
        rows: 1_000_000,
        about: vec![pieces.clone()],
        span: 9,
        ..Shown::default()
    };
    let rows = Rows {
        tab: "table".into(),
        titles: vec!["self time".into()],
        are_numbers: vec![true],
        total: 3,
        rows: vec![Row {
            span: 1,
            cells: vec![pieces, Vec::new()],
        }],
        ..Rows::default()
    };
    let summary = TraceSummary {
        name: "GET /".into(),
        ..TraceSummary::default()
    };
    let hint = Hint {
        x: 0.5,
        lines: vec![Piece::of_line(&line)],
        is_of_keys: true,
        ..Hint::default()
    };
    for told in [
        Told::Hint(vec![hint]),
        Told::Progress(16_384, false),
        Told::Summary(vec![summary]),
        Told::Removals(vec![Removal::default()]),
        Told::Queries(Box::new(TracedQueries {
            graph: vec![QueryGraph::default()],
            spans: 7,
            ..TracedQueries::default()
        })),
        Told::Shown(Box::new(shown)),
        Told::Drawn(3),
        Told::Found(Found::Spans(2, "deadline".into())),
        Told::Found(Found::Refused("a:".into(), vec![QueryProblem::default()])),
        Told::Rows(Box::new(rows)),
        Told::Findings(4),
    ] {
        assert_eq!(decode(&encode(&told)), Some(told));
    }
}

#[test]
fn bytes_of_something_else_are_no_message() {
    assert_eq!(decode::<Order>(&[]), None);
    assert_eq!(decode::<Told>(&[0xff; 40]), None);
}
