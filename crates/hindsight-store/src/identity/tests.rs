use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, u32),
    Replace(u8, u32),
    Remove(u8),
    /// Rows of earlier chunks are gone.
    Gone(u32),
}

/// Hashes of one shard, crowded at both ends so that searches wrap around.
fn hash(key: u8) -> IdentityHash {
    let spread = match key % 3 {
        0 => u64::from(key),
        1 => u64::from(u32::MAX) - u64::from(key),
        _ => u64::from(key) << 24,
    };
    // Neighbours share a fingerprint: only the place tells them apart.
    IdentityHash {
        shard: 7,
        fingerprint: spread as u32 & !1,
    }
}

fn place(key: u8, version: u32) -> Place {
    match version % 2 {
        0 => Place::Open(u64::from(version) << 8 | u64::from(key)),
        _ => Place::Row(RowRef {
            chunk: version,
            row: u32::from(key),
        }),
    }
}

fn belongs_to(place: Place, key: u8) -> bool {
    match place {
        Place::Open(serial) => serial & 0xff == u64::from(key),
        Place::Row(at) => at.row == u32::from(key),
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (any::<u8>(), any::<u32>()).prop_map(|(k, v)| Step::Insert(k, v >> 8)),
        1 => (any::<u8>(), any::<u32>()).prop_map(|(k, v)| Step::Replace(k, v >> 8)),
        3 => any::<u8>().prop_map(Step::Remove),
        1 => any::<u32>().prop_map(|v| Step::Gone(v >> 8)),
    ];
    proptest::collection::vec(step, 0..600)
}

proptest! {
    #[test]
    fn the_index_agrees_with_a_map(steps in steps()) {
        let mut index = IdentityIndex::default();
        let mut map: HashMap<u8, Place> = HashMap::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Insert(key, version) => {
                    if let std::collections::hash_map::Entry::Vacant(vacant) = map.entry(key) {
                        vacant.insert(place(key, version));
                        let is_it = |place| belongs_to(place, key);
                        match index.find_or_vacant(hash(key), is_it) {
                            Err(at) if version % 3 > 0 => index.insert_at(hash(key), at, place(key, version)),
                            Err(_) => index.insert(hash(key), place(key, version)),
                            Ok(found) => prop_assert!(false, "{found:?} is not in the map"),
                        }
                    }
                }
                Step::Replace(key, version) => {
                    if let Some(before) = map.get_mut(&key) {
                        index.replace(hash(key), *before, place(key, version));
                        *before = place(key, version);
                    }
                }
                Step::Remove(key) => {
                    let was_there = index.remove(hash(key), |place| belongs_to(place, key));
                    prop_assert_eq!(was_there, map.remove(&key).is_some());
                }
                Step::Gone(oldest) => {
                    let is_gone = |chunk| chunk < oldest;
                    map.retain(|_, place| !matches!(place, Place::Row(at) if is_gone(at.chunk)));
                    // However few they are.
                    index.note_gone(u64::from(u32::MAX));
                    index.sweep(usize::MAX, is_gone);
                }
            }
            if number % 16 > 0 {
                continue;
            }
            for key in 0..=u8::MAX {
                let found = index.find_or_vacant(hash(key), |place| belongs_to(place, key));
                prop_assert_eq!(found.ok(), map.get(&key).copied());
            }
        }
        let len: usize = index.shards.iter().map(|shard| shard.len as usize).sum();
        prop_assert_eq!(len, map.len());
        prop_assert_eq!(index.len, map.len() as u64);
    }
}

/// An index of rows, a hundred to a chunk.
fn rows(rows: u32) -> IdentityIndex {
    let mut index = IdentityIndex::default();
    for row in 0..rows {
        let place = Place::Row(RowRef {
            chunk: row / 100,
            row: row % 100,
        });
        index.insert(hash_of(&index, row), place);
    }
    index
}

fn hash_of(index: &IdentityIndex, row: u32) -> IdentityHash {
    let trace = TraceId::from_u128(u128::from(row / 10));
    index.hash(trace, SpanId::from_u64(u64::from(row)))
}

#[test]
fn what_is_gone_leaves_bit_by_bit_when_it_is_an_eighth() {
    let mut index = rows(100_000);
    let (all, bytes) = (index.len, index.bytes());
    index.note_gone(12_400);
    index.sweep(usize::MAX, |chunk| chunk < 124);
    assert_eq!(index.len, all, "too few to begin");

    index.note_gone(100);
    let mut bits = 0;
    while index.len > all - 12_500 {
        let before = index.len;
        index.sweep(4_096, |chunk| chunk < 125);
        assert!(before - index.len < 1_000, "more than a bit");
        bits += 1;
        assert!(bits < 1_000, "the round never ends");
    }
    assert!(bits > 10, "{bits}");
    for row in 0..100_000 {
        let chunk = row / 100;
        let is_it = |place| {
            place
                == Place::Row(RowRef {
                    chunk,
                    row: row % 100,
                })
        };
        let found = index.find_or_vacant(hash_of(&index, row), is_it).is_ok();
        assert_eq!(found, chunk >= 125, "row {row}");
    }
    assert_eq!(index.gone, 0);
    assert!(index.bytes() <= bytes);
}

#[test]
fn an_index_of_which_all_is_gone_keeps_no_table() {
    let mut index = rows(50_000);
    index.note_gone(50_000);
    index.sweep(usize::MAX, |_| true);
    assert_eq!((index.len, index.bytes(), index.gone), (0, 0, 0));
    let hash = hash_of(&index, 7);
    index.insert(hash, Place::Open(3));
    assert_eq!(
        index.find_or_vacant(hash, |_| true).ok(),
        Some(Place::Open(3))
    );
}

#[test]
fn bytes_are_those_of_the_slots() {
    let mut index = IdentityIndex::default();
    for number in 0..100_000_u64 {
        let hash = index.hash(
            TraceId::from_u128(u128::from(number / 10)),
            SpanId::from_u64(number),
        );
        index.insert(hash, Place::Open(number));
    }
    let slots: usize = index.shards.iter().map(|shard| shard.slots.len()).sum();
    assert_eq!(index.bytes(), slots as u64 * 12);
    let load = 100_000.0 / slots as f64;
    assert!((0.35..=0.76).contains(&load), "{load}");
}
