//! Shapes, values and bytes, against those that roam makes of Rust types.

mod arbitrary;
mod bytes;
mod gaps;
mod hostile;
mod methods;
mod words;

use std::collections::BTreeMap;

use facet::Facet;

use crate::{Shape, Value, read_schema};

/// The shape of a Rust type, as an app describes it.
pub(crate) fn shape<T: Facet<'static>>() -> Shape {
    let bytes = vox_phon::schema_bytes::<T>().expect("the type can be described");
    read_schema(&bytes).expect("the description can be read")
}

/// A value with something of everything.
#[derive(Clone, Debug, PartialEq, Facet)]
pub(crate) struct Everything {
    pub(crate) small: u8,
    pub(crate) id: u64,
    pub(crate) balance: i64,
    pub(crate) huge: u128,
    pub(crate) ratio: f64,
    pub(crate) part: f32,
    pub(crate) letter: char,
    pub(crate) name: String,
    pub(crate) raw: Vec<u8>,
    pub(crate) note: Option<String>,
    pub(crate) twice: Option<Option<u16>>,
    pub(crate) pair: (bool, i8),
    pub(crate) order: Order,
    pub(crate) orders: Vec<Order>,
    pub(crate) counts: BTreeMap<String, u32>,
    pub(crate) by_id: BTreeMap<u64, String>,
    pub(crate) grid: [u16; 3],
    pub(crate) nothing: (),
}

#[derive(Clone, Debug, PartialEq, Facet)]
#[repr(u8)]
pub(crate) enum Order {
    Name,
    Price(u32),
    Both(u8, String),
    Custom { key: String, up: bool },
}

/// Contains itself.
#[derive(Clone, Debug, PartialEq, Facet)]
pub(crate) struct Tree {
    pub(crate) label: String,
    pub(crate) children: Vec<Tree>,
}

pub(crate) fn everything() -> Everything {
    Everything {
        small: 255,
        id: u64::MAX,
        balance: i64::MIN,
        huge: u128::MAX,
        ratio: 0.1,
        part: 0.1,
        letter: 'ü',
        name: "a \"name\"\n".into(),
        raw: vec![0, 255, 16],
        note: None,
        twice: Some(None),
        pair: (true, -128),
        order: Order::Name,
        orders: vec![
            Order::Price(7),
            Order::Both(1, "x".into()),
            Order::Custom {
                key: "k".into(),
                up: false,
            },
        ],
        counts: BTreeMap::from([("a".into(), 1), ("b".into(), 2)]),
        by_id: BTreeMap::from([(u64::MAX, "most".into())]),
        grid: [1, 2, 3],
        nothing: (),
    }
}
