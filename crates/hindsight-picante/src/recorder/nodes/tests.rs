use picante::{InternId, Runtime};

use super::*;
use crate::kind::{self, Class};

struct NoNames;

impl Names for NoNames {
    fn interned(&self, _: QueryKindId, _: InternId) -> Option<String> {
        None
    }

    fn kind(&self, _: QueryKindId) -> Option<&'static Kind> {
        None
    }
}

fn key(family: RuntimeId, number: u32) -> NodeKey {
    NodeKey {
        family,
        kind: QueryKindId(77),
        key: Key::from_facet(number).expect("a key"),
    }
}

fn kind() -> &'static Kind {
    kind::kind(
        QueryKindId(77),
        "numbered",
        Class::Derived,
        None,
        |key, _, _| {
            key.decode_facet::<u32>()
                .ok()
                .map(|number| number.to_string())
        },
    )
}

#[test]
fn a_full_store_gives_up_what_was_not_used_lately() {
    let family = Runtime::new().id();
    let mut nodes = Nodes::default();
    let max = NODES_MAX as u32;
    for number in 0..max {
        nodes.node(&key(family, number), kind(), &NoNames);
    }
    // The first search finds all of them used, and takes the first one again.
    nodes.node(&key(family, max), kind(), &NoNames);
    assert!(nodes.get(&key(family, 0)).is_none());
    nodes.node(&key(family, 1), kind(), &NoNames);
    nodes.node(&key(family, max + 1), kind(), &NoNames);
    assert!(nodes.get(&key(family, 1)).is_some(), "used since");
    assert!(nodes.get(&key(family, 2)).is_none());
    assert_eq!((nodes.iter().count(), nodes.forgotten()), (NODES_MAX, 2));
}

#[test]
fn nodes_stay_in_the_order_of_first_sight() {
    let family = Runtime::new().id();
    let mut nodes = Nodes::default();
    for number in [3, 1, 2, 1, 3] {
        nodes.node(&key(family, number), kind(), &NoNames);
    }
    let texts: Vec<&str> = nodes.iter().map(|(_, node)| &*node.text).collect();
    assert_eq!(texts, ["3", "1", "2"]);
}
