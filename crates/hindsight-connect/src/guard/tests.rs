use std::time::Duration;

use vox::{ChannelId, ConnectionSettings, LaneId, Metadata, MethodId, Parity, Payload};
use vox_rt::time::Instant;
use vox_types::{
    BindingDirection, ChannelBody, ChannelClose, ChannelGrantCredit, ChannelItem, ChannelMessage,
    LaneAccept, LaneClose, LaneOpen, LaneReject, Message, MessagePayload, Ping, RequestBody,
    RequestCall, RequestCancel, RequestId, RequestMessage, RequestResponse, SchemaBytes,
    SchemaMessage,
};

use super::ledger::{Effect, Verdict};
use super::*;

/// A ledger of a hub: the peer's lanes and ids are odd.
mod relayed;

struct Books {
    ledger: Ledger,
    now: Instant,
}

fn tight() -> GuardLimits {
    GuardLimits {
        lanes_open_max: 3,
        lane_open_burst: 5,
        lane_opens_per_sec: 1,
        residue_max: 40,
        channels_live_max: 4,
        channels_declared_max: 20,
        channel_bytes_max: 1_000,
        credit_outstanding_max: 100,
        call_bytes_max: 1_000,
        requests_per_lane_slack: 2,
        schema_bytes_max: 500,
        schema_bytes_total_max: 4_000,
        schema_repeats_max: 2,
        ..GuardLimits::default()
    }
}

fn books() -> Books {
    let now = Instant::now();
    Books {
        ledger: Ledger::new(tight(), Parity::Even, now),
        now,
    }
}

fn settings(requests: u32, credit: u32) -> ConnectionSettings {
    ConnectionSettings {
        parity: Parity::Odd,
        max_concurrent_requests: requests,
        initial_channel_credit: credit,
    }
}

fn open(settings: ConnectionSettings) -> MessagePayload<'static> {
    MessagePayload::LaneOpen(LaneOpen {
        connection_settings: settings,
        metadata: Metadata::default(),
    })
}

fn accept(settings: ConnectionSettings) -> MessagePayload<'static> {
    MessagePayload::LaneAccept(LaneAccept {
        connection_settings: settings,
        metadata: Metadata::default(),
    })
}

fn close() -> MessagePayload<'static> {
    MessagePayload::LaneClose(LaneClose {
        metadata: Metadata::default(),
    })
}

fn reject() -> MessagePayload<'static> {
    MessagePayload::LaneReject(LaneReject {
        metadata: Metadata::default(),
    })
}

fn call<'a>(id: u64, method: u64, channels: &[u64], args: &'a [u8]) -> MessagePayload<'a> {
    let call = RequestCall {
        method_id: MethodId(method),
        channels: channels.iter().map(|id| ChannelId(*id)).collect(),
        metadata: Metadata::default(),
        args: Payload::Encoded(args),
        schemas: SchemaBytes::default(),
    };
    request(id, RequestBody::Call(call))
}

fn answer(id: u64) -> MessagePayload<'static> {
    let response = RequestResponse {
        metadata: Metadata::default(),
        ret: Payload::Encoded(&[]),
        schemas: SchemaBytes::default(),
    };
    request(id, RequestBody::Response(response))
}

fn request(id: u64, body: RequestBody<'_>) -> MessagePayload<'_> {
    MessagePayload::RequestMessage(RequestMessage {
        id: RequestId(id),
        body,
    })
}

fn channel(id: u64, body: ChannelBody<'_>) -> MessagePayload<'_> {
    MessagePayload::ChannelMessage(ChannelMessage {
        id: ChannelId(id),
        body,
    })
}

fn item(id: u64, bytes: &[u8]) -> MessagePayload<'_> {
    let item = Payload::Encoded(bytes);
    channel(id, ChannelBody::Item(ChannelItem { item }))
}

fn grant(id: u64, additional: u32) -> MessagePayload<'static> {
    let grant = ChannelGrantCredit { additional };
    channel(id, ChannelBody::GrantCredit(grant))
}

fn end(id: u64) -> MessagePayload<'static> {
    let close = ChannelClose {
        metadata: Metadata::default(),
    };
    channel(id, ChannelBody::Close(close))
}

fn schema(method: u64, bytes: usize) -> MessagePayload<'static> {
    MessagePayload::SchemaMessage(SchemaMessage {
        method_id: MethodId(method),
        direction: BindingDirection::Args,
        schemas: SchemaBytes(vec![0; bytes]),
    })
}

