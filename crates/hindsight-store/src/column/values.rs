//! The columns of a group's attributes: one type each, one value a row.
//!
//! In: values of one key, in the order of the group's rows. Out: a [`ValueColumn`]. Texts are codes
//! of the key's dictionary, or stand for themselves where nearly every row has another one; which
//! of the two is decided by [`TextPool`] from what has been seen, and again at the end.

mod floats;
mod pool;

use hindsight_protocol::CheckedBatch;
use hindsight_protocol::batch::{ValueRef, tag};

pub(crate) use self::floats::Floats;
pub(super) use self::pool::TextPool;
use super::attributes::{Tables, TablesStage};
use super::dictionary::Dictionary;
use super::memo::Owner;
use super::packed::Packed;
use super::texts::{TextStage, Texts};

/// Turns the order of signed numbers into that of unsigned ones and back.
pub(super) const SIGN: u64 = 1 << 63;

/// Values being collected.
#[derive(Debug)]
pub(super) enum ValueStage {
    /// Codes, and after that texts: the pool may have changed its mind in between.
    Text {
        pool: u32,
        codes: Vec<u32>,
        plain: TextStage,
    },
    Bool(Vec<u8>),
    /// With [`SIGN`] changed.
    I64(Vec<u64>),
    /// As bits.
    F64(Vec<u64>),
    /// Tag and codes of blobs.
    Blob(u8, Vec<u32>),
    /// A tag this version does not know, and bits.
    Unknown(u8, Vec<u64>),
}

/// Values of one type.
#[derive(Debug)]
pub(crate) enum ValueColumn {
    /// Codes of the pool's dictionary.
    Codes {
        pool: u32,
        codes: Packed,
    },
    /// Each row its own text.
    Plain(Texts),
    Bool(Packed),
    /// With [`SIGN`] changed.
    I64(Packed),
    F64(Floats),
    /// Tag and codes of blobs.
    Blob(u8, Packed),
    /// Tag and bits.
    Unknown(u8, Packed),
}

impl ValueStage {
    /// An empty column for this tag; `pool` is where texts go.
    pub(super) fn new(kind: u8, pool: u32) -> Self {
        match kind {
            tag::STRING => Self::Text {
                pool,
                codes: Vec::new(),
                plain: TextStage::default(),
            },
            tag::BOOL => Self::Bool(Vec::new()),
            tag::I64 => Self::I64(Vec::new()),
            tag::F64 => Self::F64(Vec::new()),
            tag::BYTES | tag::ARRAY | tag::MAP => Self::Blob(kind, Vec::new()),
            _ => Self::Unknown(kind, Vec::new()),
        }
    }

    /// Makes room for this many rows.
    pub(super) fn reserve(&mut self, rows: usize) {
        match self {
            Self::Bool(values) => values.reserve(rows),
            Self::I64(values) | Self::F64(values) | Self::Unknown(_, values) => {
                values.reserve(rows);
            }
            Self::Blob(_, codes) => codes.reserve(rows),
            Self::Text { codes, plain, .. } => {
                codes.reserve(rows);
                plain.reserve(rows);
            }
        }
    }

    /// Adds the values with these bits.
    pub(super) fn extend(
        &mut self,
        batch: &CheckedBatch,
        bits: impl ExactSizeIterator<Item = u64>,
        tables: &mut TablesStage,
        pools: &mut [TextPool],
    ) {
        match self {
            Self::Bool(values) => values.extend(bits.map(|bits| u8::from(bits != 0))),
            Self::I64(values) => values.extend(bits.map(|bits| bits ^ SIGN)),
            Self::F64(values) | Self::Unknown(_, values) => values.extend(bits),
            Self::Blob(_, codes) => codes.extend(bits.map(|at| tables.blob(batch, at))),
            Self::Text { pool, codes, plain } => {
                let owner = Owner::values(*pool);
                let pool = &mut pools[*pool as usize];
                if pool.is_plain() {
                    bits.for_each(|index| plain.push(batch.string(index as u32)));
                    return;
                }
                pool.add_rows(bits.len());
                let (memo, hasher) = (&mut tables.memo, &tables.hasher);
                let interner = pool.interner();
                codes.extend(
                    bits.map(|index| memo.code(batch, index as u32, owner, interner, hasher)),
                );
            }
        }
    }

