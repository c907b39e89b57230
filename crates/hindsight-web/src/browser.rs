//! The browser as functions: time, frames, storage, the address bar.
//!
//! Holds: nothing here panics where a browser refuses something (storage may be forbidden);
//! callers get `None` or nothing happens.

use std::cell::Cell;
use std::rc::Rc;

use futures_channel::oneshot;
use hindsight_view::format::Zone;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Storage, Window};

/// The page's window, which exists wherever this module runs.
pub(crate) fn window() -> Option<Window> {
    web_sys::window()
}

/// Width of the window in pixels of the page.
pub(crate) fn width() -> f64 {
    let width = window().and_then(|window| window.inner_width().ok());
    width.and_then(|width| width.as_f64()).unwrap_or(0.0)
}

/// The page's document.
pub(crate) fn document() -> Option<Document> {
    window()?.document()
}

/// Nanoseconds since the Unix epoch, to the millisecond.
pub(crate) fn now_ns() -> u64 {
    (js_sys::Date::now() * 1e6) as u64
}

/// Milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// Leaves a mark in the browser's own time line, where a performance tool finds it.
pub(crate) fn mark(name: &str) {
    if let Some(performance) = window().and_then(|window| window.performance()) {
        // Where nothing is recorded nothing is marked.
        performance.mark(name).ok();
    }
}

/// Throws an error in a turn of its own, so that the page or the worker hears of it as of any other.
pub(crate) fn throw(sentence: &str) {
    let error = JsValue::from(js_sys::Error::new(sentence));
    let throw = Closure::once_into_js(move || Err::<(), _>(error));
    if let Some(window) = window() {
        // A browser that has no timers left tells nobody.
        window.set_timeout_with_callback(throw.unchecked_ref()).ok();
    }
}

/// Puts a text on the clipboard; false where the browser does not allow that.
pub(crate) async fn copy(text: &str) -> bool {
    let Some(window) = window() else { return false };
    let written = window.navigator().clipboard().write_text(text);
    wasm_bindgen_futures::JsFuture::from(written).await.is_ok()
}

/// The reader's zone as of now.
pub(crate) fn zone() -> Zone {
    let west_mins = js_sys::Date::new_0().get_timezone_offset();
    Zone::east_of_utc(-(west_mins * 60.0) as i32)
}

/// Where roam is spoken: the page's own host and port.
pub(crate) fn socket_url() -> Option<String> {
    let location = window()?.location();
    let scheme = match location.protocol().ok()?.as_str() {
        "https:" => "wss",
        _ => "ws",
    };
    Some(format!("{scheme}://{}/", location.host().ok()?))
}

/// What the start script has left under a name for this program, once.
pub(crate) fn left_by_start<T: JsCast>(name: &str) -> Option<T> {
    let global = js_sys::global();
    let name = JsValue::from(name);
    let left = js_sys::Reflect::get(&global, &name).ok()?;
    js_sys::Reflect::delete_property(&global, &name).ok()?;
    left.dyn_into().ok()
}

/// Path, query and fragment of the address bar.
pub(crate) fn url() -> String {
    let parts = window().and_then(|window| {
        let location = window.location();
        Some((location.pathname().ok()?, location.search().ok()?))
    });
    parts.map_or_else(|| "/".into(), |(path, search)| path + &search)
}

/// The whole address, for others to open.
pub(crate) fn link() -> String {
    let link = window().and_then(|window| window.location().href().ok());
    link.unwrap_or_default()
}

/// Puts a URL into the address bar; `push` leaves the old one in the history.
pub(crate) fn set_url(url: &str, push: bool) {
    let Some(history) = window().and_then(|window| window.history().ok()) else {
        return;
    };
    let set = match push {
        true => history.push_state_with_url(&JsValue::NULL, "", Some(url)),
        false => history.replace_state_with_url(&JsValue::NULL, "", Some(url)),
    };
    // A browser that refuses shows the old address, and the view all the same.
    set.ok();
}

/// Bytes that nobody can guess; none where the browser has no source of them.
pub(crate) fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let crypto = window()?.crypto().ok()?;
    crypto.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(bytes)
}

/// Storage that outlives the tab.
pub(crate) fn local_storage() -> Option<Storage> {
    window()?.local_storage().ok().flatten()
}

/// Storage of this tab.
pub(crate) fn session_storage() -> Option<Storage> {
    window()?.session_storage().ok().flatten()
}

/// Whether the tab is in the background, where no frames are drawn.
pub(crate) fn is_hidden() -> bool {
    document().is_some_and(|document| document.hidden())
}

/// The value that a property has for an element, after all style sheets.
pub(crate) fn computed(element: &web_sys::Element, property: &str) -> Option<String> {
    let style = window()?.get_computed_style(element).ok()??;
    let value = style.get_property_value(property).ok()?;
    Some(value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Calls `closure` whenever the system changes between dark and light, for as long as the page
/// lives.
pub(crate) fn on_system_theme(closure: impl Fn() + 'static) {
    let query = window().and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok());
    let Some(query) = query.flatten() else { return };
    let closure = Closure::<dyn Fn()>::new(closure);
    let function = closure.as_ref().unchecked_ref();
    if query
        .add_event_listener_with_callback("change", function)
        .is_ok()
    {
        closure.forget();
    }
}

/// Waits for the next animation frame; while the tab is hidden there is none.
pub(crate) async fn next_frame() {
    let (drawn, frame) = oneshot::channel();
    let drawn = Cell::new(Some(drawn));
    let tell = Closure::once_into_js(move || {
        if let Some(drawn) = drawn.take() {
            drawn.send(()).ok();
        }
    });
    let requested = window().map(|window| window.request_animation_frame(tell.unchecked_ref()));
    if matches!(requested, Some(Ok(_))) {
        // The sender is dropped unsent only with the page.
        frame.await.ok();
    }
}

/// Calls `listener` at every such event on the window, for as long as the page lives.
pub(crate) fn on_window<E: JsCast + 'static>(name: &str, listener: impl Fn(E) + 'static) {
    let Some(window) = window() else { return };
    listen(&window, name, listener);
}

/// Calls `listener` at every such event on the document, for as long as the page lives.
pub(crate) fn on_document<E: JsCast + 'static>(name: &str, listener: impl Fn(E) + 'static) {
    let Some(document) = document() else { return };
    listen(&document, name, listener);
}

fn listen<E: JsCast + 'static>(
    target: &web_sys::EventTarget,
    name: &str,
    listener: impl Fn(E) + 'static,
) {
    let listener = Rc::new(listener);
    let closure = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        if let Ok(event) = event.dyn_into::<E>() {
            listener(event);
        }
    });
    let function = closure.as_ref().unchecked_ref();
    if target
        .add_event_listener_with_callback(name, function)
        .is_ok()
    {
        closure.forget();
    }
}
