use hindsight_protocol::hub::{MapEdge, MapNode};

use super::*;
use crate::text::Role;

fn node(service: &str, spans: u64, errors: u64) -> MapNode {
    MapNode {
        service: service.into(),
        spans,
        errors,
        p50_ns: 1_200_000,
        p99_ns: 30_000_000,
    }
}

fn edge(from: &str, to: &str, calls: u64, errors: u64) -> MapEdge {
    MapEdge {
        from: from.into(),
        to: to.into(),
        calls,
        errors,
        p50_ns: 1_200_000,
        p99_ns: 30_000_000,
    }
}

fn reply(nodes: Vec<MapNode>, edges: Vec<MapEdge>) -> ServiceMapReply {
    ServiceMapReply {
        first_ns: 100_000_000_000,
        last_ns: 110_000_000_000,
        nodes,
        edges,
        ..ServiceMapReply::default()
    }
}

#[test]
fn the_picture_stays_while_numbers_change_and_what_went_stays_quiet() {
    let mut memory = MapMemory::default();
    let first = reply(
        vec![node("web", 50, 0), node("db", 20, 1), node("cron", 3, 0)],
        vec![edge("web", "db", 20, 1)],
    );
    assert!(memory.take_in(&first));
    let before = memory.layout();
    assert_eq!((before.services.len(), before.calls.len()), (3, 1));
    let second = reply(vec![node("db", 900, 1), node("web", 5, 0)], Vec::new());
    assert!(!memory.take_in(&second), "nothing is new");
    assert_eq!(memory.layout(), before);
    let numbers = MapNumbers::new(&second, MapWindow::default(), 0);
    assert_eq!(numbers.call("web", "db").head(), "quiet");
    assert_eq!(numbers.service("cron").outcome(), Role::Dim);
}

#[test]
fn a_caller_without_spans_of_its_own_is_drawn() {
    let mut memory = MapMemory::default();
    memory.take_in(&reply(
        vec![node("db", 1, 0)],
        vec![edge("web", "db", 1, 0)],
    ));
    let names = memory.layout().services;
    let names: Vec<_> = names.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["db", "web"]);
}

#[test]
fn more_than_can_be_drawn_is_left_out_and_told() {
    let mut memory = MapMemory::default();
    let nodes = (0..=SERVICES_MAX).map(|at| node(&format!("s{at}"), 1, 0));
    let beyond = format!("s{SERVICES_MAX}");
    memory.take_in(&reply(nodes.collect(), vec![edge("s0", &beyond, 1, 0)]));
    assert!(memory.is_full());
    let layout = memory.layout();
    assert_eq!(
        (layout.services.len(), layout.calls.len()),
        (SERVICES_MAX, 0)
    );
}

#[test]
fn numbers_are_told_in_words_and_by_line_and_colour() {
    let told = reply(
        vec![node("web", 100, 0), node("db", 1_000, 4)],
        vec![edge("web", "db", 40, 2), edge("db", "web", 1, 1)],
    );
    let numbers = MapNumbers::new(&told, MapWindow::default(), 0);
    let all = [
        numbers.service("web"),
        numbers.service("db"),
        numbers.call("web", "db"),
        numbers.call("db", "web"),
        numbers.call("web", "web"),
    ];
    let lines = all.map(|of| {
        format!(
            "{:30} {:30} {:?} {:.2}\n{}",
            of.head(),
            of.durations(),
            of.outcome(),
            of.line_width(),
            of.sentence()
        )
    });
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_rate_is_of_the_part_of_the_window_in_which_there_were_spans() {
    let told = reply(vec![node("web", 600, 0)], Vec::new());
    let rate = |window, now_secs: u64| {
        let numbers = MapNumbers::new(&told, window, now_secs * 1_000_000_000);
        numbers.service("web").rate
    };
    assert_eq!(rate(MapWindow::minutes(1), 1_000), 10.0);
    assert_eq!(rate(MapWindow::minutes(1), 120), 30.0);
    assert_eq!(rate(MapWindow::default(), 1_000), 60.0);
    assert_eq!(
        rate(MapWindow::minutes(1), 0),
        600.0,
        "never less than a second"
    );
}

#[test]
fn searches_name_the_call_the_filter_and_the_window() {
    let all = MapWindow::default();
    assert_eq!(service_query("", "web", all), "service=\"web\"");
    assert_eq!(
        call_query(
            "kind:server or kind:client | count()",
            "web",
            "d\"b",
            MapWindow::minutes(90)
        ),
        "(kind:server or kind:client) service=\"d\\\"b\" parent(service=\"web\") start>now-90m"
    );
}
