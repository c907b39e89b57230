//! A second evaluator, written from the rules alone: no columns, no tree, no compiled form.

use std::collections::HashSet;

use hindsight_protocol::{KeyValue, Resource, Span, Value as Stored};
use proptest::collection::vec;
use proptest::prelude::*;

use super::span;
use crate::arbitrary::filter_of;
use crate::fixture::batch;
use crate::view::RowsOfTrace;
use crate::{
    AttributeScope, Budget, Expr, Field, Matcher, Order, Pattern, Predicate, Relation, Test, Value,
    Verdict,
};

fn parent<'s>(all: &'s [Span], of: &Span) -> Option<&'s Span> {
    let other = of.parent_id != of.span_id;
    all.iter().find(|s| other && s.span_id == of.parent_id)
}

fn ancestors<'s>(all: &'s [Span], of: &Span) -> Vec<&'s Span> {
    std::iter::successors(parent(all, of), |span| parent(all, span)).collect()
}

fn holds(expr: &Expr, span: &Span, all: &[Span]) -> bool {
    let is = |a: Option<&Span>, b: &Span| a.is_some_and(|a| a.span_id == b.span_id);
    match expr {
        Expr::Const(value) => *value,
        Expr::And(members) => members.iter().all(|member| holds(member, span, all)),
        Expr::Or(members) => members.iter().any(|member| holds(member, span, all)),
        Expr::Not(inner) => !holds(inner, span, all),
        Expr::Text(pattern) => {
            let wanted = pattern.pieces()[0].to_lowercase();
            let values = span.attributes.iter().filter_map(|a| a.value.as_str());
            let mut texts = values.chain([span.name.as_str(), service(span)]);
            texts.any(|text| text.to_lowercase().contains(&wanted))
        }
        Expr::Lens(family) => all.iter().any(|span| {
            let mut keys = span.attributes.iter().map(|a| a.key.split_once('.'));
            keys.any(|split| split.is_some_and(|(head, _)| head == family))
        }),
        Expr::Field(predicate) => field_holds(predicate, span, all),
        Expr::Has(inner) => all.iter().any(|other| holds(inner, other, all)),
        Expr::Related(relation, inner) => all
            .iter()
            .filter(|other| match relation {
                Relation::Parent => is(parent(all, span), other),
                Relation::Child => is(parent(all, other), span),
                Relation::Ancestor => ancestors(all, span).iter().any(|a| is(Some(a), other)),
                Relation::Descendant => ancestors(all, other).iter().any(|a| is(Some(a), span)),
                Relation::Sibling => {
                    other.span_id != span.span_id
                        && parent(all, span).is_some_and(|p| is(parent(all, other), p))
                }
            })
            .any(|other| holds(inner, other, all)),
    }
}

fn service(span: &Span) -> &str {
    let mut attributes = span.resource.attributes.iter();
    let name = attributes.find(|a| a.key == "service.name");
    name.and_then(|a| a.value.as_str()).unwrap_or_default()
}

fn field_holds(predicate: &Predicate, span: &Span, all: &[Span]) -> bool {
    let stored = match &predicate.field {
        Field::Name => Some(Stored::from(span.name.as_str())),
        Field::Service => Some(service(span).into()).filter(|name| *name != Stored::from("")),
        Field::Duration => span.end().map(|end| Stored::from(end - span.start_ns)),
        Field::TraceSpans => Some((all.len() as u64).into()),
        Field::TraceServices => {
            let services: HashSet<&str> = all.iter().map(service).collect();
            Some(services.iter().filter(|s| !s.is_empty()).count().into())
        }
        Field::Attribute(AttributeScope::Any, key) => {
            let found = span.attribute(key).cloned();
            found.or_else(|| {
                let mut resource = span.resource.attributes.iter();
                resource.find(|a| a.key == *key).map(|a| a.value.clone())
            })
        }
        other => panic!("not in this model: {other}"),
    };
    let Some(stored) = stored else {
        return false;
    };
    passes(&predicate.test, &stored) != predicate.negated
}

fn spelled(stored: &Stored) -> String {
    match stored {
        Stored::String(text) => text.clone(),
        Stored::I64(number) => number.to_string(),
        Stored::F64(number) => number.to_string(),
        Stored::Bool(value) => value.to_string(),
        other => panic!("not in this model: {other:?}"),
    }
}

