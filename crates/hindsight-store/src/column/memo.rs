//! Index in a batch -> code in the segment, so that each string of a batch is hashed once.
//!
//! Bounded by the tables of one batch: eight bytes a string, four a blob.

use hashbrown::DefaultHashBuilder;
use hindsight_protocol::CheckedBatch;

use super::dictionary::Interner;

/// Which dictionary a code belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner(u32);

/// What is known of the strings and blobs of one batch. A string that is used in two dictionaries
/// is remembered for the one that used it last.
#[derive(Debug, Default)]
pub(super) struct Memo {
    /// Owner and code; owner 0 = not known yet.
    strings: Vec<(u32, u32)>,
    /// Code plus one; 0 = not known yet.
    blobs: Vec<u32>,
}

impl Owner {
    pub(super) const KEYS: Self = Self(1);
    pub(super) const TEXTS: Self = Self(2);
    pub(super) const NAMES: Self = Self(3);

    /// The dictionary of an attribute's values.
    pub(super) fn values(dictionary: u32) -> Self {
        Self(4 + dictionary)
    }
}

impl Memo {
    pub(super) fn begin(&mut self, batch: &CheckedBatch) {
        let columns = batch.columns();
        self.strings.clear();
        self.strings.resize(columns.strings.ends.len(), (0, 0));
        self.blobs.clear();
        self.blobs.resize(columns.blobs.ends.len(), 0);
    }

    #[inline]
    pub(super) fn code(
        &mut self,
        batch: &CheckedBatch,
        index: u32,
        owner: Owner,
        interner: &mut Interner,
        hasher: &DefaultHashBuilder,
    ) -> u32 {
        let known = self.strings.get_mut(index as usize);
        match known {
            Some((of, code)) if *of == owner.0 => *code,
            _ => {
                let code = interner.intern(batch.string(index).as_bytes(), hasher);
                if let Some(known) = known {
                    *known = (owner.0, code);
                }
                code
            }
        }
    }

    pub(super) fn blob_code(
        &mut self,
        batch: &CheckedBatch,
        index: u64,
        interner: &mut Interner,
        hasher: &DefaultHashBuilder,
    ) -> u32 {
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        let known = self.blobs.get_mut(at);
        if let Some(code) = known.as_ref().and_then(|code| code.checked_sub(1)) {
            return code;
        }
        let code = interner.intern(batch.blob(index), hasher);
        if let Some(known) = known {
            *known = code + 1;
        }
        code
    }
}
