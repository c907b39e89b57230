//! Keys and clicks that mean the same in every view.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent, MouseEvent};

use crate::browser;
use crate::route::Route;
use crate::state::App;

/// The id of the search field.
pub(super) const SEARCH_ID: &str = "search";

/// Whether a key goes into a field, or to a control that has a use for it.
pub(crate) fn is_typing(event: &KeyboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| {
        // In lower case within pictures.
        let name = element.tag_name().to_ascii_uppercase();
        let is_pressed = matches!(event.key().as_str(), "Enter" | " ");
        // Nothing is typed into a checkbox.
        if element.get_attribute("type").as_deref() == Some("checkbox") {
            return is_pressed;
        }
        matches!(name.as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            || is_pressed && matches!(name.as_str(), "BUTTON" | "A" | "SUMMARY")
    })
}

/// Listens for as long as the page lives.
pub(super) fn listen(app: App) {
    browser::on_window::<KeyboardEvent>("keydown", |event| {
        if event.key() == "/" && !is_typing(&event) && !event.ctrl_key() && !event.meta_key() {
            event.prevent_default();
            if let Some(field) = search_field() {
                // A field that cannot take the focus stays as it is.
                field.focus().ok();
                field.select();
            }
        }
        if event.key() == "Escape" {
            let active = browser::document().and_then(|document| document.active_element());
            if let Some(active) = active.and_then(|active| active.dyn_into::<HtmlElement>().ok()) {
                active.blur().ok();
            }
        }
    });
    browser::on_document::<MouseEvent>("click", move |event| {
        if let Some(term) = own_term(&event) {
            event.prevent_default();
            return app.add_term(&term, event.alt_key());
        }
        if let Some(url) = own_link(&event) {
            event.prevent_default();
            app.go(Route::parse(&url));
        }
    });
}

fn search_field() -> Option<HtmlInputElement> {
    let element = browser::document()?.get_element_by_id(SEARCH_ID)?;
    element.dyn_into().ok()
}

/// The term of a value that is clicked to be looked for; with Alt, to be left out.
fn own_term(event: &MouseEvent) -> Option<String> {
    let is_plain = event.button() == 0 && !event.ctrl_key() && !event.meta_key();
    if !is_plain || event.shift_key() || event.default_prevented() {
        return None;
    }
    let target: Element = event.target()?.dyn_into().ok()?;
    let value = target.closest("[data-term]").ok()??;
    value.get_attribute("data-term")
}

/// The path of a link of ours that is followed in this tab.
fn own_link(event: &MouseEvent) -> Option<String> {
    let is_plain = event.button() == 0
        && !event.ctrl_key()
        && !event.meta_key()
        && !event.shift_key()
        && !event.alt_key();
    let event: &Event = event;
    if !is_plain || event.default_prevented() {
        return None;
    }
    let target: Element = event.target()?.dyn_into().ok()?;
    let link = target.closest("a[href^='/']").ok()??;
    link.get_attribute("href")
}
