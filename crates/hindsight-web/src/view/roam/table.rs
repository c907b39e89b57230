//! A table whose rows keep their place under the pointer and whose numbers change in place.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::model::Model;
use crate::reactive::prelude::*;

/// Rows in their order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Listed<R> {
    order: Vec<String>,
    rows: BTreeMap<String, R>,
    /// `12`, or `500 of 612`.
    size: String,
}

impl<R> Default for Listed<R> {
    fn default() -> Self {
        Self {
            order: Vec::new(),
            rows: BTreeMap::new(),
            size: String::new(),
        }
    }
}

impl<R> Listed<R> {
    pub(super) fn new(size: String, rows: impl Iterator<Item = (String, R)>) -> Self {
        let (mut order, mut found) = (Vec::new(), BTreeMap::new());
        for (key, row) in rows {
            order.push(key.clone());
            found.insert(key, row);
        }
        Self {
            order,
            rows: found,
            size,
        }
    }
}

/// A column: its head, whether it has numbers, what stands in it.
pub(super) struct Column<R> {
    pub(super) head: &'static str,
    pub(super) is_number: bool,
    pub(super) cell: fn(&R) -> AnyView,
}

/// Text in a cell.
pub(super) fn text(text: impl Into<String>) -> AnyView {
    let text: String = text.into();
    text.into_any()
}

/// The table; it is not there while it has no rows, unless `empty` says what that means.
pub(super) fn table<R>(
    model: Model,
    title: &'static str,
    empty: Option<&'static str>,
    listed: Memo<Arc<Listed<R>>>,
    columns: Vec<Column<R>>,
) -> impl IntoView
where
    R: Clone + PartialEq + Send + Sync + 'static,
{
    let order = Memo::new(move |before: Option<&Vec<String>>| {
        let new = listed.with(|listed| listed.order.clone());
        match before {
            Some(before) if model.is_held() => before.clone(),
            _ => new,
        }
    });
    let heads = columns.iter().map(|column| {
        view! { <th scope="col" class:n=column.is_number>{column.head}</th> }
    });
    let heads = heads.collect_view();
    let cells: Arc<[(bool, fn(&R) -> AnyView)]> = columns
        .iter()
        .map(|column| (column.is_number, column.cell))
        .collect();
    let row = move |key: String| {
        // A row that has gone stays as it was while it is held.
        let row = Memo::new(move |before: Option<&Option<R>>| {
            let now = listed.with(|listed| listed.rows.get(&key).cloned());
            now.or_else(|| before.cloned().flatten())
        });
        let cells = cells.iter().map(|(is_number, cell)| {
            let (is_number, cell) = (*is_number, *cell);
            view! { <td class:n=is_number>{move || row.with(|row| row.as_ref().map(cell))}</td> }
        });
        view! { <tr>{cells.collect_view()}</tr> }
    };
    let is_empty = move || order.with(Vec::is_empty);
    let size = move || listed.with(|listed| listed.size.clone());
    let nothing =
        move || is_empty().then(|| empty.map(|empty| view! { <p class="dim">{empty}</p> }));
    view! {
        <section
            tabindex="0"
            aria-label=title
            class:is-gone=move || is_empty() && empty.is_none()
        >
            <table>
                <caption>{title}" "<span class="dim">{size}</span></caption>
                <thead class:is-gone=is_empty>
                    <tr>{heads}</tr>
                </thead>
                <tbody>
                    <For each=move || order.get() key=|key: &String| key.clone() children=row />
                </tbody>
            </table>
            {nothing}
        </section>
    }
}
