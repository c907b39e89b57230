//! Each rule of the Recommendation beside its cases. Many cases are those of the test suite in
//! <https://github.com/w3c/trace-context/tree/main/test>.

use proptest::prelude::*;

use super::TraceStateError::*;
use super::*;

/// `expected` is the list as it is written.
fn accepted(rule: &str, cases: &[(&[&str], &str)]) {
    for (headers, expected) in cases {
        let state = TraceState::parse_headers(headers.iter().copied());
        let written = state.map(|state| state.to_string());
        assert_eq!(written.as_deref(), Ok(*expected), "{rule}\n{headers:?}");
    }
}

fn rejected(rule: &str, cases: &[(&[&str], TraceStateError)]) {
    for (headers, error) in cases {
        let state = TraceState::parse_headers(headers.iter().copied());
        assert_eq!(state, Err(error.clone()), "{rule}\n{headers:?}");
    }
}

fn key(key: &str) -> TraceStateError {
    let key = excerpt(key);
    Key { key }
}

fn value(key: &str, value: &str) -> TraceStateError {
    let (key, value) = (excerpt(key), excerpt(value));
    Value { key, value }
}

fn duplicate(key: &str) -> TraceStateError {
    let key = key.to_owned();
    DuplicateKey { key }
}

/// `k0=v,k1=v,...`
fn numbered(members: usize) -> String {
    let members: Vec<String> = (0..members).map(|index| format!("k{index}=v")).collect();
    members.join(",")
}

#[test]
fn a_list_is_read_in_its_order() {
    accepted(
        "The tracestate field value is a list of list-members separated by commas (,).",
        &[
            (&["congo=t61rcWkgMzE"], "congo=t61rcWkgMzE"),
            (
                &["rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"],
                "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
            ),
        ],
    );
    accepted(
        "When receiving multiple tracestate header fields, they MUST be combined into a single \
         header according to RFC9110.",
        &[
            (
                &["foo=1,bar=2", "rojo=1,congo=2", "baz=3"],
                "foo=1,bar=2,rojo=1,congo=2,baz=3",
            ),
            (&["foo=1", ""], "foo=1"),
            (&["", "foo=1"], "foo=1"),
            (&[], ""),
        ],
    );
}

#[test]
fn whitespace_and_nothing_between_commas_are_ignored() {
    accepted(
        "Spaces and horizontal tabs surrounding list-members are ignored.",
        &[
            (&["foo=1 \t , \t bar=2, \t baz=3"], "foo=1,bar=2,baz=3"),
            (&["\t foo=1 \t"], "foo=1"),
        ],
    );
    accepted(
        "Empty and whitespace-only list members are allowed.",
        &[
            (&[""], ""),
            (&[" \t "], ""),
            (&[",foo=1,, \t ,bar=2,"], "foo=1,bar=2"),
        ],
    );
}

#[test]
fn a_list_has_at_most_32_members() {
    let rule = "There can be a maximum of 32 list-members in a list.";
    let (full, beyond) = (numbered(32), numbered(33));
    accepted(rule, &[(&[&full], &full), (&[&full, " ,, "], &full)]);
    rejected(
        rule,
        &[
            (&[&beyond], TooManyMembers),
            (&[&full, "another=1"], TooManyMembers),
        ],
    );
}

