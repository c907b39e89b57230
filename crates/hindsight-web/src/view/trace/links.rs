//! Links of the selected span: where its own lead, and which spans lead to it.
//!
//! In: the span, and the hub's answer of what links to it. Out: links that select a span of this
//! trace or open another one. Bounded as [`hindsight_view::linking`] says.

use std::time::Duration;

use crate::reactive::prelude::*;
use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::hub::QueryRequest;
use hindsight_protocol::{SpanId, TraceId};
use hindsight_view::linking::{self, Linking};
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use super::model::Model;
use crate::hub::{self, Trouble};
use crate::route::Route;
use crate::state::App;

/// How long a span stays selected before the whole store is asked what leads to it: who walks
/// through rows asks nothing.
const REST: Duration = Duration::from_millis(200);

/// The spans that the links of `row` lead to.
pub(super) fn own_links(row: SpanRow<'_>, model: Model) -> impl IntoView + use<> {
    let here = row.trace_id();
    let links: Vec<_> = row
        .links()
        .map(|link| (link.trace_id(), link.span_id()))
        .collect();
    let is_empty = links.is_empty();
    let links = links
        .into_iter()
        .map(|(trace, span)| way(model, here, (trace, span), String::new()));
    view! {
        <h2 class:is-gone=is_empty>"Links to"</h2>
        <ul>{links.collect_view()}</ul>
    }
}

/// The spans whose links lead to this one.
#[component]
pub(super) fn LinkedFrom(
    model: Model,
    /// The trace.
    trace: TraceId,
    /// The span.
    span: SpanId,
) -> impl IntoView {
    let app = App::here();
    let answer = RwSignal::new(None::<Result<Linking, Trouble>>);
    spawn_local(async move {
        sleep(REST).await;
        // Another one may have been selected meanwhile.
        if answer.try_with_untracked(Option::is_none) != Some(true) {
            return;
        }
        let request = QueryRequest {
            query: linking::query_to(span),
            limit: linking::SPANS_MAX,
            ..QueryRequest::default()
        };
        let unread = || Trouble::Said("The hub sent spans that cannot be read.".into());
        let reply = hub::query(app.link, request).await;
        let told = reply.and_then(|reply| Linking::of_reply(reply, trace, span).ok_or_else(unread));
        answer.try_set(Some(told));
    });
    move || {
        Some(match answer.get()? {
            Ok(linking) => linked_from(linking, (trace, span), model).into_any(),
            Err(trouble) => {
                let text = format!("What links here is not known: {}", trouble.sentence());
                view! { <p class="dim">{text}</p> }.into_any()
            }
        })
    }
}

fn linked_from(linking: Linking, (here, of): (TraceId, SpanId), model: Model) -> impl IntoView {
    let is_empty = linking.spans.is_empty() && linking.note.is_empty();
    let spans = linking
        .spans
        .into_iter()
        .map(|from| way(model, here, (from.trace_id, from.span_id), from.title));
    let spans = spans.collect_view();
    let note = (!linking.note.is_empty()).then(|| {
        let query = linking::query_to(of);
        let url = Route::Traces { query }.to_string();
        view! { <p class="dim">{linking.note}" "<a href=url>"List their traces"</a></p> }
    });
    view! {
        <h2 class:is-gone=is_empty>"Linked from"</h2>
        <ul>{spans}</ul>
        {note}
    }
}

/// A link to a span, and in which trace that is.
fn way(
    model: Model,
    here: TraceId,
    (trace, span): (TraceId, SpanId),
    title: String,
) -> impl IntoView + use<> {
    let is_here = trace == here;
    let route = match is_here {
        // In the tab that is open.
        true => Route::Trace {
            id: trace,
            span: Some(span).filter(|span| span.is_valid()),
            look: model.look().get_untracked(),
        },
        false => Route::of_span(trace, span),
    };
    let title = match title.is_empty() {
        true => view! { <code>{span.to_string()}</code> }.into_any(),
        false => view! { {title} }.into_any(),
    };
    let whereabouts = match is_here {
        true => " in this trace".to_owned(),
        false => format!(" in trace {trace}"),
    };
    view! { <li><a href=route.to_string()>{title}</a><span class="dim">{whereabouts}</span></li> }
}
