//! Relayed lanes, answers of apps, and what waits unread.

use super::*;

fn open_relayed(requests: u32) -> MessagePayload<'static> {
    MessagePayload::LaneOpen(LaneOpen {
        connection_settings: settings(requests, 16),
        metadata: vox::metadata().str(crate::APP_METADATA_KEY, "app").build(),
    })
}

fn answer_of<'a>(id: u64, bytes: &'a [u8]) -> MessagePayload<'a> {
    let response = RequestResponse {
        metadata: Metadata::default(),
        ret: Payload::Encoded(bytes),
        schemas: SchemaBytes::default(),
    };
    request(id, RequestBody::Response(response))
}

impl Books {
    /// A hub's side of a viewer's lane 1 and of an app's lane 2, both relayed.
    fn with_relayed() -> Self {
        let relayed = RelayedLimits {
            requests_max: 3,
            methods_max: 2,
            channels_live_max: 2,
            channels_declared_max: 3,
            channel_bytes_max: 100,
            events_bytes_max: 200,
            call_bytes_max: 50,
            answer_bytes_max: 80,
            schema_bytes_max: 600,
        };
        let limits = GuardLimits {
            relayed: Some(relayed),
            ..tight()
        };
        let now = Instant::now();
        let ledger = Ledger::new(limits, Parity::Even, now);
        let mut books = Self { ledger, now };
        books.passes(1, open_relayed(3));
        books.say(1, accept(settings(3, 16)));
        books.say(2, open_relayed(3));
        books.passes(2, accept(settings(3, 16)));
        books
    }

    /// The lane is closed, once, and its connection lives.
    #[track_caller]
    fn closes(&mut self, lane: u64, payload: MessagePayload<'_>, text: &str) {
        assert_eq!(self.hear(lane, payload), Ok(Verdict::CloseLane { lane }));
        assert!(!self.ledger.is_open(lane));
        let fault = self.ledger.take_fault(lane).unwrap().to_string();
        assert!(fault.contains(text), "{fault}");
        assert_eq!(self.ledger.take_fault(lane), None);
        self.swallowed(lane, call(99, 7, &[], b""));
        self.passes(5, open_relayed(1));
    }
}

#[test]
fn a_relayed_lane_beyond_a_limit_of_its_own_is_closed() {
    let books = Books::with_relayed;
    books().refused(
        3,
        open_relayed(4),
        "4 concurrent requests are not within 1..=3",
    );
    let mut plain = books();
    plain.passes(3, open(settings(4, 16)));

    let mut many = books();
    for id in 0..5 {
        many.passes(1, call(id, 7, &[], b""));
    }
    many.closes(1, call(9, 7, &[], b""), "6 calls in flight");
    let mut methods = books();
    for method in 0..2 {
        methods.passes(1, call(method, method, &[], b""));
    }
    methods.closes(1, call(9, 9, &[], b""), "3 methods called");
    books().closes(1, call(1, 7, &[1, 3, 5], b""), "3 channels alive");
    let mut declared = books();
    for id in 0..3 {
        declared.passes(1, call(id, 7, &[2 * id + 1], b""));
        declared.say(1, answer(id));
    }
    declared.closes(1, call(9, 7, &[9], b""), "4 channels declared");
    let mut bytes = books();
    bytes.passes(1, call(1, 7, &[], &[0; 30]));
    bytes.closes(
        1,
        call(2, 7, &[], &[0; 30]),
        "60 bytes of calls not answered",
    );
    let mut schemas = books();
    schemas.passes(1, schema(7, 200));
    schemas.closes(1, schema(8, 200), "bytes of schemas");
    let mut items = books();
    items.passes(1, call(1, 7, &[1], b""));
    items.passes(1, item(1, &[0; 90]));
    items.closes(1, item(1, &[0; 20]), "110 bytes of items not consumed");
}

#[test]
fn an_app_beyond_a_limit_of_a_relayed_lane_loses_the_lane() {
    let mut items = Books::with_relayed();
    items.say(2, call(1, 7, &[1], b""));
    items.passes(2, item(1, &[0; 190]));
    items.say(2, grant(1, 1));
    items.passes(2, item(1, &[0; 190]));
    items.closes(2, item(1, &[0; 20]), "210 bytes of items not consumed");
    let mut answers = Books::with_relayed();
    answers.say(2, call(1, 7, &[], b""));
    answers.closes(2, answer_of(1, &[0; 81]), "81 bytes of an answer");
}

