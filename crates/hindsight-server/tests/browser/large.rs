//! A trace of a million spans: opened, zoomed, searched, listed to its end.

use std::time::{Duration, Instant};

use hindsight_connect::{DialOptions, Endpoint, Lane, LaneOptions, dial, open_lane};
use hindsight_protocol::hub::{AttachRequest, IngestRequest, TracerAccounts};
use hindsight_protocol::{HindsightServiceClient, TraceId, TracerId};
use hindsight_testkit::large;
use vox::VoxError;

use crate::chromium::Tab;
use crate::process::Hub;

const SPANS: u64 = 1_000_000;
const TRACE: TraceId = TraceId {
    high: 0x1a46_e000,
    low: 0x1a46_e001,
};
const TRACER: TracerId = TracerId { high: 1, low: 1 };
/// 2026-11-22T14:32:10Z.
const START_NS: u64 = 1_795_357_930_000_000_000;

const SELECTED: &str = "document.querySelector('#selected-row').textContent";
const NOTE: &str = "document.querySelector('.list .note').innerText";
const LAST_ROW: &str = "document.querySelector('.list tbody tr:last-child').innerText";

/// Sends the trace to the hub.
async fn fill(hub: &Hub) {
    let endpoint: Endpoint = hub.endpoint.parse().expect("an endpoint");
    let connection = dial(&endpoint, DialOptions::default())
        .await
        .expect("dials");
    let options = LaneOptions {
        call_timeout: Some(Duration::from_secs(30)),
        ..LaneOptions::default()
    };
    let lane: Lane<HindsightServiceClient> = open_lane(&connection, options).await.expect("a lane");
    let attach = AttachRequest {
        tracer_id: TRACER,
        ..AttachRequest::default()
    };
    lane.call(|client| client.attach(attach))
        .await
        .expect("attached");
    for (sequence, batch) in (1..).zip(large::batches(TRACE, SPANS, START_NS)) {
        let request = IngestRequest {
            tracer_id: TRACER,
            sequence,
            batch: batch.into_batch(),
            accounts: TracerAccounts::default(),
        };
        while let Err(error) = lane.client().ingest(request.clone()).await {
            let VoxError::User(refusal) = &error else {
                panic!("{error:?}");
            };
            let pause = u64::from(refusal.retry_after_ms.max(1));
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }
}

#[tokio::test]
async fn a_million_spans_are_opened_zoomed_searched_and_listed_to_their_end() {
    let hub = Hub::start();
    let begun = Instant::now();
    fill(&hub).await;
    println!("stored after {:?}", begun.elapsed());
    let mut tab = Tab::open("about:blank").await;
    tab.prefer("dark").await;
    // Tasks of the page that are longer than 50 ms, as the browser itself tells them.
    tab.run_first(
        "window.tasks = []; new PerformanceObserver(list => {
            for (const entry of list.getEntries()) window.tasks.push(entry.duration);
        }).observe({ type: 'longtask', buffered: true })",
    )
    .await;
    let begun = Instant::now();
    tab.go(&format!("http://{}/trace/{TRACE}", hub.endpoint))
        .await;
    tab.until("performance.getEntriesByName('hindsight:trace-drawn').length === 1")
        .await;
    println!("first drawn after {:?}", begun.elapsed());
    tab.until("performance.getEntriesByName('hindsight:trace-told').length >= 1")
        .await;
    println!("all told after {:?}", begun.elapsed());
    tab.until("document.querySelector('.trace .bar').innerText.includes('1,000,000 spans')")
        .await;
    tab.until(&format!("{SELECTED}.includes({:?})", large::ROOT_NAME))
        .await;
    let tasks = tab.evaluate("window.tasks").await;
    println!("long tasks of the page: {tasks}");

    // The wheel zooms, a step selects.
    tab.evaluate("document.querySelector('.picture canvas').focus()")
        .await;
    for _ in 0..5 {
        tab.wheel((800.0, 400.0), (0.0, -300.0), true).await;
    }
    tab.press("l").await;
    tab.until(&format!("/^Row 2 of /.test({SELECTED})")).await;
    tab.picture("million-dark").await;

    // The search goes to the last span, and the address bar names it.
    tab.point(".find input", true).await;
    tab.write(&format!("name=\"{}\"", large::LAST_NAME)).await;
    tab.press("Enter").await;
    tab.until("document.querySelector('.find [role=status]').innerText.startsWith('1 found')")
        .await;
    tab.until(&format!("{SELECTED}.includes({:?})", large::LAST_NAME))
        .await;
    tab.until(&format!("location.search.endsWith('span={SPANS:016x}')"))
        .await;
    tab.until(&format!(
        "document.querySelector('.panel').innerText.includes({:?})",
        SPANS / 100 - 1
    ))
    .await;

    // The table lists what was found, and without a search everything, to its end.
    tab.press("Escape").await;
    tab.press("3").await;
    tab.until(&format!("{NOTE} === '1 of 1,000,000 spans'"))
        .await;
    tab.evaluate("document.querySelector('.find input').value = ''")
        .await;
    tab.evaluate(
        "document.querySelector('.find input').dispatchEvent(new InputEvent('input', { bubbles: true }))",
    )
    .await;
    tab.evaluate("document.querySelector('.find input').focus()")
        .await;
    tab.press("Enter").await;
    tab.until(&format!("{NOTE} === '1,000,000 spans'")).await;
    tab.evaluate("document.activeElement.blur()").await;
    tab.evaluate("document.querySelector('.list').scrollTop = 1e9")
        .await;
    tab.until(&format!("{LAST_ROW}.includes({:?})", large::LAST_NAME))
        .await;
    tab.picture("million-table-dark").await;

    // The log is read as far as somebody looks.
    tab.press("5").await;
    tab.until(&format!("{NOTE}.includes(' events')")).await;
    tab.until(&format!(
        "{LAST_ROW}.includes('slow') && {LAST_ROW}.includes('warn')"
    ))
    .await;
    tab.picture("million-events-dark").await;
    tab.press("7").await;
    tab.until(&format!("{NOTE}.includes('attributes were not looked at')"))
        .await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}
