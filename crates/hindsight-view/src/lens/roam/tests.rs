use hindsight_protocol::introspection::roam::{
    ActiveRpc, ChannelInfo, ConnectionInfo, LaneInfo, RpcEvent, direction, event,
};
use hindsight_protocol::{SpanId, TraceId, TracerId};
use proptest::prelude::*;

use super::*;

/// Long after all that is told here.
const NOW_NS: u64 = 1_795_357_930_000_000_000;

fn app(low: u64, service: &str) -> AppTold {
    AppTold {
        tracer: TracerId { high: 0, low },
        service: service.to_owned(),
        ..AppTold::default()
    }
}

fn lane(id: u64, service: &str, word: &str) -> LaneInfo {
    LaneInfo {
        id,
        service: service.to_owned(),
        direction: word.to_owned(),
        calls_ended: 10,
        ..LaneInfo::default()
    }
}

fn connection(link_id: u64, peer: &str, lanes: Vec<LaneInfo>) -> ConnectionInfo {
    ConnectionInfo {
        id: 1,
        link_id,
        peer: peer.to_owned(),
        is_dialed: lanes
            .iter()
            .any(|lane| lane.direction == direction::OUTGOING),
        lanes,
        ..ConnectionInfo::default()
    }
}

fn dialing(link_id: u64, peer: &str, service: &str) -> ConnectionInfo {
    connection(link_id, peer, vec![lane(1, service, direction::OUTGOING)])
}

fn accepting(link_id: u64, peer: &str, service: &str) -> ConnectionInfo {
    let mut lane = lane(1, service, direction::INCOMING);
    lane.calls_failed = 2;
    connection(link_id, peer, vec![lane])
}

/// `web -> catalog (Catalog): 10 done`
fn drawn(topology: &Topology) -> Vec<String> {
    let name = |at: usize| topology.nodes[at].process.name.clone();
    let edges = topology.edges.iter().map(|edge| {
        let line = format!(
            "{} -> {} ({}): {} {}",
            name(edge.from),
            name(edge.to),
            edge.names(),
            edge.numbers(),
            edge.remark()
        );
        line.trim_end().to_owned()
    });
    edges.collect()
}

#[test]
fn two_ends_with_one_number_are_one_connection() {
    let (mut web, mut catalog) = (app(1, "web"), app(2, "catalog"));
    web.topology.connections = vec![dialing(7, "", "Catalog")];
    catalog.topology.connections = vec![accepting(7, "web", "Catalog")];
    let topology = Topology::new(&[web, catalog], NOW_NS);
    assert_eq!(
        drawn(&topology),
        ["web -> catalog (Catalog): 10 done, 2 failed"]
    );
    let about: Vec<_> = topology
        .nodes
        .iter()
        .map(|node| node.about.as_str())
        .collect();
    assert_eq!(about, ["1 connection", "1 connection"]);
}

#[test]
fn ends_without_a_number_are_joined_by_their_names_where_only_one_fits() {
    let (mut web, mut catalog) = (app(1, "web"), app(2, "catalog"));
    web.topology.connections = vec![dialing(0, "catalog", "Catalog")];
    catalog.topology.connections = vec![accepting(0, "web", "Catalog")];
    let topology = Topology::new(&[web.clone(), catalog.clone()], NOW_NS);
    assert_eq!(
        drawn(&topology),
        ["web -> catalog (Catalog): 10 done, 2 failed"]
    );

    // Two processes of one name: nobody knows which.
    let mut twin = app(3, "catalog");
    twin.topology.connections = catalog.topology.connections.clone();
    let topology = Topology::new(&[web, catalog, twin], NOW_NS);
    assert!(
        topology.edges.iter().all(|edge| !edge.is_whole),
        "{topology:#?}"
    );
}

#[test]
fn a_peer_that_nobody_asked_is_drawn_as_such() {
    let (mut web, mut catalog) = (app(1, "web"), app(2, "catalog"));
    web.topology.connections = vec![dialing(7, "", "Orders"), {
        let mut by_address = dialing(8, "", "Mail");
        by_address.address = "10.0.0.1:25".to_owned();
        by_address
    }];
    catalog.topology.connections = vec![
        accepting(9, "cron<script>", "Catalog"),
        accepting(0, "", "Catalog"),
    ];
    let topology = Topology::new(&[web, catalog], NOW_NS);
    let mut lines = drawn(&topology);
    lines.sort();
    assert_eq!(
        lines,
        [
            "calls Catalog -> catalog (Catalog): 10 done, 2 failed told by one end only",
            "cron<script> -> catalog (Catalog): 10 done, 2 failed told by one end only",
            "web -> 10.0.0.1:25 (Mail): 10 done told by one end only",
            "web -> serves Orders (Orders): 10 done told by one end only",
        ]
    );
    let strangers = topology.nodes.iter().filter(|node| node.app.is_none());
    assert_eq!(strangers.count(), 4);
}

