//! Pages of the site: found, sorted, each with its template and its last render.

use hindsight_view::lens::dodeca::{PageRow, PageSort};

use super::model::Model;
use super::{class_of, to_span};
use crate::reactive::prelude::*;
use crate::route::{Dodeca as Set, Route};
use crate::state::App;

/// The table of pages.
#[component]
pub(super) fn PagesTable(model: Model, set: Signal<Set>) -> impl IntoView {
    let keys = move || {
        let keys = |rows: &[PageRow]| rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>();
        model.pages().with(|pages| keys(&pages.rows))
    };
    let nothing = move || {
        let text = match (model.is_told().get(), set.with(|set| set.find.is_empty())) {
            (false, _) => "Asking the app.",
            (true, true) => "No page is known yet.",
            (true, false) => "No page has this in its route, title or template.",
        };
        view! { <p class="about dim">{text}</p> }
    };
    view! {
        <Settings model set />
        <Show when=move || model.pages().with(|pages| !pages.rows.is_empty()) fallback=nothing>
            <table class="pages" aria-label="Pages">
                <thead>
                    <tr>
                        <th scope="col">"Route"</th>
                        <th scope="col" class="title">"Title"</th>
                        <th scope="col" class="template">"Template"</th>
                        <th scope="col" class="answer">"Last answer"</th>
                        <th scope="col" class="n render">"Render"</th>
                        <th scope="col" class="n renders">"Renders"</th>
                        <th scope="col" class="n when">"Rendered"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=keys key=Clone::clone children=move |key| view! { <Row model key /> } />
                </tbody>
            </table>
        </Show>
    }
}

#[component]
fn Settings(model: Model, set: Signal<Set>) -> impl IntoView {
    let app = App::here();
    let change = move |change: &dyn Fn(&mut Set)| {
        let mut state = set.get_untracked();
        change(&mut state);
        app.replace(Route::Dodeca(state));
    };
    let sorts = PageSort::ALL.map(|sort| {
        let is_here = move || (set.with(|set| set.sort) == sort).to_string();
        let title = match sort {
            PageSort::Route => "by route",
            PageSort::Time => "slowest first",
            PageSort::Rendered => "newest first",
        };
        view! {
            <button type="button" aria-pressed=is_here on:click=move |_| change(&|set| set.sort = sort)>
                {title}
            </button>
        }
    });
    view! {
        <div class="settings">
            <input
                type="search"
                aria-label="Find pages"
                placeholder="route, title or template"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || set.with(|set| set.find.clone())
                on:input=move |event| {
                    let text = event_target_value(&event);
                    change(&|set| set.find = text.clone());
                }
            />
            <span class="choices" role="group" aria-label="Order">{sorts}</span>
            <span class="dim" role="status">{move || model.pages().with(|pages| pages.count.clone())}</span>
            <span class="dim held" class:is-hidden=move || !model.is_held().get()>"held"</span>
        </div>
    }
}

#[component]
fn Row(model: Model, key: String) -> impl IntoView {
    let row = Memo::new(move |_| {
        model
            .pages()
            .with(|pages| pages.rows.iter().find(|row| row.key == key).cloned())
    });
    view! { <tr>{move || row.with(|row| row.as_ref().map(cells))}</tr> }
}

fn cells(row: &PageRow) -> impl IntoView + use<> {
    let section = row
        .is_section
        .then(|| view! { " "<span class="dim">"section"</span> });
    let error = (!row.error.is_empty()).then(|| {
        view! { <span class="error bad">{row.error.clone()}</span> }
    });
    let fallback = match row.is_fallback {
        true => "warning",
        false => "plain",
    };
    view! {
        <th scope="row" class="name" title=row.source.clone()>
            {to_span(row.route.clone(), row.span)}{section}{error}
        </th>
        <td class="title">{row.title.clone()}</td>
        <td class=format!("template {fallback}")>{row.template.clone()}</td>
        <td class=format!("answer {}", class_of(row.role))>{row.outcome.clone()}</td>
        <td class="n render">{row.time.clone()}</td>
        <td class="n renders">{row.renders.clone()}</td>
        <td class="n dim when">{row.rendered.clone()}</td>
    }
}
