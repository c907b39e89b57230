//! The example page, which traces itself: one trace with its server, attached like any app, back
//! after its hub was away, and nothing lost without a number.

use std::path::PathBuf;

use serde_json::Value;

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight, wait_for};

/// The example's server, which also serves the page.
struct Example {
    _process: Process,
    url: String,
}

impl Example {
    fn start(hub: &Hub) -> Self {
        let hindsight = PathBuf::from(hindsight().get_program());
        let program = hindsight.with_file_name("hindsight-web-example");
        assert!(
            program.exists(),
            "{} is not built; `cargo xtask test browser` builds it",
            program.display()
        );
        let mut command = std::process::Command::new(program);
        command.args(["--port", "0", "--hub", &hub.endpoint]);
        let mut process = Process::start(command);
        let url = process.line();
        Self {
            _process: process,
            url,
        }
    }

    /// The page, ready.
    async fn open(&self) -> Tab {
        let mut tab = Tab::open(&self.url).await;
        tab.until("document.querySelector('#result').innerText === 'ready'")
            .await;
        tab
    }
}

/// The page's entry in the list of apps.
fn page(hub: &Hub) -> Value {
    wait_for("the page's attach", || {
        let apps = hub.read(&["apps"]);
        let mut apps = apps.as_array()?.iter();
        apps.find(|app| app["service"] == "example-page").cloned()
    })
}

fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

async fn click(tab: &mut Tab) {
    tab.evaluate("document.querySelector('#result').innerText = ''")
        .await;
    tab.point("#calculate", true).await;
    tab.until("document.querySelector('#result').innerText === 'the sum is 500500'")
        .await;
}

/// The spans of the only trace, once there are two of the page and two of its server.
fn whole_trace(hub: &Hub) -> Option<Vec<Value>> {
    let traces = hub.traces();
    assert!(traces.len() <= 1, "{traces:#?}");
    let spans = hub.spans(traces.first()?["trace_id"].as_str()?);
    (spans.len() == 4).then_some(spans)
}

/// Waits until the page says that nothing of its own waits.
async fn settled(tab: &mut Tab) {
    tab.until("/offered [1-9].* waiting 0$/.test(document.querySelector('#report').innerText)")
        .await;
}

#[tokio::test]
async fn a_click_is_one_trace_of_the_page_and_its_server() {
    let hub = Hub::start();
    let example = Example::start(&hub);
    let mut tab = example.open().await;
    click(&mut tab).await;

    let spans = wait_for("a trace of four spans", || whole_trace(&hub));
    let named = |name: &str, service: &str| {
        let found = spans
            .iter()
            .find(|span| span["name"] == name && span["service"] == service);
        found.unwrap_or_else(|| panic!("no {name} of {service}: {spans:#?}"))
    };
    let click = named("click", "example-page");
    let call = named("Calculator.calculate", "example-page");
    let answer = named("Calculator.calculate", "example-server");
    let sum = named("sum", "example-server");
    assert_eq!(click["parent_id"], Value::Null);
    for (child, parent) in [(call, click), (answer, call), (sum, answer)] {
        assert_eq!(child["parent_id"], parent["span_id"], "{spans:#?}");
    }

    let services = || {
        let app = page(&hub);
        (app["services"][0] == "Clicks").then_some(app)
    };
    let app = wait_for("the page's services", services);
    assert_eq!(app["state"], "connected");
    assert!(
        app["transport"]
            .as_str()
            .is_some_and(|by| by.starts_with("websocket"))
    );
    let resource = &click["resource"];
    assert!(
        resource.to_string().contains("[redacted]"),
        "the system is not told: {resource}"
    );
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());

    drop(tab);
    wait_for("the page's end", || {
        (page(&hub)["state"] != "connected").then_some(())
    });
}

#[tokio::test]
async fn a_page_comes_back_to_its_hub_and_sends_what_it_kept() {
    let mut hub = Hub::start();
    let example = Example::start(&hub);
    let mut tab = example.open().await;
    click(&mut tab).await;
    wait_for("the first click's trace", || whole_trace(&hub));
    settled(&mut tab).await;

    let port = hub.port().to_owned();
    hub.process.kill();
    for _ in 0..3 {
        click(&mut tab).await;
    }
    let hub = Hub::start_on(&port);
    wait_for("the spans that were kept", || {
        (hub.traces().len() == 3).then_some(())
    });
    settled(&mut tab).await;
    let app = page(&hub);
    let (accounts, counters) = (&app["accounts"], &app["counters"]);
    assert_eq!(number(&accounts["dropped"]), 0, "{app:#}");
    assert_eq!(number(&accounts["reconnects"]), 1, "{app:#}");
    let elsewhere = number(&accounts["acknowledged_elsewhere"]);
    assert!(elsewhere >= 2, "the first click was acknowledged: {app:#}");
    assert_eq!(
        number(&accounts["offered"]),
        number(&counters["received"]) + elsewhere
    );
    // Browsers report every WebSocket that does not open.
    assert_eq!(tab.complaints(&["WebSocket"]), Vec::<&String>::new());
}

