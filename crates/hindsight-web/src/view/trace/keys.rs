//! Keys of the trace: `hindsight_view::keys` says what they mean.

use crate::reactive::prelude::*;
use hindsight_view::{TraceTab, keys};
use leptos::ev::keydown;

use super::model::Model;
use crate::app::keys::is_typing;

/// Listens while the view is there.
pub(super) fn listen(model: Model) {
    let handle = window_event_listener(keydown, move |event| {
        if is_typing(&event) || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let key = event.key();
        if let Some(tab) = TraceTab::of_key(&key) {
            event.prevent_default();
            model.open(tab);
        } else if keys::command(&key).is_some() {
            event.prevent_default();
            model.press(&key);
        }
    });
    on_cleanup(move || handle.remove());
}
