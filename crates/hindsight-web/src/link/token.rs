//! The hub's token, for as long as the tab is open.

use crate::browser;

const KEY: &str = "hindsight.token";

/// The token that was entered in this tab.
pub(super) fn stored() -> Option<String> {
    let token = browser::session_storage()?.get_item(KEY).ok()?;
    token.filter(|token| !token.is_empty())
}

/// Keeps a token; where the browser keeps nothing it must be entered again after a reload.
pub(super) fn store(token: &str) {
    if let Some(storage) = browser::session_storage() {
        storage.set_item(KEY, token).ok();
    }
}
