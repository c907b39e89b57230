//! The hub's token, for as long as the tab is open.

use std::cell::RefCell;

use crate::browser;

const KEY: &str = "hindsight.token";

thread_local! {
    /// Where the browser keeps nothing, as in a worker.
    static GIVEN: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The token that was entered in this tab.
pub(super) fn stored() -> Option<String> {
    let given = GIVEN.with_borrow(String::clone);
    let kept = || browser::session_storage()?.get_item(KEY).ok()?;
    let token = Some(given).filter(|token| !token.is_empty()).or_else(kept);
    token.filter(|token| !token.is_empty())
}

/// The same, empty if none was.
pub(crate) fn stored_or_empty() -> String {
    stored().unwrap_or_default()
}

/// Keeps a token; where the browser keeps nothing it must be entered again after a reload.
pub(super) fn store(token: &str) {
    GIVEN.set(token.to_owned());
    if let Some(storage) = browser::session_storage() {
        storage.set_item(KEY, token).ok();
    }
}
