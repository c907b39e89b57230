//! What an empty hub shows: where it listens and what to paste into a program.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use crate::browser;
use crate::state::App;

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
                <button type="button" class="quiet" on:click=copy>{word}</button>
            </figcaption>
            <pre><code>{code}</code></pre>
        </figure>
    }
}
