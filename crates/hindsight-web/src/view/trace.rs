//! One trace: for now its head, or what became of it.

use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{GetTraceReply, GetTraceRequest};
use hindsight_view::{TraceRow, format};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;
use crate::hub::{self, Trouble};
use crate::state::App;
use crate::view::class;

/// The view.
#[component]
pub(crate) fn Trace(
    /// Which trace.
    id: Signal<TraceId>,
) -> impl IntoView {
    let app = App::here();
    let answer = RwSignal::new(None::<Result<GetTraceReply, Trouble>>);
    let epoch = app.link.epoch();
    Effect::new(move || {
        let request = GetTraceRequest {
            trace_id: id.get(),
            page: 0,
        };
        if epoch.get() > 0 {
            spawn_local(async move {
                let reply = hub::get_trace(app.link, request).await;
                answer.set(Some(reply));
            });
        }
    });
    let shown = move || match answer.get() {
        None => view! { <p class="empty">"Asking the hub."</p> }.into_any(),
        Some(Err(trouble)) => view! { <p class="empty">{sentence(&trouble)}</p> }.into_any(),
        Some(Ok(reply)) => match reply.summary.first() {
            Some(summary) => {
                head(&TraceRow::new(summary, browser::now_ns(), browser::zone())).into_any()
            }
            None => view! { <p class="empty">{absence(&reply)}</p> }.into_any(),
        },
    };
    view! {
        <section class="trace" aria-label="Trace">
            {shown}
            <p class="id"><code>{move || id.get().to_string()}</code></p>
        </section>
    }
}

fn head(row: &TraceRow) -> impl IntoView + use<> {
    let errors = (!row.errors.is_empty())
        .then(|| view! { <span class="bad">{format!("{} errors", row.errors)}</span> });
    view! {
        <div class="bar">
            <h1>{row.name.clone()}</h1>
            <span>
                <span class=format!("dot {}", class(row.service_role))></span>
                {row.service.clone()}
            </span>
            <span>{row.duration.clone()}</span>
            <span>{format!("{} spans", row.spans)}</span>
            {errors}
            <span class="gap"></span>
            <span class="dim">{row.started.clone()}</span>
        </div>
    }
}

/// `evicted at 14:32:10`, never a blank page.
fn absence(reply: &GetTraceReply) -> String {
    let removal = reply.removals.iter().max_by_key(|removal| removal.at_ns);
    match removal {
        Some(removal) => format!(
            "This trace is not stored any more: {} at {}.",
            removal.reason,
            format::date_time(removal.at_ns, browser::zone())
        ),
        None => "No span of this trace is stored.".into(),
    }
}

fn sentence(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Offline => "The hub does not answer.".into(),
        Trouble::Query(_) => "The hub did not understand the request.".into(),
        Trouble::Said(sentence) => sentence.clone(),
    }
}
