use hindsight_query::{Class as Theirs, Field, highlight};
use proptest::prelude::*;

use super::*;

/// What the language's own parser says, in our classes.
fn parsed(text: &str) -> Vec<Part> {
    let ours = |class| match class {
        Theirs::Field => Class::Field,
        Theirs::Key => Class::Key,
        Theirs::Operator => Class::Operator,
        Theirs::Value | Theirs::Number => Class::Value,
        Theirs::Regex => Class::Regex,
        Theirs::Text => Class::Text,
        Theirs::Keyword => Class::Keyword,
        Theirs::Function => Class::Function,
        Theirs::Punctuation => Class::Punctuation,
    };
    let parts = highlight(text).into_iter().map(|part| Part {
        range: part.range,
        class: ours(part.class),
    });
    parts.collect()
}

#[test]
fn the_fields_are_those_of_the_language() {
    for (name, ..) in Field::named() {
        assert!(FIELDS.contains(&name), "{name}");
    }
    for name in FIELDS.iter().filter(|name| **name != "lens") {
        assert!(Field::from_word(name).name().is_some(), "{name}");
    }
}

#[test]
fn every_query_of_the_documentation_is_classified_as_the_parser_does() {
    let page = include_str!("../../../../../docs/query-language.md");
    let mut seen = 0;
    for line in page.lines() {
        if let Some((query, matched)) = line.split_once("=>")
            && !matched.contains("error")
        {
            assert_eq!(Reading::new(query).parts, parsed(query), "{query}");
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn terms_are_what_stands_outermost() {
    let terms = |text: &str| {
        let reading = Reading::new(text);
        let ranges = reading
            .terms
            .iter()
            .map(|range| text[range.clone()].to_owned());
        ranges.collect::<Vec<_>>()
    };
    assert_eq!(
        terms("service:web -has(a:b or c) and not (x y) k in (1, 2) \"two words\" | count()"),
        [
            "service:web",
            "-has(a:b or c)",
            "not (x y)",
            "k in (1, 2)",
            "\"two words\""
        ]
    );
    assert_eq!(terms("a b or c"), ["a b or c"]);
    assert_eq!(terms("exists(k) -(a)"), ["exists(k)", "-(a)"]);
    assert_eq!(terms("-and not or"), ["-and", "not or"]);
    assert_eq!(terms("  "), [""; 0]);
    assert_eq!(terms("-("), ["-("]);
    let text = "a | count()";
    assert_eq!(&text[..Reading::new(text).filter_end], "a ");
}

fn token() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "service",
        "duration",
        "http.route",
        "web",
        "and",
        "or",
        "not",
        "in",
        "exists",
        "has",
        "exists",
        "count",
        "p99",
        "by",
        "over",
        "sort",
        "limit",
        "desc",
        "lens",
        "span.",
        "\"a key\"",
        "'x'",
        ":",
        "=",
        "!=",
        "<",
        ">=",
        "~",
        "!~",
        "(",
        ")",
        "(",
        ")",
        ",",
        "|",
        "-",
        "!",
        "*",
        "10ms",
        "5",
        "&&",
        "||",
        " ",
        " ",
        " ",
        "error",
        "status",
        "é",
        "\"",
    ])
}

proptest! {
    #[test]
    fn a_query_that_is_right_is_classified_as_the_parser_does(
        tokens in prop::collection::vec(token(), 0..14),
    ) {
        let text = tokens.concat();
        if hindsight_query::parse(&text).query.is_some() {
            prop_assert_eq!(Reading::new(&text).parts, parsed(&text), "{}", text);
        }
    }

    #[test]
    fn any_text_has_parts_in_order(text in "\\PC{0,40}", tokens in prop::collection::vec(token(), 0..20)) {
        for text in [text, tokens.concat()] {
            let reading = Reading::new(&text);
            let mut end = 0;
            for part in &reading.parts {
                prop_assert!(part.range.start >= end && !part.range.is_empty(), "{:?}", reading);
                end = part.range.end;
                prop_assert!(text.get(part.range.clone()).is_some());
            }
            for term in &reading.terms {
                prop_assert!(text.get(term.clone()).is_some(), "{:?}", reading);
            }
            prop_assert!(text.get(..reading.filter_end).is_some());
        }
    }
}