impl Books {
    fn hear(&mut self, lane: u64, payload: MessagePayload<'_>) -> Result<Verdict, Violation> {
        let message = Message {
            lane_id: LaneId(lane),
            payload,
        };
        self.ledger.inbound(&message, self.now)
    }

    fn say(&mut self, lane: u64, payload: MessagePayload<'_>) -> Effect {
        let message = Message {
            lane_id: LaneId(lane),
            payload,
        };
        self.ledger.outbound(&message, self.now)
    }

    #[track_caller]
    fn passes(&mut self, lane: u64, payload: MessagePayload<'_>) {
        assert_eq!(self.hear(lane, payload), Ok(Verdict::Pass));
    }

    #[track_caller]
    fn swallowed(&mut self, lane: u64, payload: MessagePayload<'_>) {
        assert_eq!(self.hear(lane, payload), Ok(Verdict::Swallow));
    }

    #[track_caller]
    fn refused(&mut self, lane: u64, payload: MessagePayload<'_>, text: &str) {
        let violation = self.hear(lane, payload).unwrap_err().to_string();
        assert!(violation.contains(text), "{violation}");
    }

    /// Lane 1, opened by the peer and accepted.
    fn with_lane() -> Self {
        let mut books = books();
        books.passes(1, open(settings(4, 16)));
        books.say(1, accept(settings(4, 16)));
        books
    }
}

#[test]
fn settings_outside_the_limits_are_refused_in_the_handshake_and_in_both_lane_messages() {
    for (requests, credit, text) in [
        (0, 16, "0 concurrent requests are not within 1..=256"),
        (257, 16, "257 concurrent requests"),
        (64, 15, "channel credit 15 is not within 16..=256"),
        (64, 257, "channel credit 257"),
        (64, u32::MAX, "channel credit 4294967295"),
    ] {
        let bad = settings(requests, credit);
        let violation = books().ledger.handshake(&bad).unwrap_err().to_string();
        assert!(violation.contains(text), "{violation}");
        books().refused(1, open(bad.clone()), text);
        let mut books = books();
        books.say(2, open(settings(64, 16)));
        books.refused(2, accept(bad), text);
    }
    for (requests, credit) in [(1, 16), (256, 256)] {
        assert_eq!(
            books().ledger.handshake(&settings(requests, credit)),
            Ok(())
        );
        books().passes(1, open(settings(requests, credit)));
    }
}

#[test]
fn a_relayed_lane_must_state_the_credit_it_has() {
    let open = |credit: u64| {
        MessagePayload::LaneOpen(LaneOpen {
            connection_settings: settings(64, 32),
            metadata: vox::metadata().u64(CREDIT_METADATA_KEY, credit).build(),
        })
    };
    books().passes(1, open(32));
    books().refused(1, open(16), "credit 32 in the settings, 16 in the metadata");
}

#[test]
fn lane_ids_are_the_peers_own_and_used_once() {
    for id in [0, 2] {
        books().refused(id, open(settings(4, 16)), "not the peer's to open");
    }
    let mut books = Books::with_lane();
    books.refused(1, open(settings(4, 16)), "not the peer's to open");
    books.passes(1, close());
    books.refused(1, open(settings(4, 16)), "not the peer's to open");
}

#[test]
fn open_lanes_are_limited_and_closed_ones_make_room() {
    let mut books = books();
    for id in [1, 3, 5] {
        books.passes(id, open(settings(4, 16)));
    }
    books.say(1, reject());
    books.passes(7, open(settings(4, 16)));
    books.refused(9, open(settings(4, 16)), "4 lanes are open, the limit is 3");
}

#[test]
fn lanes_are_limited_by_rate_and_in_all() {
    let mut books = books();
    let mut next = 1;
    for _ in 0..5 {
        books.passes(next, open(settings(4, 16)));
        books.say(next, reject());
        next += 2;
    }
    books.refused(next, open(settings(4, 16)), "faster than 1 per second");
    let mut books = super::tests::books();
    for opened in 0.. {
        books.now += Duration::from_secs(1);
        let verdict = books.hear(2 * opened + 1, open(settings(4, 16)));
        if opened == 40 {
            let text = verdict.unwrap_err().to_string();
            assert!(text.contains("41 lanes and methods"), "{text}");
            break;
        }
        assert_eq!(verdict, Ok(Verdict::Pass));
        books.say(2 * opened + 1, reject());
    }
}

