//! What carries headers: HTTP header maps, roam metadata, string maps.
//!
//! Two traits stand between the codecs and the carriers. [`Extract`] shows all values that a
//! carrier has for a name; [`Inject`] leaves exactly one, or none. Names compare without regard to
//! ASCII case and are written in lower case. Both are implemented here for string maps.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

#[cfg(test)]
mod tests;

/// Name of the header of [`TraceParent`](super::TraceParent).
pub const TRACEPARENT: &str = "traceparent";
/// Name of the header of [`TraceState`](super::TraceState).
pub const TRACESTATE: &str = "tracestate";
/// Name of the header of [`Baggage`](super::Baggage).
pub const BAGGAGE: &str = "baggage";

/// What a carrier shows in place of a value that is not text. No codec accepts it, so the header
/// counts as present and invalid.
pub const NOT_TEXT: &str = "\u{fffd}";

/// A source of headers.
pub trait Extract {
    /// Calls `visit` with each value of the header `name`, in the order in which they came.
    ///
    /// `name` is lower case; the carrier's names may be in any. A value that is not text is shown
    /// as [`NOT_TEXT`].
    fn visit_header<'a>(&'a self, name: &str, visit: &mut dyn FnMut(&'a str));

    /// All values of the header `name`, in order.
    fn header_values(&self, name: &str) -> Vec<&str> {
        let mut values = Vec::new();
        self.visit_header(name, &mut |value| values.push(value));
        values
    }
}

/// A place to put headers.
pub trait Inject {
    /// Makes `value` the only value of the header `name`, which is lower case. `value` is ASCII.
    fn set_header(&mut self, name: &'static str, value: String);

    /// Takes away all values of the header `name`, which is lower case.
    fn remove_header(&mut self, name: &'static str);
}

/// Names that differ in case only are values of one header, in the order of the map.
impl<S: BuildHasher> Extract for HashMap<String, String, S> {
    fn visit_header<'a>(&'a self, name: &str, visit: &mut dyn FnMut(&'a str)) {
        visit_pairs(self, name, visit);
    }
}

/// Names that differ in case only are values of one header, in the order of the map.
impl Extract for BTreeMap<String, String> {
    fn visit_header<'a>(&'a self, name: &str, visit: &mut dyn FnMut(&'a str)) {
        visit_pairs(self, name, visit);
    }
}

fn visit_pairs<'a>(
    pairs: impl IntoIterator<Item = (&'a String, &'a String)>,
    name: &str,
    visit: &mut dyn FnMut(&'a str),
) {
    let matching = |(key, value): (&'a String, &'a String)| {
        key.eq_ignore_ascii_case(name).then_some(value.as_str())
    };
    pairs.into_iter().filter_map(matching).for_each(visit);
}

impl<S: BuildHasher> Inject for HashMap<String, String, S> {
    fn set_header(&mut self, name: &'static str, value: String) {
        self.remove_header(name);
        self.insert(name.to_owned(), value);
    }

    fn remove_header(&mut self, name: &'static str) {
        self.retain(|key, _| !key.eq_ignore_ascii_case(name));
    }
}

impl Inject for BTreeMap<String, String> {
    fn set_header(&mut self, name: &'static str, value: String) {
        self.remove_header(name);
        self.insert(name.to_owned(), value);
    }

    fn remove_header(&mut self, name: &'static str) {
        self.retain(|key, _| !key.eq_ignore_ascii_case(name));
    }
}
