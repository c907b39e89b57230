//! The tables of the view.

use crate::reactive::prelude::*;
use hindsight_view::running::{GroupRow, Grouping, LastWords, RowKey, RunningRow};
use hindsight_view::{Role, format};

use super::group_route;
use super::model::{Item, Model};
use crate::route::{Now as State, Route};
use crate::view::{class, rows::line};

/// Why a row leads nowhere.
const NO_SPAN: &str = "Its app told of it; it has no span";

/// What never goes on, in sentences.
#[component]
pub(super) fn Stuck(model: Model) -> impl IntoView {
    let sentences = move || {
        let stuck = model.stuck().get();
        let more = stuck.more;
        let lines = stuck.lines.iter();
        let lines = lines.map(|sentence| view! { <li>{line(sentence)}</li> });
        let more = (more > 0).then(|| view! { <li class="dim">{format!("and {more} more")}</li> });
        (!stuck.lines.is_empty()).then(|| {
            view! { <ul class="stuck" aria-label="What never goes on">{lines.collect_view()} {more}</ul> }
        })
    };
    view! { <div role="status">{sentences}</div> }
}

/// Open spans below who waits for them.
#[component]
pub(super) fn Rows(model: Model) -> impl IntoView {
    view! {
        <table class="waits">
            <thead>
                <tr>
                    <th scope="col" class="n">"Open for"</th>
                    <th scope="col">"Span"</th>
                    <th scope="col">"Service"</th>
                    <th scope="col" class="process">"Process"</th>
                    <th scope="col">"Waits for, last event"</th>
                </tr>
            </thead>
            <tbody>
                <For
                    each=move || model.shown().get()
                    key=|key: &RowKey| *key
                    children=move |key| view! { <Row model key /> }
                />
            </tbody>
        </table>
    }
}

#[component]
fn Row(model: Model, key: RowKey) -> impl IntoView {
    // A span that is shown always has a row.
    model.row(key).map(|row| cells(model, key, row))
}

fn cells(model: Model, key: RowKey, row: ArcRwSignal<RunningRow>) -> impl IntoView {
    let url = trace_url(key);
    let part = |part: fn(&RunningRow) -> String| {
        let row = row.clone();
        move || row.with(part)
    };
    let is = |part: fn(&RunningRow) -> bool| {
        let row = row.clone();
        move || row.with(part)
    };
    let (service, words) = (row.clone(), row.clone());
    view! {
        <tr
            aria-selected=move || model.is_selected(&Item::Row(key)).to_string()
            class:is-beside=is(|row| !row.matches)
            class:is-root=is(RunningRow::is_root)
            class:has-ended=is(|row| row.has_ended)
        >
            <td class="n age" class:is-long=is(|row| row.is_long)>{part(|row| row.age.clone())}</td>
            <td class="name">
                <span class="guide" aria-hidden="true">{part(|row| row.guide.clone())}</span>
                <span class="dim">{part(|row| row.reason.to_owned())}</span>
                {match key.0.is_valid() {
                    true => view! { <a href=url>{part(|row| row.name.clone())}</a> }.into_any(),
                    false => view! { <span title=NO_SPAN>{part(|row| row.name.clone())}</span> }.into_any(),
                }}
            </td>
            <td>{move || service.with(|row| service_cell(row.service_role, &row.service))}</td>
            <td class="process dim">{part(|row| row.process.clone())}</td>
            <td>
                {move || words.with(|row| view! {
                    <span class="state">{line(&row.state)}</span>
                    <span class="doing">{line(&row.doing)}</span>
                })}
            </td>
        </tr>
    }
}

/// Open spans counted.
#[component]
pub(super) fn Groups(model: Model, set: Signal<State>) -> impl IntoView {
    let heading = move || match set.with(|set| set.by) {
        Grouping::App => "Process",
        _ => "Operation",
    };
    let rows = move || {
        let set = set.get();
        let groups = model.groups().get();
        groups
            .iter()
            .map(|group| group_cells(model, &set, group))
            .collect_view()
    };
    view! {
        <table class="groups">
            <thead>
                <tr>
                    <th scope="col" class="n">"Oldest"</th>
                    <th scope="col">{heading}</th>
                    <th scope="col">"Service"</th>
                    <th scope="col" class="n">"Open"</th>
                    <th scope="col" class="n">"Long"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn group_cells(model: Model, set: &State, group: &GroupRow) -> impl IntoView + use<> {
    let item = Item::Group(group.service.clone(), group.name.clone());
    let url = group_route(set, group).to_string();
    let has_long = group.long > 0;
    view! {
        <tr aria-selected=move || model.is_selected(&item).to_string()>
            <td class="n age" class:is-long=has_long>{group.oldest.clone()}</td>
            <td class="name"><a href=url>{group.name.clone()}</a></td>
            <td>{service_cell(group.service_role, &group.service)}</td>
            <td class="n">{format::count(group.open)}</td>
            <td class="n">{has_long.then(|| format::count(group.long))}</td>
        </tr>
    }
}

/// Spans that were open when their process went away.
#[component]
pub(super) fn LastWordsTable(model: Model) -> impl IntoView {
    let words = model.last_words();
    let is_empty = Memo::new(move |_| words.with(Vec::is_empty));
    let table = move || {
        view! {
            <h2>"Last words"</h2>
            <p class="dim about">"Open when their process went away, the latest first."</p>
            <table class="words">
                <thead>
                    <tr>
                        <th scope="col" class="n">"Went"</th>
                        <th scope="col">"Span"</th>
                        <th scope="col">"Service"</th>
                        <th scope="col" class="process">"Process"</th>
                        <th scope="col">"Was open for, was doing"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || words.get() key=shown children=move |words| word_cells(model, &words) />
                </tbody>
            </table>
        }
    };
    view! { <Show when=move || !is_empty.get()>{table}</Show> }
}

/// Everything that can change of last words, so that a change is a new row.
fn shown(words: &LastWords) -> (RowKey, bool, String, String) {
    let doing = words.doing.to_plain();
    (
        words.key(),
        words.may_return,
        words.went.clone() + &words.open_for,
        doing,
    )
}

fn word_cells(model: Model, words: &LastWords) -> impl IntoView + use<> {
    let key = words.key();
    let returns = words
        .may_return
        .then(|| view! { <span class="note warning">"may come back"</span> });
    view! {
        <tr aria-selected=move || model.is_selected(&Item::Words(key)).to_string()>
            <td class="n">{words.went.clone()}</td>
            <td class="name"><a href=trace_url(key)>{words.name.clone()}</a></td>
            <td>{service_cell(words.service_role, &words.service)}</td>
            <td class="process dim">{words.process.clone()}</td>
            <td>
                <span class="state">{words.open_for.clone()} {returns}</span>
                <span class="doing">{line(&words.doing)}</span>
            </td>
        </tr>
    }
}

fn trace_url((id, span): RowKey) -> String {
    Route::of_span(id, span).to_string()
}

fn service_cell(role: Role, service: &str) -> impl IntoView + use<> {
    view! {
        <span class=format!("dot {}", class(role))></span>
        {service.to_owned()}
    }
}