#[test]
fn a_connection_waits_for_its_other_end_before_it_is_drawn_as_half() {
    let (mut web, catalog) = (app(1, "web"), app(2, "catalog"));
    let mut new = dialing(7, "catalog", "Catalog");
    new.opened_ns = NOW_NS - 1_000_000_000;
    web.topology.connections = vec![new];
    let apps = [web.clone(), catalog.clone()];
    assert_eq!(drawn(&Topology::new(&apps, NOW_NS)), Vec::<String>::new());
    let half = "web -> catalog (Catalog): 10 done told by one end only";
    let later = Topology::new(&apps, NOW_NS + 1_500_000_000);
    assert_eq!(drawn(&later), [half]);
    // Of a clock that is ahead nobody knows how old it is.
    web.topology.connections[0].opened_ns = NOW_NS + 1;
    assert_eq!(
        drawn(&Topology::new(&[web.clone(), catalog.clone()], NOW_NS)),
        [half]
    );
    let mut catalog = catalog;
    catalog.topology.connections = vec![accepting(7, "web", "Catalog")];
    web.topology.connections[0].opened_ns = NOW_NS;
    let whole = Topology::new(&[web, catalog], NOW_NS);
    assert_eq!(
        drawn(&whole),
        ["web -> catalog (Catalog): 10 done, 2 failed"]
    );
}

#[test]
fn the_picture_has_a_place_for_everything_and_does_not_move_with_numbers() {
    let (mut web, mut catalog) = (app(1, "web"), app(2, "catalog"));
    web.topology.connections = vec![dialing(7, "", "Catalog"), dialing(8, "", "Orders")];
    catalog.topology.connections = vec![accepting(7, "web", "Catalog")];
    let topology = Topology::new(&[web.clone(), catalog.clone()], NOW_NS);
    let layout = topology.layout();
    assert_eq!((layout.nodes.len(), layout.edges.len()), (3, 2));
    web.topology.connections[0].lanes[0].calls_active = 5;
    let changed = Topology::new(&[catalog, web], NOW_NS);
    assert_ne!(changed, topology);
    assert_eq!(changed.layout(), layout);
}

#[test]
fn one_app_is_drawn_with_its_neighbours() {
    let (mut web, mut catalog, mut orders) = (app(1, "web"), app(2, "catalog"), app(3, "orders"));
    web.topology.connections = vec![dialing(7, "", "Catalog"), dialing(8, "", "Orders")];
    catalog.topology.connections = vec![accepting(7, "web", "Catalog")];
    orders.topology.connections = vec![accepting(8, "web", "Orders")];
    let whole = Topology::new(&[web, catalog, orders], NOW_NS);
    let around = whole.around(TracerId { high: 0, low: 3 });
    assert_eq!(
        drawn(&around),
        ["web -> orders (Orders): 10 done, 2 failed"]
    );
    assert_eq!(around.nodes.len(), 2);
    assert_eq!(whole.around(TracerId { high: 0, low: 1 }), whole);
}

fn rpc(word: &str, span: u64, parent: u64, age_ns: u64) -> ActiveRpc {
    ActiveRpc {
        direction: word.to_owned(),
        service: "Catalog".to_owned(),
        method: "list".to_owned(),
        trace_id: TraceId::from_u128(5),
        span_id: SpanId::from_u64(span),
        parent_id: SpanId::from_u64(parent),
        age_ns,
        ..ActiveRpc::default()
    }
}

fn shown(rows: &Rows<CallRow>) -> Vec<(String, String, CallEnds, u64)> {
    let rows = rows.rows.iter();
    rows.map(|row| {
        (
            row.caller.name.clone(),
            row.callee.name.clone(),
            row.ends,
            row.age_ns,
        )
    })
    .collect()
}