#[tokio::test]
async fn a_burst_beyond_the_bounds_is_dropped_and_counted() {
    let hub = Hub::start();
    let example = Example::start(&hub);
    let mut tab = example.open().await;
    tab.point("#many", true).await;
    settled(&mut tab).await;
    let text = "document.querySelector('#report').innerText";
    let told = tab.evaluate(text).await;
    let told = told.as_str().expect("a text").to_owned();
    let app = wait_for("all that was not dropped", || {
        let app = page(&hub);
        let accounts = &app["accounts"];
        let settled = number(&app["counters"]["received"]) + number(&accounts["dropped"]);
        let all = number(&accounts["offered"]);
        (all > 100_000 && settled == all).then_some(app)
    });
    let dropped = number(&app["accounts"]["dropped"]);
    assert!(dropped > 30_000, "{app:#}");
    assert!(told.contains(&format!("dropped {dropped},")), "{told}");
    tab.picture("example-burst").await;
    // It works on.
    click(&mut tab).await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}

#[tokio::test]
async fn a_browser_that_is_full_is_given_nothing_until_it_has_room() {
    let hub = Hub::start();
    let example = Example::start(&hub);
    let mut tab = example.open().await;
    page(&hub);
    // Of the two sockets only the one to the hub is full.
    let full = "{ const name = 'bufferedAmount'; \
                const real = Object.getOwnPropertyDescriptor(WebSocket.prototype, name).get; \
                window.full = true; Object.defineProperty(WebSocket.prototype, name, { get() { \
                return window.full && !this.url.endsWith('/roam') ? 1e9 : real.call(this) } }); true }";
    tab.evaluate(full).await;
    click(&mut tab).await;
    tab.evaluate("window.since = performance.now()").await;
    let waits = "/waiting [1-9]/.test(document.querySelector('#report').innerText)";
    tab.until(&format!(
        "performance.now() - window.since > 1000 && {waits}"
    ))
    .await;
    assert!(whole_trace(&hub).is_none(), "nothing was sent");
    tab.evaluate("window.full = false").await;
    wait_for("what had waited", || whole_trace(&hub));
    settled(&mut tab).await;
    let accounts = &page(&hub)["accounts"];
    assert_eq!(number(&accounts["reconnects"]), 0, "{accounts}");
}

#[tokio::test]
async fn what_a_page_could_not_send_before_it_died_shows_at_the_hub() {
    let hub = Hub::start();
    let example = Example::start(&hub);
    let mut tab = example.open().await;
    // The browser takes what it is given, but after the first large batch nothing leaves it any more.
    let stuck = "{ const send = WebSocket.prototype.send; let large = 0; \
                 WebSocket.prototype.send = function (frame) { \
                 if (!large) send.call(this, frame); \
                 large += frame.byteLength > 50000; } }";
    tab.evaluate(stuck).await;
    tab.point("#many", true).await;
    let known = |app: &Value| number(&app["accounts"]["offered"]) > 100_000;
    wait_for("a batch with the page's accounts", || {
        known(&page(&hub)).then_some(())
    });
    drop(tab);
    // Until then it might come back and send them.
    let app = wait_for("the page's end", || {
        let app = page(&hub);
        (app["state"] == "gone").then_some(app)
    });
    let accounts = &app["accounts"];
    let known = number(&app["counters"]["received"]) + number(&accounts["dropped"]);
    let lost = number(&accounts["offered"]) - known;
    assert!(lost > 30_000, "{app:#}");
    assert_eq!(number(&app["lost"]), lost, "{app:#}");
}

#[tokio::test]
async fn a_page_that_is_left_sends_what_it_has_without_any_timer() {
    let hub = Hub::start();
    let example = Example::start(&hub);
    let mut tab = example.open().await;
    page(&hub);
    // What a hidden page may come to: no timer fires. Those under way do.
    tab.evaluate(
        "new Promise(done => { const later = setTimeout; window.setTimeout = () => 0; \
         later(done, 300) })",
    )
    .await;
    tab.evaluate(
        "new Promise(done => { const result = document.querySelector('#result'); \
         const seen = new MutationObserver(() => done(true)); \
         seen.observe(result, { childList: true }); \
         document.querySelector('#calculate').click() })",
    )
    .await;
    tab.go("about:blank").await;
    wait_for("the page's two spans", || whole_trace(&hub));
}
