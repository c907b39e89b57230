//! What an open span was last heard to do: its newest event and some of its attributes.

use hindsight_protocol::batch::{AttributeIter, SpanRow};

use super::age;
use crate::format;
use crate::text::{Line, Role};

/// Attributes that are told.
const ATTRIBUTES_MAX: usize = 3;
/// Cells of an event's name, and of an attribute's value.
const TEXT_CELLS_MAX: usize = 80;
/// Cells of an attribute's key.
const KEY_CELLS_MAX: usize = 40;

/// Seen from when.
#[derive(Clone, Copy)]
pub(super) enum From {
    /// Now, nanoseconds since the Unix epoch: `12 s ago`.
    Now(u64),
    /// The end of the process: `12 s before`.
    End(u64),
}

/// `12 s ago the lock is held  lock=index`: first what is left when the end is cut. Attributes only where `with_attributes`.
pub(super) fn doing(span: SpanRow<'_>, with_attributes: bool, from: From) -> Line {
    let (from_ns, word) = match from {
        From::Now(ns) => (ns, "ago"),
        From::End(ns) => (ns, "before"),
    };
    let mut line = Line::new();
    if let Some(event) = span.events().max_by_key(|event| event.time_ns()) {
        let name = format::escape(event.name());
        let past = from_ns.saturating_sub(event.time_ns());
        line = line
            .with(Role::Dim, format!("{} {word} ", age(past)))
            .with(Role::Plain, format::truncate(&name, TEXT_CELLS_MAX));
    }
    match with_attributes {
        true => line.followed_by(attributes(span.attributes(), span.events().len() > 0)),
        false => line,
    }
}

/// `lock=index db.system=sqlite`, after a gap where something stands before.
fn attributes(all: AttributeIter<'_>, after_event: bool) -> Line {
    let mut line = Line::new();
    for (number, (key, value)) in all.take(ATTRIBUTES_MAX).enumerate() {
        if number > 0 || after_event {
            line.pad(2);
        }
        let key = format::escape(key);
        line = line
            .with(
                Role::Dim,
                format!("{}=", format::truncate(&key, KEY_CELLS_MAX)),
            )
            .with(Role::Plain, format::value(value, TEXT_CELLS_MAX));
    }
    line
}
