//! The selected span, for the clipboard.

use crate::reactive::prelude::*;
use hindsight_protocol::{SpanId, TraceId};
use leptos::task::spawn_local;

use crate::browser;

/// Buttons that copy ids, and the span's JSON where it is at hand.
#[component]
pub(super) fn Copies(
    /// The trace.
    trace: TraceId,
    /// The span.
    span: SpanId,
    /// The span as JSON.
    json: String,
) -> impl IntoView {
    let copied = RwSignal::new("");
    let parent = hindsight_view::copy::traceparent(trace, span);
    let all = [
        ("trace id", trace.to_string()),
        ("span id", span.to_string()),
        ("traceparent", parent),
        ("link", browser::link()),
        ("JSON", json),
    ];
    let buttons = all.map(|(what, text)| {
        let copy = move |_| {
            let text = text.clone();
            spawn_local(async move {
                let is_copied = browser::copy(&text).await;
                copied.try_set(if is_copied {
                    "copied"
                } else {
                    "the browser refused"
                });
            });
        };
        view! { <button type="button" class="quiet" on:click=copy>{what}</button> }
    });
    view! {
        <div class="copies" role="group" aria-label="Copy">
            <span class="dim">"copy"</span>
            {buttons.into_iter().collect_view()}
            <span class="dim" role="status">{move || copied.get()}</span>
        </div>
    }
}
