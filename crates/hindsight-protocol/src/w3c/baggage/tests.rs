//! Each rule of the specification beside its cases. Many cases are those of the test suite in
//! <https://github.com/w3c/baggage/tree/main/test>.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// `expected` is the list as it is written; nothing may be lost.
fn accepted(rule: &str, cases: &[(&[&str], &str)]) {
    for (headers, expected) in cases {
        let (baggage, loss) = Baggage::parse_headers(headers.iter().copied());
        assert_eq!(baggage.to_header(), *expected, "{rule}\n{headers:?}");
        assert_eq!(loss, BaggageLoss::default(), "{rule}\n{headers:?}");
    }
}

/// The first text is the value of the member `k` as it came, the second what it means.
fn decoded(rule: &str, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let member = format!("k={text};p={text}").parse::<BaggageMember>();
        let member = member.expect(rule);
        assert_eq!(member.value(), *expected, "{rule}\n{text}");
        let property = member.properties()[0].value();
        assert_eq!(property, Some(*expected), "{rule}\n{text}");
    }
}

/// Members that are left out of a list in which they stand between others.
fn rejected(rule: &str, cases: &[(&str, BaggageError)]) {
    for (member, error) in cases {
        let parsed = member.parse::<BaggageMember>();
        assert_eq!(parsed.as_ref(), Err(error), "{rule}\n{member}");
        let (baggage, loss) = Baggage::parse(&format!("a=1,{member},b=2"));
        assert_eq!(baggage.to_header(), "a=1,b=2", "{rule}\n{member}");
        assert_eq!(loss.members_invalid, 1, "{rule}\n{member}");
    }
}

fn key(key: &str) -> BaggageError {
    let key = key.to_owned();
    BaggageError::Key { key }
}

fn value(key: &str, value: &str) -> BaggageError {
    let (key, value) = (key.to_owned(), value.to_owned());
    BaggageError::Value { key, value }
}

fn no_equals(member: &str) -> BaggageError {
    let member = member.to_owned();
    BaggageError::MissingEquals { member }
}

fn member(key: &str, value: &str) -> BaggageMember {
    BaggageMember::new(key, value).unwrap()
}

/// `count` members of four characters.
fn numbered(count: usize) -> String {
    let members: Vec<String> = (0..count).map(|index| format!("{index:02}=v")).collect();
    members.join(",")
}

#[test]
fn a_list_is_read_in_its_order() {
    accepted(
        "baggage-string = list-member 0*179( OWS \",\" OWS list-member )",
        &[
            (
                &["userId=alice,serverNode=DF%2028,isProduction=false"],
                "userId=alice,serverNode=DF%2028,isProduction=false",
            ),
            (&["k=a;p1;p2=x;p1"], "k=a;p1;p2=x;p1"),
            (&["k="], "k="),
            (&[], ""),
        ],
    );
    accepted(
        "The baggage-string is seen as a single value combined from multiple headers in this \
         specification.",
        &[
            (
                &["userId=alice", "serverNode=DF%2028,isProduction=false"],
                "userId=alice,serverNode=DF%2028,isProduction=false",
            ),
            (&["", "a=1", ""], "a=1"),
        ],
    );
    accepted(
        "A recipient MUST parse and ignore a reasonable number of empty list elements.",
        &[(&[""], ""), (&[" ,, \t,a=1,"], "a=1")],
    );
}

#[test]
fn whitespace_around_a_delimiter_is_ignored() {
    accepted(
        "Leading and trailing whitespaces (OWS) are allowed and are not considered to be a part \
         of the key / value.",
        &[
            (
                &[
                    "userId =   alice",
                    "serverNode = DF%2028, isProduction = false",
                ],
                "userId=alice,serverNode=DF%2028,isProduction=false",
            ),
            (
                &["SomeKey \t = \t SomeValue \t ; \t SomeProp \t ; \t P \t = \t V \t "],
                "SomeKey=SomeValue;SomeProp;P=V",
            ),
            (
                &[
                    "key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey=propertyValue",
                ],
                "key1=value1;property1;property2,key2=value2,key3=value3;propertyKey=propertyValue",
            ),
        ],
    );
}

#[test]
fn an_equal_sign_may_stand_in_a_value() {
    decoded(
        "value MAY contain any number of the equal sign (U+003D) code points.",
        &[("SomeValue=equals", "SomeValue=equals"), ("==", "==")],
    );
}

