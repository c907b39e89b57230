//! What the browser tells about this page.

use std::time::Duration;

use hindsight_protocol::KeyValue;

use super::page_ms;
use crate::process::page::{told_url, told_user_agent};

/// A page has no id.
pub(crate) fn id() -> u32 {
    0
}

/// A page has no executable; what shows it is told as `user_agent.original`.
pub(crate) fn executable() -> String {
    String::new()
}

/// A page does not know what it was built from.
pub(crate) fn revision() -> String {
    String::new()
}

/// A page does not know its host.
pub(crate) fn host_name() -> String {
    String::new()
}

/// The service's name where nobody gave one: host and port that the page came from.
pub(crate) fn default_service_name() -> String {
    let host = web_sys::window().and_then(|window| window.location().host().ok());
    host.filter(|host| !host.is_empty())
        .unwrap_or_else(|| "unknown_service".to_owned())
}

/// The page's address and the browser's name; `all`: nothing redacted but query and fragment.
pub(crate) fn attributes(all: bool) -> Vec<KeyValue> {
    let Some(window) = web_sys::window() else {
        return Vec::new();
    };
    let location = window.location();
    let url = location.origin().ok().zip(location.pathname().ok());
    let url = url.map(|(origin, path)| KeyValue::new("url.full", told_url(&origin, &path, all)));
    let agent = window.navigator().user_agent().ok();
    let agent =
        agent.map(|agent| KeyValue::new("user_agent.original", told_user_agent(&agent, all)));
    url.into_iter().chain(agent).collect()
}

/// Age of the page.
pub(crate) fn age() -> Option<Duration> {
    Duration::try_from_secs_f64(page_ms() / 1e3).ok()
}
