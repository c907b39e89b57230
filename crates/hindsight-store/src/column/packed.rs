//! Columns of unsigned numbers in as few bytes as their range allows. Immutable.
//!
//! In: numbers of any size. Out: a [`Packed`] column: each value is a base plus a difference of 0
//! bits, 1 bit, 1, 2, 4 or 8 bytes. Values far from all others (an end that is not known yet, the
//! one status that is not the default) do not widen the column: they stand in a sorted list of
//! exceptions. So a column that says the same in nearly all rows takes next to nothing.

mod choose;
mod scan;

use self::choose::{Layout, choose};

/// A column of numbers.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    len: usize,
    base: u64,
    differences: Differences,
    exceptions: Option<Box<Exceptions>>,
    min: u64,
    max: u64,
}

/// Value minus base; all ones where the value is an exception, if there are exceptions.
#[derive(Debug, Default)]
enum Differences {
    /// Always zero.
    #[default]
    None,
    /// 64 a word. Never with exceptions.
    Bits(Box<[u64]>),
    U8(Box<[u8]>),
    U16(Box<[u16]>),
    U32(Box<[u32]>),
    /// Never with exceptions.
    U64(Box<[u64]>),
}

/// Rows, ascending, and their values.
#[derive(Debug)]
struct Exceptions {
    rows: Box<[u32]>,
    values: Box<[u64]>,
}

impl Packed {
    /// The column of these values. At most `u32::MAX` of them. One or two passes.
    pub(crate) fn of<T: Copy + Ord + Into<u64>>(values: &[T]) -> Self {
        let Some(layout) = choose(values) else {
            return Self::default();
        };
        let mut exceptions = Vec::new();
        let differences = layout.pack(values, &mut exceptions);
        let (rows, values_of): (Vec<u32>, Vec<u64>) = exceptions.into_iter().unzip();
        let exceptions = (!rows.is_empty()).then(|| {
            Box::new(Exceptions {
                rows: rows.into(),
                values: values_of.into(),
            })
        });
        Self {
            len: values.len(),
            base: layout.base,
            differences,
            exceptions,
            min: layout.min,
            max: layout.max,
        }
    }

    /// [`Packed::of`] that keeps the memory of the values if they need all of it.
    pub(crate) fn of_wide(mut values: Vec<u64>) -> Self {
        let layout = match choose(&values) {
            Some(layout) if layout.bits == 64 => layout,
            _ => return Self::of(&values),
        };
        let len = values.len();
        values.iter_mut().for_each(|value| *value -= layout.base);
        Self {
            len,
            base: layout.base,
            differences: Differences::U64(values.into()),
            exceptions: None,
            min: layout.min,
            max: layout.max,
        }
    }

    /// A column of `len` times the same value.
    pub(crate) fn repeat(value: u64, len: usize) -> Self {
        Self {
            len,
            base: value,
            min: value,
            max: value,
            ..Self::default()
        }
    }

    /// Number of values.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Smallest and largest value; (0, 0) of an empty column.
    pub(crate) fn range(&self) -> (u64, u64) {
        (self.min, self.max)
    }

    /// The value that all rows have, if they do and there are any.
    pub(crate) fn constant(&self) -> Option<u64> {
        (self.min == self.max && self.len > 0).then_some(self.min)
    }