#[test]
fn both_ends_of_a_call_are_one_row() {
    let (mut web, mut catalog) = (app(1, "web"), app(2, "catalog"));
    web.active.calls = vec![rpc("outgoing", 1, 0, 30), rpc("outgoing", 2, 0, 90)];
    catalog.active.calls = vec![rpc("incoming", 11, 1, 25), rpc("incoming", 12, 4, 50)];
    let rows = calls(&[web.clone(), catalog.clone()], None);
    let row =
        |caller: &str, callee: &str, ends, age| (caller.to_owned(), callee.to_owned(), ends, age);
    let expected = [
        row("web", "(unknown)", CallEnds::Caller, 90),
        row("(unknown)", "catalog", CallEnds::Callee, 50),
        row("web", "catalog", CallEnds::Both, 30),
    ];
    assert_eq!(shown(&rows), expected);
    assert_eq!(rows.rows[2].span_id, SpanId::from_u64(11));
    assert_eq!(
        shown(&calls(&[catalog.clone(), web.clone()], None)),
        expected
    );
    let of = |low| {
        calls(
            &[web.clone(), catalog.clone()],
            Some(TracerId { high: 0, low }),
        )
    };
    assert_eq!(
        (of(1).rows.len(), of(2).rows.len(), of(3).rows.len()),
        (2, 2, 0)
    );
}

#[test]
fn calls_without_spans_are_joined_by_their_request() {
    let (mut web, mut catalog) = (app(1, "web"), app(2, "catalog"));
    let place = |mut call: ActiveRpc, request| {
        (call.link_id, call.lane, call.request) = (7, 1, request);
        call
    };
    web.active.calls = vec![
        place(rpc("outgoing", 0, 0, 30), 3),
        place(rpc("outgoing", 0, 0, 30), 5),
    ];
    catalog.active.calls = vec![place(rpc("incoming", 0, 0, 25), 5)];
    let rows = calls(&[web, catalog], None);
    let ends: Vec<_> = rows.rows.iter().map(|row| row.ends).collect();
    assert_eq!(
        ends.iter().filter(|ends| **ends == CallEnds::Both).count(),
        1
    );
    assert_eq!(ends.len(), 2);
}

#[test]
fn a_sender_that_waits_comes_first() {
    let mut web = app(1, "web");
    let channel = |id, is_waiting, queue, silent_ns, word: &str| ChannelInfo {
        id,
        is_waiting,
        queue,
        silent_ns,
        service: "Catalog".to_owned(),
        method: "watch".to_owned(),
        direction: word.to_owned(),
        sent: 16,
        received: 9,
        ..ChannelInfo::default()
    };
    web.active.channels = vec![
        channel(1, false, 0, 5, "outgoing"),
        channel(2, false, 7, 4_000_000_000, "incoming"),
        channel(3, true, 0, 3_000_000_000, "outgoing"),
        channel(4, false, 0, u64::MAX, "incoming"),
    ];
    let rows = channels(&[web], None).rows;
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            format!(
                "{} {} {} {} {}",
                row.name, row.does, row.items, row.state, row.quiet
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "Catalog.watch sends 16 waits for credit quiet for 3.00 s",
            "Catalog.watch receives 9 nothing moved yet ",
            "Catalog.watch receives 9 7 not taken quiet for 4.00 s",
            "Catalog.watch sends 16 flows ",
        ]
    );
}

#[test]
fn percentiles_lie_in_the_power_of_two_where_they_fall() {
    use super::methods::percentile;
    assert_eq!(percentile(&[], 0.5), None);
    assert_eq!(percentile(&[0, 0, 0, 4], 0.5), Some(12));
    let mut histogram = vec![0; 21];
    (histogram[10], histogram[20]) = (99, 1);
    assert_eq!(percentile(&histogram, 0.99), Some(2048));
    assert!(percentile(&histogram, 0.995).is_some_and(|ns| ns > 1 << 20));
}

#[test]
fn the_log_keeps_the_latest_and_counts_the_rest() {
    let mut log = EventLog::default();
    let event = |kind: &str, dropped| RpcEvent {
        kind: kind.to_owned(),
        dropped,
        outcome: "user".to_owned(),
        service: "Catalog".to_owned(),
        method: "list\u{1b}[2J".to_owned(),
        peer: "web".to_owned(),
        direction: direction::INCOMING.to_owned(),
        duration_ns: 1_200_000,
        ..RpcEvent::default()
    };
    log.take_in(
        "catalog",
        &vec![event(event::CALL_ENDED, 1); EVENTS_MAX + 5],
    );
    log.take_in(
        "catalog",
        &[event(event::HEARTBEAT, 0), event(event::DROPPED, 4)],
    );
    assert_eq!(log.events().count(), EVENTS_MAX);
    assert_eq!(log.status(), "305 events, 309 lost on the way");
    let first = log.events().next().expect("kept");
    assert_eq!(first.details, "user after 1.20 ms from web");
    assert!(!first.name.contains('\u{1b}'), "{first:?}");
    log.toggle_pause();
    log.take_in("catalog", &[event(event::CALL_STARTED, 0)]);
    assert_eq!(log.events().next().map(|event| event.number), Some(305));
    assert_eq!(
        log.status(),
        "306 events, held: 1 came since and were not kept, 309 lost on the way"
    );
    log.toggle_pause();
    log.take_in("catalog", &[event(event::CALL_STARTED, 0)]);
    assert_eq!(log.events().next().map(|event| event.number), Some(307));
}

