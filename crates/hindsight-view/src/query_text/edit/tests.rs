use proptest::prelude::*;

use super::*;

#[test]
fn a_term_is_added_once_and_takes_the_place_of_its_opposite() {
    for (query, is_excluded, expected) in [
        ("", false, "k=1"),
        ("", true, "-k=1"),
        ("service:web", false, "service:web k=1"),
        ("k=1 service:web", false, "k=1 service:web"),
        ("k=1 service:web", true, "-k=1 service:web"),
        ("-k=1", false, "k=1"),
        ("a or b", false, "(a or b) k=1"),
        ("a or k=1", false, "(a or k=1) k=1"),
        ("a | count()", true, "a -k=1 | count()"),
        ("| count()", false, "k=1 | count()"),
    ] {
        assert_eq!(with_term(query, "k=1", is_excluded), expected, "{query}");
    }
}

#[test]
fn each_term_can_be_left_out() {
    let pair = |term: &str, rest: &str| (term.to_owned(), rest.to_owned());
    assert_eq!(
        without_each("a -b:c (d or e) | count()", 8),
        [
            pair("a", "-b:c (d or e)"),
            pair("-b:c", "a (d or e)"),
            pair("(d or e)", "a -b:c"),
        ]
    );
    assert_eq!(without_each("a b c", 2).len(), 2);
    assert_eq!(without_each("a or b", 8), [pair("a or b", "")]);
    assert_eq!(without_each("a", 8), [pair("a", "")]);
    assert_eq!(without_each("", 8), []);
    assert_eq!(filter("a b | count()"), "a b");
}

#[test]
fn a_completion_replaces_what_it_says_and_no_more() {
    assert_eq!(replaced("ser:x", 0..3, "service"), ("service:x".into(), 7));
    assert_eq!(replaced("é", 1..9, "e"), ("e".into(), 1));
    let backwards = Range { start: 2, end: 1 };
    assert_eq!(replaced("ab", backwards, "c"), ("abc".into(), 3));
}

#[test]
fn faults_and_classes_cut_the_text_into_stretches() {
    let found = stretches("status:eror x", &[7..11, 99..120]);
    let shown: Vec<_> = found
        .iter()
        .map(|stretch| (stretch.text.as_str(), stretch.class, stretch.is_wrong))
        .collect();
    assert_eq!(
        shown,
        [
            ("status", Some(Class::Field), false),
            (":", Some(Class::Operator), false),
            ("eror", Some(Class::Value), true),
            (" ", None, false),
            ("x", Some(Class::Text), false),
        ]
    );
}

proptest! {
    #[test]
    fn stretches_are_the_text(text in "\\PC{0,30}", start in 0usize..40, length in 0usize..9) {
        let fault = start..start + length;
        let found = stretches(&text, &[fault]);
        let joined: String = found.iter().map(|stretch| stretch.text.as_str()).collect();
        prop_assert_eq!(joined, text);
    }

    #[test]
    fn units_of_the_browser_are_counted_both_ways(text in "\\PC{0,20}", at in 0usize..60) {
        let byte = text.floor_char_boundary(at);
        prop_assert_eq!(byte_of_utf16(&text, utf16_of_byte(&text, byte)), byte);
        prop_assert!(text.is_char_boundary(byte_of_utf16(&text, at)));
    }

    #[test]
    fn a_term_put_into_any_text_is_a_term_of_it(text in "[a-c:() |-]{0,12}") {
        if hindsight_query::parse(&text).query.is_some() {
            let changed = with_term(&text, "k=1", false);
            prop_assert!(hindsight_query::parse(&changed).query.is_some(), "{} {}", text, changed);
        }
    }
}
