//! The selected span: what it is, and everything that was recorded of it.

use crate::reactive::prelude::*;
use hindsight_protocol::batch::{SpanRow, ValueRef};
use hindsight_protocol::hub::{AppInfo, GetSpansReply, GetSpansRequest};
use hindsight_protocol::{CheckedBatch, SpanId, TraceId};
use hindsight_view::copy::span_json;
use hindsight_view::format;
use hindsight_view::lens::picante::{Stored, written_name};
use hindsight_view::query_text::{AttributeOf, attribute_term};
use leptos::task::spawn_local;

use super::copy::Copies;
use super::links::{LinkedFrom, own_links};
use super::model::Model;
use super::pieces;
use crate::browser;
use crate::hub::{self, Trouble};
use crate::route::{Picante, Route};
use crate::state::App;

/// Characters of a value that are shown; the rest is one click away.
const VALUE_CELLS_MAX: usize = 2_000;

/// The view.
#[component]
pub(super) fn Panel(model: Model, id: Signal<TraceId>) -> impl IntoView {
    let app = App::here();
    let answer = RwSignal::new(None::<(SpanId, Result<GetSpansReply, Trouble>)>);
    // What is recorded of an open span is not all: asked again when it has ended.
    let is_open = Memo::new(move |_| model.shown().with(|shown| shown.is_open));
    // Nor is an answer that a lost hub owed.
    let epoch = app.link.epoch();
    Effect::new(move || {
        is_open.get();
        epoch.get();
        let Some(span) = model.selected_span().get() else {
            return;
        };
        let request = GetSpansRequest {
            trace_id: id.get(),
            span_ids: vec![span],
        };
        spawn_local(async move {
            let reply = hub::get_spans(app.link, request).await;
            // Another one may have been selected meanwhile.
            if model.selected_span().try_get_untracked() == Some(Some(span)) {
                answer.set(Some((span, reply)));
            }
        });
    });
    let about = Memo::new(move |_| model.shown().with(|shown| shown.about.clone()));
    let about = move || {
        let lines = about.get().into_iter();
        let lines = lines.map(|line| view! { <p>{pieces(line)}</p> });
        lines.collect_view()
    };
    let details = move || {
        let span = model.selected_span().get()?;
        let (of, reply) = answer.get()?;
        if of != span {
            return None;
        }
        Some(match reply {
            Ok(reply) => recorded(reply, app, model).into_any(),
            Err(trouble) => view! { <p class="bad">{trouble.sentence()}</p> }.into_any(),
        })
    };
    view! {
        <aside class="panel" aria-label="Selected span">
            {about}
            {details}
        </aside>
    }
}

fn recorded(reply: GetSpansReply, app: App, model: Model) -> impl IntoView {
    let Ok(batch) = reply.batch.check() else {
        return view! { <p class="bad">"The hub sent a span that cannot be read."</p> }.into_any();
    };
    if batch.is_empty() {
        let text = match reply.left_out.is_empty() {
            true => "This span is not stored any more.",
            false => "This span is too large for one answer.",
        };
        return view! { <p class="dim">{text}</p> }.into_any();
    }
    span(&batch, app, model).into_any()
}

fn span(batch: &CheckedBatch, app: App, model: Model) -> impl IntoView + use<> {
    let row = batch.row(0);
    let message = (!row.status_message().is_empty()).then(|| {
        let text = shown(row.status_message());
        view! { <p class="bad message">{text}</p> }
    });
    let events = row.events().map(|event| {
        let pair = |found| pair(AttributeOf::Event, found);
        let since = event.time_ns().saturating_sub(row.start_ns());
        let name = shown(event.name());
        let attributes: Vec<_> = event.attributes().map(pair).collect();
        view! {
            <li>
                <span class="dim">{format!("+{} ", format::duration(since))}</span>
                {name}
                {table(attributes)}
            </li>
        }
    });
    let events = events.collect_view();
    let started = format::date_time(row.start_ns(), browser::zone());
    let scope = row.scope();
    let scope = match scope.version() {
        "" => shown(scope.name()),
        version => format!("{} {}", shown(scope.name()), shown(version)),
    };
    let mut ids = vec![
        ("started".to_owned(), started, String::new()),
        (
            "span id".to_owned(),
            row.span_id().to_string(),
            String::new(),
        ),
        (
            "kind".to_owned(),
            row.kind().as_str().to_owned(),
            String::new(),
        ),
    ];
    if !row.scope().name().is_empty() {
        ids.push(("scope".to_owned(), scope, String::new()));
    }
    let json = span_json(row);
    view! {
        {why(row, app)}
        <Copies trace=row.trace_id() span=row.span_id() json />
        {message}
        <h2 class:is-gone=row.attributes().next().is_none()>"Attributes"</h2>
        {table(row.attributes().map(|found| pair(AttributeOf::Span, found)).collect())}
        <h2 class:is-gone=events.is_empty()>"Events"</h2>
        <ul>{events}</ul>
        {own_links(row, model)}
        <LinkedFrom model trace=row.trace_id() span=row.span_id() />
        <h2>"Resource"</h2>
        {table(row.resource().map(|found| pair(AttributeOf::Resource, found)).collect())}
        <h2>"Span"</h2>
        {table(ids)}
    }
}

/// The way to why a query was computed, from the span of one.
fn why(row: SpanRow<'_>, app: App) -> Option<impl IntoView + use<>> {
    let query = Stored::query_of(row)?;
    let pid = row.resource().find(|(key, _)| *key == "process.pid");
    let pid = match pid {
        Some((_, ValueRef::I64(pid))) => u32::try_from(pid).ok(),
        _ => None,
    };
    let tracer = app.apps().with_untracked(|apps| {
        let service = row.service();
        let its = |of: &&AppInfo| of.run.service_name == service && Some(of.run.pid) == pid;
        apps.iter().find(its).map(|of| of.tracer_id)
    });
    let set = Picante {
        app: tracer,
        query: written_name(&query),
        ..Picante::default()
    };
    let url = Route::Picante(set).to_string();
    Some(view! { <p><a class="why" href=url>"Why was this query computed?"</a></p> })
}

/// Key, value for people, and the query that finds spans with the same.
type Pair = (String, String, String);

fn pair(of: AttributeOf, (key, value): (&str, ValueRef<'_>)) -> Pair {
    let text = format::value(value, VALUE_CELLS_MAX);
    let query = attribute_term(of, key, value);
    (
        format::escape(key).into_owned(),
        text,
        query.unwrap_or_default(),
    )
}

/// Escaped, and cut with a mark.
fn shown(text: &str) -> String {
    format::value(ValueRef::String(text), VALUE_CELLS_MAX)
}

fn table(pairs: Vec<Pair>) -> impl IntoView {
    let rows = pairs.into_iter().map(|(key, value, query)| {
        let value = match query.is_empty() {
            true => view! { <code>{value}</code> }.into_any(),
            false => {
                let url = Route::Traces {
                    query: query.clone(),
                }
                .to_string();
                let title = "Adds this to the query; with Alt: leaves it out";
                view! { <a href=url data-term=query title=title><code>{value}</code></a> }
                    .into_any()
            }
        };
        view! { <tr><th scope="row">{breakable(&key)}</th><td>{value}</td></tr> }
    });
    view! { <table>{rows.collect_view()}</table> }
}

/// A key that breaks behind its dots before it breaks elsewhere.
fn breakable(key: &str) -> impl IntoView + use<> {
    let parts = key.split_inclusive('.');
    let parts = parts.map(|part| view! { {part.to_owned()} <wbr/> });
    parts.collect_view()
}
