//! What stands above the picture: how to draw, what to mark, and the search within the trace.

use hindsight_protocol::TraceId;
use hindsight_view::canvas::{Command, Mode};
use hindsight_view::format;
use leptos::prelude::*;

use super::model::Model;

/// The bar.
#[component]
pub(super) fn Tools(model: Model, id: Signal<TraceId>) -> impl IntoView {
    let state = move |read: fn(&hindsight_view::canvas::TracePage) -> bool| {
        model.picture().track();
        model.with_page(read).unwrap_or_default()
    };
    let mode = move |wanted: Mode, word: &'static str| {
        let is_shown = move || match wanted {
            Mode::Waterfall => state(|page| page.mode() == Mode::Waterfall),
            Mode::Flame => state(|page| page.mode() == Mode::Flame),
        };
        view! {
            <button
                type="button"
                role="tab"
                class="quiet"
                aria-selected=move || is_shown().to_string()
                on:click=move |_| model.command(Command::Show(wanted))
            >
                {word}
            </button>
        }
    };
    view! {
        <div class="tools">
            <div role="tablist" aria-label="Drawn as">
                {mode(Mode::Waterfall, "Waterfall")}
                {mode(Mode::Flame, "Flame graph")}
            </div>
            <span class="gap"></span>
            <button
                type="button"
                class="quiet"
                title="What the root waited for (c)"
                aria-pressed=move || state(|page| page.shows_critical_path()).to_string()
                on:click=move |_| model.command(Command::ToggleCriticalPath)
            >
                "critical path"
            </button>
            <button
                type="button"
                class="quiet"
                title="Folds siblings that are alike (r)"
                aria-pressed=move || state(|page| page.explorer().is_grouped()).to_string()
                on:click=move |_| model.command(Command::ToggleGroups)
            >
                "group repeats"
            </button>
            <button
                type="button"
                class="quiet"
                title="Shows the whole trace (0)"
                on:click=move |_| model.command(Command::Fit)
            >
                "fit"
            </button>
            <Find model id />
        </div>
    }
}

#[component]
fn Find(model: Model, id: Signal<TraceId>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        model.find(id.get_untracked(), text.get_untracked().trim().to_owned());
    };
    let result = move || match model.found().get() {
        None => String::new(),
        Some(Ok(found)) => format!("{} found, [ and ] step", format::count(found)),
        Some(Err(trouble)) => trouble.sentence(),
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
                on:input=move |event| text.set(event_target_value(&event))
            />
        </form>
    }
}
