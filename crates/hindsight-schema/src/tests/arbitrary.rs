//! Any value of any shape survives bytes, JSON and fitting.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::shape::{Field, Scalar, Type, TypeId, Types, Variant};
use crate::value::Number;
use crate::{Kind, decode, encode, fit, json};

/// A type before it has its place.
#[derive(Clone, Debug)]
enum Plan {
    Scalar(Scalar),
    Struct(Vec<Plan>),
    Enum(Vec<Option<Plan>>),
    Tuple(Vec<Plan>),
    List(Box<Plan>),
    Set(Box<Plan>),
    Array(Box<Plan>, u64),
    Map(Box<Plan>, Box<Plan>),
    Option(Box<Plan>),
}

fn scalars() -> impl Strategy<Value = Scalar> {
    let bits = || prop::sample::select(vec![8_u8, 16, 32, 64, 128]);
    prop_oneof![
        Just(Scalar::Bool),
        bits().prop_map(Scalar::Unsigned),
        bits().prop_map(Scalar::Signed),
        prop::sample::select(vec![32_u8, 64]).prop_map(Scalar::Float),
        Just(Scalar::Char),
        Just(Scalar::Text),
        Just(Scalar::Bytes),
        Just(Scalar::Unit),
    ]
}

fn plans() -> impl Strategy<Value = Plan> {
    let leaf = scalars().prop_map(Plan::Scalar);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Plan::Struct),
            prop::collection::vec(prop::option::of(inner.clone()), 1..4).prop_map(Plan::Enum),
            prop::collection::vec(inner, 0..4).prop_map(Plan::Tuple),
            boxed.clone().prop_map(Plan::List),
            boxed.clone().prop_map(Plan::Set),
            (boxed.clone(), 0..4_u64).prop_map(|(of, length)| Plan::Array(of, length)),
            (scalars(), boxed.clone())
                .prop_map(|(key, of)| Plan::Map(Box::new(Plan::Scalar(key)), of)),
            boxed.prop_map(Plan::Option),
        ]
    })
}

fn place(plan: &Plan, types: &mut Vec<Type>) -> TypeId {
    let mut all =
        |plans: &[Plan]| -> Vec<TypeId> { plans.iter().map(|plan| place(plan, types)).collect() };
    let of = match plan {
        Plan::Scalar(scalar) => Type::Scalar(*scalar),
        Plan::Struct(plans) => {
            let fields = all(plans).into_iter().enumerate();
            let field = |(index, of)| Field {
                name: format!("field{index}").into(),
                of,
            };
            Type::Struct("S".into(), fields.map(field).collect())
        }
        Plan::Enum(plans) => {
            let variant = |(index, plan): (usize, &Option<Plan>)| Variant {
                name: format!("V{index}").into(),
                index: index as u32,
                payload: plan.as_ref().map(|plan| place(plan, types)),
            };
            let variants = plans.iter().enumerate().map(variant).collect();
            Type::Enum("E".into(), variants)
        }
        Plan::Tuple(plans) => Type::Tuple(all(plans)),
        Plan::List(of) => Type::List(place(of, types)),
        Plan::Set(of) => Type::Set(place(of, types)),
        Plan::Array(of, length) => Type::Array(place(of, types), *length),
        Plan::Map(key, of) => Type::Map(place(key, types), place(of, types)),
        Plan::Option(of) => Type::Option(place(of, types)),
    };
    types.push(of);
    types.len() as TypeId - 1
}

fn shapes() -> impl Strategy<Value = Shape> {
    plans().prop_map(|plan| {
        let mut types = Vec::new();
        let of = place(&plan, &mut types);
        let all = Arc::new(Types { types });
        Shape { all, of }
    })
}

