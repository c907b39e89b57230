//! The page itself: two buttons and two lines of text.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hindsight::{ScopeExt, Service, Tracer};
use hindsight_connect::{Connection, DialOptions, PageSocket, establish};
use vox_rt::time::sleep;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Document, UrlSearchParams};

use crate::{CalculatorClient, Clicks, ClicksDispatcher, clicks_service_descriptor};

/// For the server's WebSocket, and again for roam's handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the second line is written.
const REPORT_INTERVAL: Duration = Duration::from_millis(250);
/// More than a tracer keeps while it has not sent any.
const MANY: u64 = 100_000;

/// Runs the page. The glue calls it once the module is there.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    let tracer = Tracer::builder()
        .service_name("example-page")
        .service_version(env!("CARGO_PKG_VERSION"))
        .endpoint(format!("ws://{}", hub()))
        .lazy();
    let counter = Counter::default();
    let clicks = ClicksDispatcher::new(counter.clone());
    let clicks = Service::new(clicks_service_descriptor(), clicks).read_only(["clicks"]);
    tracer.expose(clicks);
    spawn_local(report(tracer.clone()));
    spawn_local(async move {
        match connect(&tracer).await {
            Ok((_connection, client)) => {
                listen(&tracer, client, counter);
                show("result", "ready");
                // The page lives as long as its connection.
                std::future::pending::<()>().await;
            }
            Err(error) => show("result", &error),
        }
    });
}

/// Counts clicks, and tells a hub that asks.
#[derive(Clone, Debug, Default)]
struct Counter(Arc<AtomicU64>);

impl Counter {
    fn click(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Clicks for Counter {
    async fn clicks(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Roam to the server that this page came from, its calls traced.
async fn connect(tracer: &Tracer) -> Result<(Connection, CalculatorClient), String> {
    let location = web_sys::window().map(|window| window.location());
    let host = location.and_then(|location| location.host().ok());
    let url = format!("ws://{}/roam", host.unwrap_or_default());
    let socket = PageSocket::open(&url, CONNECT_TIMEOUT).await;
    let socket = socket.ok_or_else(|| format!("{url} does not answer"))?;
    let options = DialOptions {
        timeout: CONNECT_TIMEOUT,
        ..DialOptions::default()
    };
    let connection = establish(socket, options).await;
    let connection = connection.map_err(|error| error.to_string())?;
    let handle = connection.handle();
    let client =
        hindsight_roam::open_lane_with(tracer, handle, CalculatorClient::with_middleware).await;
    let client = client.map_err(|error| error.to_string())?;
    Ok((connection, client))
}

fn listen(tracer: &Tracer, client: CalculatorClient, counter: Counter) {
    let (calling, clicked) = (tracer.clone(), counter.clone());
    on_click("calculate", move || {
        clicked.click();
        let click = calculate(calling.clone(), client.clone());
        // A scope of its own: another click may come before the answer.
        spawn_local(click.in_current_context());
    });
    let tracer = tracer.clone();
    on_click("many", move || {
        counter.click();
        many(&tracer);
    });
}

/// The call is a child of `click` because that span is current.
async fn calculate(tracer: Tracer, client: CalculatorClient) {
    let span = tracer
        .span("click")
        .with_attribute("button", "calculate")
        .start();
    match client.calculate(1000).await {
        Ok(sum) => show("result", &format!("the sum is {sum}")),
        Err(error) => {
            span.record_error(&error);
            show("result", &error.to_string());
        }
    }
    span.end();
}

/// Spans faster than they can be sent: what finds no room is counted, and the page does not wait.
fn many(tracer: &Tracer) {
    let burst = tracer
        .span("burst")
        .with_attribute("spans", MANY as i64)
        .start();
    for number in 0..MANY {
        let span = tracer.span("small").with_attribute("number", number as i64);
        span.start().end();
    }
    burst.end();
}

/// Shows what became of the spans, again and again.
async fn report(tracer: Tracer) {
    loop {
        let report = tracer.report().await;
        let text = format!(
            "offered {}, acknowledged {}, by an earlier hub {}, dropped {}, waiting {}",
            report.offered,
            report.acknowledged,
            report.acknowledged_elsewhere,
            report.dropped,
            report.unsent,
        );
        show("report", &text);
        sleep(REPORT_INTERVAL).await;
    }
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

fn show(id: &str, text: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element {
        element.set_text_content(Some(text));
    }
}

fn on_click(id: &str, listener: impl FnMut() + 'static) {
    let Some(button) = document().and_then(|document| document.get_element_by_id(id)) else {
        return;
    };
    let closure = Closure::<dyn FnMut()>::new(listener);
    let function = closure.as_ref().unchecked_ref();
    if button
        .add_event_listener_with_callback("click", function)
        .is_ok()
    {
        // For as long as the page lives.
        closure.forget();
    }
    button.remove_attribute("disabled").ok();
}

/// Where the hub is: what the page's address says, else the usual place.
fn hub() -> String {
    let search = web_sys::window().and_then(|window| window.location().search().ok());
    let parameters = search.and_then(|search| UrlSearchParams::new_with_str(&search).ok());
    let hub = parameters.and_then(|parameters| parameters.get("hub"));
    hub.unwrap_or_else(|| "localhost:1990".to_owned())
}
