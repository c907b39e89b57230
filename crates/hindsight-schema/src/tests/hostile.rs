//! Descriptions and bytes that are made to harm.

use std::time::{Duration, Instant};

use phon_schema::{
    Field, Primitive, Schema, SchemaId, SchemaKind, SchemaRef, Variant, VariantPayload,
    primitive_id, schema_to_bytes,
};
use proptest::prelude::*;

use super::*;
use crate::read::SchemaError;
use crate::{Answer, CodecError, DEPTH_MAX, SCHEMA_BYTES_MAX, decode, fit, json};

fn primitive(of: Primitive) -> SchemaRef {
    SchemaRef::concrete(primitive_id(of))
}

fn to(id: u64) -> SchemaRef {
    SchemaRef::concrete(SchemaId(id))
}

fn schema(id: u64, kind: SchemaKind) -> Schema {
    generic(id, &[], kind)
}

fn generic(id: u64, parameters: &[&str], kind: SchemaKind) -> Schema {
    Schema {
        id: SchemaId(id),
        type_params: parameters.iter().map(|name| (*name).to_owned()).collect(),
        kind,
    }
}

fn fields(of: &[SchemaRef]) -> SchemaKind {
    let field = |(index, of): (usize, &SchemaRef)| Field {
        name: format!("f{index}"),
        schema: of.clone(),
        required: true,
    };
    SchemaKind::Struct {
        name: "S".into(),
        fields: of.iter().enumerate().map(field).collect(),
    }
}

/// The bytes of a description, ids as they are.
fn described(root: u64, schemas: &[Schema]) -> Vec<u8> {
    let mut out = root.to_le_bytes().to_vec();
    out.extend((schemas.len() as u32).to_le_bytes());
    for schema in schemas {
        let bytes = schema_to_bytes(schema);
        out.extend((bytes.len() as u32).to_le_bytes());
        out.extend(bytes);
    }
    out
}

/// That nothing takes long is what is tested; the limit is far from what it takes.
fn quickly<T>(what: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = what();
    assert!(start.elapsed() < Duration::from_secs(20));
    done
}

#[test]
fn a_description_that_is_too_long_is_not_read() {
    let bytes = vec![0; SCHEMA_BYTES_MAX + 1];
    let refused = read_schema(&bytes).map(|shape| shape.to_string());
    assert_eq!(refused, Err(SchemaError::TooLong(bytes.len())));
    assert_eq!(
        read_schema(&[]).map(|shape| shape.to_string()),
        Err(SchemaError::Missing)
    );
}

#[test]
fn a_generic_type_that_grows_with_each_use_is_refused() {
    // struct S<T> { next: Option<S<(T, T)>> }, where each level has twice the arguments.
    let pair = generic(
        2,
        &["T"],
        SchemaKind::Tuple {
            elements: vec![SchemaRef::var("T"), SchemaRef::var("T")],
        },
    );
    let option = generic(
        3,
        &["T"],
        SchemaKind::Option {
            element: SchemaRef::generic(
                SchemaId(1),
                vec![SchemaRef::generic(SchemaId(2), vec![SchemaRef::var("T")])],
            ),
        },
    );
    let outer = generic(
        1,
        &["T"],
        fields(&[SchemaRef::generic(SchemaId(3), vec![SchemaRef::var("T")])]),
    );
    let root = schema(
        9,
        fields(&[SchemaRef::generic(
            SchemaId(1),
            vec![primitive(Primitive::U8)],
        )]),
    );
    let bytes = described(9, &[pair, option, outer, root]);
    let read = quickly(|| read_schema(&bytes).map(|shape| shape.to_string()));
    assert_eq!(read, Err(SchemaError::TooManyTypes));
}

#[test]
fn generic_types_are_read_for_each_of_their_uses() {
    let page = generic(
        1,
        &["T"],
        SchemaKind::List {
            element: SchemaRef::var("T"),
        },
    );
    let uses = [Primitive::U16, Primitive::String]
        .map(|of| SchemaRef::generic(SchemaId(1), vec![primitive(of)]));
    let shape = read_schema(&described(9, &[page, schema(9, fields(&uses))]));
    let told = shape.map(|shape| shape.definitions().join("\n"));
    assert_eq!(
        told,
        Ok("struct S { f0: Vec<u16>, f1: Vec<String> }".to_owned())
    );
}