    pub(super) fn finish(self, tables: &TablesStage, pools: &mut [TextPool]) -> ValueColumn {
        match self {
            Self::Bool(values) => ValueColumn::Bool(Packed::of(&values)),
            Self::I64(values) => ValueColumn::I64(Packed::of(&values)),
            Self::F64(bits) => ValueColumn::F64(Floats::of(bits)),
            Self::Blob(kind, codes) => ValueColumn::Blob(kind, Packed::of(&codes)),
            Self::Unknown(kind, bits) => ValueColumn::Unknown(kind, Packed::of(&bits)),
            Self::Text { pool, codes, plain } => {
                let number = pool;
                let pool = &mut pools[pool as usize];
                match pool.is_plain() {
                    true => ValueColumn::Plain(plain_texts(&codes, plain, pool).finish()),
                    false => ValueColumn::Codes {
                        pool: number,
                        codes: Packed::of(&all_codes(codes, &plain, pool, tables)),
                    },
                }
            }
        }
    }
}

/// All texts of a column whose first ones are codes.
fn plain_texts(codes: &[u32], plain: TextStage, pool: &mut TextPool) -> TextStage {
    if codes.is_empty() {
        return plain;
    }
    let mut all = TextStage::default();
    let interner = pool.interner();
    codes.iter().for_each(|code| all.push(interner.text(*code)));
    all.append(plain);
    all
}

/// All codes of a column whose last ones are texts.
fn all_codes(
    mut codes: Vec<u32>,
    plain: &TextStage,
    pool: &mut TextPool,
    tables: &TablesStage,
) -> Vec<u32> {
    let interner = pool.interner();
    codes.extend(
        plain
            .iter()
            .map(|text| interner.intern(text.as_bytes(), &tables.hasher)),
    );
    codes
}

impl ValueColumn {
    /// The tag of its values.
    pub(super) fn tag(&self) -> u8 {
        match self {
            Self::Codes { .. } | Self::Plain(_) => tag::STRING,
            Self::Bool(_) => tag::BOOL,
            Self::I64(_) => tag::I64,
            Self::F64(_) => tag::F64,
            Self::Blob(kind, _) | Self::Unknown(kind, _) => *kind,
        }
    }

    /// The value of a row of the group; panics when there is none, as slices do.
    pub(super) fn get<'a>(
        &'a self,
        row: usize,
        tables: &'a Tables,
        pools: &'a [Dictionary],
        buffer: &'a mut String,
    ) -> ValueRef<'a> {
        match self {
            Self::Codes { pool, codes } => {
                ValueRef::String(pools[*pool as usize].get(codes.get_u32(row), buffer))
            }
            Self::Plain(texts) => ValueRef::String(texts.get(row, buffer)),
            Self::Bool(values) => ValueRef::Bool(values.get(row) != 0),
            Self::I64(values) => ValueRef::I64((values.get(row) ^ SIGN) as i64),
            Self::F64(values) => ValueRef::F64(values.get(row)),
            Self::Blob(tag::BYTES, codes) => ValueRef::Bytes(tables.blobs.get(codes.get_u32(row))),
            Self::Blob(kind, codes) => {
                ValueRef::Nested(*kind, tables.blobs.get(codes.get_u32(row)))
            }
            Self::Unknown(kind, bits) => ValueRef::Unknown(*kind, bits.get(row)),
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Codes { codes, .. } => codes.bytes(),
            Self::Plain(texts) => texts.bytes(),
            Self::F64(values) => values.bytes(),
            Self::Bool(values) | Self::I64(values) => values.bytes(),
            Self::Blob(_, values) | Self::Unknown(_, values) => values.bytes(),
        }
    }
}