#[test]
fn answers_to_opens_are_taken_only_where_one_is_pending() {
    let mut books = Books::with_lane();
    books.refused(1, accept(settings(4, 16)), "not pending");
    let mut books = super::tests::books();
    books.refused(2, reject(), "not pending");
    books.say(2, open(settings(4, 16)));
    books.passes(2, accept(settings(4, 16)));
    books.refused(2, accept(settings(4, 16)), "not pending");
    books.say(4, open(settings(4, 16)));
    books.say(4, close());
    books.swallowed(4, accept(settings(4, 16)));
    books.swallowed(4, reject());
}

#[test]
fn messages_for_lanes_that_are_gone_are_swallowed_and_for_others_refused() {
    let mut books = Books::with_lane();
    books.passes(1, close());
    books.swallowed(1, call(1, 7, &[], b""));
    books.swallowed(1, item(1, b""));
    books.swallowed(1, schema(7, 1));
    books.swallowed(1, close());
    books.refused(3, call(1, 7, &[], b""), "never opened");
    books.refused(3, close(), "never opened");
    for payload in [call(1, 7, &[], b""), item(1, b""), schema(7, 1), close()] {
        books.refused(0, payload, "does not belong on this lane");
    }
    let ping = || MessagePayload::Ping(Ping { nonce: 1 });
    books.passes(0, ping());
    books.refused(5, ping(), "a ping does not belong");
}

#[test]
fn calls_in_flight_are_limited_by_the_lane_plus_slack() {
    let mut books = Books::with_lane();
    for id in 0..6 {
        books.passes(1, call(2 * id + 1, 7, &[], b""));
    }
    books.say(1, answer(1));
    books.passes(1, call(13, 7, &[], b""));
    books.refused(
        1,
        call(13, 7, &[], b""),
        "7 calls in flight, the limit is 6",
    );
    books.say(1, answer(3));
    books.refused(1, call(13, 7, &[], b""), "id 13 is in flight already");
    let cancel = RequestCancel {
        metadata: Metadata::default(),
    };
    books.passes(1, request(5, RequestBody::Cancel(cancel)));
}

#[test]
fn arguments_and_items_are_limited_in_bytes_until_they_are_used() {
    let mut books = Books::with_lane();
    books.passes(1, call(1, 7, &[1], &[0; 600]));
    books.refused(
        1,
        call(3, 7, &[], &[0; 401]),
        "1001 bytes, the limit is 1000",
    );
    books.passes(1, item(1, &[0; 600]));
    books.refused(1, item(1, &[0; 401]), "items take 1001 bytes");
    books.say(1, grant(1, 1));
    books.passes(1, item(1, &[0; 900]));
    books.say(1, answer(1));
    books.passes(1, call(3, 7, &[3], &[0; 900]));
    books.passes(1, item(3, &[0; 900]));
    books.passes(1, close());
    books.passes(3, open(settings(4, 16)));
    books.passes(3, call(1, 7, &[1], &[0; 1_000]));
    books.passes(3, item(1, &[0; 1_000]));
}

#[test]
fn channels_are_declared_by_calls_and_retired_by_answers() {
    let mut books = Books::with_lane();
    books.refused(1, item(1, b""), "which no call declared");
    books.refused(1, grant(1, 1), "which no call declared");
    books.passes(1, call(1, 7, &[3, 1], b""));
    books.passes(1, item(1, b""));
    books.refused(1, item(5, b""), "which no call declared");
    books.refused(1, item(2, b""), "which no call declared");
    books.refused(1, call(3, 7, &[3], b""), "channel id 3 is not the peer's");
    books.refused(1, call(3, 7, &[2], b""), "channel id 2 is not the peer's");
    books.refused(
        1,
        call(3, 7, &[5, 7, 9], b""),
        "5 channels are alive, the limit is 4",
    );
    books.say(1, answer(1));
    books.swallowed(1, item(1, b""));
    books.swallowed(1, grant(3, 1));
    books.swallowed(1, end(3));
}

#[test]
fn the_end_of_a_channel_may_come_before_its_call() {
    let early = |channel| Ok(Verdict::HoldForCall { lane: 1, channel });
    let mut books = Books::with_lane();
    assert_eq!(books.hear(1, end(3)), early(3));
    books.refused(1, end(3), "was ended more than once");
    books.refused(1, end(2), "which no call declared");
    assert!(books.ledger.has_ended_early(1, 3));
    books.passes(1, call(1, 7, &[3], b""));
    assert!(!books.ledger.has_ended_early(1, 3));
    books.refused(1, end(3), "was ended more than once");
    books.say(1, answer(1));
    books.swallowed(1, end(3));

    for channel in 5..25 {
        assert_eq!(books.hear(1, end(2 * channel + 1)), early(2 * channel + 1));
    }
    let remembered = (5..25).filter(|c| books.ledger.has_ended_early(1, 2 * c + 1));
    assert_eq!(remembered.count(), 16, "of calls that never come");
    books.passes(1, close());
    assert!(!books.ledger.has_ended_early(1, 49));
}

