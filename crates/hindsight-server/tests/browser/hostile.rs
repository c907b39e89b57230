//! Texts that are meant to do harm, in every field of a span and of an app: shown, never run.

use hindsight_protocol::{
    Event, KeyValue, Link, OPEN_END_NS, Resource, Scope, Span, SpanState, StatusCode, TracerId,
    Value,
};

use crate::chromium::Tab;
use crate::feed::{self, Feeder, TRACE};
use crate::process::Hub;
use crate::views::{View, views};

/// What each text begins with, to be found on the page.
const MARK: &str = "evil";
pub(crate) const TEXTS: [&str; 5] = [
    "evil<img src=x onerror=\"globalThis.harmed=1\">",
    "evil</script><script>globalThis.harmed=1</script>",
    "evil\" onmouseover=\"globalThis.harmed=1\" style=\"position:fixed;inset:0",
    "evil\u{1b}]0;owned\u{7}\u{1b}[2J\0\u{8}\r\n\u{2028}javascript:globalThis.harmed=1",
    "evil\u{202e}\u{2066}gpj.exe\u{feff}\u{200b}{{constructor}}${harmed=1}",
];
/// A value of a megabyte is cut by the hub, not by the page.
const LONG_BYTES: usize = 1 << 20;

fn text(at: usize) -> String {
    TEXTS[at % TEXTS.len()].to_owned()
}

fn attributes(at: usize) -> Vec<KeyValue> {
    let all = (0..TEXTS.len()).map(|more| KeyValue::new(text(at + more), text(at + more + 1)));
    all.chain([
        KeyValue::new(
            "list",
            Value::Array(vec![text(at).into(), text(at + 1).into()]),
        ),
        KeyValue::new("bytes", Value::Bytes(text(at).into_bytes())),
    ])
    .collect()
}

/// A trace with a span for each text, which is in all its fields; every other one is still open.
fn spans() -> Vec<Span> {
    let make = |at: usize| {
        let id = at as u64 + 1;
        let mut span = feed::span(TRACE, id, id - 1, &text(at), (id, 50 - id));
        if at % 2 == 1 {
            span.end_ns = OPEN_END_NS;
            span.state = SpanState::Running as u8;
        }
        span.status = StatusCode::Error as u8;
        span.status_message = text(at + 1);
        span.attributes = attributes(at);
        if at == 0 {
            let long = KeyValue::new("long", "evil<b>".repeat(LONG_BYTES / 7));
            span.attributes.push(long);
        }
        let mut service = vec![KeyValue::new("service.name", text(at + 2))];
        service.extend(attributes(at));
        span.resource = Resource {
            attributes: service,
            dropped_attributes: 0,
        };
        span.scope = Scope {
            name: text(at + 3),
            version: text(at + 4),
            attributes: attributes(at),
            dropped_attributes: 0,
        };
        span.events = vec![Event {
            name: text(at),
            time_ns: span.start_ns + 1,
            attributes: attributes(at + 1),
            dropped_attributes: 0,
        }];
        span.links = vec![Link {
            trace_id: TRACE,
            span_id: span.span_id,
            trace_state: "a=b".into(),
            attributes: attributes(at + 2),
            ..Link::default()
        }];
        span
    };
    (0..TEXTS.len()).map(make).collect()
}

/// No text of the view `name` has run, become an element, or asked another origin; none is raw.
pub(crate) async fn unharmed(tab: &mut Tab, name: &str) {
    let harmed = tab.evaluate("String(globalThis.harmed)").await;
    assert_eq!(harmed, "undefined", "{name}: a text of the app ran");
    let foreign = "document.querySelectorAll('main img, main script, main [onmouseover], main [onerror], main iframe').length";
    assert_eq!(
        tab.evaluate(foreign).await,
        0,
        "{name}: a text became an element"
    );
    let requests = "performance.getEntriesByType('resource').filter(entry => !entry.name.startsWith(location.origin) && !entry.name.startsWith('data:') && !entry.name.startsWith('ws://' + location.host)).map(entry => entry.name)";
    assert_eq!(
        tab.evaluate(requests).await,
        serde_json::json!([]),
        "{name}: a request left the origin"
    );
    let raw = "/[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u202e\\u2066]/.test(document.body.innerText)";
    assert_eq!(
        tab.evaluate(raw).await,
        false,
        "{name}: raw control characters"
    );
}

#[tokio::test]
async fn hostile_texts_in_every_field_are_shown_in_every_view_and_nothing_runs() {
    let hub = Hub::start();
    let endpoint = hub.endpoint.clone();
    // Its runtime is its own.
    let feeder = std::thread::spawn(move || {
        let feeder = Feeder::connect(&endpoint);
        feeder.attach(TracerId { high: 6, low: 6 }, TEXTS[0]);
        feeder.send(spans());
        feeder
    });
    let feeder = feeder.join().expect("is stored");
    let url = format!("http://{}", hub.endpoint);
    let mut tab = Tab::open(&url).await;
    let query = "/?q=%22%3E%3Cimg%20src%3Dx%20onerror%3DglobalThis.harmed%3D1%3E".to_owned();
    let trace = TRACE.to_string();
    let service: String = TEXTS[0]
        .bytes()
        .map(|byte| format!("%{byte:02x}"))
        .collect();
    let search = View {
        name: "search".into(),
        path: query,
        ready: ".trouble:not(.is-hidden), main .empty",
        opened: None,
    };
    // Nobody offers anything here; hostile offers have journeys of their own.
    let offered = ["methods", "roam", "picante"];
    let all = views(&trace, &trace, &service).into_iter();
    let visited = all
        .filter(|view| !offered.contains(&view.name.as_str()))
        .chain([search]);
    for view in visited {
        let name = view.name;
        tab.go(&format!("{url}{}", view.path)).await;
        tab.until(&format!("document.querySelector({:?})", view.ready))
            .await;
        if let Some((script, there)) = view.opened {
            tab.evaluate(script).await;
            tab.until(&format!("document.querySelector({there:?})"))
                .await;
        }
        if name.starts_with("trace")
            && name != "trace-gone"
            && name != "trace-findings"
            && name != "trace-events"
        {
            tab.until(&format!(
                "document.querySelector('main').innerText.includes({MARK:?})"
            ))
            .await;
        }
        tab.picture(&format!("hostile-{name}")).await;
        unharmed(&mut tab, &name).await;
    }
    let title = tab.evaluate("document.title").await;
    assert!(
        !title.as_str().unwrap_or_default().contains('\u{1b}'),
        "{title}"
    );
    assert!(tab.complaints(&[]).is_empty(), "{:?}", tab.complaints(&[]));
    let end = std::thread::spawn(move || drop(feeder));
    end.join().expect("ends");
}
