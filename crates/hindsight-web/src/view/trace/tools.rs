//! What stands above the picture: the tabs, what to mark, and the search within the trace.

use hindsight_view::{TraceTab, format};
use leptos::prelude::*;

use super::model::Model;
use crate::trace::{Found, Shown};

/// The bar.
#[component]
pub(super) fn Tools(model: Model) -> impl IntoView {
    let tabs = TraceTab::ALL.map(|tab| view! { <Tab model tab /> });
    let pressed = move |read: fn(&Shown) -> bool| move || model.shown().with(read).to_string();
    let is_drawn = move || model.look().with(|look| look.tab.is_drawn());
    let is_aligned = move || model.look().with(|look| look.is_aligned);
    let can_align = move || is_aligned() || model.shown().with(|shown| shown.can_align);
    view! {
        <div class="tools">
            <div role="tablist" aria-label="Shown as">{tabs.into_iter().collect_view()}</div>
            <span class="gap"></span>
            <Show when=can_align>
                <button
                    type="button"
                    class="quiet"
                    title="Shows all times in the clock of the root's process; what was recorded stays"
                    aria-pressed=move || is_aligned().to_string()
                    on:click=move |_| model.change(|look| look.is_aligned = !look.is_aligned)
                >
                    "align clocks"
                </button>
            </Show>
            <Show when=is_drawn>
                <button
                    type="button"
                    class="quiet"
                    title="What the root waited for (c)"
                    aria-pressed=pressed(|shown| shown.shows_path)
                    on:click=move |_| model.press("c")
                >
                    "critical path"
                </button>
                <button
                    type="button"
                    class="quiet"
                    title="Folds siblings that are alike (r)"
                    aria-pressed=pressed(|shown| shown.is_grouped)
                    on:click=move |_| model.press("r")
                >
                    "group repeats"
                </button>
                <button
                    type="button"
                    class="quiet"
                    title="Shows the whole trace (0)"
                    on:click=move |_| model.press("0")
                >
                    "fit"
                </button>
            </Show>
            <Find model />
        </div>
    }
}

#[component]
fn Tab(model: Model, tab: TraceTab) -> impl IntoView {
    let is_open = move || model.look().with(|look| look.tab == tab);
    let title = move || match (tab, model.findings()) {
        (TraceTab::Findings, count @ 1..) => format!("{} {}", tab.title(), format::count(count)),
        _ => tab.title().to_owned(),
    };
    view! {
        <button
            type="button"
            role="tab"
            class="quiet"
            aria-selected=move || is_open().to_string()
            on:click=move |_| model.open(tab)
        >
            {title}
        </button>
    }
}

#[component]
fn Find(model: Model) -> impl IntoView {
    let text = RwSignal::new(String::new());
    Effect::new(move || text.set(model.look().with(|look| look.query.clone())));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let query = text.get_untracked().trim().to_owned();
        let is_same = model.look().with_untracked(|look| look.query == query);
        match is_same {
            // Again: to the next one.
            true => model.press("]"),
            false => model.change(|look| look.query = query),
        }
    };
    let result = move || match model.found().get() {
        Found::Nothing => String::new(),
        Found::Spans(found, cut) if cut.is_empty() => {
            format!("{} found, [ and ] step", format::count(found))
        }
        Found::Spans(found, cut) => format!("{} found, cut by {cut}", format::count(found)),
        Found::Trouble(trouble) => trouble,
    };
    view! {
        <form class="find" on:submit=submit>
            <span class="dim" role="status">{result}</span>
            <input
                type="search"
                aria-label="Find in this trace"
                placeholder="find in trace"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
            />
        </form>
    }
}