#[test]
fn channels_of_our_own_calls_are_guarded_too() {
    let mut books = Books::with_lane();
    books.say(1, call(2, 7, &[2, 4], b""));
    books.passes(1, item(2, b""));
    books.passes(1, grant(4, 16));
    books.refused(1, item(6, b""), "which no call declared");
    books.passes(1, answer(2));
    books.swallowed(1, item(2, b""));
}

#[test]
fn items_need_credit_and_grants_give_it_back() {
    let mut books = Books::with_lane();
    books.passes(1, call(1, 7, &[1], b""));
    for _ in 0..16 {
        books.passes(1, item(1, b""));
    }
    books.refused(1, item(1, b""), "more items than its credit");
    books.say(1, grant(1, 2));
    books.passes(1, item(1, b""));
    books.passes(1, item(1, b""));
    books.refused(1, item(1, b""), "more items than its credit");
}

#[test]
fn the_end_of_a_full_channel_waits_for_room() {
    let mut books = Books::with_lane();
    books.passes(1, call(1, 7, &[1, 3], b""));
    books.passes(1, end(3));
    for _ in 0..16 {
        books.passes(1, item(1, b""));
    }
    let held = Verdict::Hold {
        lane: 1,
        channel: 1,
    };
    assert_eq!(books.hear(1, end(1)), Ok(held));
    assert!(books.ledger.is_live(1, 1));
    let room = Effect::Room {
        lane: 1,
        channel: 1,
    };
    assert_eq!(books.say(1, grant(1, 8)), room);
    books.refused(1, end(1), "ended more than once");
    books.say(1, answer(1));
    assert!(!books.ledger.is_live(1, 1));
}

#[test]
fn credit_granted_beyond_use_is_limited() {
    let mut books = Books::with_lane();
    books.passes(1, call(1, 7, &[1], b""));
    books.passes(1, grant(1, 84));
    books.refused(1, grant(1, 1), "101 items of credit, the limit is 100");
    let mut books = Books::with_lane();
    books.passes(1, call(1, 7, &[1], b""));
    for _ in 0..1_000 {
        for _ in 0..8 {
            books.say(1, item(1, b""));
        }
        books.passes(1, grant(1, 8));
    }
    books.refused(1, grant(1, u32::MAX), "4294967311 items of credit");
}

#[test]
fn schemas_are_limited_each_in_all_and_in_number() {
    let mut books = Books::with_lane();
    books.refused(1, schema(7, 501), "a schema of 501 bytes");
    books.passes(1, schema(8, 0));
    books.passes(1, schema(8, 0));
    books.refused(1, schema(8, 0), "sent more than 2 times");
    let mut books = Books::with_lane();
    for method in 0..5 {
        books.passes(1, schema(method, 500));
    }
    books.refused(1, schema(9, 500), "schemas take 4536 bytes");
    let mut books = Books::with_lane();
    for method in 0..5 {
        books.passes(1, schema(method, 500));
    }
    books.passes(1, close());
    books.passes(3, open(settings(4, 16)));
    books.passes(3, schema(9, 500));
}

#[test]
fn what_vox_keeps_for_ever_is_limited() {
    let mut books = Books::with_lane();
    for method in 0..39 {
        books.passes(1, call(1, method, &[], b""));
        books.say(1, answer(1));
    }
    books.passes(1, call(1, 38, &[], b""));
    books.say(1, answer(1));
    books.refused(1, call(1, 99, &[], b""), "41 lanes and methods");
    let mut books = Books::with_lane();
    for id in 0..20 {
        books.passes(1, call(1, 7, &[2 * id + 1], b""));
        books.say(1, answer(1));
    }
    books.refused(
        1,
        call(1, 7, &[99], b""),
        "declared 21 channels, the limit is 20",
    );
}

#[test]
fn only_the_first_answer_of_a_method_carries_its_schema() {
    let mut books = Books::with_lane();
    books.passes(1, call(1, 7, &[], b""));
    books.passes(1, call(3, 7, &[], b""));
    assert_eq!(books.ledger.first_answer(1, 1), Some(MethodId(7)));
    books.say(1, answer(1));
    assert_eq!(books.ledger.first_answer(1, 3), None);
    assert_eq!(books.ledger.first_answer(1, 5), None);
}
