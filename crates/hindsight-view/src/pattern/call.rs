//! What attributes tell of a call.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use hindsight_protocol::SpanId;
use hindsight_protocol::batch::{SpanRow, ValueRef};

use crate::trace::Trace;

/// What is known of a call beside its name and times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details<'a> {
    /// The query, path or method, literals included; empty if there is none.
    pub statement: Cow<'a, str>,
    /// A hash of the arguments that are recorded apart from the statement.
    pub arguments: Option<u64>,
    /// How often it was tried before, if it says so.
    pub resends: Option<u64>,
    /// The attempt that this one repeats, if a link says so.
    pub retry_of: Option<SpanId>,
    /// It handles many items at once and says so.
    pub is_batch: bool,
}

/// Where the details of a tree's calls come from: the structure of a trace does not have them.
pub trait CallDetails {
    /// Of node `index`.
    fn details(&self, index: usize) -> Details<'_>;
}

/// Nothing but names: the structure of a trace whose attributes are elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDetails;

impl CallDetails for NoDetails {
    fn details(&self, _index: usize) -> Details<'_> {
        Details::default()
    }
}

/// Attributes that hold a statement, the most telling first.
const STATEMENTS: [&str; 9] = [
    "db.query.text",
    "db.statement",
    "url.full",
    "http.url",
    "url.path",
    "http.target",
    "rpc.method",
    "db.query.summary",
    "http.route",
];
/// Attributes that number attempts from 0.
const RESENDS: [&str; 4] = [
    "http.request.resend_count",
    "http.resend_count",
    "rpc.retry_count",
    "retry.count",
];
/// Attributes that number attempts from 1.
const ATTEMPTS: [&str; 3] = ["attempt", "retry.attempt", "rpc.attempt"];
/// Beginnings of attributes that hold arguments.
const ARGUMENTS: [&str; 5] = [
    "db.query.parameter.",
    "rpc.request.",
    "rpc.arg",
    "url.query",
    "messaging.message.id",
];
const BATCHES: [&str; 2] = ["db.operation.batch.size", "messaging.batch.message_count"];

impl CallDetails for Trace {
    fn details(&self, index: usize) -> Details<'_> {
        details(self.span(index))
    }
}

fn details(span: SpanRow<'_>) -> Details<'_> {
    let mut found = Details {
        retry_of: retry_of(span),
        ..Details::default()
    };
    let mut best = STATEMENTS.len();
    let mut arguments = DefaultHasher::new();
    for (key, value) in span.attributes() {
        let rank = STATEMENTS.iter().position(|known| *known == key);
        match (rank, value) {
            (Some(rank), ValueRef::String(text)) if rank < best => {
                best = rank;
                found.statement = Cow::Borrowed(text);
            }
            (None, ValueRef::I64(number)) if number >= 0 => {
                numbered(&mut found, key, number as u64)
            }
            _ => {}
        }
        if ARGUMENTS.iter().any(|prefix| key.starts_with(prefix)) {
            (key, format!("{value:?}")).hash(&mut arguments);
            found.arguments = Some(arguments.finish());
        }
    }
    found
}

fn numbered(found: &mut Details<'_>, key: &str, number: u64) {
    if RESENDS.contains(&key) {
        found.resends = Some(number);
    } else if ATTEMPTS.contains(&key) {
        found.resends = Some(number.saturating_sub(1));
    } else if BATCHES.contains(&key) {
        found.is_batch = number > 1;
    }
}

/// The target of a link one of whose attributes speaks of a retry.
fn retry_of(span: SpanRow<'_>) -> Option<SpanId> {
    let says_so = |text: &str| text.to_ascii_lowercase().contains("retry");
    let mut links = span.links();
    let link = links.find(|link| {
        link.trace_id() == span.trace_id()
            && link.attributes().any(|(key, value)| {
                says_so(key) || matches!(value, ValueRef::String(text) if says_so(text))
            })
    });
    link.map(|link| link.span_id())
}
