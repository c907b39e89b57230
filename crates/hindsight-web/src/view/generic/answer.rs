//! An answer as a table or as a tree.

use hindsight_schema::json;
use hindsight_view::Align;
use hindsight_view::format;
use hindsight_view::lens::generic::tree::{TreeRow, tree};
use hindsight_view::lens::generic::{AnswerTable, Open, table};
use leptos::task::spawn_local;

use super::Call;
use super::call::Answered;
use crate::browser;
use crate::reactive::prelude::*;
use crate::view::class;

/// Deeper rows are indented as these.
const INDENT_MAX: usize = 9;

/// What came back last.
#[component]
pub(super) fn AnswerView(call: Call) -> impl IntoView {
    move || {
        let answered = call.answered().get();
        answered.map(|answered| view! { <Answer answered title=call.title() /> })
    }
}

#[component]
fn Answer(
    answered: Answered,
    /// Of the method.
    title: String,
) -> impl IntoView {
    let Answered { value, is_error } = answered;
    let has_table = AnswerTable::of(&value, 1).is_some();
    let as_table = RwSignal::new(has_table);
    let value = StoredValue::new(value);
    let copied = RwSignal::new(None);
    let copy = move |_| {
        let text = json::pretty(&value.get_value());
        spawn_local(async move {
            let word = match browser::copy(&text).await {
                true => "copied",
                false => "the browser did not allow it",
            };
            copied.set(Some(word));
        });
    };
    let pressed = move |table: bool| move || (as_table.get() == table).to_string();
    let choices = has_table.then(|| view! {
        <span class="choices" role="group" aria-label="Show as">
            <button type="button" aria-pressed=pressed(true) on:click=move |_| as_table.set(true)>"Table"</button>
            <button type="button" aria-pressed=pressed(false) on:click=move |_| as_table.set(false)>"Tree"</button>
        </span>
    });
    let (role, word) = match is_error {
        true => ("bad", "The method failed with"),
        false => ("dim", "Answer"),
    };
    let about = format!("{word} of {title}");
    let shown = move || match as_table.get() {
        true => view! { <Rows value title=title.clone() /> }.into_any(),
        false => view! { <Parts value /> }.into_any(),
    };
    view! {
        <section class="answer" aria-label=about>
            <p class="act">
                <span class=role role="status">{word}</span>
                {choices}
                <button type="button" on:click=copy>"Copy as JSON"</button>
                <span class="dim" role="status">{move || copied.get()}</span>
            </p>
            {shown}
        </section>
    }
}

/// A value that is kept for a view.
type Kept = StoredValue<std::sync::Arc<hindsight_schema::Value>>;

#[component]
fn Rows(value: Kept, title: String) -> impl IntoView {
    let rows_max = RwSignal::new(table::ROWS_MAX);
    move || {
        let rows_max_now = rows_max.get();
        let table = value.with_value(|value| AnswerTable::of(value, rows_max_now));
        let table = table.unwrap_or_default();
        let aligned = |align: Align| if align == Align::Right { "n" } else { "" };
        let aligns: Vec<Align> = table.columns.iter().map(|(_, align)| *align).collect();
        let heads = table.columns.iter().map(|(name, align)| {
            view! { <th scope="col" class=aligned(*align)>{name.clone()}</th> }
        });
        let rows = table.rows.iter().map(|row| {
            let cells = row.iter().zip(&aligns).map(|((role, text), align)| {
                let class = format!("{} {}", class(*role), aligned(*align));
                view! { <td class=class title=text.clone()>{text.clone()}</td> }
            });
            view! { <tr>{cells.collect_view()}</tr> }
        });
        let rest = table.total.saturating_sub(table.rows.len());
        let more = (rest > 0).then(|| {
            view! {
                <button type="button" on:click=move |_| rows_max.update(|max| *max *= 10)>
                    {format!("{} more", format::count(rest as u64))}
                </button>
            }
        });
        let left_out = (table.columns_left_out > 0).then(|| {
            let columns = format::plural(table.columns_left_out as u64, "column");
            format!("{columns} left out; the tree has them")
        });
        view! {
            <div class="wide" tabindex="0" role="region" aria-label=format!("Table of {title}")>
                <table>
                    <thead><tr>{heads.collect_view()}</tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
            {more}
            <p class="dim">{left_out}</p>
        }
    }
}

#[component]
fn Parts(value: Kept) -> impl IntoView {
    let open = RwSignal::new(Open::default());
    let shown = Memo::new(move |_| open.with(|open| value.with_value(|value| tree(value, open))));
    let each = move || shown.with(|tree| tree.rows.clone());
    let child = move |row: TreeRow| view! { <Part open row /> };
    let cut = move || {
        shown
            .with(|tree| tree.is_cut)
            .then_some("There is no room for more; copy it as JSON.")
    };
    view! {
        <ul class="tree"><For each key=|row: &TreeRow| format!("{row:?}") children=child /></ul>
        <p class="dim">{cut}</p>
    }
}

#[component]
fn Part(open: RwSignal<Open>, row: TreeRow) -> impl IntoView {
    let indent = format!("depth-{}", row.depth.min(INDENT_MAX));
    let text = view! { <span class=class(row.role)>{row.text.clone()}</span> };
    let name =
        (!row.name.is_empty()).then(|| view! { <span class="key">{row.name.clone()}</span> });
    let way = row.way.clone();
    let line = match (row.is_rest, row.is_open) {
        (true, _) => view! {
            <button type="button" class="quiet" on:click=move |_| open.update(|open| open.more(&way))>
                {row.text.clone()}
            </button>
        }
        .into_any(),
        (false, Some(is_open)) => view! {
            <button
                type="button"
                class="quiet fold"
                aria-expanded=is_open.to_string()
                on:click=move |_| open.update(|open| open.toggle(&way))
            >
                {name} {text}
            </button>
        }
        .into_any(),
        (false, None) => view! { {name} {text} }.into_any(),
    };
    view! { <li class=indent>{line}</li> }
}
