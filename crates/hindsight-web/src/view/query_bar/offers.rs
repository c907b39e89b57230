//! The list below a field for queries.

use crate::reactive::prelude::*;
use hindsight_protocol::hub::Completion;
use hindsight_view::format;

use super::model::Model;

/// Longest text of an offer that is shown, in cells.
const TEXT_CELLS_MAX: usize = 72;

/// What may be put into the text, one a row.
#[component]
pub(super) fn Offers(id: &'static str, model: Model) -> impl IntoView {
    let rows = move || {
        let offers = model.offers().into_iter().enumerate();
        let rows = offers.map(|(index, offer)| row(id, model, index, &offer));
        rows.collect_view()
    };
    let title = move || match model.is_recent() {
        true => "Asked before",
        false => "Completions",
    };
    view! {
        <div class="offers" class:is-gone=move || !model.is_open()>
            <p class="dim" aria-hidden="true">
                <span>{title}</span>
                <span><kbd>"↓"</kbd><kbd>"↑"</kbd>" choose  "<kbd>"Tab"</kbd>" take  "<kbd>"Esc"</kbd>" close"</span>
            </p>
            <ul id=format!("{id}-offers") role="listbox" aria-label=title>
                {rows}
            </ul>
        </div>
    }
}

fn row(id: &'static str, model: Model, index: usize, offer: &Completion) -> impl IntoView + use<> {
    let text = format::escape(&offer.text);
    let text = format::truncate(&text, TEXT_CELLS_MAX).to_string();
    let detail = match offer.detail.is_empty() {
        true => offer.kind.clone(),
        false => offer.detail.clone(),
    };
    let detail = format::escape(&detail).into_owned();
    let count = (offer.count > 0).then(|| format::count(offer.count));
    let is_active = move || model.active() == Some(index);
    view! {
        <li
            id=format!("{id}-offer-{index}")
            role="option"
            aria-selected=move || is_active().to_string()
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| {
                model.take(index);
            }
        >
            <code>{text}</code>
            <span class="dim detail">{detail}</span>
            <span class="dim n">{count}</span>
        </li>
    }
}
