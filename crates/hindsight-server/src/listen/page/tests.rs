use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{RunInfo, StoreCounters};

use super::*;

fn contents() -> Contents {
    let trace = TraceSummary {
        trace_id: TraceId::from_u128(0xabc),
        name: "<script>alert('x')</script>".to_owned(),
        service: "web & \"co\"".to_owned(),
        start_ns: 1_000_000_000,
        end_ns: 1_050_200_000,
        spans: 328,
        errors: 2,
        ..TraceSummary::default()
    };
    let app = AppInfo {
        run: RunInfo {
            service_name: "<b>web</b>".to_owned(),
            pid: 4182,
            ..RunInfo::default()
        },
        state: "connected".to_owned(),
        transport: "http 127.0.0.1:5".to_owned(),
        ..AppInfo::default()
    };
    Contents {
        stats: StatsReply {
            now_ns: 13_000_000_000,
            traces: 1,
            store: StoreCounters {
                live: 1_204_551,
                ..StoreCounters::default()
            },
            memory_bytes: 142_000_000,
            memory_limit_bytes: 512_000_000,
            ..StatsReply::default()
        },
        traces: ListTracesReply {
            traces: vec![trace],
            ..ListTracesReply::default()
        },
        apps: vec![app],
    }
}

fn page(contents: Option<&Contents>) -> String {
    document(&["http://127.0.0.1:1990".to_owned()], 1990, contents)
}

#[test]
fn the_page_says_what_arrived_and_what_to_paste() {
    let html = page(Some(&contents()));
    for part in [
        "1,204,551",
        "50.2 ms",
        "12 s ago",
        "142 MB of 512 MB",
        "http://127.0.0.1:1990",
        "Tracer::connect_http(&quot;localhost:1990&quot;)",
        "hindsight_tracing::init()",
        "HINDSIGHT_ENDPOINT=localhost:1990",
        "pid 4182",
    ] {
        assert!(html.contains(part), "{part} is missing in\n{html}");
    }
}

#[test]
fn text_from_outside_cannot_become_markup() {
    let html = page(Some(&contents()));
    assert!(
        !html.contains("<script>alert") && !html.contains("<b>web"),
        "{html}"
    );
    assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"));
    assert_eq!(
        escape(&"é".repeat(1_000)).chars().count(),
        TEXT_CHARS_MAX + 1
    );
}

#[test]
fn nothing_is_inline_so_that_the_content_policy_holds() {
    let html = page(Some(&contents()));
    assert!(!html.contains("style=") && !html.contains("<style") && !html.contains("onclick"));
    assert_eq!(html.matches("<script").count(), 1);
}

#[test]
fn a_hub_with_a_token_shows_nothing_of_what_is_stored() {
    let html = page(None);
    assert!(html.contains("HINDSIGHT_TOKEN"), "{html}");
    assert!(!html.contains("1,204,551"));
}

#[test]
fn an_empty_hub_says_that_it_waits() {
    let mut contents = contents();
    contents.traces.traces.clear();
    contents.apps.clear();
    assert!(page(Some(&contents)).contains("Waiting for the first span"));
}

#[test]
fn quantities_are_written_for_people() {
    assert_eq!(count(0), "0");
    assert_eq!(count(999), "999");
    assert_eq!(count(1_000), "1,000");
    assert_eq!(bytes(999), "999 B");
    assert_eq!(bytes(1_500), "1.50 kB");
    assert_eq!(duration(1), "1 ns");
    assert_eq!(duration(312_000), "312 µs");
    assert_eq!(duration(61_000_000_000), "61.0 s");
    assert_eq!(duration(180_000_000_000), "3 min");
    assert_eq!(ago(10_000_000_000, 20_000_000_000), "0 s ago");
    assert_eq!(ago(7_300_000_000_000, 0), "2 h ago");
}
