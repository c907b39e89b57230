//! What an empty hub shows: where it listens and what to paste into a program.

use crate::reactive::prelude::*;
use hindsight_protocol::hub::IngestSpansRequest;
use hindsight_protocol::{SpanId, TraceId};
use hindsight_view::{format, sample};
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use crate::state::App;
use crate::{browser, hub};

/// Names of apps that are said.
const APPS_SHOWN: usize = 4;

const TRACING: &str = "let _hs = hindsight_tracing::init();";

/// Spans are waited for.
#[component]
pub(crate) fn Welcome() -> impl IntoView {
    let app = App::here();
    let addresses = move || {
        let addresses = app.stats().get().map(|stats| stats.addresses);
        let items = addresses.unwrap_or_default().into_iter();
        items
            .map(|address| view! { <li><code>{address}</code></li> })
            .collect_view()
    };
    let host = browser::window().and_then(|window| window.location().host().ok());
    let host = host.unwrap_or_else(|| "localhost:1990".into());
    let by_hand = format!(
        "let tracer = hindsight::Tracer::connect_http(\"{host}\").await?;\n\
         let span = tracer.span(\"my_operation\").with_attribute(\"key\", \"value\").start();\n\
         // ... do work ...\nspan.end();"
    );
    let instrumented = format!("HINDSIGHT_ENDPOINT={host} cargo run");
    view! {
        <div class="welcome">
            <h2>"Waiting for the first span"</h2>
            <Received />
            <p class="dim">"This hub listens at"</p>
            <ul>{addresses}</ul>
            <Snippet title="A program that uses tracing" code=TRACING.to_owned() />
            <Snippet title="Spans by hand" code=by_hand />
            <Snippet title="A program that is instrumented already" code=instrumented />
            <Snippet title="Four processes that call each other" code="hindsight demo".to_owned() />
        </div>
    }
}

#[component]
fn Snippet(title: &'static str, code: String) -> impl IntoView {
    let word = RwSignal::new("copy");
    let text = code.clone();
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            let Some(window) = browser::window() else {
                return;
            };
            let copied = JsFuture::from(window.navigator().clipboard().write_text(&text)).await;
            word.set(match copied {
                Ok(_) => "copied",
                Err(_) => "select and copy by hand",
            });
        });
    };
    view! {
        <figure>
            <figcaption>
                {title} " "
                <button type="button" class="quiet" on:click=copy>{move || word.get()}</button>
            </figcaption>
            <pre><code>{code}</code></pre>
        </figure>
    }
}

/// What has come so far, and a trace from the page itself.
#[component]
fn Received() -> impl IntoView {
    let app = App::here();
    let received = move || {
        let received = app
            .stats()
            .with(|stats| stats.as_ref().map_or(0, |s| s.ingest.received));
        let apps = app.apps().get();
        let names = apps
            .iter()
            .take(APPS_SHOWN)
            .map(|app| match app.run.service_name.as_str() {
                "" => "a program without a name".into(),
                name => format::escape(name).into_owned(),
            });
        let names: Vec<String> = names.collect();
        let received = format::plural(received, "span");
        match names.is_empty() {
            true => format!("Received {received} so far; no program has connected."),
            false => format!("Received {received} so far, from {}.", names.join(", ")),
        }
    };
    let outcome = RwSignal::new(None::<String>);
    let send = move |_| {
        spawn_local(async move {
            outcome.set(Some("Sending.".into()));
            let sent = send_sample(app).await;
            outcome.try_set(sent.err());
        });
    };
    view! {
        <p class="received" role="status">{received}</p>
        <p>
            <button type="button" on:click=send>"Send a test trace"</button>
            " " <span class="dim">{move || outcome.get()}</span>
        </p>
    }
}

/// Sends a small trace; the list shows it.
async fn send_sample(app: App) -> Result<(), String> {
    let random = || browser::random::<{ 16 + 8 * sample::SPANS }>();
    let bytes = random().ok_or("This browser gives no random numbers.")?;
    let (trace, rest) = bytes.split_first_chunk::<16>().ok_or("No trace id.")?;
    let mut ids = [SpanId::INVALID; sample::SPANS];
    for (id, bytes) in ids.iter_mut().zip(rest.chunks_exact(8)) {
        // An id of zeros is none; one in 2^64 is.
        *id = SpanId::from_u64(
            bytes
                .iter()
                .fold(0, |bits, byte| bits << 8 | u64::from(*byte))
                .max(1),
        );
    }
    let id = TraceId::from_bytes(*trace);
    let spans = sample::spans(id, ids, browser::now_ns());
    let reply = hub::ingest_spans(app.link, IngestSpansRequest { spans }).await;
    let reply = reply.map_err(|trouble| trouble.sentence())?;
    if reply.rejected > 0 {
        return Err(format!(
            "The hub refused {}.",
            format::plural(reply.rejected, "span")
        ));
    }
    app.refresh().await;
    Ok(())
}
