use proptest::prelude::*;

use super::Pattern;

fn pattern(source: &str) -> Pattern {
    Pattern::from_pieces(source.split('*'))
}

fn lower(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Tries every way a wildcard can be filled.
fn naive(pattern: &[Option<char>], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, first) => first.is_none(),
        (Some((None, rest)), first) => {
            naive(rest, text) || first.is_some_and(|(_, text)| naive(pattern, text))
        }
        (Some((Some(wanted), rest)), Some((first, text))) => wanted == first && naive(rest, text),
        (Some((Some(_), _)), None) => false,
    }
}

fn naive_source(source: &str) -> Vec<Option<char>> {
    lower(source)
        .into_iter()
        .map(|c| (c != '*').then_some(c))
        .collect()
}

#[test]
fn wildcards_stand_for_any_text_and_case_does_not_matter() {
    for (source, text, expected) in [
        ("GET /users", "get /USERS", true),
        ("GET", "GET /", false),
        ("get*", "GET /", true),
        ("*users", "GET /users", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*a", "a", false),
        ("*", "", true),
        ("", "", true),
        ("", "a", false),
        ("ÄRGER*", "ärger im büro", true),
        ("*büro", "Ärger im BÜRO", true),
        ("straße", "STRAßE", true),
        ("k", "\u{212a}", true),
    ] {
        assert_eq!(
            pattern(source).matcher().matches(text),
            expected,
            "{source:?} on {text:?}"
        );
    }
}

#[test]
fn free_text_is_found_anywhere_in_order() {
    for (source, text, expected) in [
        ("user", "GET /Users/7", true),
        ("get*7", "GET /Users/7", true),
        ("7*get", "GET /Users/7", false),
        ("", "", true),
        ("é", "CAFÉ", true),
    ] {
        let matcher = pattern(source).trimmed().matcher();
        assert_eq!(matcher.occurs_in(text), expected, "{source:?} in {text:?}");
    }
}

#[test]
fn repeated_wildcards_are_one() {
    assert_eq!(pattern("a***b").pieces(), ["a", "b"]);
    assert_eq!(pattern("**").pieces(), ["", ""]);
    assert!(pattern("***").is_any());
    assert_eq!(pattern("*a*").trimmed().pieces(), ["a"]);
    assert_eq!(pattern("*").trimmed().pieces(), [""]);
}

proptest! {
    #[test]
    fn matching_is_what_trying_everything_finds(
        source in "[abAÉé*İ]{0,8}",
        text in "[abABéÉİi\u{307}]{0,10}",
    ) {
        let folded = lower(&text);
        prop_assert_eq!(
            pattern(&source).matcher().matches(&text),
            naive(&naive_source(&source), &folded)
        );
        prop_assert_eq!(
            pattern(&source).trimmed().matcher().occurs_in(&text),
            naive(&naive_source(&format!("*{source}*")), &folded)
        );
    }

    #[test]
    fn ascii_texts_take_the_fast_way_to_the_same_answer(
        source in "[abAB*]{0,8}",
        text in "[abAB]{0,12}",
    ) {
        prop_assert_eq!(
            pattern(&source).matcher().matches(&text),
            naive(&naive_source(&source), &lower(&text))
        );
    }
}