fn passes(test: &Test, stored: &Stored) -> bool {
    match test {
        Test::Exists => true,
        Test::Like(pattern) => {
            let source: Vec<String> = pattern.pieces().iter().map(|p| regex::escape(p)).collect();
            let regex = format!("(?is)^{}$", source.join(".*"));
            regex::Regex::new(&regex).is_ok_and(|regex| regex.is_match(&spelled(stored)))
        }
        Test::Matches(source) => {
            regex::Regex::new(source).is_ok_and(|regex| regex.is_match(&spelled(stored)))
        }
        Test::In(values) => values.iter().any(|value| equal(value, stored)),
        Test::Equal(value) => equal(value, stored),
        Test::Order(order, value) => {
            let ordering = match (stored, value) {
                (Stored::String(a), Value::Text(b)) => a.cmp(b),
                (Stored::I64(_) | Stored::F64(_), Value::Text(_) | Value::Bool(_)) => return false,
                (Stored::I64(a), b) => float(*a as f64, number(b)),
                (Stored::F64(a), b) => float(*a, number(b)),
                _ => return false,
            };
            match order {
                Order::Less => ordering.is_lt(),
                Order::LessEqual => ordering.is_le(),
                Order::Greater => ordering.is_gt(),
                Order::GreaterEqual => ordering.is_ge(),
            }
        }
    }
}

fn float(a: f64, b: f64) -> std::cmp::Ordering {
    a.partial_cmp(&b).expect("this model has no NaN")
}

/// This model's numbers are small enough for doubles.
fn number(value: &Value) -> f64 {
    match value {
        Value::Int(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Duration(number) | Value::Size(number) => *number as f64,
        other => panic!("not in this model: {other}"),
    }
}

fn equal(value: &Value, stored: &Stored) -> bool {
    match (value, stored) {
        (Value::Text(a), Stored::String(b)) => a == b,
        (Value::Bool(a), Stored::Bool(b)) => a == b,
        (Value::Text(_) | Value::Bool(_), Stored::I64(_) | Stored::F64(_)) => false,
        (Value::Text(_), _) | (_, Stored::Bool(_)) => false,
        (value, Stored::String(text)) => value.to_string() == *text,
        (value, Stored::I64(b)) => number(value) == *b as f64,
        (value, Stored::F64(b)) => number(value) == *b,
        _ => false,
    }
}

fn literal() -> impl Strategy<Value = Value> {
    prop_oneof![
        proptest::sample::select(vec!["a", "b", "1", "true", "10ns"])
            .prop_map(|text| Value::Text(text.into())),
        (0i64..3).prop_map(Value::Int),
        Just(Value::Float(0.5)),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Duration(10)),
        Just(Value::Size(1)),
    ]
}

fn test_of(value: impl Strategy<Value = Value> + Clone + 'static) -> BoxedStrategy<(Test, bool)> {
    let order = proptest::sample::select(vec![
        Order::Less,
        Order::LessEqual,
        Order::Greater,
        Order::GreaterEqual,
    ]);
    prop_oneof![
        Just((Test::Exists, false)),
        (value.clone(), any::<bool>()).prop_map(|(value, n)| (Test::Equal(value), n)),
        (vec(value.clone(), 1..3), any::<bool>()).prop_map(|(values, n)| (Test::In(values), n)),
        (order, value).prop_map(|(order, value)| (Test::Order(order, value), false)),
    ]
    .boxed()
}

fn text_test() -> impl Strategy<Value = (Test, bool)> {
    let pieces = vec("[ab1]{0,1}", 1..3).prop_map(Pattern::from_pieces);
    prop_oneof![
        pieces.prop_map(|pattern| (Test::Like(pattern), false)),
        ("[ab1.^$]{1,2}", any::<bool>()).prop_map(|(source, n)| (Test::Matches(source), n)),
    ]
}

fn leaf() -> impl Strategy<Value = Expr> {
    let key = || {
        proptest::sample::select(vec!["k", "l.x"])
            .prop_map(|key| Field::Attribute(AttributeScope::Any, key.into()))
    };
    let count = (0i64..6).prop_map(Value::Int);
    let field = prop_oneof![
        (Just(Field::Name), text_test()),
        (Just(Field::Service), text_test()),
        (key(), text_test()),
        (key(), test_of(literal().boxed())),
        (
            Just(Field::Duration),
            test_of((8u64..12).prop_map(Value::Duration).boxed())
        ),
        (Just(Field::TraceSpans), test_of(count.clone().boxed())),
        (Just(Field::TraceServices), test_of(count.boxed())),
    ];
    let field = field.prop_map(|(field, (test, negated))| {
        Expr::Field(Predicate {
            field,
            negated,
            test,
        })
    });
    prop_oneof![
        6 => field,
        1 => "[ab]{1,2}".prop_map(|text| Expr::Text(Pattern::exact(text))),
        1 => proptest::sample::select(vec!["k", "l", "m"]).prop_map(|f| Expr::Lens(f.into())),
        1 => any::<bool>().prop_map(Expr::Const),
    ]
}

