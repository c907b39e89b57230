//! The help: every key, in a dialog that keeps the focus until it is closed.

use crate::reactive::prelude::*;
use hindsight_view::keys::page::{KeySection, SECTIONS};
use hindsight_view::keys::{KeyHelp, label};
use leptos::html;
use web_sys::KeyboardEvent;

use super::keys::is_typing;
use crate::browser;

/// The dialog, and the button in the foot that opens it; `?` does so too.
#[component]
pub(super) fn Help() -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    // The keys are written when they are asked for first.
    let is_asked_for = RwSignal::new(false);
    let open = move || {
        is_asked_for.set(true);
        if let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) {
            // A dialog that is in the page and closed can be shown.
            dialog.show_modal().ok();
        }
    };
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    browser::on_window::<KeyboardEvent>("keydown", move |event| {
        if event.key() == "?" && !is_typing(&event) && !event.ctrl_key() && !event.meta_key() {
            event.prevent_default();
            open();
        }
    });
    // Keys of the page do nothing below an open dialog. Of one that was closed the focus goes a frame
    // later.
    let hold = move |event: KeyboardEvent| {
        if dialog.get_untracked().is_some_and(|dialog| dialog.open()) {
            event.stop_propagation();
        }
    };
    view! {
        <button type="button" class="quiet" on:click=move |_| open()>
            <kbd>"?"</kbd>"keys"
        </button>
        <dialog node_ref=dialog class="help" aria-labelledby="help-title" on:keydown=hold>
            <div class="bar">
                <h1 id="help-title">"Keys"</h1>
                <span class="gap"></span>
                <button type="button" on:click=close>"Close"</button>
            </div>
            <div class="sections">
                <Show when=move || is_asked_for.get()>
                    {SECTIONS.iter().map(section).collect_view()}
                </Show>
            </div>
        </dialog>
    }
}

fn section(section: &'static KeySection) -> impl IntoView {
    view! {
        <section>
            <h2>{section.title}</h2>
            <dl>{section.keys.iter().map(key).collect_view()}</dl>
        </section>
    }
}

fn key(help: &'static KeyHelp) -> impl IntoView {
    let keys = help
        .keys
        .iter()
        .map(|key| view! { <kbd>{label(key)}</kbd> });
    view! { <div><dt>{keys.collect_view()}</dt><dd>{help.does}</dd></div> }
}
