//! Items of a stream, newest first.

use hindsight_view::format;

use super::Call;
use crate::reactive::prelude::*;

/// Items that are kept.
pub(super) const ITEMS_MAX: usize = 200;
/// Cells of an item.
pub(super) const ITEM_CELLS: usize = 300;

/// The items; they stay where they are while the pointer is over them, and while they are paused.
#[component]
pub(super) fn Items(call: Call) -> impl IntoView {
    let is_paused = RwSignal::new(false);
    let pause = move |_| {
        is_paused.set(!is_paused.get_untracked());
        call.hold(is_paused.get_untracked());
    };
    let hover = move |is_over: bool| call.hold(is_over || is_paused.get_untracked());
    let each = move || call.shown().with(|heard| heard.items.clone());
    let is_empty = move || call.shown().with(|heard| heard.count == 0);
    let count = move || {
        let count = call.shown().with(|heard| heard.count);
        let held = call.is_held().get();
        let told = format::plural(count, "item");
        match (held, call.unseen()) {
            (true, unseen @ 1..) => format!("{told} · {} new", format::count(unseen)),
            (true, _) => format!("{told} · held"),
            (false, _) if count > ITEMS_MAX as u64 => {
                format!("{told}, the newest {ITEMS_MAX} are here")
            }
            (false, _) => told,
        }
    };
    view! {
        <Show when=move || !is_empty() || call.is_running().get()>
            <p class="act">
                <span class="dim" role="status">{count}</span>
                <button type="button" aria-pressed=move || is_paused.get().to_string() on:click=pause>
                    "Pause"
                </button>
            </p>
            <ol
                class="items"
                aria-label="Items, newest first"
                tabindex="0"
                on:pointerenter=move |_| hover(true)
                on:pointerleave=move |_| hover(false)
            >
                <For each key=|item: &(u64, String)| item.0 children=|item: (u64, String)| {
                    view! { <li><code>{item.1}</code></li> }
                } />
            </ol>
        </Show>
    }
}
