//! `docs/query-language.md` says what is true.

use hindsight_query::view::{RowsOfTrace, TraceView};
use hindsight_query::{Budget, Field, Function, Matcher, Query};

use crate::spans::{LABELS, NOW_NS, traces};

const DOCUMENT: &str = include_str!("../../../../docs/query-language.md");

/// The labels of the spans that match, in the document's order.
fn matching(query: &Query) -> String {
    let matcher = Matcher::new(&query.filter, NOW_NS).expect("parsed filters are well typed");
    let mut ids = Vec::new();
    for batch in &traces() {
        let trace = RowsOfTrace::new(batch.rows());
        let found = matcher.search(&trace, &mut Budget::unlimited());
        ids.extend(found.matches().map(|node| trace.span(node).span_id().bits));
    }
    ids.sort_unstable();
    let labels: Vec<&str> = ids.iter().map(|id| LABELS[*id as usize - 1]).collect();
    labels.join(" ")
}

/// The lines of the document's query blocks, with their numbers.
fn examples() -> impl Iterator<Item = (usize, &'static str)> {
    let mut in_block = false;
    let lines = DOCUMENT.lines().enumerate();
    lines.filter_map(move |(index, line)| {
        let is_fence = line.starts_with("```");
        let is_example = in_block && !is_fence;
        if is_fence {
            in_block = line == "```query";
        }
        is_example.then_some((index + 1, line))
    })
}

#[test]
fn every_documented_example_is_as_documented() {
    let mut count = 0;
    for (number, line) in examples() {
        count += 1;
        if let Some(text) = line.strip_suffix("error") {
            let parsed = text.parse::<Query>();
            assert!(parsed.is_err(), "line {number}: {text} is a query");
            continue;
        }
        let (text, expected) = line.split_once("=>").expect("an arrow, or `error`");
        let query: Query = text
            .parse()
            .unwrap_or_else(|error| panic!("line {number}:\n{error}"));
        assert_eq!(matching(&query), expected.trim(), "line {number}: {text}");
        let canonical = query.to_string();
        assert_eq!(
            canonical.parse::<Query>().as_ref(),
            Ok(&query),
            "line {number}"
        );
    }
    assert!(count > 70, "only {count} examples were found");
}

#[test]
fn indented_pipelines_of_the_document_are_queries() {
    let indented = DOCUMENT
        .lines()
        .filter_map(|line| line.strip_prefix("    "));
    let queries = indented.filter(|text| text.contains('|') && !text.starts_with(' '));
    let mut count = 0;
    for text in queries.filter(|text| text.contains("()") || text.contains("sort")) {
        count += 1;
        let parsed = text.parse::<Query>();
        assert!(parsed.is_ok(), "{text}");
    }
    assert_eq!(count, 5);
}

#[test]
fn every_field_and_function_is_documented() {
    for (name, ..) in Field::named() {
        assert!(DOCUMENT.contains(&format!("`{name}`")), "{name}");
    }
    for function in Function::ALL {
        let name = format!("`{}(", function.as_str());
        assert!(DOCUMENT.contains(&name), "{name}");
    }
}
