//! Links of a span both ways: where its own lead, and what links to it, in its trace and in others.

use hindsight_protocol::{Link, Span, SpanId, TraceId};

use crate::chromium::Tab;
use crate::feed::{self, TRACE};
use crate::process::Hub;

const OTHER: TraceId = TraceId { high: 7, low: 9 };
const PANEL: &str = "document.querySelector('.panel').innerText";

/// A span of `trace` that links to span 2 of [`TRACE`].
fn follower(trace: TraceId, id: u64, name: &str) -> Span {
    Span {
        links: vec![Link {
            trace_id: TRACE,
            span_id: SpanId::from_u64(2),
            ..Link::default()
        }],
        ..feed::span(trace, id, 0, name, (300, 400))
    }
}

#[tokio::test]
async fn a_reader_follows_links_to_a_span_and_back() {
    let hub = Hub::start();
    let endpoint = hub.endpoint.clone();
    let spans = vec![
        feed::span(TRACE, 1, 0, "root", (0, 500)),
        feed::span(TRACE, 2, 1, "enqueue", (10, 20)),
        follower(TRACE, 3, "retry <b>here</b>"),
        follower(OTHER, 4, "worker"),
        // The same id in another trace is another span.
        feed::span(OTHER, 2, 4, "not meant", (310, 320)),
    ];
    std::thread::spawn(move || feed::send(&endpoint, spans))
        .join()
        .expect("is stored");
    let url = format!("http://{}", hub.endpoint);
    let mut tab = Tab::open(&format!("{url}/trace/{TRACE}?span=0000000000000002")).await;
    tab.prefer("dark").await;
    let links =
        "[...document.querySelectorAll('.panel li a')].map(a => a.parentElement.textContent)";
    tab.until(&format!(
        "{links}.join('|') === 'web retry <b>here</b> in this trace|web worker in trace {OTHER}'"
    ))
    .await;
    tab.until("[...document.querySelectorAll('.panel h2')].some(h => h.innerText === 'Linked from' && !h.classList.contains('is-gone'))")
        .await;
    tab.picture("links-dark").await;

    // In this trace it selects; the way back is a link of its own.
    tab.evaluate("document.querySelector('.panel li a').focus()")
        .await;
    tab.press("Enter").await;
    tab.until("location.search.includes('span=0000000000000003')")
        .await;
    tab.until(&format!("{PANEL}.includes('Links to')")).await;
    tab.until(&format!(
        "{links}.join('|') === '0000000000000002 in this trace'"
    ))
    .await;
    tab.evaluate("document.querySelector('.panel li a').focus()")
        .await;
    tab.press("Enter").await;
    tab.until(&format!("{links}.length === 2")).await;

    // In another one it opens that, where nothing links to the span with the same id.
    tab.evaluate("[...document.querySelectorAll('.panel li a')][1].click()")
        .await;
    tab.until(&format!(
        "location.pathname === '/trace/{OTHER}' && location.search.includes('span=0000000000000004')"
    ))
    .await;
    tab.until(&format!(
        "{links}.join('|') === '0000000000000002 in trace {TRACE}'"
    ))
    .await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}
