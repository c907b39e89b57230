//! Every scan against a loop over the spans.

use std::cell::RefCell;

use hindsight_protocol::{KeyValue, Span, SpanKind, SpanState, StatusCode, Value};
use hindsight_testkit::workload::Workload;
use proptest::prelude::*;

use super::super::build::{Built, SegmentBuilder};
use super::super::tests::spans::{batches, key_text, segment};
use super::*;

/// The spans that pass, one by one.
fn naive(spans: &[Span], test: impl Fn(&Span) -> bool) -> Vec<usize> {
    let passing = spans.iter().enumerate().filter(|(_, span)| test(span));
    passing.map(|(row, _)| row).collect()
}

fn rows(bitmap: &Bitmap) -> Vec<usize> {
    bitmap.iter().collect()
}

fn first<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a Value> {
    let mut all = attributes.iter();
    all.find(|kv| kv.key == key).map(|kv| &kv.value)
}

/// The values of a key in a scope of a span.
fn values<'a>(span: &'a Span, scope: AttributeScope, key: &str) -> Vec<&'a Value> {
    let of = |attributes: &'a [KeyValue]| first(attributes, key).into_iter().collect();
    match scope {
        AttributeScope::Span => of(&span.attributes),
        AttributeScope::Resource => of(&span.resource.attributes),
        AttributeScope::Scope => of(&span.scope.attributes),
        AttributeScope::Event => {
            let events = span.events.iter();
            events.filter_map(|e| first(&e.attributes, key)).collect()
        }
    }
}

const SCOPES: [AttributeScope; 4] = [
    AttributeScope::Span,
    AttributeScope::Resource,
    AttributeScope::Scope,
    AttributeScope::Event,
];

fn range(low: f64, high: i64) -> NumberRange {
    NumberRange {
        low: Bound::Including(Number::Real(low)),
        high: Bound::Excluding(Number::Whole(i128::from(high))),
    }
}

