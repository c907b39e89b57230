//! What a change of a file made anew, each thing beneath what led to it.

use hindsight_view::lens::dodeca::CauseRow;

use super::model::Model;
use super::{class_of, to_span};
use crate::reactive::prelude::*;
use crate::route::{Dodeca as Set, Route};
use crate::state::App;

/// The panel: which file, in a sentence, and the tree.
#[component]
pub(super) fn Change(model: Model, set: Signal<Set>) -> impl IntoView {
    let app = App::here();
    let look_for = move |path: String| {
        let mut state = set.get_untracked();
        state.path = path;
        app.replace(Route::Dodeca(state));
    };
    let summary = move || {
        model.causes().with(|causes| {
            let trace = causes.trace.map(|trace| {
                let url = Route::of_trace(trace).to_string();
                view! { " "<a href=url>"its trace"</a> }
            });
            view! {
                <p class="about summary">
                    {causes.summary.clone()}" "<span class="dim">{causes.at.clone()}</span>{trace}
                </p>
            }
        })
    };
    let candidates = move || {
        let paths = model.causes().with(|causes| causes.candidates.clone());
        let link = |(path, shown): (String, String)| {
            let route = Route::Dodeca(Set { path, ..set.get() });
            view! { <li><a href=route.to_string()>{shown}</a></li> }
        };
        paths.into_iter().map(link).collect_view()
    };
    let rows = move || {
        model
            .causes()
            .with(|causes| causes.rows.iter().map(row).collect_view())
    };
    view! {
        <div class="settings">
            <input
                type="search"
                aria-label="File"
                placeholder="a file, or a part of its path; the newest change if empty"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || set.with(|set| set.path.clone())
                on:input=move |event| look_for(event_target_value(&event))
            />
        </div>
        {summary}
        <ul class="candidates">{candidates}</ul>
        <Show when=move || model.causes().with(|causes| !causes.rows.is_empty())>
            <table class="causes" aria-label="Made anew">
                <thead>
                    <tr>
                        <th scope="col">"What"</th>
                        <th scope="col" class="because">"Because of"</th>
                        <th scope="col" class="how">"How it went"</th>
                        <th scope="col" class="n phase">"Phase"</th>
                        <th scope="col" class="n took">"Time"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Show>
        <p class="about dim">{move || model.causes().with(|causes| causes.cut.clone())}</p>
    }
}

fn row(row: &CauseRow) -> impl IntoView + use<> {
    // Steps to the right without a style of its own: spaces that do not collapse.
    let indent = "\u{2003}".repeat(row.depth);
    let cutoff = row
        .is_cutoff
        .then(|| view! { " "<span class="dim">"ends here"</span> });
    view! {
        <tr>
            <th scope="row" class="name">
                <span aria-hidden="true">{indent}</span>
                {to_span(row.kind.clone(), row.span)}" "<span class="key">{row.key.clone()}</span>{cutoff}
            </th>
            <td class="dim because">{row.because.clone()}</td>
            <td class=format!("how {}", class_of(row.role))>{row.outcome.clone()}</td>
            <td class="n dim phase">{row.phase.clone()}</td>
            <td class="n took">{row.time.clone()}</td>
        </tr>
    }
}