#[test]
fn a_key_is_of_level_1_or_level_2() {
    let longest = "z".repeat(256);
    let longest_tenant = format!("{}@{}", "t".repeat(241), "v".repeat(14));
    accepted(
        "Level 1: simple-key = lcalpha 0*255( lcalpha / DIGIT / \"_\" / \"-\"/ \"*\" / \"/\" )",
        &[
            (&["a=1"], "a=1"),
            (&["abc0123456789_-*/=1"], "abc0123456789_-*/=1"),
            (&[&format!("{longest}=1")], &format!("{longest}=1")),
        ],
    );
    accepted(
        "Level 1: multi-tenant-key = tenant-id \"@\" system-id",
        &[
            (&["0tenant@system=1"], "0tenant@system=1"),
            (
                &[&format!("{longest_tenant}=1")],
                &format!("{longest_tenant}=1"),
            ),
        ],
    );
    accepted(
        "Level 2: key = ( lcalpha / DIGIT ) 0*255 ( keychar )",
        &[
            (&["0=1"], "0=1"),
            (&["foo@=1,bar=2"], "foo@=1,bar=2"),
            (&["foo@bar@baz=1"], "foo@bar@baz=1"),
            (&["t@vvvvvvvvvvvvvvv=1"], "t@vvvvvvvvvvvvvvv=1"),
        ],
    );
    rejected(
        "A key MUST begin with a lowercase letter or a digit and contain up to 256 characters \
         including lowercase letters (a-z), digits (0-9), underscores (_), dashes (-), asterisks \
         (*), forward slashes (/), and at signs (@).",
        &[
            (&["=1"], key("")),
            (&["foo =1"], key("foo ")),
            (&["FOO=1"], key("FOO")),
            (&["foo.bar=1"], key("foo.bar")),
            (&["@foo=1,bar=2"], key("@foo")),
            (&["_foo=1"], key("_foo")),
            (&["é=1"], key("é")),
            (&["foo=1", &format!("{longest}z=1")], key(&longest)),
        ],
    );
}

#[test]
fn a_value_is_printable_ascii() {
    let longest = "v".repeat(256);
    accepted(
        "The value is an opaque string containing up to 256 printable ASCII characters (i.e., the \
         range 0x20 to 0x7E) except comma (,) and (=).",
        &[
            (
                &["foo=!\"#$%&'()*+-./0:;<>?@AZ[\\]^_`az{|}~"],
                "foo=!\"#$%&'()*+-./0:;<>?@AZ[\\]^_`az{|}~",
            ),
            (&[&format!("foo={longest}")], &format!("foo={longest}")),
        ],
    );
    accepted(
        "All leading spaces MUST be preserved as part of the value.",
        &[(&["foo=  a b"], "foo=  a b")],
    );
    accepted(
        "All trailing spaces are considered to be optional whitespace characters not part of the \
         value.",
        &[(&["foo=a b  ,bar=2"], "foo=a b,bar=2")],
    );
    rejected(
        "value = 0*255(chr) nblk-chr",
        &[
            (
                &["foo"],
                MissingEquals {
                    member: "foo".to_owned(),
                },
            ),
            (&["foo=,bar=3"], value("foo", "")),
            (&["foo= "], value("foo", "")),
            (&["foo=bar=baz"], value("foo", "bar=baz")),
            (&["foo=a\tb"], value("foo", "a\tb")),
            (&["foo=a\u{7f}"], value("foo", "a\u{7f}")),
            (&["foo=é"], value("foo", "é")),
            (&[&format!("foo={longest}v")], value("foo", &longest)),
        ],
    );
}

#[test]
fn a_key_occurs_once() {
    rejected(
        "Level 1: Only one entry per key is allowed because the entry represents that last \
         position in the trace.",
        &[
            (&["foo=1,foo=1"], duplicate("foo")),
            (&["foo=1,bar=3,foo=2"], duplicate("foo")),
            (&["foo=1", "foo=1"], duplicate("foo")),
        ],
    );
}

#[test]
fn a_member_that_is_inserted_comes_first() {
    // "The new key/value pair SHOULD be added to the beginning of the list."
    let mut state = TraceState::parse("rojo=1,congo=2").unwrap();
    assert_eq!(state.insert("hindsight", "x"), Ok(None));
    assert_eq!(state.to_string(), "hindsight=x,rojo=1,congo=2");
    // "Modified keys MUST be moved to the beginning (left) of the list."
    assert_eq!(state.insert("congo", "3"), Ok(None));
    assert_eq!(state.to_string(), "congo=3,hindsight=x,rojo=1");
    assert_eq!(state.get("congo"), Some("3"));
    assert_eq!(state.insert("Congo", "3"), Err(key("Congo")));
    assert_eq!(state.insert("congo", "3 "), Err(value("congo", "3 ")));
    assert_eq!(state.insert("congo", "a,b=c"), Err(value("congo", "a,b=c")));
    assert_eq!(state.to_string(), "congo=3,hindsight=x,rojo=1");
}

