//! Which column a list is sorted by, as links say it: `self`, and `-self` the other way round.

use super::Head;
use crate::columns::Strings;

/// A column and a direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SortBy {
    /// Place among the heads.
    pub column: usize,
    /// Against the column's own direction: texts and times ascend, figures begin with the largest.
    pub is_reversed: bool,
}

impl SortBy {
    /// Reads a link's word; the first column where it names none of `heads`.
    pub fn of_word(heads: &[Head], word: &str, default: &str) -> Self {
        let find = |word: &str| {
            let (key, is_reversed) = match word.strip_prefix('-') {
                Some(key) => (key, true),
                None => (word, false),
            };
            let column = heads
                .iter()
                .position(|head| head.key == key && !key.is_empty())?;
            Some(Self {
                column,
                is_reversed,
            })
        };
        find(word).or_else(|| find(default)).unwrap_or_default()
    }

    /// The word after a click on the head of `key`, where `word` is the present one: the column, or
    /// it the other way round.
    pub fn next_word(word: &str, key: &str) -> String {
        match word == key {
            true => format!("-{key}"),
            false => key.to_owned(),
        }
    }

    /// Orders `rows` by `key`; equal ones keep their order.
    pub(super) fn order(self, rows: Vec<u32>, key: impl Fn(usize) -> u64) -> Vec<u32> {
        let mut keyed: Vec<(u64, u32)> = rows
            .iter()
            .zip(0..)
            .map(|(row, place)| (key(*row as usize), place))
            .collect();
        keyed.sort_unstable();
        if self.is_reversed {
            keyed.reverse();
        }
        let ordered = keyed.iter().map(|(_, place)| rows[*place as usize]);
        ordered.collect()
    }
}

/// For each code its place in the order of the texts.
pub(super) fn ranks(strings: &Strings) -> Vec<u32> {
    let mut codes: Vec<u32> = (0..strings.len() as u32).collect();
    codes.sort_by(|a, b| strings.get(*a).cmp(strings.get(*b)));
    let mut ranks = vec![0; codes.len()];
    for (rank, code) in (0..).zip(codes) {
        ranks[code as usize] = rank;
    }
    ranks
}
