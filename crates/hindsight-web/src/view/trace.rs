//! One trace: its head, its picture, and what is selected in it.
//!
//! In: the trace and span of the address bar, and the hub's pages of its structure. Out: a canvas
//! with rows or lanes, and a panel with the selected span. Holds: what the viewer looks at stays
//! where it is while the trace grows; the address bar names the selected span.

use hindsight_protocol::{SpanId, TraceId};
use hindsight_view::{TraceRow, format};
use leptos::prelude::*;

use crate::browser;
use crate::route::Route;
use crate::state::App;
use crate::view::class;

mod keys;
mod model;
mod panel;
mod surface;
mod tools;

use model::Model;
use panel::Panel;
use surface::Surface;
use tools::Tools;

/// The view.
#[component]
pub(crate) fn Trace(
    /// Which trace.
    id: Signal<TraceId>,
    /// The span that the address bar names.
    span: Signal<Option<SpanId>>,
) -> impl IntoView {
    let app = App::here();
    let model = Model::new(app.link);
    let epoch = app.link.epoch();
    Effect::new(move || {
        // Anew with each connection and each trace.
        let id = id.get();
        if epoch.get() > 0 {
            model.follow(id);
        }
    });
    Effect::new(move || {
        if let Some(span) = span.get() {
            model.select(span);
        }
    });
    Effect::new(move || {
        let span = model.chosen_span();
        if span.is_some() {
            let id = id.get_untracked();
            app.replace(Route::Trace { id, span });
        }
    });
    keys::listen(model);
    view! {
        <section class="trace" aria-label="Trace">
            <Head model id />
            <Show when=move || model.has_picture() fallback=move || view! { <Absence model /> }>
                <Tools model id />
                <div class="picture">
                    <Surface model />
                    <Panel model id />
                </div>
            </Show>
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
    view! {
        <div class="bar">
            {shown}
            <code class="dim">{move || id.get().to_string()}</code>
            <span class="gap"></span>
            <a href=move || Route::comparison(Some(id.get()), None).to_string()>"Compare with\u{2026}"</a>
            <span class="dim" role="status">{move || model.progress()}</span>
        </div>
    }
}

fn head(row: &TraceRow) -> impl IntoView + use<> {
    let errors = (!row.errors.is_empty())
        .then(|| view! { <span class="bad">{format!("{} errors", row.errors)}</span> });
    let notes = row.notes.iter().map(|(role, text)| {
        view! { <span class=class(*role)>{text.clone()}</span> }
    });
    view! {
        <h1>{row.name.clone()}</h1>
        <span>{row.duration.clone()}</span>
        <span>{format!("{} spans", row.spans)}</span>
        {errors}
        {notes.collect_view()}
        <span class="dim">{row.started.clone()}</span>
    }
}

/// What is said while there is nothing to draw: never a blank page.
#[component]
fn Absence(model: Model) -> impl IntoView {
    let sentence = move || match (model.trouble().get(), model.is_told().get()) {
        (Some(trouble), _) => trouble.sentence(),
        (None, false) => "Asking the hub.".into(),
        (None, true) => absence(&model),
    };
    view! { <p class="empty">{sentence}</p> }
}

/// `probably evicted at 14:32:10`.
fn absence(model: &Model) -> String {
    let removals = model.removals().get();
    match removals.iter().max_by_key(|removal| removal.at_ns) {
        Some(removal) => {
            let probably = if removal.probably { "probably " } else { "" };
            let at = format::date_time(removal.at_ns, browser::zone());
            let reason = &removal.reason;
            format!("This trace is not stored any more: {probably}{reason} at {at}.")
        }
        None => "No span of this trace is stored: none has arrived, or it went too long ago to be \
                 remembered."
            .into(),
    }
}
