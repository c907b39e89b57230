//! A field for queries: colours, completions, what was asked before, and what is wrong.
//!
//! In: the text, shared with whoever owns it, and the hub's word on it. Out: the text when it is
//! submitted. Holds: keys work as in any combobox (ARIA); an answer that comes after the text has
//! changed is left out; the hub is asked once the typing pauses. Bounded: [`model::OFFERS_MAX`]
//! offers, one question at a time, `recent::RECENT_MAX` queries remembered.
//!
//! The input itself is transparent and the same text lies over it in colours, out of the pointer's
//! way: the browser keeps doing what only it does well (caret, selection, input methods).

use crate::reactive::prelude::*;
use hindsight_protocol::hub::QueryProblem;
use hindsight_view::Problem;
use hindsight_view::query_text::classes::Class;
use hindsight_view::query_text::edit::{self, Stretch};
use leptos::html;
use web_sys::KeyboardEvent;

use crate::state::App;

mod model;
mod offers;

pub(crate) use model::remember;

use model::Model;
use offers::Offers;

/// Problems that are shown at once.
const PROBLEMS_MAX: usize = 3;

/// A query that the hub refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// The query.
    pub(crate) text: String,
    /// What is wrong with it.
    pub(crate) problems: Vec<QueryProblem>,
}

/// The field with all that belongs to it. It stands in a form of its own, so Enter submits.
#[component]
pub(crate) fn QueryBar(
    /// The input's id; ids of the other parts begin with it.
    id: &'static str,
    /// What the field is for, said to those who cannot see it.
    label: &'static str,
    /// Shown while it is empty.
    placeholder: &'static str,
    /// What is typed.
    text: RwSignal<String>,
    /// The newest refusal; of another text than the present it is not shown.
    faults: Signal<Option<Faults>>,
    /// Called with the text, without white space around it.
    on_submit: Callback<String>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let paint = NodeRef::<html::Div>::new();
    let model = Model::new(App::here().link, text, input, on_submit);
    let present = Memo::new(move |_| {
        let faults = faults.get()?;
        text.with(|text| text.trim() == faults.text)
            .then_some(faults)
    });
    let scroll = move || {
        if let (Some(input), Some(paint)) = (input.get_untracked(), paint.get_untracked()) {
            paint.set_scroll_left(input.scroll_left());
        }
    };
    Effect::new(move || {
        // An empty field is not scrolled, and to ask for its place makes the browser lay out the page.
        if text.with(|text| !text.is_empty()) {
            scroll();
        }
    });
    let list = move || format!("{id}-offers");
    let active = move || {
        let active = model.active();
        active.map(|index| format!("{id}-offer-{index}"))
    };
    view! {
        <form
            class="query"
            role="search"
            aria-label=label
            on:submit=move |event| {
                event.prevent_default();
                model.submit();
            }
        >
            <div class="query-field">
                <input
                    node_ref=input
                    id=id
                    type="text"
                    role="combobox"
                    aria-label=label
                    aria-autocomplete="list"
                    aria-expanded=move || model.is_open().to_string()
                    aria-controls=list
                    aria-activedescendant=active
                    aria-invalid=move || present.with(Option::is_some).to_string()
                    aria-errormessage=format!("{id}-faults")
                    placeholder=placeholder
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="search"
                    prop:value=move || text.get()
                    on:input=move |event| model.typed(event_target_value(&event))
                    on:focus=move |_| model.focused()
                    on:click=move |_| model.focused()
                    on:blur=move |_| model.close()
                    on:scroll=move |_| scroll()
                    on:keydown=move |event| keys(model, &event)
                />
                <div class="paint" node_ref=paint aria-hidden="true">
                    {move || painted(&text.get(), present.get().as_ref())}
                </div>
            </div>
            <Offers id model />
            <FaultBox id model present />
        </form>
    }
}

fn keys(model: Model, event: &KeyboardEvent) {
    if event.is_composing() {
        return;
    }
    let is_handled = match event.key().as_str() {
        "ArrowDown" => model.step(1),
        "ArrowUp" => model.step(-1),
        "Tab" if !event.shift_key() => model.take_likely(),
        "Enter" => model.take_active(),
        "Escape" => model.dismiss(),
        _ => false,
    };
    if is_handled {
        event.prevent_default();
        // The page has uses of its own for some of these.
        event.stop_propagation();
    }
}

fn painted(text: &str, faults: Option<&Faults>) -> impl IntoView + use<> {
    // Problems are about the text without what is around it.
    let skipped = text.len() - text.trim_start().len();
    let problems = faults.map_or(&[][..], |faults| &faults.problems);
    let ranges = problems.iter().map(|problem| {
        let at = |byte: u32| skipped + byte as usize;
        at(problem.start)..at(problem.end)
    });
    let stretches = edit::stretches(text, &ranges.collect::<Vec<_>>());
    stretches.into_iter().map(stretch).collect_view()
}

fn stretch(stretch: Stretch) -> impl IntoView {
    let class = match stretch.class {
        Some(Class::Field | Class::Key) => "q-key",
        Some(Class::Operator | Class::Punctuation) => "q-sign",
        Some(Class::Keyword | Class::Function) => "q-word",
        Some(Class::Regex) => "q-regex",
        Some(Class::Value | Class::Text) | None => "q-value",
    };
    view! { <span class=class class:is-wrong=stretch.is_wrong>{stretch.text}</span> }
}

/// What is wrong, below the place where it is.
#[component]
fn FaultBox(id: &'static str, model: Model, present: Memo<Option<Faults>>) -> impl IntoView {
    let hidden = move || present.with(Option::is_none) || model.is_dismissed() || model.is_open();
    let shown = move || {
        let faults = present.get()?;
        let problems = faults.problems.iter().take(PROBLEMS_MAX);
        let each = problems.map(|problem| fault(model, &faults.text, problem));
        Some(each.collect_view())
    };
    view! {
        <div id=format!("{id}-faults") class="faults trouble" role="alert" class:is-hidden=hidden>
            {shown}
        </div>
    }
}

fn fault(model: Model, text: &str, problem: &QueryProblem) -> impl IntoView + use<> {
    let shown = Problem::new(text, problem);
    // Where the field has room for the text, the mark lies below the text itself.
    let line = (!model.has_room()).then(|| format!("{}\n", shown.line));
    let text = format!(
        "{}{}\n{}",
        line.unwrap_or_default(),
        shown.mark,
        shown.message
    );
    let problem = problem.clone();
    let mend = (!shown.suggestion.is_empty()).then(|| {
        let label = format!("Use {}", hindsight_view::format::escape(&shown.suggestion));
        view! {
            <button
                type="button"
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| model.mend(&problem)
            >
                {label}
            </button>
        }
    });
    view! { <pre>{text}</pre> {mend} }
}
