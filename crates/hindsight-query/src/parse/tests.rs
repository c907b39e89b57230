mod errors;
mod forms;

use proptest::prelude::*;

use super::{parse, parse_with};
use crate::arbitrary::query;
use crate::{Limits, Query, Severity};

/// What must hold of every text.
fn check_any(text: &str) -> Result<(), TestCaseError> {
    let parsed = parse(text);
    let errors = parsed
        .diagnostics
        .iter()
        .any(|d| d.severity == Severity::Error);
    prop_assert_eq!(errors, parsed.query.is_none());
    for diagnostic in &parsed.diagnostics {
        let fix = diagnostic.help.iter().filter_map(|help| help.fix.as_ref());
        let ranges = fix.map(|fix| &fix.range);
        for range in ranges.chain([&diagnostic.range]) {
            prop_assert!(
                text.get(range.clone()).is_some(),
                "{:?} in {:?}",
                range,
                text
            );
        }
        prop_assert!(diagnostic.render(text).ends_with('\n'));
    }
    let mut end = 0;
    for highlight in &parsed.highlights {
        prop_assert!(
            end <= highlight.range.start,
            "{:?} overlap",
            parsed.highlights
        );
        prop_assert!(text.get(highlight.range.clone()).is_some());
        end = highlight.range.end;
    }
    if let Some(query) = parsed.query {
        let canonical = query.to_string();
        prop_assert_eq!(&parse(&canonical).query, &Some(query), "{:?}", canonical);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn every_query_is_read_back_from_its_canonical_text(query in query()) {
        let text = query.to_string();
        let parsed = parse(&text);
        let rendered: String = parsed.diagnostics.iter().map(|d| d.render(&text)).collect();
        prop_assert_eq!(parsed.query, Some(query), "{}\n{}", text, rendered);
    }

    #[test]
    fn no_text_is_too_strange(text: String) {
        check_any(&text)?;
    }

    #[test]
    fn no_heap_of_tokens_is_too_strange(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "name", "duration", "status", "start", "a.b", "lens", "span.", "*", "-", "!", "not",
            "and", "or", "in", "exists", "has", "parent", "(", ")", ",", "|", "||", "&&", ":", "=",
            "!=", "<", ">=", "~", "!~", "=>", "\"x\"", "\"", "'", "10ms", "5", "error", "now-5m",
            "2026-11-22", "[", "\\", "é", "count", "p99", "by", "over", "sort", "limit", " ", " ",
            " ", "\n",
        ]), 0..24),
    ) {
        check_any(&words.concat())?;
    }

    #[test]
    fn a_canonical_text_with_a_piece_missing_is_no_problem(query in query(), from: proptest::sample::Index, length in 0usize..6) {
        let text: Vec<char> = query.to_string().chars().collect();
        let start = from.index(text.len().max(1)).min(text.len());
        let end = (start + length).min(text.len());
        let cut: String = text[..start].iter().chain(&text[end..]).collect();
        check_any(&cut)?;
    }

    #[test]
    fn small_limits_are_kept_to(query in query(), terms_max in 0usize..4, depth_max in 0usize..3) {
        let limits = Limits { terms_max, depth_max, ..Limits::DEFAULT };
        let text = query.to_string();
        if let Some(parsed) = parse_with(&text, &limits).query {
            prop_assert_eq!(parsed, query);
        }
    }
}

#[test]
fn endless_nesting_is_refused_without_recursion() {
    for opening in [
        "(",
        "-(",
        "not ",
        "-",
        "has(",
        "parent(child(",
        "exists(",
        "a in (",
    ] {
        let text = opening.repeat(Limits::DEFAULT.input_bytes_max / opening.len());
        let parsed = parse(&text);
        assert_eq!(parsed.query, None, "{opening}");
        assert!(parsed.diagnostics.len() <= Limits::DEFAULT.diagnostics_max);
    }
}

#[test]
fn every_limit_is_named_when_it_is_crossed() {
    let limits = Limits {
        depth_max: 2,
        terms_max: 3,
        list_values_max: 2,
        pattern_pieces_max: 2,
        regexes_max: 1,
        regex_source_bytes_max: 8,
        regex_compiled_bytes_max: 10_000,
        aggregates_max: 1,
        group_fields_max: 1,
        result_rows_max: 5,
        input_bytes_max: 40,
        diagnostics_max: 1,
    };
    for (text, expected) in [
        ("(((a)))", "at most 2 levels of parentheses"),
        ("a b c d", "a query has at most 3 terms"),
        ("a in (1, 2, 3)", "a list has at most 2 values"),
        ("a:b*c*d", "a pattern has at most 1 wildcards"),
        ("b*c*d", "a pattern has at most 1 wildcards"),
        ("a~b a~c", "a query has at most 1 regular expressions"),
        (
            "a~123456789",
            "regular expressions have at most 8 bytes, this one has 9",
        ),
        (
            "a~\\pL{99}",
            "the regular expression is too large: compiled it has more than 10000 bytes",
        ),
        ("| count(), rate()", "at most 1 functions"),
        ("| count() by a, b", "at most 1 fields behind `by`"),
        ("| limit 6", "`limit` needs a whole number from 1 to 5"),
        (
            &"a".repeat(41),
            "a query has at most 40 bytes, this one has 41",
        ),
        ("a: b: c:(", "expected a value"),
    ] {
        let parsed = parse_with(text, &limits);
        assert_eq!(parsed.query, None, "{text}");
        assert_eq!(parsed.diagnostics.len(), 1, "{text}");
        let message = &parsed.diagnostics[0].message;
        assert!(
            message.contains(expected) || text.starts_with("a: "),
            "{text}: {message}"
        );
    }
}

#[test]
fn an_empty_text_is_every_span() {
    for text in ["", "  \n", "*", "| limit 3"] {
        let query = parse(text).query.expect("nothing is wrong with it");
        assert_eq!(query.filter, Query::ALL.filter, "{text:?}");
    }
}
