//! Bytes are those that roam makes of the Rust type.

use facet::Facet;

use super::*;
use crate::{decode, encode, fit, json};

/// The bytes as roam sends them.
fn sent<T: Facet<'static>>(value: &T) -> Vec<u8> {
    vox_phon::to_vec(value).expect("the value can be sent")
}

fn check<T: Facet<'static>>(value: T) -> Value {
    let (shape, bytes) = (shape::<T>(), sent(&value));
    let read = decode(&shape, &bytes).expect("what roam sends can be read");
    assert_eq!(encode(&shape, &read).as_ref(), Ok(&bytes), "{read:?}");
    let written = json::parse(&json::print(&read)).expect("what is printed is JSON");
    assert_eq!(fit(&shape, &written), Ok(read.clone()), "{written:?}");
    read
}

#[test]
fn a_value_of_everything_is_read_written_and_printed_without_loss() {
    let read = check(everything());
    insta::assert_snapshot!(json::pretty(&read), @r#"
    {
      "small": 255,
      "id": 18446744073709551615,
      "balance": -9223372036854775808,
      "huge": 340282366920938463463374607431768211455,
      "ratio": 0.1,
      "part": 0.1,
      "letter": "ü",
      "name": "a \"name\"\n",
      "raw": "0x00ff10",
      "note": null,
      "twice": {
        "Some": null
      },
      "pair": [
        true,
        -128
      ],
      "order": "Name",
      "orders": [
        {
          "Price": 7
        },
        {
          "Both": [
            1,
            "x"
          ]
        },
        {
          "Custom": {
            "key": "k",
            "up": false
          }
        }
      ],
      "counts": {
        "a": 1,
        "b": 2
      },
      "by_id": [
        [
          18446744073709551615,
          "most"
        ]
      ],
      "grid": [
        1,
        2,
        3
      ],
      "nothing": null
    }
    "#);
}

#[test]
fn options_within_options_are_told_apart() {
    let told = [None, Some(None), Some(Some(3_u16))].map(|value| json::print(&check(value)));
    assert_eq!(told, ["null", "{\"Some\":null}", "{\"Some\":3}"]);
}

#[test]
fn scalars_are_aligned_as_roam_aligns_them() {
    for text in ["", "a", "ab", "abc", "abcdefg"] {
        check((
            text.to_owned(),
            1_u64,
            (text.to_owned(), 2_u16),
            (3_u128, 'x'),
        ));
        check(vec![(true, 1_i32), (false, 2)]);
    }
}

#[test]
fn a_type_that_contains_itself_is_read() {
    let leaf = |label: &str| Tree {
        label: label.into(),
        children: Vec::new(),
    };
    let tree = Tree {
        label: "root".into(),
        children: vec![leaf("a"), leaf("b")],
    };
    let read = check(tree);
    assert_eq!(
        json::print(&read),
        r#"{"label":"root","children":[{"label":"a","children":[]},{"label":"b","children":[]}]}"#
    );
}

#[test]
fn numbers_at_the_edges_keep_every_digit() {
    let edges = (
        u64::MAX,
        i64::MIN,
        (u128::MAX, i128::MIN),
        9_007_199_254_740_993_u64,
    );
    assert_eq!(
        json::print(&check(edges)),
        "[18446744073709551615,-9223372036854775808,[340282366920938463463374607431768211455,\
         -170141183460469231731687303715884105728],9007199254740993]"
    );
}

#[test]
fn floats_that_are_no_numbers_are_words() {
    let read = decode(&shape::<f64>(), &sent(&f64::NAN)).expect("it is a float");
    assert_eq!(json::print(&read), "\"NaN\"");
    assert_eq!(json::print(&check(f64::INFINITY)), "\"inf\"");
    assert_eq!(json::print(&check(0.1_f32)), "0.1");
    assert_eq!(json::print(&check(3.0_f64)), "3.0");
}

#[test]
fn a_value_of_another_kind_gives_no_bytes() {
    let shape = shape::<(u8, String)>();
    for wrong in [
        Value::Null,
        Value::List(vec![Value::int(1)]),
        Value::List(vec![Value::int(256), Value::text("")]),
        Value::List(vec![Value::text(""), Value::int(1)]),
    ] {
        assert!(encode(&shape, &wrong).is_err(), "{wrong:?}");
    }
}
