//! Queries, made at random, for this crate's tests.

use hindsight_protocol::{SpanId, SpanKind, SpanState, StatusCode, TraceId};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::{
    Aggregate, AttributeScope, Direction, Expr, Field, FieldType, Function, Order, Pattern,
    Pipeline, Predicate, Query, Relation, Sort, SortKey, Test, TimeValue, Value,
};

/// Texts that are hard to write down, and plain ones.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c]{1,2}",
        "[a-z0-9._/:=<>~!*\\\\\"'(),| -]{0,6}",
        any::<String>().prop_map(|text| text.chars().take(8).collect()),
        proptest::sample::select(vec![
            "and", "not", "in", "exists", "parent", "true", "5", "10ms"
        ])
        .prop_map(String::from),
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        text().prop_filter("keys are not empty", |text| !text.is_empty()),
        proptest::sample::select(vec![
            "name",
            "lens",
            "span.x",
            "event.name",
            "by",
            "http.route"
        ])
        .prop_map(String::from),
    ]
}

fn scope() -> impl Strategy<Value = AttributeScope> {
    proptest::sample::select(vec![
        AttributeScope::Any,
        AttributeScope::Span,
        AttributeScope::Resource,
        AttributeScope::Scope,
        AttributeScope::Event,
    ])
}

fn field() -> impl Strategy<Value = Field> {
    let named: Vec<Field> = Field::named().map(|(_, field, _)| field).collect();
    prop_oneof![
        proptest::sample::select(named),
        (scope(), key()).prop_map(|(scope, key)| Field::Attribute(scope, key)),
    ]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    vec(text(), 1..4).prop_map(Pattern::from_pieces)
}

/// As the parser has it: whole numbers are integers.
fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::Int),
        (-9i64..9).prop_map(Value::Int),
        any::<f64>()
            .prop_filter("the parser reads no such number", |value| {
                value.is_finite() && (value.fract() != 0.0 || value.abs() > 1e16)
            })
            .prop_map(Value::Float),
    ]
}

fn value(field_type: FieldType) -> BoxedStrategy<Value> {
    let time = prop_oneof![
        any::<u64>().prop_map(TimeValue::At),
        (-i64::MAX..i64::MAX).prop_map(TimeValue::FromNow),
    ];
    match field_type {
        FieldType::Text => text().prop_map(Value::Text).boxed(),
        FieldType::Count => (0..i64::MAX).prop_map(Value::Int).boxed(),
        FieldType::Duration => any::<u64>().prop_map(Value::Duration).boxed(),
        FieldType::Time => time.prop_map(Value::Time).boxed(),
        FieldType::Status => (0u8..3)
            .prop_map(|n| Value::Status(StatusCode::from_u8(n)))
            .boxed(),
        FieldType::Kind => (0u8..5)
            .prop_map(|n| Value::Kind(SpanKind::from_u8(n)))
            .boxed(),
        FieldType::State => (0u8..5)
            .prop_map(|n| Value::State(SpanState::from_u8(n)))
            .boxed(),
        FieldType::TraceId => (1u128..)
            .prop_map(|n| Value::TraceId(TraceId::from_u128(n)))
            .boxed(),
        FieldType::SpanId => (1u64..)
            .prop_map(|n| Value::SpanId(SpanId::from_u64(n)))
            .boxed(),
        FieldType::Any => prop_oneof![
            text().prop_map(Value::Text),
            any::<bool>().prop_map(Value::Bool),
            number(),
            any::<u64>().prop_map(Value::Duration),
            any::<u64>().prop_map(Value::Size),
        ]
        .boxed(),
    }
}

fn order() -> impl Strategy<Value = Order> {
    proptest::sample::select(vec![
        Order::Less,
        Order::LessEqual,
        Order::Greater,
        Order::GreaterEqual,
    ])
}

fn test(field_type: FieldType) -> BoxedStrategy<Test> {
    let equal = value(field_type).prop_map(Test::Equal);
    let among = vec(value(field_type), 1..4).prop_map(Test::In);
    let ordered = (order(), value(field_type)).prop_map(|(order, value)| Test::Order(order, value));
    let regex = "[a-c.^$|]{0,5}".prop_filter_map("not a regular expression", |source| {
        regex::Regex::new(&source)
            .ok()
            .map(|_| Test::Matches(source))
    });
    // `key:*` is read as `exists(key)`.
    let like = pattern()
        .prop_filter("read as another test", |pattern| !pattern.is_any())
        .prop_map(Test::Like);
    match field_type {
        FieldType::Text => prop_oneof![Just(Test::Exists), equal, among, like, regex].boxed(),
        FieldType::Any => {
            prop_oneof![Just(Test::Exists), equal, among, like, regex, ordered].boxed()
        }
        FieldType::Count | FieldType::Duration | FieldType::Time => {
            prop_oneof![Just(Test::Exists), equal, among, ordered].boxed()
        }
        _ => prop_oneof![Just(Test::Exists), equal, among].boxed(),
    }
}