    /// Value `row`; panics when there is no such row, as slices do.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> u64 {
        let (difference, marked) = match &self.differences {
            Differences::None => (0, true),
            Differences::Bits(words) => (words[row / 64] >> (row % 64) & 1, false),
            Differences::U8(all) => (u64::from(all[row]), all[row] == u8::MAX),
            Differences::U16(all) => (u64::from(all[row]), all[row] == u16::MAX),
            Differences::U32(all) => (u64::from(all[row]), all[row] == u32::MAX),
            Differences::U64(all) => (all[row], false),
        };
        match &self.exceptions {
            Some(exceptions) if marked => match exceptions.get(row) {
                Some(value) => value,
                None => self.base.wrapping_add(difference),
            },
            _ => self.base.wrapping_add(difference),
        }
    }

    /// Value `row` of a column whose values all fit.
    #[inline]
    pub(crate) fn get_u32(&self, row: usize) -> u32 {
        self.get(row) as u32
    }

    /// Values `start..start + to.len()`, which must exist.
    pub(crate) fn read(&self, start: usize, to: &mut [u64]) {
        fn add<T: Copy + Into<u64>>(from: &[T], base: u64, to: &mut [u64]) {
            for (to, from) in to.iter_mut().zip(from) {
                *to = base.wrapping_add((*from).into());
            }
        }
        let range = start..start + to.len();
        match &self.differences {
            Differences::None => to.fill(self.base),
            Differences::Bits(words) => {
                for (row, to) in range.clone().zip(to.iter_mut()) {
                    *to = self.base + (words[row / 64] >> (row % 64) & 1);
                }
            }
            Differences::U8(all) => add(&all[range.clone()], self.base, to),
            Differences::U16(all) => add(&all[range.clone()], self.base, to),
            Differences::U32(all) => add(&all[range.clone()], self.base, to),
            Differences::U64(all) => add(&all[range.clone()], self.base, to),
        }
        for (row, value) in self.exceptions(range) {
            to[row - start] = value;
        }
    }

    /// All values in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        const BLOCK: usize = 256;
        (0..self.len).step_by(BLOCK).flat_map(|start| {
            let mut block = [0; BLOCK];
            let len = BLOCK.min(self.len - start);
            self.read(start, &mut block[..len]);
            block.into_iter().take(len)
        })
    }

    /// Bytes on the heap.
    pub(crate) fn bytes(&self) -> u64 {
        let differences = match &self.differences {
            Differences::None => 0,
            Differences::Bits(words) | Differences::U64(words) => words.len() * 8,
            Differences::U8(all) => all.len(),
            Differences::U16(all) => all.len() * 2,
            Differences::U32(all) => all.len() * 4,
        };
        let exceptions = self.exceptions.as_ref();
        let exceptions = exceptions.map_or(0, |e| size_of::<Exceptions>() + e.rows.len() * 12);
        (differences + exceptions) as u64
    }

    /// The exceptions within a range of rows.
    fn exceptions(&self, rows: std::ops::Range<usize>) -> impl Iterator<Item = (usize, u64)> + '_ {
        let exceptions = self.exceptions.as_deref();
        let first = exceptions.map_or(0, |e| {
            e.rows.partition_point(|r| (*r as usize) < rows.start)
        });
        let pairs = exceptions
            .into_iter()
            .flat_map(move |e| e.rows[first..].iter().zip(&e.values[first..]));
        pairs
            .map(|(row, value)| (*row as usize, *value))
            .take_while(move |(row, _)| *row < rows.end)
    }
}

impl Exceptions {
    fn get(&self, row: usize) -> Option<u64> {
        let at = self.rows.binary_search(&(row as u32)).ok()?;
        self.values.get(at).copied()
    }
}

impl Layout {
    fn pack<T: Copy + Into<u64>>(
        &self,
        values: &[T],
        exceptions: &mut Vec<(u32, u64)>,
    ) -> Differences {
        let base = self.base;
        match self.bits {
            0 => {
                self.find_exceptions(values, 1, exceptions);
                Differences::None
            }
            1 => Differences::Bits(values.chunks(64).map(|all| bits_of(all, base)).collect()),
            8 => {
                let end = self.find_exceptions(values, u64::from(u8::MAX), exceptions);
                Differences::U8(narrow(values, base, end, |d| d as u8))
            }
            16 => {
                let end = self.find_exceptions(values, u64::from(u16::MAX), exceptions);
                Differences::U16(narrow(values, base, end, |d| d as u16))
            }
            32 => {
                let end = self.find_exceptions(values, u64::from(u32::MAX), exceptions);
                Differences::U32(narrow(values, base, end, |d| d as u32))
            }
            _ => Differences::U64(narrow(values, base, None, |d| d)),
        }
    }

    /// Collects the values whose difference is not below `end`. Answers `end` if there may be any.
    fn find_exceptions<T: Copy + Into<u64>>(
        &self,
        values: &[T],
        end: u64,
        exceptions: &mut Vec<(u32, u64)>,
    ) -> Option<u64> {
        if !self.has_exceptions {
            return None;
        }
        for (row, value) in values.iter().enumerate() {
            let value = (*value).into();
            if value.wrapping_sub(self.base) >= end {
                exceptions.push((row as u32, value));
            }
        }
        Some(end)
    }
}

/// The differences to `base`, those above `end` as `end`.
fn narrow<T: Copy + Into<u64>, N>(
    values: &[T],
    base: u64,
    end: Option<u64>,
    narrow: impl Fn(u64) -> N,
) -> Box<[N]> {
    let differences = values
        .iter()
        .map(|value| (*value).into().wrapping_sub(base));
    match end {
        None => differences.map(narrow).collect(),
        Some(end) => differences.map(|d| narrow(d.min(end))).collect(),
    }
}

fn bits_of<T: Copy + Into<u64>>(values: &[T], base: u64) -> u64 {
    let bit = |value: &T| (*value).into().wrapping_sub(base) & 1;
    let add = |word, (at, value): (usize, &T)| word | bit(value) << at;
    values.iter().enumerate().fold(0, add)
}

#[cfg(test)]
mod tests;
