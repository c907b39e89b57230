//! What stands above the picture: the tabs, what to mark, and the search within the trace.

use crate::reactive::prelude::*;
use hindsight_view::{TraceTab, format};

use super::model::Model;
use crate::trace::{Found, Shown};
use crate::view::query_bar::{Faults, QueryBar};

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
                    "Align clocks"
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
                    "Mark critical path"
                </button>
                <button
                    type="button"
                    class="quiet"
                    title="Folds siblings that are alike (r)"
                    aria-pressed=pressed(|shown| shown.is_grouped)
                    on:click=move |_| model.press("r")
                >
                    "Group repeats"
                </button>
                <button
                    type="button"
                    class="quiet"
                    title="Shows the whole trace (0)"
                    on:click=move |_| model.press("0")
                >
                    "Fit"
                </button>
            </Show>
            <Find model />
        </div>
    }
}

#[component]
fn Tab(model: Model, tab: TraceTab) -> impl IntoView {
    let is_open = move || model.look().with(|look| look.tab == tab);
    // Most traces have no queries.
    let is_offered = move || {
        tab != TraceTab::Queries || is_open() || model.queries().with(|queries| queries.spans > 0)
    };
    let title = move || match (tab, model.findings()) {
        (TraceTab::Findings, count @ 1..) => format!("{} {}", tab.title(), format::count(count)),
        _ => tab.title().to_owned(),
    };
    view! {
        <button
            type="button"
            role="tab"
            class="quiet"
            class:is-gone=move || !is_offered()
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
    let asked = Memo::new(move |_| model.look().with(|look| look.query.clone()));
    Effect::new(move || text.set(asked.get()));
    let submit = move |query: String| {
        let is_same = model.look().with_untracked(|look| look.query == query);
        match is_same {
            // Again: to the next one.
            true => model.press("]"),
            false => model.change(|look| look.query = query),
        }
    };
    let result = move || match model.found().get() {
        Found::Nothing | Found::Refused(..) => String::new(),
        Found::Spans(found, cut) if cut.is_empty() => {
            format!("{} found, [ and ] step", format::count(found))
        }
        Found::Spans(found, cut) => format!("{} found, cut by {cut}", format::count(found)),
        Found::Trouble(trouble) => trouble,
    };
    let faults = Signal::derive(move || match model.found().get() {
        Found::Refused(text, problems) => Some(Faults { text, problems }),
        _ => None,
    });
    view! {
        <div class="find">
            <span class="dim" role="status">{result}</span>
            <QueryBar
                id="find"
                label="Find in this trace"
                placeholder="find in trace"
                text
                faults
                on_submit=Callback::new(submit)
            />
        </div>
    }
}
