//! Sending what is buffered when the page is left or hidden.
//!
//! Nothing can be waited for: the exporter is woken, and all that it can do without a timer happens
//! before the browser goes on. What does not leave the browser in time is lost; the hub knows how many
//! records there were from the accounts that came with the batches before.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventTarget, VisibilityState};

use crate::tracer::Shared;

thread_local! {
    /// Tracers that are alive; none: nobody listens yet.
    static TRACERS: RefCell<Option<Vec<Weak<Shared>>>> = const { RefCell::new(None) };
}

/// Has `shared` flushed when the page is left (`pagehide`) or hidden, for a hidden page's timers are
/// held back. The other two have no meaning here: after a panic the page's tasks go on.
pub(crate) fn flush_before_end(shared: &Arc<Shared>, _on_panic: bool, _on_signals: bool) {
    TRACERS.with_borrow_mut(|tracers| {
        if tracers.is_none() {
            listen();
        }
        let tracers = tracers.get_or_insert_default();
        tracers.retain(|tracer| tracer.strong_count() > 0);
        tracers.push(Arc::downgrade(shared));
    });
}

fn listen() {
    let Some(window) = web_sys::window() else {
        return;
    };
    on(&window, "pagehide", flush_all);
    let Some(document) = window.document() else {
        return;
    };
    let shown = document.clone();
    on(&document, "visibilitychange", move || {
        if shown.visibility_state() == VisibilityState::Hidden {
            flush_all();
        }
    });
}

/// Calls `listener` for as long as the page lives.
fn on(target: &EventTarget, event: &str, listener: impl FnMut() + 'static) {
    let closure = Closure::<dyn FnMut()>::new(listener);
    let function = closure.as_ref().unchecked_ref();
    if target
        .add_event_listener_with_callback(event, function)
        .is_ok()
    {
        closure.forget();
    }
}

fn flush_all() {
    TRACERS.with_borrow(|tracers| {
        let tracers = tracers.iter().flatten();
        for shared in tracers.filter_map(Weak::upgrade) {
            shared.wake.notify_one();
        }
    });
}
