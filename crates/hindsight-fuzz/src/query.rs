//! The query language: parser, printer, completion, evaluation.

use hindsight_protocol::batch::ValueRef;
use hindsight_protocol::{CheckedBatch, Span};
use hindsight_query::view::RowsOfTrace;
use hindsight_query::{
    Budget, Catalog, Field, KeyInfo, Matcher, Query, ValueInfo, ValueTypes, complete, highlight,
    parse,
};
use hindsight_testkit::builder;

const NOW_NS: u64 = 1_750_000_000_000_000_000;

/// A text as a query. What parses prints as a text that means the same, and can be asked of any
/// trace; what does not has errors that lie within the text.
pub fn query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let text = text.as_ref();
    drop(highlight(text));
    for cursor in [0, text.len() / 2, text.len()] {
        let cursor = text.floor_char_boundary(cursor);
        for offer in complete(text, cursor, &Words, 20) {
            assert!(text.get(offer.range.clone()).is_some(), "{:?}", offer.range);
        }
    }
    drop(parse(text));
    let Ok(query) = text.parse::<Query>() else {
        return;
    };
    let printed = query.to_string();
    let again: Result<Query, _> = printed.parse();
    assert_eq!(again.as_ref(), Ok(&query), "printed as {printed}");
    let Ok(matcher) = Matcher::new(&query.filter, NOW_NS) else {
        return;
    };
    let batch = trace();
    let rows = RowsOfTrace::new(batch.rows());
    let found = matcher.search(&rows, &mut Budget::new(100_000));
    drop(found);
    for row in batch.rows() {
        // Any verdict will do.
        let _verdict = matcher.matches_alone(row);
    }
}

/// Spans with a value of every type.
fn trace() -> CheckedBatch {
    let root = builder::span(1, 1)
        .service("web")
        .named("GET /users")
        .lasting(NOW_NS, NOW_NS + 1_000_000)
        .attribute("http.route", "/users")
        .attribute("http.status_code", 200)
        .attribute("ratio", 0.5)
        .attribute("ok", true)
        .event(NOW_NS, "retry", "attempt", 1)
        .build();
    let child = builder::span(1, 2)
        .parent(1)
        .service("db")
        .failed("upstream timeout")
        .attribute("a key", "with \"quotes\"")
        .link(7, 7)
        .build();
    let running: Span = builder::span(1, 3).parent(2).running(1).build();
    builder::batch(&[root, child, running])
}

/// A few keys and values to complete with.
struct Words;

impl Catalog for Words {
    fn keys(&self, part: &str, limit: usize, found: &mut dyn FnMut(KeyInfo<'_>)) {
        let all = ["http.route", "a key", "\u{1b}[2J", "ä"];
        let matching = all.into_iter().filter(|key| key.contains(part));
        for key in matching.take(limit) {
            found(KeyInfo {
                scope: hindsight_query::AttributeScope::Span,
                key,
                types: ValueTypes::default(),
                count: 1,
            });
        }
    }

    fn values(&self, _: &Field, part: &str, limit: usize, found: &mut dyn FnMut(ValueInfo<'_>)) {
        let all = ["/users", "with \"quotes\"", "ä*?", ""];
        let matching = all.into_iter().filter(|value| value.contains(part));
        for value in matching.take(limit) {
            found(ValueInfo {
                value: ValueRef::String(value),
                count: 1,
            });
        }
    }
}
