//! The queries of the trace: what depended on what, from its spans, deepened by the app while it is
//! connected and remembers the trace.

use std::sync::Arc;

use hindsight_protocol::introspection::picante::{QueryGraph, QueryGraphRequest};
use hindsight_protocol::{PicanteIntrospectionClient, SpanId, TraceId, TracerId};
use hindsight_view::format;
use hindsight_view::lens::picante::{
    Filter, Look, Mode, Outcomes, Pages, Queries, QueriesBuilder, written_name,
};
use leptos::task::spawn_local;

use super::model::Model;
use crate::hub::Trouble;
use crate::hub::relay::{Purpose, Relayed};
use crate::reactive::prelude::*;
use crate::route::{Picante, Route};
use crate::state::App;
use crate::trace::TracedQueries;
use crate::view::change;
use crate::view::picante::{Graph, Scene, Towards};

/// Nodes that an app is asked for at once.
const PAGE: u32 = 1_000;

/// What the app of a trace told of its queries, page after page.
type Told = Option<(TraceId, Arc<Vec<QueryGraph>>)>;

/// The part of the page.
#[component]
pub(super) fn TraceQueries(model: Model, id: Signal<TraceId>) -> impl IntoView {
    let app = App::here();
    let traced = model.queries();
    let tracer = Memo::new(move |_| {
        let (service, pid) = traced.with(|traced| (traced.service.clone(), traced.pid));
        app.apps().with(|apps| {
            let its = |of: &&hindsight_protocol::hub::AppInfo| {
                of.run.service_name == service && of.run.pid == pid
            };
            apps.iter().find(its).map(|of| of.tracer_id)
        })
    });
    let by_app = RwSignal::new(Told::None);
    let trouble = RwSignal::new(String::new());
    ask(tracer.into(), id, by_app, trouble);
    let queries = Memo::new(move |_| {
        let mut builder = QueriesBuilder::default();
        traced.with(|traced| {
            let of_trace = traced.graph.iter().filter(|_| traced.trace == id.get());
            of_trace.for_each(|graph| builder.add(graph.clone()));
        });
        by_app.with(|told| {
            if let Some((trace, pages)) = told
                && *trace == id.get()
                && !builder.is_empty()
            {
                pages.iter().for_each(|page| builder.add(page.clone()));
            }
        });
        Arc::new(builder.finish())
    });
    let queries: Signal<Arc<Queries>> = queries.into();
    let look = RwSignal::new(Look::default());
    // The query of the selected span.
    let span = model.selected_span();
    let selected = Memo::new(move |_| {
        let span = span.get()?;
        queries.with(|queries| {
            let node = queries.nodes().iter().find(|node| node.span_id == span)?;
            Some(node.query.clone())
        })
    });
    let whole = Memo::new(move |_| Look {
        selected: selected.get(),
        ..look.get()
    });
    let go = move |towards: Towards| match towards {
        Towards::Query(query) => {
            let node = queries.with_untracked(|queries| {
                let at = queries.find(&query)?;
                Some(queries.node(at).span_id)
            });
            if let Some(span) = node.filter(|span: &SpanId| span.is_valid()) {
                model.choose(span);
            }
        }
        Towards::Kind(kind) => look.update(|look| {
            if !look.opened.remove(&kind) {
                look.opened.insert(kind);
            }
        }),
    };
    let scene = Scene::new(queries, whole.into(), go);
    let note = move || {
        note(
            &traced.get(),
            &queries.get(),
            by_app.with(Option::is_some),
            &trouble.get(),
        )
    };
    let lens = move || {
        let query = selected
            .get()
            .map(|query| written_name(&query))
            .unwrap_or_default();
        Route::Picante(Picante {
            app: tracer.get(),
            query,
            ..Picante::default()
        })
        .to_string()
    };
    view! {
        <div class="queries">
            <div class="settings">
                <input
                    type="search"
                    aria-label="Filter queries"
                    placeholder="words, kind:parse_file"
                    autocomplete="off"
                    spellcheck="false"
                    on:input=move |event| {
                        let filter = Filter::parse(&event_target_value(&event));
                        look.update(|look| look.filter = filter);
                    }
                />
                <select
                    aria-label="Outcome"
                    on:change=move |event| {
                        let outcomes = Outcomes::of_word(&event_target_value(&event));
                        look.update(|look| look.outcomes = outcomes);
                    }
                >
                    {Outcomes::choices().map(|one| view! { <option value=one.word()>{one.label()}</option> }).collect_view()}
                </select>
                <select
                    aria-label="Drawn"
                    on:change=move |event| {
                        let mode = Mode::of_word(&event_target_value(&event));
                        look.update(|look| look.mode = mode);
                    }
                >
                    {Mode::ALL.into_iter().map(|mode| view! { <option value=mode.word()>{mode.label()}</option> }).collect_view()}
                </select>
                <a href=lens>"All queries of the app"</a>
                <span class="dim" role="status">{note}</span>
            </div>
            <Show when=move || queries.with(|queries| !queries.is_empty())>
                <Graph scene />
            </Show>
        </div>
    }
}

/// Asks the app for the graph of the trace, while it is there.
fn ask(
    tracer: Signal<Option<TracerId>>,
    id: Signal<TraceId>,
    told: RwSignal<Told>,
    trouble: RwSignal<String>,
) {
    let relayed = Relayed::<PicanteIntrospectionClient>::keep(tracer, Purpose::Calls);
    let epoch = relayed.epoch();
    Effect::new(move || {
        let trace_id = id.get();
        if epoch.get() == 0 {
            return;
        }
        spawn_local(async move {
            let answer = read(relayed, trace_id).await;
            if id.try_get_untracked() != Some(trace_id) {
                return;
            }
            match answer {
                Ok(pages) => {
                    change(trouble, String::new());
                    told.set(Some((trace_id, Arc::new(pages))));
                }
                Err(why) => change(trouble, why.sentence()),
            }
        });
    });
}

/// All that the app tells of the queries of a trace.
async fn read(
    relayed: Relayed<PicanteIntrospectionClient>,
    trace_id: TraceId,
) -> Result<Vec<QueryGraph>, Trouble> {
    let mut read = Vec::new();
    let mut pages = Pages::default();
    loop {
        let request = QueryGraphRequest {
            trace_id,
            limit: PAGE,
            cursor: pages.cursor(),
        };
        let call = relayed.call(|client| async move { client.get_query_graph(request).await });
        let page = call.await?;
        let is_more = pages.turn(&page);
        read.push(page);
        if !is_more {
            return Ok(read);
        }
    }
}

/// Who tells, and what is missing.
fn note(traced: &TracedQueries, queries: &Queries, by_app: bool, trouble: &str) -> String {
    if !traced.trouble.is_empty() {
        return traced.trouble.clone();
    }
    match (traced.spans, traced.graph.is_empty()) {
        (0, _) => "No span of the trace is of a query.".into(),
        (_, true) => "Reading.".into(),
        (spans, false) => {
            let count = hindsight_view::lens::picante::queries(queries.nodes().len() as u64);
            let spans = format::plural(spans, "span");
            let app = match (by_app, trouble) {
                (true, _) => " and its app".to_owned(),
                (false, "") => String::new(),
                (false, trouble) => format!(" alone: {trouble}"),
            };
            format!("{count}, told by {spans}{app}")
        }
    }
}