fn stored() -> impl Strategy<Value = Stored> {
    prop_oneof![
        proptest::sample::select(vec!["a", "B", "ab", "1", "true", "10ns", "1B", "0.5"])
            .prop_map(Stored::from),
        (0i64..3).prop_map(Stored::from),
        proptest::sample::select(vec![0.5, 1.0, 10.0]).prop_map(Stored::from),
        any::<bool>().prop_map(Stored::Bool),
    ]
}

/// A forest: each span's parent is an earlier one, none, itself, or one that is not there.
fn spans() -> impl Strategy<Value = Vec<Span>> {
    let one = (
        any::<proptest::sample::Index>(),
        "[abAB]{1,2}",
        proptest::sample::select(vec!["", "a", "b"]),
        8u64..12,
        proptest::option::weighted(0.7, stored()),
        proptest::option::weighted(0.3, stored()),
        proptest::option::weighted(0.3, stored()),
    );
    vec(one, 1..9).prop_map(|described| {
        let described = (1u64..).zip(described);
        let spans = described.map(|(id, (parent, name, service, duration, k, lx, shared))| {
            let choice = parent.index(id as usize + 3) as u64;
            let parent = if choice == id + 1 { 99 } else { choice.min(id) };
            let mut built = span(id, parent);
            built.name = name;
            built.end_ns = built.start_ns + duration;
            let own = [("k", k), ("l.x", lx)].into_iter();
            built.attributes = own
                .filter_map(|(key, value)| Some(KeyValue::new(key, value?)))
                .collect();
            let mut attributes = vec![KeyValue::new("service.name", service)];
            attributes.extend(shared.map(|value| KeyValue::new("k", value)));
            built.resource = Resource {
                attributes,
                ..Resource::default()
            };
            built
        });
        spans.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn both_ways_of_evaluating_agree_with_the_rules(
        spans in spans(),
        filter in filter_of(leaf().boxed()),
    ) {
        let batch = batch(&spans);
        let trace = RowsOfTrace::new(batch.rows());
        let matcher = Matcher::new(&filter, 0).expect("the filter is well typed");
        let budget = &mut Budget::unlimited();
        let found = matcher.search(&trace, budget);
        let inward = Matcher::new(&filter.negations_inward(), 0).expect("and so is this");
        let simplified = Matcher::new(&filter.simplified(), 0).expect("and this");
        for span in &spans {
            let node = trace.find(span.span_id).expect("every span is in its trace");
            let expected = Verdict::from(holds(&filter, span, &spans));
            prop_assert_eq!(matcher.matches(&trace, node, budget), expected, "{} on {:?}", filter, span);
            prop_assert_eq!(found.verdict(node), expected, "{} on {:?}", filter, span);
            prop_assert_eq!(inward.matches(&trace, node, budget), expected);
            prop_assert_eq!(simplified.matches(&trace, node, budget), expected);
            // What is known of a span alone does not change when its trace is known.
            let alone = matcher.matches_alone(trace.row(node).expect("it is there"));
            prop_assert!(alone == expected || alone == Verdict::Unknown);
        }
    }

    #[test]
    fn a_small_budget_makes_answers_unknown_but_never_wrong(
        spans in spans(),
        filter in filter_of(leaf().boxed()),
        steps in 0u64..60,
    ) {
        let batch = batch(&spans);
        let trace = RowsOfTrace::new(batch.rows());
        let matcher = Matcher::new(&filter, 0).expect("the filter is well typed");
        let found = matcher.search(&trace, &mut Budget::new(steps));
        for span in &spans {
            let node = trace.find(span.span_id).expect("every span is in its trace");
            let expected = Verdict::from(holds(&filter, span, &spans));
            let mut budget = Budget::new(steps);
            let verdict = matcher.matches(&trace, node, &mut budget);
            prop_assert!(verdict == expected || verdict == Verdict::Unknown && budget.is_cut());
            prop_assert!([expected, Verdict::Unknown].contains(&found.verdict(node)));
        }
    }
}
