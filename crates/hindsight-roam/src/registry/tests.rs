use super::*;

fn registry() -> Registry {
    Registry {
        tracer: TracerId { high: 1, low: 2 },
        process: "test".to_owned(),
        feed: Arc::new(Feed::new(Tracer::disabled().downgrade())),
        ids: AtomicU64::new(1),
        state: Mutex::default(),
    }
}

fn opening(id: u64, link: Option<u64>) -> Opening {
    Opening {
        service: "Service",
        direction: Direction::Incoming,
        id,
        task: None,
        hello: link.map(|link| Hello {
            link,
            peer: "peer".to_owned(),
        }),
    }
}

/// Ids of the lanes of each connection.
fn lanes(registry: &Registry) -> Vec<Vec<u64>> {
    let (connections, _) = registry.connections();
    let ids = |seen: &Seen| seen.lanes.iter().map(|lane| lane.id()).collect();
    connections.iter().map(ids).collect()
}

fn call(lane: &Arc<Lane>) {
    begun(lane).end(crate::outcome::OK, 1);
}

fn begun(lane: &Arc<Lane>) -> Watched {
    let beginning = Beginning {
        names: Names::new("Service", "method"),
        id: vox::MethodId(1),
        request: 0,
        span: &hindsight::Span::none(),
        parent_id: hindsight::SpanId::default(),
        channels: &[],
        now_ns: 0,
    };
    Watched::begin(lane, beginning)
}

fn ended(registry: &Registry) -> u64 {
    let (methods, _) = registry.methods();
    let told = methods
        .values()
        .map(|(names, stats)| stats.told(*names, Direction::Incoming));
    told.map(|told| told.ended).sum()
}

#[test]
fn lanes_whose_callers_say_the_same_number_are_of_one_connection() {
    let registry = registry();
    let _open = [
        registry.open(opening(1, Some(7))),
        registry.open(opening(3, Some(7))),
        registry.open(opening(1, Some(8))),
        registry.open(opening(1, None)),
    ];
    assert_eq!(lanes(&registry), [vec![1, 3], vec![1], vec![1]]);
}

#[test]
fn a_lane_goes_where_its_caller_says_it_belongs() {
    let registry = registry();
    let first = registry.open(opening(1, Some(7)));
    let second = registry.open(opening(3, Some(7)));
    registry.hear(
        &second,
        Hello {
            link: 9,
            peer: "other".to_owned(),
        },
    );
    assert_eq!(lanes(&registry), [vec![1], vec![3]]);
    let (connections, _) = registry.connections();
    let links: Vec<_> = connections
        .iter()
        .map(|c| (c.link, c.peer.as_str()))
        .collect();
    assert_eq!(links, [(7, "peer"), (9, "other")]);
    registry.close(&first);
    registry.close(&second);
    let (connections, _) = registry.connections();
    assert!(connections.iter().all(|c| c.closed_ns != 0));
}

#[test]
fn what_has_ended_is_forgotten_after_a_minute_and_its_calls_are_still_counted() {
    let registry = registry();
    let stays = registry.open(opening(1, Some(7)));
    let goes = registry.open(opening(3, Some(7)));
    let other = registry.open(opening(1, Some(8)));
    for lane in [&stays, &goes, &other] {
        call(lane);
    }
    registry.close(&goes);
    registry.close(&other);
    // A call may end after its lane.
    call(&goes);
    assert_eq!(lanes(&registry), [vec![1, 3], vec![1]]);
    registry.state.lock().forget(ENDED_FOR_NS);
    assert_eq!(lanes(&registry), [vec![1, 3], vec![1]]);
    registry.state.lock().forget(ENDED_FOR_NS + 2);
    assert_eq!(lanes(&registry), [vec![1]]);
    assert_eq!(ended(&registry), 4);
}

#[test]
fn connections_and_lanes_beyond_the_limits_are_counted_and_their_calls_too() {
    let registry = registry();
    let many = |count: u64, link: fn(u64) -> u64| -> Vec<Arc<Lane>> {
        let open = |n| registry.open(opening(n, Some(link(n))));
        (1..=count).map(open).collect()
    };
    let wide = many(300, |_| 1);
    let (connections, _) = registry.connections();
    assert_eq!(
        (connections[0].lanes.len(), connections[0].lanes_cut),
        (256, 44)
    );
    let all = many(600, |n| n + 1);
    let (connections, cut) = registry.connections();
    assert_eq!((connections.len(), cut), (512, 600 - 511));
    for lane in wide.iter().chain(&all) {
        call(lane);
        registry.close(lane);
    }
    assert_eq!(ended(&registry), 900);
    let (connections, _) = registry.connections();
    assert_eq!(connections.len(), ENDED_MAX);
    assert!(connections.iter().all(|c| c.lanes.len() <= 32));
}

#[test]
fn a_reader_too_many_gets_no_place() {
    let feed = Arc::new(Feed::new(Tracer::disabled().downgrade()));
    let places: Vec<_> = (0..20).map(|_| feed.listen()).collect();
    assert_eq!(places.iter().flatten().count(), 16);
    drop(places);
    assert!(feed.listen().is_some());
}

#[test]
fn calls_that_could_not_be_decoded_stay_counted_when_their_lane_is_forgotten() {
    let registry = registry();
    let undecodable = || registry.connections().0[0].undecodable;
    let first = registry.open(opening(1, Some(7)));
    begun(&first).end(crate::outcome::INVALID_PAYLOAD, 1);
    begun(&first).end(crate::outcome::OK, 1);
    assert_eq!(undecodable(), 1);
    // One stays open, so that the connection does.
    let _open = registry.open(opening(3, Some(7)));
    for id in 0..100 {
        let lane = registry.open(opening(5 + 2 * id, Some(7)));
        registry.close(&lane);
    }
    registry.close(&first);
    for id in 0..100 {
        let lane = registry.open(opening(301 + 2 * id, Some(7)));
        registry.close(&lane);
    }
    assert!(!lanes(&registry)[0].contains(&1), "{:?}", lanes(&registry));
    assert_eq!(undecodable(), 1);
    let outgoing = registry.open(Opening {
        direction: Direction::Outgoing,
        ..opening(501, Some(7))
    });
    begun(&outgoing).end(crate::outcome::INVALID_PAYLOAD, 1);
    assert_eq!(undecodable(), 1, "what the other end could not decode");
}