#[test]
fn a_value_is_decoded() {
    decoded(
        "Percent-encoding is defined in RFC3986, Section 2.1.",
        &[
            ("DF%2028", "DF 28"),
            ("Am%C3%A9lie", "Amélie"),
            ("Am%c3%a9lie", "Amélie"),
            (
                "%09%20%22%27%3B%3Dasdf%21%40%23%24%25%5E%26%2A%28%29",
                "\t \"';=asdf!@#$%^&*()",
            ),
        ],
    );
    decoded(
        "When decoding the value, percent-encoded octet sequences that do not match the UTF-8 \
         encoding scheme MUST be replaced with the replacement code point (U+FFFD).",
        &[
            ("%FF", "\u{fffd}"),
            ("a%C3b", "a\u{fffd}b"),
            ("%C3%A9%A9", "é\u{fffd}"),
        ],
    );
    decoded(
        "a percent sign without two hex digits encodes nothing",
        &[
            ("100%", "100%"),
            ("%4", "%4"),
            ("%zz%41", "%zzA"),
            ("%%41", "%A"),
        ],
    );
}

#[test]
fn a_value_is_encoded_where_it_must() {
    let rule = "Any code points outside of the baggage-octet range MUST be percent-encoded. The \
                percent code point (U+0025) MUST be percent-encoded.";
    for (value, encoded) in [
        ("alice", "alice"),
        ("DF 28", "DF%2028"),
        ("Amélie", "Am%C3%A9lie"),
        ("100%", "100%25"),
        ("a,b;c\\d\"e\u{7f}\n", "a%2Cb%3Bc%5Cd%22e%7F%0A"),
        (
            "a=b!#$&'()*+-./:<>?@[]^_`{|}~",
            "a=b!#$&'()*+-./:<>?@[]^_`{|}~",
        ),
    ] {
        let member = member("k", value).with_property("p", Some(value)).unwrap();
        assert_eq!(
            member.to_string(),
            format!("k={encoded};p={encoded}"),
            "{rule}"
        );
    }
}

#[test]
fn a_property_key_is_not_decoded() {
    // The test suite: "The correct behavior is to treat this as one property of the form `key`".
    let member: BaggageMember = "k=v;P%20%3D%20V".parse().unwrap();
    let property = &member.properties()[0];
    assert_eq!((property.key(), property.value()), ("P%20%3D%20V", None));
}

#[test]
fn a_member_that_breaks_the_grammar_is_left_out() {
    rejected(
        "list-member = key OWS \"=\" OWS value *( OWS \";\" OWS property )",
        &[
            ("k", no_equals("k")),
            (";p=1", no_equals(";p=1")),
            ("k;p=1", no_equals("k;p=1")),
        ],
    );
    rejected(
        "key = token ; as defined in RFC 7230, Section 3.2.6",
        &[
            ("=v", key("")),
            ("a b=v", key("a b")),
            ("a(b)=v", key("a(b)")),
            ("é=v", key("é")),
            ("k=v;", key("")),
            ("k=v;a b", key("a b")),
        ],
    );
    rejected(
        "baggage-octet: US-ASCII characters excluding CTLs, whitespace, DQUOTE, comma, semicolon, \
         and backslash",
        &[
            ("k=DF 28", value("k", "DF 28")),
            ("k=\"v\"", value("k", "\"v\"")),
            ("k=a\\b", value("k", "a\\b")),
            ("k=é", value("k", "é")),
            ("k=v;p=a b", value("p", "a b")),
        ],
    );
}

#[test]
fn members_of_one_key_are_kept_in_order() {
    let rule = "Uniqueness of keys between multiple list-members in a baggage-string is not \
                guaranteed. The order of duplicate entries SHOULD be preserved when mutating the \
                list.";
    accepted(rule, &[(&["a=1,b=2,a=3"], "a=1,b=2,a=3")]);
    let (mut baggage, _) = Baggage::parse("a=1,b=2,a=3,A=4");
    assert_eq!(baggage.get("a").map(BaggageMember::value), Some("3"));
    baggage.insert(member("c", "5")).unwrap();
    assert_eq!(baggage.to_header(), "a=1,b=2,a=3,A=4,c=5");
    // "Producers SHOULD try to produce a baggage-string without any list-members which duplicate
    // the key of another list member."
    baggage.insert(member("a", "6")).unwrap();
    assert_eq!(baggage.to_header(), "a=6,b=2,A=4,c=5");
    assert_eq!((baggage.remove("a"), baggage.remove("a")), (1, 0));
    assert_eq!(baggage.to_header(), "b=2,A=4,c=5");
}