/// A value of the shape, made of these choices; once they are used up, the smallest.
fn value(shape: &Shape, choices: &mut impl Iterator<Item = u64>) -> Value {
    let mut next = || choices.next().unwrap_or_default();
    match shape.kind() {
        Kind::Scalar(scalar) => {
            let number = u128::from(next()) << 64 | u128::from(next());
            match scalar {
                Scalar::Bool => Value::Bool(number % 2 == 1),
                Scalar::Unsigned(bits) => {
                    Value::Number(Number::unsigned(number >> (128 - u32::from(bits))))
                }
                Scalar::Signed(bits) => {
                    Value::Number(Number::Int(number as i128 >> (128 - u32::from(bits))))
                }
                Scalar::Float(32) => {
                    Value::Number(Number::Float(f64::from((number >> 64) as i16) / 4.0))
                }
                Scalar::Float(_) => Value::Number(Number::Float(number as u64 as f64 / 3.0)),
                Scalar::Char => Value::text(char::from_u32(number as u32 % 0xd800).unwrap_or('x')),
                Scalar::Bytes => Value::Bytes(number.to_le_bytes()[..number as usize % 16].into()),
                Scalar::Unit => Value::Null,
                _ => Value::text(format!("{number:x}\u{7}\"é")),
            }
        }
        Kind::Struct { fields, .. } => {
            let fields = fields.into_iter();
            let fields = fields.map(|field| (field.name, value(&field.shape, choices)));
            Value::Struct(fields.collect())
        }
        Kind::Enum { variants, .. } => {
            let variant = &variants[next() as usize % variants.len()];
            let payload = variant.payload.as_ref();
            let payload = payload.map(|of| value(of, choices)).unwrap_or_default();
            Value::Variant(Arc::clone(&variant.name), Box::new(payload))
        }
        Kind::Tuple(of) => Value::List(of.iter().map(|of| value(of, choices)).collect()),
        Kind::List(of) | Kind::Set(of) => {
            let length = next() % 4;
            Value::List((0..length).map(|_| value(&of, choices)).collect())
        }
        Kind::Array(of, length) => Value::List((0..length).map(|_| value(&of, choices)).collect()),
        Kind::Map(key, of) => {
            let length = next() % 3;
            let entry = |_| (value(&key, choices), value(&of, choices));
            Value::Map((0..length).map(entry).collect())
        }
        Kind::Option(of) => match (next() % 2, of.may_be_null()) {
            (0, _) => Value::Null,
            (_, true) => Value::Some(Box::new(value(&of, choices))),
            (_, false) => value(&of, choices),
        },
        Kind::Dynamic | Kind::Other(_) => Value::Null,
    }
}

proptest! {
    #[test]
    fn any_value_of_any_shape_survives(
        shape in shapes(),
        choices in prop::collection::vec(any::<u64>(), 0..64),
    ) {
        let value = value(&shape, &mut choices.into_iter());
        let bytes = encode(&shape, &value).expect("it fits");
        prop_assert_eq!(decode(&shape, &bytes), Ok(value.clone()));
        prop_assert_eq!(fit(&shape, &value), Ok(value.clone()));
        let written = json::parse(&json::pretty(&value)).expect("it is JSON");
        let read = fit(&shape, &written).expect("what is printed fits");
        // Two nothings within an option look the same where what is printed is one.
        prop_assert_eq!(encode(&shape, &read), Ok(bytes), "{}", json::print(&value));
    }

    #[test]
    fn an_empty_value_fits_and_is_what_is_filled_in(shape in shapes()) {
        if let Ok(empty) = shape.empty() {
            prop_assert_eq!(fit(&shape, &empty), Ok(empty.clone()));
            let bytes = encode(&shape, &empty).expect("it fits");
            prop_assert_eq!(decode(&shape, &bytes), Ok(empty.clone()));
            if let Kind::Struct { .. } = shape.kind() {
                let nothing = Value::Struct(Vec::new());
                prop_assert_eq!(crate::Gaps::Empty.fit(&shape, &nothing), Ok(empty));
            }
        }
    }

    #[test]
    fn bytes_of_anybody_are_a_value_or_an_error(
        shape in shapes(),
        bytes in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        if let Ok(value) = decode(&shape, &bytes) {
            // Set elements, floats and the like may be written in another form than they came in.
            prop_assert!(encode(&shape, &value).is_ok());
        }
    }

    #[test]
    fn whatever_is_written_fits_or_is_an_error(shape in shapes(), text in ".{0,40}") {
        if let Ok(value) = crate::fit_text(&shape, &text) {
            prop_assert!(encode(&shape, &value).is_ok());
        }
        // It ends, and is not endless.
        prop_assert!(shape.to_string().len() < 2_000);
        prop_assert!(shape.definitions().len() <= 60);
    }

    #[test]
    fn json_of_anybody_is_read_or_refused(text in ".{0,60}") {
        if let Ok(value) = json::parse(&text) {
            prop_assert_eq!(json::parse(&json::print(&value)), Ok(value));
        }
    }
}
