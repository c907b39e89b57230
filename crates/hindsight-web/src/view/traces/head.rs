//! The heads of the list's columns, which sort, and the choice of columns.

use crate::reactive::prelude::*;
use hindsight_protocol::hub::{CompleteRequest, TraceSortKey};
use hindsight_view::trace_list::{ListShape, TraceColumn};
use leptos::task::spawn_local;

use crate::hub;
use crate::state::App;

/// Keys that are offered as columns.
const KEYS_MAX: u32 = 50;

/// A row of heads.
#[component]
pub(super) fn Heads() -> impl IntoView {
    let app = App::here();
    let columns = move || {
        let columns = app.list().with(|list| list.columns().to_vec());
        let heads = columns.into_iter().map(|column| {
            // What a narrow window has room for beside the root.
            let class = match (&column, column.is_number()) {
                (TraceColumn::Duration | TraceColumn::Errors, _) => "n",
                (TraceColumn::Start, _) => "n extra start",
                (_, true) => "n extra",
                (_, false) => "extra",
            };
            head(
                app,
                column.title(),
                column.sort_key(),
                column.is_number(),
                class,
            )
        });
        heads.collect_view()
    };
    view! {
        <tr>
            <th scope="col" class="mark"><span class="unseen">"Marked"</span></th>
            {head(app, "Root".into(), TraceSortKey::Name, false, "name")}
            {columns}
        </tr>
    }
}

fn head(
    app: App,
    title: String,
    by: TraceSortKey,
    descends_first: bool,
    class: &'static str,
) -> impl IntoView {
    let key = by.clone();
    let sorted = Memo::new(move |_| {
        let sort = app.list().with(|list| list.sort.clone())?;
        (sort.by == key).then_some(sort.is_descending)
    });
    let aria = move || match sorted.get() {
        Some(true) => "descending",
        Some(false) => "ascending",
        None => "none",
    };
    let sign = move || match sorted.get() {
        Some(true) => " ↓",
        Some(false) => " ↑",
        None => "",
    };
    view! {
        <th scope="col" class=class aria-sort=aria>
            <button
                type="button"
                class="quiet"
                title="Sorts by this; again: the other way; a third time: newest first"
                on:click=move |_| app.reshape(|list| list.turn(by.clone(), descends_first))
            >
                {title} <span aria-hidden="true">{sign}</span>
            </button>
        </th>
    }
}

/// Which columns there are.
#[component]
pub(super) fn Columns() -> impl IntoView {
    let app = App::here();
    let keys = RwSignal::new(Vec::<String>::new());
    let typed = RwSignal::new(String::new());
    let ask = move |_| {
        spawn_local(async move {
            // What could stand in `exists(...)` are the keys that are stored.
            let text = "exists(".to_owned();
            let request = CompleteRequest {
                cursor: text.len() as u32,
                text,
                limit: 4 * KEYS_MAX,
            };
            let Ok(reply) = hub::complete(app.link, request).await else {
                return;
            };
            let found = reply.completions.iter();
            let found = found.filter(|found| found.kind == "key" && !found.text.contains('"'));
            let key = |text: &str| text.strip_prefix("span.").unwrap_or(text).to_owned();
            let found = found.map(|found| key(&found.text)).take(KEYS_MAX as usize);
            keys.try_set(found.collect());
        });
    };
    let named = TraceColumn::NAMED.map(|column| choice(app, column));
    let named = named.into_iter().collect_view();
    let attributes = move || {
        let attributes = app.list().with(ListShape::attributes);
        let attributes = attributes
            .iter()
            .filter_map(|key| TraceColumn::attribute(key));
        attributes.map(|column| choice(app, column)).collect_view()
    };
    let options = move || {
        let keys = keys.get().into_iter();
        keys.map(|key| view! { <option value=key></option> })
            .collect_view()
    };
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let key = typed.get_untracked();
        if let Some(column) = TraceColumn::attribute(key.trim()) {
            app.reshape(|list| list.add(column));
            typed.set(String::new());
        }
    };
    view! {
        <details class="columns" on:toggle=ask>
            <summary>"Columns"</summary>
            <form on:submit=add>
                {named}
                {attributes}
                <label class="add">
                    <span>"Attribute of the root"</span>
                    <input
                        list="column-keys"
                        autocomplete="off"
                        spellcheck="false"
                        prop:value=move || typed.get()
                        on:input=move |event| typed.set(event_target_value(&event))
                    />
                </label>
                <datalist id="column-keys">{options}</datalist>
                <button type="submit">"Add"</button>
            </form>
        </details>
    }
}

fn choice(app: App, column: TraceColumn) -> impl IntoView {
    let title = column.title();
    let shown = column.clone();
    let is_shown = move || app.list().with(|list| list.columns().contains(&shown));
    view! {
        <label>
            <input
                type="checkbox"
                prop:checked=is_shown
                on:change=move |event| {
                    let is_wanted = event_target_checked(&event);
                    app.reshape(|list| match is_wanted {
                        true => list.add(column.clone()),
                        false => list.remove(&column),
                    });
                }
            />
            {title}
        </label>
    }
}