#[test]
fn sixty_four_members_are_kept() {
    let rule = "Condition 1: The resulting baggage-string contains 64 list-members or less.";
    let full = numbered(64);
    accepted(rule, &[(&[&full], &full)]);
    let (mut baggage, loss) = Baggage::parse_headers([full.as_str(), "x=1,y=2"]);
    assert_eq!(
        (baggage.to_header(), loss.members_over_limit),
        (full.clone(), 2)
    );
    let error = BaggageError::TooManyMembers { members: 65 };
    assert_eq!(baggage.insert(member("x", "1")), Err(error));
    assert_eq!(baggage.to_header(), full);
    assert_eq!(baggage.insert(member("00", "1")), Ok(()));
}

#[test]
fn whole_members_of_8192_bytes_are_kept() {
    let rule = "Condition 2: The resulting baggage-string is of size 8192 bytes or less.";
    let exact = format!("a={}", "0".repeat(8190));
    accepted(
        rule,
        &[
            (&[&exact], &exact),
            (&[&format!("a \t = {}", "0".repeat(8190))], &exact),
        ],
    );
    let rule = "If a platform cannot propagate all baggage, it MUST NOT propagate any partial \
                list-members.";
    for (text, left) in [
        (format!("{exact}0"), ""),
        (format!("{exact}0,b=1"), "b=1"),
        (format!("b=1,{exact}"), "b=1"),
        (format!("{exact},b=1"), exact.as_str()),
    ] {
        let (baggage, loss) = Baggage::parse(&text);
        assert_eq!(baggage.to_header(), left, "{rule}");
        assert_eq!(loss.members_over_limit, 1, "{rule}");
    }
    let mut baggage = Baggage::default();
    let error = BaggageError::TooLong {
        bytes: 2 + 3 * 3000,
    };
    assert_eq!(baggage.insert(member("a", &" ".repeat(3000))), Err(error));
    assert!(baggage.is_empty());
}

#[test]
fn what_is_injected_is_extracted() {
    let mut carrier = HashMap::from([("Baggage".to_owned(), "old=1".to_owned())]);
    let mut baggage = Baggage::default();
    baggage.insert(member("userId", "Amélie")).unwrap();
    baggage.inject(&mut carrier);
    assert_eq!(carrier.len(), 1);
    assert_eq!(
        Baggage::extract(&carrier),
        (baggage, BaggageLoss::default())
    );
    Baggage::default().inject(&mut carrier);
    assert!(carrier.is_empty());
}

const TOKEN: &str = "[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,8}";

proptest! {
    #[test]
    fn any_text_is_read_without_panic(texts in prop::collection::vec("\\PC*", 0..4)) {
        Baggage::parse_headers(texts.iter().map(String::as_str));
    }

    #[test]
    fn whatever_is_accepted_is_written_and_read_back(
        text in "([a-c%]{0,2}[= ,;\t]{0,2}[a-f0-9% ]{0,3},?){0,80}",
    ) {
        let (baggage, _) = Baggage::parse(&text);
        prop_assert!(baggage.len() <= Baggage::MEMBERS_MAX);
        let again = Baggage::parse(&baggage.to_header());
        prop_assert_eq!(again, (baggage, BaggageLoss::default()));
    }

    #[test]
    fn what_is_written_is_read_back(
        members in prop::collection::vec(
            (TOKEN, any::<String>(), prop::collection::vec((TOKEN, any::<String>()), 0..3)),
            0..20,
        ),
    ) {
        let mut baggage = Baggage::default();
        for (key, value, properties) in &members {
            let full = full_member(key, value, properties);
            prop_assert_eq!(full.header_bytes(), full.to_string().len());
            let refused = baggage.clone();
            if baggage.insert(full).is_err() {
                prop_assert_eq!(&baggage, &refused);
            }
        }
        let header = baggage.to_header();
        prop_assert!(header.is_ascii() && header.len() <= Baggage::HEADER_BYTES_MAX);
        prop_assert_eq!(Baggage::parse(&header), (baggage, BaggageLoss::default()));
    }
}

fn full_member(key: &str, value: &str, properties: &[(String, String)]) -> BaggageMember {
    let empty = member(key, value).with_property(key, None).unwrap();
    properties.iter().fold(empty, |member, (key, value)| {
        member.with_property(key, Some(value)).unwrap()
    })
}
