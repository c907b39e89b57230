//! Every kind of bad input at a real hub, beside a program that behaves.

use hindsight_connect::CallError;
use hindsight_protocol::hub::{HubError, ReasonCount};
use hindsight_protocol::{SpanBatch, TraceId, TracerId};
use hindsight_testkit::{builder, hostile};
use vox::VoxError;

use crate::feed::Feeder;
use crate::hub::Hub;

const HOSTILE: TracerId = TracerId { high: 6, low: 6 };
const GOOD: TracerId = TracerId { high: 1, low: 1 };

const GOOD_BATCHES: u64 = 100;
const GOOD_TRACE: u64 = 42;

/// `reason count` of each, joined.
fn told(all: [&[ReasonCount]; 3]) -> String {
    let one = |told: &ReasonCount| format!("{} {}", told.reason, told.count);
    let all: Vec<_> = all.into_iter().flatten().map(one).collect();
    all.join(", ")
}

/// A span with too much of everything that has a number of its own.
fn overfull() -> SpanBatch {
    let mut span = builder::span(7, 1).named(&"n".repeat(2_000));
    for number in 0..1_100 {
        span = span
            .event(number, "event", "key", "value")
            .link(8, number + 1);
    }
    let mut span = span.build();
    let attribute = span.events[0].attributes[0].clone();
    span.events[0].attributes = vec![attribute; 200];
    builder::batch(&[span]).into_batch()
}

/// A program as it should be: a span that stays open, then small batches. Panics if one is lost.
/// The connection lives on.
fn behave(endpoint: &str) -> Feeder {
    let feeder = Feeder::connect(endpoint);
    feeder.attach(GOOD, "good");
    let open = builder::span(GOOD_TRACE, 1).start(5).running(1).build();
    let mut spans = vec![open];
    for sequence in 1..=GOOD_BATCHES {
        spans.push(builder::span(GOOD_TRACE, sequence + 1).build());
        let sent = spans.len() as u64;
        let batch = builder::batch(&spans).into_batch();
        let reply = feeder.ingest(GOOD, sequence, batch).expect("is stored");
        assert_eq!((reply.inserted, reply.rejected), (sent, 0));
        assert_eq!(
            told([&reply.rejections, &reply.truncations, &reply.notes]),
            ""
        );
        spans.clear();
    }
    feeder
}

#[test]
fn each_kind_of_bad_input_is_refused_or_cut_by_name_and_costs_nobody_else_a_span() {
    let hub = Hub::start(&[]);
    let feeder = Feeder::connect(&hub.tcp);
    feeder.attach(HOSTILE, "hostile");
    let endpoint = hub.tcp.clone();
    let good = std::thread::spawn(move || behave(&endpoint));

    let refused = [
        (hostile::oversize(9 << 20), "batch_bytes_max"),
        (hostile::never_ending(1, 65_537), "batch_spans_max"),
        (hostile::malformed(), "batch_malformed"),
    ];
    let mut sequence = 0;
    let mut next = || {
        sequence += 1;
        sequence
    };
    for (batch, reason) in refused {
        match feeder.ingest(HOSTILE, next(), batch) {
            Err(CallError::Rpc(VoxError::User(error))) => {
                assert_eq!(
                    (error.code, error.reason.as_str()),
                    (HubError::INVALID, reason)
                );
            }
            other => panic!("{reason}: {other:?}"),
        }
    }
    let stored = [
        (
            hostile::absurd_times(2, 50),
            20,
            "start_missing 10, start_out_of_range 10, end_out_of_range 10, end_before_start 10",
        ),
        (
            hostile::many_attributes(3, 10_000),
            4,
            "attributes_per_span 35904",
        ),
        (hostile::long_values(4, 1 << 20), 4, "value_bytes 4"),
        (hostile::distinct_keys(5, 65_536), 1_024, ""),
        (
            overfull(),
            1,
            "attributes_per_event 72, events_per_span 76, links_per_span 76, name_bytes 1",
        ),
        (hostile::never_ending(6, 8_250), 8_250, ""),
        (hostile::never_ending(7, 8_250), 8_250, ""),
        (hostile::never_ending(8, 8_250), 8_250, ""),
        (hostile::never_ending(9, 8_250), 8_250, ""),
    ];
    for (batch, inserted, expected) in stored {
        let reply = feeder.ingest(HOSTILE, next(), batch).expect("is stored");
        let told = told([&reply.rejections, &reply.truncations, &reply.notes]);
        assert_eq!((reply.inserted, told.as_str()), (inserted, expected));
    }
    let _good = good
        .join()
        .expect("the program that behaves saw nothing of it");
    let mut evicted = 0;
    for number in 10..14 {
        let batch = hostile::never_ending(number, 8_250);
        let reply = feeder.ingest(HOSTILE, next(), batch).expect("is stored");
        evicted += reply.notes.iter().map(|note| note.count).sum::<u64>();
    }
    // The span that the good program left open is not among them, though its report is the oldest.
    assert_eq!(evicted, 8 * 8_250 + 1 - 65_536);

    let trace = TraceId::from_u128(u128::from(GOOD_TRACE));
    let spans = hub.json(&["trace", &trace.to_string(), "--format", "json"]);
    let spans = spans.as_array().map_or(0, Vec::len) as u64;
    assert_eq!(spans, GOOD_BATCHES + 1);

    let stats = hub.read(&["stats"]);
    let wanted = |line: &&str| line.starts_with("reason") || line.starts_with("app ");
    let lines: Vec<&str> = stats.lines().filter(wanted).collect();
    insta::assert_snapshot!(lines.join("\n"));
    let stats = hub.json(&["stats", "--format", "json"]);
    let apps = &stats["app_reasons"];
    assert_eq!(apps.as_array().map(Vec::len), Some(1), "{apps}");
    assert_eq!(apps[0]["service"], "hostile");
    assert_eq!(apps[0]["reasons"]["value_bytes"], 4);
    assert_eq!(stats["reasons"]["batch_bytes_max"], 1);
}
