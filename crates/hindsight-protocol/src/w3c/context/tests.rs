//! Each rule of the Recommendation beside its cases. Many cases are those of the test suite in
//! <https://github.com/w3c/trace-context/tree/main/test>.

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;

use super::*;
use crate::w3c::headers::NOT_TEXT;

const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// `expected`: the two headers as they would be sent on.
fn accepted(rule: &str, traceparent: &str, tracestates: &[&str], expected: (&str, &str)) {
    let context = RemoteContext::from_headers([traceparent], tracestates.iter().copied());
    let context = context.unwrap().expect(rule);
    let written = (context.parent.to_header(), context.state.to_header());
    assert_eq!((written.0.as_str(), written.1.as_str()), expected, "{rule}");
}

#[test]
fn both_headers_make_a_context() {
    accepted(
        "the usual case",
        VALID,
        &["foo=1,bar=2"],
        (VALID, "foo=1,bar=2"),
    );
    accepted("tracestate is a companion header", VALID, &[], (VALID, ""));
    accepted(
        "fields are combined in order",
        VALID,
        &["a=1", "", "b=2"],
        (VALID, "a=1,b=2"),
    );
}

#[test]
fn whitespace_around_a_field_does_not_count() {
    let rule = "A field value does not include leading or trailing whitespace.";
    for traceparent in [
        format!(" {VALID}"),
        format!("\t{VALID}"),
        format!("{VALID} "),
        format!("\t {VALID} \t"),
    ] {
        accepted(rule, &traceparent, &[" foo=1\t"], (VALID, "foo=1"));
    }
}

#[test]
fn a_tracestate_alone_is_nothing() {
    // "If a tracestate header is received without an accompanying traceparent header, it is
    // invalid and MUST be discarded."
    assert_eq!(RemoteContext::from_headers([], ["foo=1"]), Ok(None));
    assert_eq!(RemoteContext::from_headers([], []), Ok(None));
}

#[test]
fn a_traceparent_occurs_once() {
    // The test suite: "harness sends a request with two traceparent headers; expects [...] a newly
    // generated trace_id".
    for values in [[VALID, VALID], [VALID, ""], ["", VALID]] {
        let repeated = Err(RemoteContextError::Repeated { count: 2 });
        assert_eq!(RemoteContext::from_headers(values, ["foo=1"]), repeated);
    }
}

#[test]
fn an_invalid_traceparent_takes_the_tracestate_with_it() {
    // "If the vendor failed to parse traceparent, it MUST NOT attempt to parse tracestate."
    let never = std::iter::from_fn(|| -> Option<&str> { panic!("tracestate was read") });
    let context = RemoteContext::from_headers([""], never);
    let error = TraceParentError::TooShort { bytes: 0 };
    assert_eq!(context, Err(RemoteContextError::Parent(error)));
}

#[test]
fn an_invalid_tracestate_leaves_the_traceparent() {
    // "Failure to parse tracestate MUST NOT affect the parsing of traceparent."
    for tracestate in ["foo=1,foo=2", "foo", "FOO=1", NOT_TEXT] {
        let context = RemoteContext::from_headers([VALID], ["bar=3", tracestate]);
        let context = context.unwrap().unwrap();
        assert_eq!(context.parent.to_header(), VALID, "{tracestate}");
        assert!(context.state.is_empty(), "{tracestate}");
        assert!(context.state_error.is_some(), "{tracestate}");
    }
}

#[test]
fn a_header_that_is_not_text_counts_as_present() {
    let context = RemoteContext::from_headers([NOT_TEXT], []);
    assert!(matches!(context, Err(RemoteContextError::Parent(_))));
}

#[test]
fn what_is_injected_is_extracted() {
    let mut carrier = HashMap::new();
    let parent = TraceParent::parse(VALID).unwrap();
    let state = TraceState::parse("foo=1,bar=2").unwrap();
    inject(&mut carrier, &parent, &state);
    let expected = RemoteContext {
        parent,
        state,
        state_error: None,
    };
    assert_eq!(RemoteContext::extract(&carrier), Ok(Some(expected)));
}

#[test]
fn injection_replaces_what_a_request_had() {
    let mut carrier: BTreeMap<String, String> = [("TraceParent", "x"), ("TraceState", "old=1")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let parent = TraceParent::parse(VALID).unwrap();
    inject(&mut carrier, &parent, &TraceState::default());
    let left: Vec<_> = carrier
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    assert_eq!(left, [(TRACEPARENT, VALID)]);
}

proptest! {
    #[test]
    fn any_headers_are_read_without_panic(
        traceparents in prop::collection::vec("\\PC{0,70}", 0..3),
        tracestates in prop::collection::vec("\\PC{0,70}", 0..3),
    ) {
        let parents = traceparents.iter().map(String::as_str);
        RemoteContext::from_headers(parents, tracestates.iter().map(String::as_str)).ok();
        RemoteContext::from_headers([VALID], tracestates.iter().map(String::as_str)).unwrap();
    }
}