fn in_range(value: &Value, low: f64, high: i64) -> bool {
    match value {
        Value::I64(value) => *value as f64 >= low && *value < high,
        Value::F64(value) => *value >= low && *value < high as f64,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn attributes_are_found_as_by_a_loop_over_spans(
        batches in batches(),
        low in -5_i32..30,
        high in -5_i64..30,
        some in any::<[u64; 6]>(),
    ) {
        let (built, spans) = segment(&batches);
        let within = Bitmap::from_words(some.to_vec(), spans.len());
        let low = f64::from(low) / 2.0;
        let ranges = [range(low, high)];
        let far = [NumberRange::only(Number::Whole(i128::from(i64::MAX)))];
        let texts = ["a", "route 7", "größer", "nowhere"];
        let many = ["a", "route 1", "route 2", "route 3", "route 4", "", "7"];
        let has_digit = |text: &str| text.contains('7') || text.contains('e');
        let is_nested = |value: ValueRef<'_>| matches!(value, ValueRef::Nested(5, _));
        let is_negative = |value: ValueRef<'_>| match value {
            ValueRef::I64(value) => value < 0,
            ValueRef::F64(value) => value < 0.0,
            _ => false,
        };
        let others = ValueTest { others: OtherTest::Where(&is_nested), ..ValueTest::NOTHING };
        let yes = BoolTest { yes: true, no: false };
        let no = BoolTest { yes: false, no: true };
        type Naive<'a> = &'a dyn Fn(&Value) -> bool;
        let tests: [(ValueTest<'_>, Naive<'_>); 11] = [
            (ValueTest::EXISTS, &|_| true),
            (ValueTest::NOTHING, &|_| false),
            (ValueTest::texts(TextTest::All), &|v| v.as_str().is_some()),
            (ValueTest::texts(TextTest::OneOf(&texts)), &|v| v.as_str().is_some_and(|t| texts.contains(&t))),
            (ValueTest::texts(TextTest::OneOf(&many)), &|v| v.as_str().is_some_and(|t| many.contains(&t))),
            (ValueTest::texts(TextTest::Where(&has_digit)), &|v| v.as_str().is_some_and(has_digit)),
            (ValueTest::numbers(&ranges), &|v| in_range(v, low, high)),
            (ValueTest::numbers(&far), &|v| *v == Value::I64(i64::MAX)),
            (
                ValueTest { numbers: NumberTest::Where(&is_negative), bools: yes, ..ValueTest::NOTHING },
                &|v| match v {
                    Value::I64(value) => *value < 0,
                    Value::F64(value) => *value < 0.0,
                    Value::Bool(value) => *value,
                    _ => false,
                },
            ),
            (ValueTest { bools: no, ..ValueTest::NOTHING }, &|v| *v == Value::Bool(false)),
            (others, &|v| matches!(v, Value::Array(_))),
        ];
        for scope in SCOPES {
            for key in (0..5).map(key_text).chain(["no such key"]) {
                for (at, (test, passes)) in tests.iter().enumerate() {
                    let any = |span: &Span| values(span, scope, key).into_iter().any(passes);
                    let found = built.rows.rows_by_attribute(scope, key, test, None);
                    prop_assert_eq!(rows(&found), naive(&spans, any), "{:?} {} {}", scope, key, at);
                    let mut expected = found;
                    expected.and(&within);
                    let found = built.rows.rows_by_attribute(scope, key, test, Some(&within));
                    prop_assert_eq!(found, expected);
                }
            }
        }
    }

    #[test]
    fn what_every_span_has_is_found_as_by_a_loop_over_spans(
        batches in batches(),
        at in any::<prop::sample::Index>(),
        off in -2_i64..3,
    ) {
        let (built, spans) = segment(&batches);
        let found = &built.rows;
        let default = Span::default();
        let one = match spans.len() {
            0 => &default,
            len => &spans[at.index(len)],
        };
        let has_e = |text: &str| text.contains('e');
        let service = |span: &Span| {
            let mut all = span.resource.attributes.iter();
            let found = all.find(|kv| kv.key == "service.name" && kv.value.as_str().is_some());
            found.and_then(|kv| kv.value.as_str()).unwrap_or_default().to_owned()
        };
        type Get<'a> = &'a dyn Fn(&Span) -> String;
        let texts: [(TextField, Get<'_>); 5] = [
            (TextField::Name, &|s| s.name.clone()),
            (TextField::Service, &service),
            (TextField::StatusMessage, &|s| s.status_message.clone()),
            (TextField::ScopeName, &|s| s.scope.name.clone()),
            (TextField::ScopeVersion, &|s| s.scope.version.clone()),
        ];
        for (field, get) in texts {
            let wanted = get(one);
            let equal = found.rows_by_text(field, &TextTest::OneOf(&[&wanted]));
            prop_assert_eq!(rows(&equal), naive(&spans, |s| get(s) == wanted), "{:?}", field);
            let like = found.rows_by_text(field, &TextTest::Where(&has_e));
            prop_assert_eq!(rows(&like), naive(&spans, |s| has_e(&get(s))), "{:?}", field);
        }
        let named = found.rows_by_event_name(&TextTest::OneOf(&["retry"]));
        prop_assert_eq!(rows(&named), naive(&spans, |s| s.events.iter().any(|e| e.name == "retry")));
        let from = one.start_ns.saturating_add_signed(off);
        let starts = found.rows_by_start(from..=u64::MAX);
        prop_assert_eq!(rows(&starts), naive(&spans, |s| s.start_ns >= from));
        let until = one.end_ns.saturating_add_signed(off);
        let ends = found.rows_by_end(5..=until);
        let expected = |s: &Span| s.end().is_some_and(|end| (5..=until).contains(&end));
        prop_assert_eq!(rows(&ends), naive(&spans, expected));
        let duration = |s: &Span| s.end().map(|end| end.saturating_sub(s.start_ns));
        let longest = duration(one).unwrap_or(77).saturating_add_signed(off);
        for range in [0..=longest, longest..=u64::MAX, longest..=longest, 0..=u64::MAX] {
            let lasting = found.rows_by_duration(range.clone());
            let expected = |s: &Span| duration(s).is_some_and(|d| range.contains(&d));
            prop_assert_eq!(rows(&lasting), naive(&spans, expected));
        }
        let kinds = found.rows_by_kind(|kind| kind == SpanKind::Client);
        prop_assert_eq!(rows(&kinds), naive(&spans, |s| s.kind == SpanKind::Client as u8));
        let failed = found.rows_by_status(|status| status == StatusCode::Error);
        prop_assert_eq!(rows(&failed), naive(&spans, |s| s.status == StatusCode::Error as u8));
        let open = found.rows_by_state(SpanState::is_open);
        prop_assert_eq!(rows(&open), naive(&spans, |s| SpanState::from_u8(s.state).is_open()));
        prop_assert_eq!(rows(&found.rows_by_span_id(one.span_id)), naive(&spans, |s| s.span_id == one.span_id));
        prop_assert_eq!(rows(&found.rows_by_parent_id(one.parent_id)), naive(&spans, |s| s.parent_id == one.parent_id));
        prop_assert_eq!(rows(&found.rows_by_trace_id(one.trace_id)), naive(&spans, |s| s.trace_id == one.trace_id));
        for count in [0..=0, 1..=2, 0..=9, 3..=9] {
            let expected = naive(&spans, |s| count.contains(&(s.events.len() as u64)));
            prop_assert_eq!(rows(&found.rows_by_events(count.clone())), expected);
            let expected = naive(&spans, |s| count.contains(&(s.links.len() as u64)));
            prop_assert_eq!(rows(&found.rows_by_links(count)), expected);
        }
        let linked = one.links.first().map_or((one.trace_id, one.span_id), |l| (l.trace_id, l.span_id));
        let to_span = naive(&spans, |s| s.links.iter().any(|l| l.span_id == linked.1));
        prop_assert_eq!(rows(&found.rows_by_linked_span(linked.1)), to_span);
        let to_trace = naive(&spans, |s| s.links.iter().any(|l| l.trace_id == linked.0));
        prop_assert_eq!(rows(&found.rows_by_linked_trace(linked.0)), to_trace);
        let traces = found.traces_of(&failed);
        let expected = |s: &Span| spans.iter().any(|t| t.trace_id == s.trace_id && t.status == 2);
        prop_assert_eq!(rows(&found.rows_of_traces(&traces)), naive(&spans, expected));
    }

    #[test]
    fn free_text_is_found_wherever_people_look_for_it(
        batches in batches(),
        wanted in prop::sample::select(vec!["name 1", "web", "no", "gr", "retry", "route 1", "7", "", "key"]),
        some in any::<[u64; 6]>(),
    ) {
        let (built, spans) = segment(&batches);
        let within = Bitmap::from_words(some.to_vec(), spans.len());
        let has = |text: &str| text.contains(wanted);
        let in_values = |all: &[KeyValue]| all.iter().any(|kv| kv.value.as_str().is_some_and(has));
        let expected = |s: &Span| {
            // The first of that name that is a text, as everywhere.
            let mut named = s.resource.attributes.iter().filter(|kv| kv.key == "service.name");
            let service = named.find_map(|kv| kv.value.as_str());
            has(&s.name)
                || has(service.unwrap_or_default())
                || has(&s.status_message)
                || in_values(&s.attributes)
                || s.events.iter().any(|e| has(&e.name) || in_values(&e.attributes))
        };
        let found = built.rows.rows_by_any_text(&has, None);
        prop_assert_eq!(rows(&found), naive(&spans, expected));
        let found = built.rows.rows_by_any_text(&has, Some(&within));
        let expected = naive(&spans, expected);
        let expected: Vec<usize> = expected.into_iter().filter(|row| within.contains(*row)).collect();
        prop_assert_eq!(rows(&found), expected);
    }

    #[test]
    fn keys_are_listed_with_their_counts(batches in batches()) {
        let (built, spans) = segment(&batches);
        for key in (0..5).map(key_text) {
            let keyed = built.rows.rows_with_key(&|k| k == key);
            prop_assert_eq!(rows(&keyed), naive(&spans, |s| first(&s.attributes, key).is_some()));
            let uses = built.rows.keys();
            for scope in SCOPES {
                let counted: u64 = uses.iter().filter(|u| u.key == key && u.scope == scope).map(|u| u.count).sum();
                let in_list = |all: &[KeyValue]| all.iter().filter(|kv| kv.key == key).count();
                let expected: usize = spans.iter().map(|s| match scope {
                    AttributeScope::Span => in_list(&s.attributes),
                    AttributeScope::Resource => in_list(&s.resource.attributes),
                    AttributeScope::Scope => in_list(&s.scope.attributes),
                    AttributeScope::Event => s.events.iter().map(|e| in_list(&e.attributes)).sum(),
                }).sum();
                prop_assert_eq!(counted, expected as u64, "{:?} {}", scope, key);
            }
            let top = built.rows.top_texts(key, usize::MAX);
            let all = spans.iter().flat_map(|s| &s.attributes).filter(|kv| kv.key == key);
            let texts: Vec<&str> = all.filter_map(|kv| kv.value.as_str()).collect();
            prop_assert_eq!(top.iter().map(|(_, rows)| rows).sum::<u64>(), texts.len() as u64);
            for (text, count) in top {
                prop_assert_eq!(count as usize, texts.iter().filter(|t| **t == text).count());
            }
        }
    }
}

/// A segment large enough for text without a dictionary.
fn standard() -> (Built, Vec<Span>) {
    let mut workload = Workload::new(11, 1_000_000);
    let mut builder = SegmentBuilder::new(0);
    let mut spans = Vec::new();
    for _ in 0..6 {
        let batch = workload.batch(1500);
        builder.push(&batch, (0..batch.len()).map(|row| (row, None)));
        spans.extend(batch.to_spans());
    }
    (builder.finish(), spans)
}

#[test]
fn texts_without_a_dictionary_are_found() {
    let (built, spans) = standard();
    let key = "request.identifier";
    let id = |span: &Span| {
        first(&span.attributes, key)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let wanted = id(&spans[4321]).unwrap_or_default();
    let has = |text: &str| text.contains("abc");
    type Naive<'a> = &'a dyn Fn(&str) -> bool;
    let tests: [(TextTest<'_>, Naive<'_>); 3] = [
        (TextTest::OneOf(&[&wanted, "nothing"]), &|text| {
            text == wanted
        }),
        (TextTest::OneOf(&["", "1", "2", "3", &wanted]), &|text| {
            text == wanted
        }),
        (TextTest::Where(&has), &has),
    ];
    for (test, expected) in tests {
        let test = ValueTest::texts(test);
        let found = built
            .rows
            .rows_by_attribute(AttributeScope::Span, key, &test, None);
        assert!(!found.is_empty());
        assert_eq!(
            rows(&found),
            naive(&spans, |s| id(s).is_some_and(|id| expected(&id)))
        );
    }
    assert_eq!(built.rows.top_texts(key, 10).len(), 10);
    let regions = built.rows.top_texts("cloud.region", 3);
    assert_eq!(regions.len(), 3);
    let named: u64 = built.rows.name_counts().iter().map(|(_, rows)| rows).sum();
    assert_eq!(named, 9000);
}

#[test]
fn a_text_is_asked_about_once_for_each_dictionary_entry() {
    let (built, _) = standard();
    let asked = RefCell::new(Vec::new());
    let test = |text: &str| {
        asked.borrow_mut().push(text.to_owned());
        false
    };
    let test = ValueTest::texts(TextTest::Where(&test));
    built
        .rows
        .rows_by_attribute(AttributeScope::Span, "cloud.region", &test, None);
    assert_eq!(asked.borrow().len(), 5);
}