fn predicate() -> impl Strategy<Value = Expr> {
    let tested = field().prop_flat_map(|field| {
        let kind = field.field_type();
        (Just(field), test(kind), any::<bool>())
    });
    tested.prop_map(|(field, test, negated)| {
        let negatable = matches!(test, Test::Equal(_) | Test::Matches(_) | Test::In(_));
        Expr::Field(Predicate {
            field,
            negated: negated && negatable,
            test,
        })
    })
}

/// Filters such as the parser makes, over the given leaves.
pub(crate) fn filter_of(leaf: BoxedStrategy<Expr>) -> impl Strategy<Value = Expr> {
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Expr::and),
            vec(inner.clone(), 2..4).prop_map(Expr::or),
            inner.clone().prop_map(Expr::not),
            inner.clone().prop_map(Expr::has),
            (proptest::sample::select(Relation::ALL.to_vec()), inner)
                .prop_map(|(relation, inner)| Expr::related(relation, inner)),
        ]
    })
}

/// Filters of every kind.
pub(crate) fn filter() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        4 => predicate(),
        1 => pattern().prop_map(|pattern| Expr::Text(pattern.trimmed())),
        1 => key().prop_map(Expr::Lens),
        1 => any::<bool>().prop_map(Expr::Const),
    ];
    filter_of(leaf.boxed())
}

fn numeric() -> impl Strategy<Value = Field> {
    field().prop_filter("has no numbers", |field| {
        let kind = field.field_type();
        !field.has_many_values()
            && matches!(
                kind,
                FieldType::Any | FieldType::Count | FieldType::Duration
            )
    })
}

fn group() -> impl Strategy<Value = Field> {
    field().prop_filter("gives no groups", |field| {
        !field.has_many_values()
            && !matches!(field.field_type(), FieldType::Duration | FieldType::Time)
    })
}

fn aggregate() -> impl Strategy<Value = Aggregate> {
    let function = proptest::sample::select(Function::ALL[..12].to_vec());
    (function, numeric()).prop_map(|(function, field)| Aggregate {
        function,
        field: function.takes_field().then_some(field),
    })
}

fn direction() -> impl Strategy<Value = Direction> {
    proptest::sample::select(vec![Direction::Ascending, Direction::Descending])
}

fn pipeline() -> impl Strategy<Value = Pipeline> {
    let aggregated = (
        vec(aggregate(), 1..4),
        vec(group(), 0..3),
        option::of(1u64..),
        option::of((any::<proptest::sample::Index>(), direction())),
        option::of(1u32..1_000_000),
    )
        .prop_map(|(aggregates, mut by, over_ns, sort, limit)| {
            by.dedup();
            let mut columns: Vec<SortKey> =
                aggregates.iter().cloned().map(SortKey::Aggregate).collect();
            columns.extend(by.iter().cloned().map(SortKey::Field));
            let sort = sort.map(|(index, direction)| Sort {
                key: index.get(&columns).clone(),
                direction,
            });
            Pipeline {
                aggregates,
                by,
                over_ns,
                sort,
                limit,
            }
        });
    let spans = (group(), direction(), option::of(1u32..1_000_000)).prop_map(
        |(field, direction, limit)| Pipeline {
            sort: Some(Sort {
                key: SortKey::Field(field),
                direction,
            }),
            limit,
            ..Pipeline::default()
        },
    );
    let heatmap = option::of(1u64..).prop_map(|over_ns| Pipeline {
        aggregates: vec![Aggregate {
            function: Function::Heatmap,
            field: None,
        }],
        over_ns,
        ..Pipeline::default()
    });
    prop_oneof![aggregated, spans, heatmap]
}

/// Whole queries.
pub(crate) fn query() -> impl Strategy<Value = Query> {
    (filter(), option::of(pipeline())).prop_map(|(filter, pipeline)| Query { filter, pipeline })
}
