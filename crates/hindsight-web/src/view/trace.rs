//! One trace: its head, its picture or lists, and what is selected in it.
//!
//! In: trace, span and look of the address bar, and what the worker tells ([`crate::trace`]). Out: a
//! canvas that the worker draws on, lists, and a panel with the selected span. Holds: what the
//! viewer looks at stays where it is while the trace grows; the address bar names the selected
//! span, the tab, its order and the search.

use crate::reactive::prelude::*;
use hindsight_protocol::{SpanId, TraceId};
use hindsight_view::{TraceRow, TraceTab, format};

use crate::browser;
use crate::route::{Route, TraceLook};
use crate::state::App;
use crate::trace::{Order, Piece};
use crate::view::{class, piece};

mod copy;
mod hint;
mod keys;
mod links;
mod list;
mod model;
mod panel;
mod queries;
mod surface;
mod tools;

use list::List;
use model::Model;
use panel::Panel;
use queries::TraceQueries;
use surface::Surface;
use tools::Tools;

/// The view.
#[component]
pub(crate) fn Trace(
    /// Which trace.
    id: Signal<TraceId>,
    /// The span that the address bar names.
    span: Signal<Option<SpanId>>,
    /// How it is looked at.
    look: Signal<TraceLook>,
) -> impl IntoView {
    let app = App::here();
    let model = Model::start(app, look);
    let epoch = app.link.epoch();
    Effect::new(move || {
        // At once, and again with each connection of the page's: the worker's may be out too.
        epoch.track();
        model.connect(&app.link.token());
    });
    Effect::new(move || model.follow(id.get()));
    Effect::new(move || {
        let (tab, sort) = look.with(|look| (look.tab, look.sort.clone()));
        model.order(&Order::Tab(tab.word().into(), sort));
    });
    Effect::new(move || model.order(&Order::Find(look.with(|look| look.query.clone()))));
    Effect::new(move || model.order(&Order::Align(look.with(|look| look.is_aligned))));
    Effect::new(move || {
        if let Some(span) = span.get() {
            model.select(span);
        }
    });
    Effect::new(move || {
        let span = model.chosen_span(id.get_untracked());
        if span.is_some() {
            app.replace(Route::Trace {
                id: id.get_untracked(),
                span,
                look: look.get_untracked(),
            });
        }
    });
    keys::listen(model);
    let is_drawn = move || look.with(|look| look.tab.is_drawn());
    let is_graph = move || look.with(|look| look.tab == TraceTab::Queries);
    view! {
        <section class="trace" aria-label="Trace">
            <Head model id />
            <Tools model />
            <div class="picture" class:is-empty=move || !model.has_picture()>
                <Surface model is_drawn=Signal::derive(is_drawn) />
                <Show when=move || !is_drawn() && !is_graph()>
                    <List model />
                </Show>
                <Show when=is_graph>
                    <TraceQueries model id />
                </Show>
                <Panel model id />
                <Show when=move || !model.has_picture()>
                    <Absence model />
                </Show>
            </div>
        </section>
    }
}

#[component]
fn Head(model: Model, id: Signal<TraceId>) -> impl IntoView {
    let shown = move || {
        let summary = model.summary().get()?;
        let row = TraceRow::new(&summary, browser::now_ns(), browser::zone());
        Some(head(&row))
    };
    let unnamed = move || model.summary().with(Option::is_none).then_some("Trace");
    let clocks = move || {
        let lines = model.shown().with(|shown| shown.clocks.clone());
        let lines = lines
            .into_iter()
            .map(|line| view! { <span>{pieces(line)}</span> });
        lines.collect_view()
    };
    view! {
        <div class="bar">
            {move || unnamed().map(|word| view! { <h1>{word}</h1> })}
            {shown}
            <code class="dim">{move || id.get().to_string()}</code>
            {clocks}
            <span class="gap"></span>
            <a class="button" href=move || Route::comparison(Some(id.get()), None).to_string()>"Compare with\u{2026}"</a>
            <span class="dim" role="status">{move || model.progress()}</span>
        </div>
    }
}

fn head(row: &TraceRow) -> impl IntoView + use<> {
    let errors = (!row.errors.is_empty()).then(|| {
        let word = if row.errors == "1" { "error" } else { "errors" };
        view! { <span class="bad">{format!("{} {word}", row.errors)}</span> }
    });
    let notes = row.notes.iter().map(|(role, text)| {
        view! { <span class=class(*role)>{text.clone()}</span> }
    });
    view! {
        <h1>{row.name.clone()}</h1>
        <span>{row.duration.clone()}</span>
        <span>{format!("{} {}", row.spans, if row.spans == "1" { "span" } else { "spans" })}</span>
        {errors}
        {notes.collect_view()}
        <span class="dim">{row.started.clone()}</span>
    }
}

/// The parts of a line, in their colours.
fn pieces(line: Vec<Piece>) -> impl IntoView {
    let parts = line.into_iter().map(|part| piece(part.role(), &part.text));
    parts.collect_view()
}

/// What is said while there is nothing to draw: never a blank page.
#[component]
fn Absence(model: Model) -> impl IntoView {
    let stats = App::here().stats();
    let since = Memo::new(move |_| stats.with(|stats| Some(stats.as_ref()?.started_ns)));
    let sentence = move || match (model.trouble().get(), model.is_told()) {
        (Some(trouble), _) => trouble,
        (None, false) => "Asking the hub.".into(),
        (None, true) => absence(&model, since.get()),
    };
    view! { <p class="empty">{sentence}</p> }
}

/// `probably evicted at 14:32:10`; else since when the hub may know of anything.
fn absence(model: &Model, hub_since_ns: Option<u64>) -> String {
    let removals = model.removals().get();
    match removals.iter().max_by_key(|removal| removal.at_ns) {
        Some(removal) => {
            let probably = if removal.probably { "probably " } else { "" };
            let at = format::date_time(removal.at_ns, browser::zone());
            let reason = &removal.reason;
            format!("This trace is not stored any more: {probably}{reason} at {at}.")
        }
        None => {
            let since = hub_since_ns.map_or_else(String::new, |ns| {
                let at = format::date_time(ns, browser::zone());
                format!(" since the hub began at {at}")
            });
            format!(
                "No span of this trace is stored: none has arrived{since}, or it went too long ago \
                 to be remembered."
            )
        }
    }
}

/// The same trace in another tab; its order is the tab's own.
fn in_tab(look: &TraceLook, tab: TraceTab) -> TraceLook {
    TraceLook {
        tab,
        sort: String::new(),
        ..look.clone()
    }
}