#[test]
fn an_answer_that_is_too_large_closes_any_lane() {
    let limits = GuardLimits {
        answer_taken_bytes_max: 10,
        ..tight()
    };
    let now = Instant::now();
    let ledger = Ledger::new(limits, Parity::Even, now);
    let mut books = Books { ledger, now };
    books.say(2, open(settings(3, 16)));
    books.passes(2, accept(settings(3, 16)));
    books.say(2, call(1, 7, &[], b""));
    books.passes(2, answer_of(1, &[0; 10]));
    books.closes(2, answer_of(3, &[0; 11]), "11 bytes of an answer");
}

/// What is handed on does not stay here, so it does not count against the app's other lanes.
#[test]
fn items_of_relayed_lanes_do_not_count_for_the_connection() {
    let mut books = Books::with_relayed();
    for (lane, bytes) in [
        (4, 150),
        (6, 150),
        (8, 150),
        (10, 150),
        (12, 150),
        (14, 150),
        (16, 150),
    ] {
        books.say(lane, open_relayed(3));
        books.passes(lane, accept(settings(3, 16)));
        books.say(lane, call(1, 7, &[1], b""));
        books.passes(lane, item(1, &vec![0; bytes]));
    }
    books.say(18, open(settings(3, 16)));
    books.passes(18, accept(settings(3, 16)));
    books.say(18, call(1, 7, &[1], b""));
    books.refused(18, item(1, &[0; 1_001]), "1001 bytes");
}

/// Channels of ours, such as those of viewers on an app's connection, are no fault of the peer.
#[test]
fn channels_of_our_own_calls_do_not_count_against_the_peer() {
    let mut books = Books::with_lane();
    books.say(2, open(settings(4, 16)));
    books.passes(2, accept(settings(4, 16)));
    let ours: Vec<u64> = (0..50).map(|n| 2 * n + 1).collect();
    books.say(2, call(1, 7, &ours, b""));
    books.passes(1, call(1, 7, &[1, 3, 5, 7], b""));
    books.refused(1, call(2, 7, &[9], b""), "5 channels are alive");
    let mut books = Books::with_lane();
    books.say(2, open(settings(4, 16)));
    books.passes(2, accept(settings(4, 16)));
    books.say(2, call(1, 7, &ours, b""));
    books.passes(2, answer_of(1, b""));
    books.passes(1, call(1, 7, &[1, 3, 5, 7], b""));
    books.say(1, answer(1));
    books.passes(2, close());
    books.passes(1, call(2, 7, &[9, 11, 13, 15], b""));
}

#[test]
fn what_waits_unread_is_timed_from_the_last_of_the_credit() {
    let mut books = Books::with_relayed();
    books.ledger = {
        let now = books.now;
        let mut ledger = Ledger::new(GuardLimits::default(), Parity::Even, now);
        let opened = Message {
            lane_id: LaneId(1),
            payload: open_relayed(3),
        };
        ledger.inbound(&opened, now).unwrap();
        ledger
    };
    let second = Duration::from_secs(1);
    books.passes(1, call(1, 7, &[1, 3], b""));
    for _ in 0..15 {
        books.say(1, item(1, b""));
        books.passes(1, item(3, b""));
    }
    assert_eq!(
        books.ledger.unread_for(1, books.now + second),
        None,
        "there is credit"
    );
    books.say(1, item(1, b""));
    assert_eq!(books.ledger.unread_for(1, books.now + second), Some(second));
    books.now += second;
    books.passes(1, item(3, b""));
    assert_eq!(
        books.ledger.unread_for(1, books.now),
        Some(second),
        "the oldest counts"
    );
    books.passes(1, grant(1, 8));
    assert_eq!(
        books.ledger.unread_for(1, books.now + second),
        Some(second),
        "the other"
    );
    books.say(1, grant(3, 8));
    assert_eq!(books.ledger.unread_for(1, books.now + second), None);
    assert_eq!(books.ledger.unread_for(3, books.now), None, "no such lane");
}
