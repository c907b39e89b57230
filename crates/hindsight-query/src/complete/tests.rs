use hindsight_protocol::batch::ValueRef;
use proptest::prelude::*;

use super::{Catalog, Completion, KeyInfo, ValueInfo, ValueTypes, complete};
use crate::{AttributeScope, Field, parse};

struct Stored;

const TEXT: ValueTypes = ValueTypes {
    text: true,
    numbers: false,
    booleans: false,
};

const NUMBERS: ValueTypes = ValueTypes {
    text: false,
    numbers: true,
    booleans: false,
};

impl Catalog for Stored {
    fn keys(&self, part: &str, limit: usize, found: &mut dyn FnMut(KeyInfo<'_>)) {
        let all = [
            (AttributeScope::Span, "http.route", TEXT, 90),
            (AttributeScope::Resource, "host.name", TEXT, 80),
            (AttributeScope::Span, "http.status", NUMBERS, 70),
            (AttributeScope::Event, "exception.type", TEXT, 5),
            (AttributeScope::Span, "name", TEXT, 3),
            (AttributeScope::Span, "a key", TEXT, 2),
        ];
        let wanted = all.into_iter().filter(|(_, key, ..)| key.contains(part));
        for (scope, key, types, count) in wanted.take(limit) {
            found(KeyInfo {
                scope,
                key,
                types,
                count,
            });
        }
    }

    fn values(&self, field: &Field, _: &str, limit: usize, found: &mut dyn FnMut(ValueInfo<'_>)) {
        let values = match field.to_string().as_str() {
            "service" => vec![ValueRef::String("web"), ValueRef::String("web proxy")],
            "http.route" => vec![ValueRef::String("/a"), ValueRef::String("/b*")],
            "http.status" => vec![ValueRef::I64(200), ValueRef::I64(404)],
            _ => vec![],
        };
        for (value, count) in values.into_iter().zip((1..=9).rev()).take(limit) {
            found(ValueInfo { value, count });
        }
    }
}

/// The cursor is at `^`; what is replaced is shown with each candidate.
fn listed(marked: &str, limit: usize) -> Vec<String> {
    let cursor = marked.find('^').expect("the cursor is marked");
    let text = marked.replace('^', "");
    let show = |completion: Completion| {
        let replaced = &text[completion.range.clone()];
        match replaced {
            "" => completion.text,
            replaced => format!("{replaced} -> {}", completion.text),
        }
    };
    let found = complete(&text, cursor, &Stored, limit);
    found.into_iter().map(show).collect()
}

#[test]
fn the_parser_says_what_could_stand_at_the_cursor() {
    for (marked, expected) in [
        ("dur^", vec!["dur -> duration", "dur -> trace.duration"]),
        (
            "dur^ation>1s",
            vec!["duration -> duration", "duration -> trace.duration"],
        ),
        ("http.route^", vec![":", "=", "!="]),
        ("ht^", vec!["ht -> http.route", "ht -> http.status"]),
        ("resource.ho^", vec!["resource.ho -> resource.host.name"]),
        ("exc^", vec!["exc -> event.exception.type"]),
        (
            "exists(sta^",
            vec!["sta -> status", "sta -> status.message", "sta -> state"],
        ),
        ("service:^", vec!["web", "\"web proxy\""]),
        ("service=w^", vec!["w -> \"web\"", "w -> \"web proxy\""]),
        (
            "service:\"w^",
            vec!["\"w -> \"web\"", "\"w -> \"web proxy\""],
        ),
        ("http.route:/^", vec!["/ -> /a", "/ -> \"/b\\*\""]),
        ("http.status in (200, ^", vec!["200", "404"]),
        ("status:e^", vec!["e -> error", "e -> unset"]),
        ("kind:^ b", vec!["internal", "server", "client"]),
        ("start>^", vec!["now-1m", "now-5m", "now-15m"]),
        ("a | c^", vec!["c -> count()"]),
        ("a | p99(^", vec!["duration", "links", "events"]),
        ("a | count() b^", vec!["b -> by"]),
        (
            "a | count() by ser^",
            vec!["ser -> service", "ser -> services", "ser -> root.service"],
        ),
        ("a | count() over ^", vec!["1s", "10s", "1m"]),
        ("name~^", vec![]),
    ] {
        let found = listed(marked, 3);
        let shown = &found[..found.len().min(expected.len().max(1))];
        assert_eq!(shown, expected, "{marked}");
    }
}

#[test]
fn operators_are_those_of_the_fields_or_the_keys_type() {
    for (marked, expected) in [
        ("status^", [":", "!=", " in ("]),
        ("http.status^", ["=", "!=", "<"]),
        ("http.route^", [":", "=", "!="]),
        ("spans^", ["=", "!=", "<"]),
    ] {
        let inserted: Vec<String> = listed(marked, 40)
            .into_iter()
            .filter(|text| !text.contains("->"))
            .take(3)
            .collect();
        assert_eq!(inserted, expected, "{marked}");
    }
}

#[test]
fn keys_are_written_so_that_they_are_found() {
    let names = listed("nam^", 40);
    assert!(names.contains(&"nam -> span.name".to_owned()), "{names:?}");
    assert!(listed("key^", 40).contains(&"key -> \"a key\"".to_owned()));
}

#[test]
fn a_list_of_everything_is_good_to_read() {
    let lines: Vec<String> = complete("", 0, &Stored, 50)
        .into_iter()
        .map(|c| {
            let count = c.count.map(|n| n.to_string()).unwrap_or_default();
            format!("{:?}\t{}\t{}\t{count}", c.kind, c.text, c.detail)
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

proptest! {
    #[test]
    fn any_text_and_cursor_is_completed_with_ranges_in_the_text(
        text in "[a-z:=<>\"'()| .é-]{0,16}",
        cursor in 0usize..24,
    ) {
        for completion in complete(&text, cursor, &Stored, 20) {
            prop_assert!(text.get(completion.range).is_some());
        }
    }

    #[test]
    fn values_that_are_completed_are_read_as_values(choice in 0usize..3, at: prop::sample::Index) {
        let text = ["service:", "http.route=", "http.status in ("][choice];
        let found = complete(text, text.len(), &Stored, 10);
        let completed = format!("{text}{}", at.get(&found).text);
        let completed = if choice == 2 { format!("{completed})") } else { completed };
        prop_assert!(parse(&completed).query.is_some(), "{}", completed);
    }
}
