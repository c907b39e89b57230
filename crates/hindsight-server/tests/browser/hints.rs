//! What is said beside the picture of a trace, and that rows do not move under the pointer while it
//! grows.

use hindsight_protocol::introspection::picante::attribute;
use hindsight_protocol::{KeyValue, OPEN_END_NS, Span, SpanState};

use crate::chromium::Tab;
use crate::feed::{self, Feeder, TRACE};
use crate::process::Hub;

const HINT: &str = "document.querySelector('.hint')";
const SELECTED: &str = "document.querySelector('#selected-row').textContent";

/// A place on the canvas: pixels from its left edge, and a row.
const PLACE: &str = "(x, row) => { const box = document.querySelector('.picture canvas').getBoundingClientRect(); \
                     return [box.x + x, box.y + 70 + 24 * row + 12]; }";

async fn hover(tab: &mut Tab, x: f64, row: u32) {
    let place = tab.evaluate(&format!("({PLACE})({x}, {row})")).await;
    let at = (place[0].as_f64().expect("x"), place[1].as_f64().expect("y"));
    tab.mouse("mouseMoved", at).await;
}

fn query(id: u64, parent: u64, name: &str, outcome: &str) -> Span {
    Span {
        attributes: vec![
            KeyValue::new(attribute::QUERY, true),
            KeyValue::new(attribute::QUERY_KIND, name),
            KeyValue::new(attribute::QUERY_KEY, "a"),
            KeyValue::new(attribute::OUTCOME, outcome),
        ],
        ..feed::span(TRACE, id, parent, name, (100 + id, 200 + id))
    }
}

fn root() -> Span {
    Span {
        end_ns: OPEN_END_NS,
        state: SpanState::Running as u8,
        ..feed::span(TRACE, 1, 0, "build", (0, 0))
    }
}

#[tokio::test]
async fn a_span_is_told_of_where_the_pointer_rests_and_its_row_stays_there() {
    let hub = Hub::start();
    let endpoint = hub.endpoint.clone();
    let spans = vec![
        root(),
        query(2, 1, "parse", "computed_changed"),
        query(3, 1, "render", "hit"),
    ];
    let feeder = std::thread::spawn(move || {
        let feeder = Feeder::connect(&endpoint);
        feeder.send(spans);
        feeder
    });
    let feeder = feeder.join().expect("is stored");
    let url = format!("http://{}/trace/{TRACE}", hub.endpoint);
    let mut tab = Tab::open(&url).await;
    tab.prefer("dark").await;
    tab.until(&format!("/^Row 1 of 3: /.test({SELECTED})"))
        .await;

    // By pointer: name, service, duration, start, and how the query was answered.
    hover(&mut tab, 120.0, 2).await;
    tab.until(&format!(
        "/^render\\s+web · 100 ms · after 103 ms · .* of the trace\\s+hit$/.test({HINT}?.innerText)"
    ))
    .await;
    tab.until(&format!(
        "getComputedStyle({HINT}).pointerEvents === 'none'"
    ))
    .await;
    tab.picture("hint-dark").await;

    // Spans come above it; it stays under the pointer.
    let more = (10..14).map(|id| query(id, 2, "include", "validated"));
    let more: Vec<Span> = more.collect();
    let feeder = std::thread::spawn(move || {
        feeder.send(more);
        feeder
    });
    let feeder = feeder.join().expect("is stored");
    tab.until(&format!("/of [4-7]: /.test({SELECTED})")).await;
    tab.until(&format!("{HINT}.innerText.startsWith('render')"))
        .await;
    tab.picture("hint-held-dark").await;
    tab.press("Escape").await;
    tab.until(&format!("!{HINT}")).await;
    tab.mouse("mouseMoved", (5.0, 5.0)).await;

    // By keys, while the picture has the focus; the sentence for readers of screens says as much.
    tab.evaluate("document.querySelector('.picture canvas').focus()")
        .await;
    tab.press("j").await;
    tab.until(&format!("{HINT}?.innerText.startsWith('parse')"))
        .await;
    tab.until(&format!(
        "/^Row 2 of .*web  parse  recomputed, 100 ms, after 102 ms$/.test({SELECTED})"
    ))
    .await;
    tab.prefer("light").await;
    tab.picture("hint-keys-light").await;
    tab.evaluate("document.activeElement.blur()").await;
    tab.until(&format!("!{HINT}")).await;

    // The flame graph and the minimap tell too.
    tab.press("2").await;
    tab.until("location.search.includes('view=flame')").await;
    let at = "(() => { const box = document.querySelector('.picture canvas').getBoundingClientRect(); return [box.x + 60, box.y + 79]; })()";
    let place = tab.evaluate(at).await;
    let (x, y) = (place[0].as_f64().expect("x"), place[1].as_f64().expect("y"));
    tab.mouse("mouseMoved", (x, y)).await;
    tab.until(&format!("{HINT}?.innerText.startsWith('build')"))
        .await;
    tab.mouse("mouseMoved", (x, y - 78.0)).await;
    tab.until(&format!("{HINT}?.innerText.startsWith('build')"))
        .await;
    tab.mouse("mouseMoved", (5.0, 5.0)).await;
    tab.until(&format!("!{HINT}")).await;

    // In the table rows stay under the pointer too, and it is said that there is more.
    tab.press("3").await;
    tab.until("document.querySelectorAll('.list tbody tr').length >= 4")
        .await;
    tab.until("document.querySelector('.list tbody').innerText.includes('recomputed')")
        .await;
    tab.point(".list tbody tr:nth-child(3)", false).await;
    let rows = "[...document.querySelectorAll('.list tbody tr')].map(r => r.cells[0].innerText + r.cells[4].innerText).join('|')";
    let held = tab.evaluate(rows).await;
    let feeder = std::thread::spawn(move || {
        feeder.send(vec![feed::span(TRACE, 20, 1, "first of all", (1, 2))]);
        feeder
    });
    let feeder = feeder.join().expect("is stored");
    tab.until("document.querySelector('.list .note').innerText.endsWith('held while the pointer is over it')")
        .await;
    assert_eq!(
        tab.evaluate(rows).await,
        held,
        "rows moved under the pointer"
    );
    tab.picture("table-held-light").await;
    tab.mouse("mouseMoved", (5.0, 5.0)).await;
    tab.until("document.querySelector('.list tbody').innerText.includes('first of all')")
        .await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
    std::thread::spawn(move || drop(feeder))
        .join()
        .expect("ends");
}