#[test]
fn stored_spans_tell_who_calls_whom() {
    use hindsight_protocol::hub::{MapEdge, QueryReply, QueryTable, ServiceMapReply};
    let map = ServiceMapReply {
        edges: vec![MapEdge {
            from: "web".to_owned(),
            to: "catalog".to_owned(),
            calls: 12,
            errors: 1,
            ..MapEdge::default()
        }],
        ..ServiceMapReply::default()
    };
    assert_eq!(
        drawn(&Topology::of_spans(&map)),
        ["web -> catalog (): 12 done, 1 failed"]
    );
    let words = [
        "catalog", "server", "Catalog", "list", "web", "client", "Catalog", "list",
    ];
    let table = QueryTable {
        keys: words.map(str::to_owned).to_vec(),
        values: vec![3.0, 1e6, f64::NAN, 2.0, 1e6, 2e6],
        groups_total: 4,
        ..QueryTable::default()
    };
    let rows = stored_rows(&QueryReply {
        table,
        ..QueryReply::default()
    });
    let shown: Vec<_> = rows
        .rows
        .iter()
        .map(|row| {
            format!(
                "{} {} {} {} {}",
                row.process.name, row.does, row.name, row.spans, row.p99
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "catalog answers Catalog.list 3 ",
            "web calls Catalog.list 2 2.00 ms"
        ]
    );
    assert_eq!(rows.cut, 2);
    let parsed = hindsight_query::parse(&stored_query());
    assert!(
        parsed.query.is_some() && parsed.diagnostics.is_empty(),
        "{parsed:?}"
    );
}

#[test]
fn what_an_app_tells_too_much_is_cut_and_counted() {
    let mut liar = app(1, "liar");
    liar.topology.connections = vec![ConnectionInfo::default(); 600];
    liar.topology.connections[0].lanes = vec![lane(1, "S", direction::INCOMING); 300];
    liar.active.calls = vec![rpc(direction::INCOMING, 1, 1, 1); 2_500];
    let liar = liar.bounded();
    assert_eq!(
        (
            liar.topology.connections.len(),
            liar.topology.connections_cut
        ),
        (512, 88)
    );
    assert_eq!(liar.topology.connections[0].lanes_cut, 44);
    let rows = calls(&[liar], None);
    assert_eq!((rows.rows.len(), rows.cut), (ROWS_MAX, 2_000));
    assert_eq!(rows.size(), "500 of 2,500");
}

fn arbitrary_apps() -> impl Strategy<Value = Vec<AppTold>> {
    let end = (0_u64..4, 0_usize..3, any::<bool>(), 0_u64..3);
    let ends = proptest::collection::vec(end, 0..6);
    proptest::collection::vec(ends, 0..4).prop_map(|apps| {
        let names = ["", "a", "b"];
        let told = apps.into_iter().enumerate().map(|(at, ends)| {
            let mut told = app(at as u64, names[at % 3]);
            for (link, peer, is_dialed, lanes) in ends {
                let word = if is_dialed {
                    direction::OUTGOING
                } else {
                    direction::INCOMING
                };
                let lanes = (0..lanes).map(|id| lane(id, "S", word)).collect();
                told.topology
                    .connections
                    .push(connection(link, names[peer], lanes));
                let mut call = rpc(word, link, link, link);
                call.link_id = link;
                told.active.calls.push(call);
            }
            told
        });
        told.collect()
    })
}

proptest! {
    #[test]
    fn whatever_apps_tell_is_drawn_and_the_order_of_apps_does_not_matter(apps in arbitrary_apps()) {
        let topology = Topology::new(&apps, NOW_NS);
        for edge in &topology.edges {
            prop_assert!(edge.from < topology.nodes.len() && edge.to < topology.nodes.len());
        }
        let layout = topology.layout();
        prop_assert_eq!(layout.edges.len(), topology.edges.len());
        let told: usize = apps.iter().map(|app| app.active.calls.len()).sum();
        let rows = calls(&apps, None).rows;
        let whole = rows.iter().filter(|row| row.ends == CallEnds::Both).count();
        prop_assert_eq!(rows.len() + whole, told);
        connections(&apps, None);
        methods(&apps, None);
    }
}