#[test]
fn a_description_that_names_what_it_does_not_hold_is_refused() {
    for of in [to(77), SchemaRef::var("T")] {
        let refused = read_schema(&described(9, &[schema(9, fields(&[of]))]));
        assert_eq!(
            refused.map(|shape| shape.to_string()),
            Err(SchemaError::Dangling)
        );
    }
}

#[test]
fn a_struct_that_contains_itself_has_no_end_and_is_an_error() {
    let shape = read_schema(&described(9, &[schema(9, fields(&[to(9), to(9)]))]));
    let shape = shape.expect("it can be told");
    assert_eq!(shape.definitions(), ["struct S { f0: S, f1: S }"]);
    assert_eq!(decode(&shape, &[]), Err(CodecError::TooDeep));
}

#[test]
fn very_many_values_of_no_bytes_are_an_error_in_time() {
    // 64 structs, each of two of the next: 2^64 values in no byte at all.
    let mut schemas: Vec<Schema> = (0..64)
        .map(|id| schema(id, fields(&[to(id + 1), to(id + 1)])))
        .collect();
    schemas.push(schema(64, fields(&[])));
    let shape = read_schema(&described(0, &schemas)).expect("it can be told");
    assert_eq!(quickly(|| decode(&shape, &[])), Err(CodecError::TooLarge));
    assert!(quickly(|| fit(&shape, &Value::Struct(Vec::new()))).is_err());
    let units = crate::tests::shape::<Vec<()>>();
    assert_eq!(
        quickly(|| decode(&units, &u32::MAX.to_le_bytes())),
        Err(CodecError::TooLarge)
    );
}

#[test]
fn values_within_values_end_at_the_limit() {
    let mut bytes = Vec::new();
    for _ in 0..2 * DEPTH_MAX {
        // An empty label, one child.
        bytes.extend([0, 0, 0, 0, 1, 0, 0, 0]);
    }
    assert_eq!(
        decode(&crate::tests::shape::<Tree>(), &bytes),
        Err(CodecError::TooDeep)
    );
    assert!(json::parse(&"[".repeat(100_000)).is_err());
}

#[test]
fn an_array_larger_than_its_bytes_is_an_error_in_time() {
    let array = |dimensions: Vec<u64>| {
        let kind = SchemaKind::Array {
            element: primitive(Primitive::Unit),
            dimensions,
        };
        read_schema(&described(9, &[schema(9, kind)]))
    };
    let huge = array(vec![u64::MAX]).expect("it can be told");
    assert_eq!(quickly(|| decode(&huge, &[])), Err(CodecError::TooLarge));
    assert!(array(vec![u64::MAX, 2]).is_err());
}

#[test]
fn variants_of_which_there_is_none_are_an_error() {
    let kind = SchemaKind::Enum {
        name: "E".into(),
        variants: vec![Variant {
            name: "Only".into(),
            index: 7,
            payload: VariantPayload::Unit,
        }],
    };
    let shape = read_schema(&described(9, &[schema(9, kind)])).expect("it can be told");
    assert_eq!(
        decode(&shape, &3_u32.to_le_bytes()),
        Err(CodecError::NoVariant(3))
    );
    assert!(decode(&shape, &7_u32.to_le_bytes()).is_ok());
}

#[test]
fn what_is_not_sent_as_a_value_is_said() {
    let kind = SchemaKind::Tensor {
        element: primitive(Primitive::F32),
        rank: None,
    };
    let shape = read_schema(&described(9, &[schema(9, kind)])).expect("it can be told");
    assert_eq!(decode(&shape, &[0; 8]), Err(CodecError::Other("a tensor")));
    assert!(fit(&shape, &Value::Null).is_err());
}

proptest! {
    #[test]
    fn descriptions_of_anybody_are_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        value in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        if let Ok(shape) = read_schema(&bytes) {
            let _either = decode(&shape, &value);
            shape.definitions();
        }
        let _either = Answer::decode(&value, &bytes);
    }

    #[test]
    fn descriptions_that_were_changed_are_read_or_refused(
        at in any::<prop::sample::Index>(),
        to in any::<u8>(),
        value in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let mut bytes = vox_phon::schema_bytes::<Everything>().expect("it can be described");
        *at.get_mut(&mut bytes) = to;
        if let Ok(shape) = read_schema(&bytes) {
            let _either = decode(&shape, &value);
            shape.definitions();
        }
    }
}