#[test]
fn a_full_list_loses_its_last_member() {
    // "If adding an entry would cause the tracestate list to contain more than 32 list-members the
    // right-most list-member should be removed from the list."
    let mut state = TraceState::parse(&numbered(32)).unwrap();
    assert_eq!(state.insert("k7", "w"), Ok(None));
    let last = ("k31".to_owned(), "v".to_owned());
    assert_eq!(state.insert("new", "w"), Ok(Some(last)));
    assert_eq!(state.len(), 32);
    assert!(state.to_string().starts_with("new=w,k7=w,k0=v,"));
}

#[test]
fn a_member_that_is_removed_leaves_the_order() {
    // "When mutating tracestate, the order of unmodified key/value pairs MUST be preserved."
    let mut state = TraceState::parse("a=1,b=2,c=3").unwrap();
    assert_eq!(state.remove("b"), Some("2".to_owned()));
    assert_eq!(state.remove("b"), None);
    let members: Vec<_> = state.iter().collect();
    assert_eq!(members, [("a", "1"), ("c", "3")]);
}

#[test]
fn truncation_takes_large_members_first_and_then_the_last() {
    // "Entries larger than 128 characters long SHOULD be removed first. Then entries SHOULD be
    // removed starting from the end of tracestate."
    let large = "x".repeat(127);
    let not_large = "x".repeat(126);
    let text = format!("a={large},b={not_large},c={large},d=1,e=2");
    let parsed = TraceState::parse(&text).unwrap();
    for (bytes_max, dropped, left) in [
        (1000, 0, text.clone()),
        (text.len(), 0, text.clone()),
        (
            text.len() - 1,
            1,
            format!("a={large},b={not_large},d=1,e=2"),
        ),
        (200, 2, format!("b={not_large},d=1,e=2")),
        (135, 3, format!("b={not_large},d=1")),
        (128, 4, format!("b={not_large}")),
        (127, 5, String::new()),
        (0, 5, String::new()),
    ] {
        let mut state = parsed.clone();
        assert_eq!(state.truncate(bytes_max), dropped, "{bytes_max}");
        assert_eq!(state.to_string(), left, "{bytes_max}");
    }
}

#[test]
fn a_header_has_at_most_512_characters() {
    // "Vendors SHOULD propagate at least 512 characters of a combined header."
    let exact = format!("a={},b={}", "x".repeat(253), "x".repeat(255));
    assert_eq!(exact.len(), 512 + 1);
    let state = TraceState::parse(&exact).unwrap();
    assert_eq!(state.to_header(), format!("a={}", "x".repeat(253)));
    let fits = exact.strip_suffix('x').unwrap();
    assert_eq!(TraceState::parse(fits).unwrap().to_header(), fits);
}

const KEY: &str = "[a-z0-9][a-z0-9_*/@-]{0,20}";
const VALUE: &str = "[ -+.-<>-~]{0,200}[!-+.-<>-~]";

proptest! {
    #[test]
    fn any_text_is_read_without_panic(texts in prop::collection::vec("\\PC*", 0..4)) {
        TraceState::parse_headers(texts.iter().map(String::as_str)).ok();
    }

    #[test]
    fn whatever_is_accepted_is_written_and_read_back(
        texts in prop::collection::vec("([a-c@]{0,2}[= ,\t]{0,2}[a-c~ ]{0,2},?){0,6}", 0..3),
    ) {
        if let Ok(state) = TraceState::parse_headers(texts.iter().map(String::as_str)) {
            prop_assert_eq!(state.to_string().parse(), Ok(state));
        }
    }

    #[test]
    fn what_is_written_is_read_back(members in prop::collection::vec((KEY, VALUE), 0..40)) {
        let mut state = TraceState::default();
        for (key, value) in &members {
            state.insert(key, value).unwrap();
        }
        prop_assert!(state.len() <= TraceState::MEMBERS_MAX);
        prop_assert!(state.to_header().len() <= TraceState::HEADER_BYTES_MAX);
        let last = members.last().map(|(key, value)| (key.as_str(), value.as_str()));
        prop_assert_eq!(state.iter().next(), last);
        state.to_header().parse::<TraceState>().unwrap();
        prop_assert_eq!(state.to_string().parse(), Ok(state));
    }
}
