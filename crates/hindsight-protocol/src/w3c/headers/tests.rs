use super::*;

/// The same story on both kinds of map.
fn check(mut map: impl Extract + Inject) {
    assert!(map.header_values(TRACESTATE).is_empty());
    map.set_header(TRACESTATE, "a=1".to_owned());
    map.set_header(TRACESTATE, "b=2".to_owned());
    map.set_header(BAGGAGE, "c=3".to_owned());
    assert_eq!(map.header_values(TRACESTATE), ["b=2"]);
    map.remove_header(TRACESTATE);
    assert!(map.header_values(TRACESTATE).is_empty());
    assert_eq!(map.header_values(BAGGAGE), ["c=3"]);
}

#[test]
fn a_map_holds_one_value_that_was_set() {
    check(HashMap::new());
    check(BTreeMap::new());
}

#[test]
fn the_case_of_a_name_does_not_matter() {
    let mut map: BTreeMap<String, String> = ["TraceParent", "TRACEPARENT", "trace-parent", "x"]
        .map(|name| (name.to_owned(), name.to_owned()))
        .into();
    assert_eq!(
        map.header_values(TRACEPARENT),
        ["TRACEPARENT", "TraceParent"]
    );
    map.set_header(TRACEPARENT, "new".to_owned());
    assert_eq!(map.header_values(TRACEPARENT), ["new"]);
    let left: Vec<_> = map.keys().collect();
    assert_eq!(left, ["trace-parent", "traceparent", "x"]);
    let mut hashed: HashMap<String, String> = map.into_iter().collect();
    hashed.insert("TraceParent".to_owned(), "2".to_owned());
    assert_eq!(hashed.header_values(TRACEPARENT).len(), 2);
    hashed.remove_header(TRACEPARENT);
    assert!(hashed.header_values(TRACEPARENT).is_empty());
}
