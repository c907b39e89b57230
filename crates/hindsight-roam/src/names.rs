//! Names of services and methods, kept for good, so that a call formats and copies none.
//!
//! In: what descriptors and callers say. Out: text that lives as long as the process. Bounded:
//! [`KEPT_MAX`] texts of at most [`NAME_BYTES_MAX`] bytes; what is met later goes by [`OTHER`].

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use parking_lot::RwLock;
use vox::MethodId;

/// Longest name taken from a caller.
pub(crate) const NAME_BYTES_MAX: usize = 128;
/// Texts that are kept.
const KEPT_MAX: usize = 8192;
/// The name of methods for whose names there is no room.
pub(crate) const OTHER: &str = "(other)";

static KEPT: LazyLock<RwLock<HashSet<&'static str>>> = LazyLock::new(RwLock::default);
/// What callers told of methods that nobody here described.
static TOLD: LazyLock<RwLock<HashMap<MethodId, &'static str>>> = LazyLock::new(RwLock::default);

/// What a method goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) service: &'static str,
    pub(crate) method: &'static str,
    /// `Service.method`: the name of its spans.
    pub(crate) span: &'static str,
}

impl Names {
    /// Names by a descriptor, or whatever else knows the method.
    pub(crate) fn new(service: &'static str, method: &'static str) -> Self {
        Self {
            service,
            method,
            span: kept(&format!("{service}.{method}")).unwrap_or(service),
        }
    }

    /// Names of a method of which only the id is known, and what a caller told of it, now or earlier.
    pub(crate) fn told(service: &'static str, id: MethodId, now: Option<&str>) -> Self {
        let usable = now.filter(|name| !name.is_empty() && name.len() <= NAME_BYTES_MAX);
        let earlier = || TOLD.read().get(&id).copied();
        let method = usable.and_then(|name| remember(id, name)).or_else(earlier);
        let by_id = || kept(&format!("{:#x}", id.0)).unwrap_or(OTHER);
        Self::new(service, method.unwrap_or_else(by_id))
    }
}

fn remember(id: MethodId, name: &str) -> Option<&'static str> {
    let name = kept(name)?;
    let mut told = TOLD.write();
    if told.len() < KEPT_MAX {
        told.insert(id, name);
    }
    Some(name)
}

/// The text, for good; none where there is no room for it.
pub(crate) fn kept(text: &str) -> Option<&'static str> {
    if let Some(known) = KEPT.read().get(text) {
        return Some(known);
    }
    let mut all = KEPT.write();
    if let Some(known) = all.get(text) {
        return Some(known);
    }
    if all.len() >= KEPT_MAX || text.len() > 4 * NAME_BYTES_MAX {
        return None;
    }
    let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
    all.insert(text);
    Some(text)
}

/// As much of a peer's name as is taken.
pub(crate) fn cut(name: &str) -> &str {
    let end = name.floor_char_boundary(NAME_BYTES_MAX);
    name.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_told_once_is_known_from_then_on() {
        let id = MethodId(0xfeed_0001);
        assert_eq!(Names::told("Service", id, None).method, "0xfeed0001");
        let names = Names::told("Service", id, Some("told_once"));
        assert_eq!(names.span, "Service.told_once");
        assert_eq!(Names::told("Service", id, None), names);
    }

    #[test]
    fn names_that_are_empty_or_too_long_are_not_taken() {
        let long = "x".repeat(NAME_BYTES_MAX + 1);
        for told in ["", long.as_str()] {
            let names = Names::told("Service", MethodId(0xfeed_0002), Some(told));
            assert_eq!(names.method, "0xfeed0002");
        }
        assert_eq!(cut(&long).len(), NAME_BYTES_MAX);
        assert_eq!(cut(&"é".repeat(100)).len(), NAME_BYTES_MAX);
    }
}
