//! Saving and loading, which picante does.

/// The methods of [`PersistableIngredient`](picante::persist::PersistableIngredient) that `self.inner` answers
/// for any ingredient. After those that replace what it holds comes `self.replaced()`.
macro_rules! persisted {
    () => {
        fn kind_name(&self) -> &'static str {
            self.inner.kind_name()
        }

        fn section_type(&self) -> picante::persist::SectionType {
            self.inner.section_type()
        }

        fn clear(&self) {
            self.inner.clear();
            self.replaced();
        }

        fn key_from_bytes(&self, bytes: Vec<u8>) -> picante::PicanteResult<picante::Key> {
            self.inner.key_from_bytes(bytes)
        }

        fn save_records(&self) -> BoxFuture<'_, picante::PicanteResult<Vec<Vec<u8>>>> {
            self.inner.save_records()
        }

        fn load_records(&self, records: Vec<Vec<u8>>) -> picante::PicanteResult<()> {
            let loaded = self.inner.load_records(records);
            self.replaced();
            loaded
        }

        fn save_incremental_records(
            &self,
            since_revision: u64,
        ) -> BoxFuture<'_, $crate::ingredient::persisted::Increments> {
            self.inner.save_incremental_records(since_revision)
        }

        fn apply_wal_entry(
            &self,
            revision: u64,
            key: Vec<u8>,
            value: Option<Vec<u8>>,
        ) -> picante::PicanteResult<()> {
            let applied = self.inner.apply_wal_entry(revision, key, value);
            self.replaced();
            applied
        }
    };
}

pub(super) use persisted;

/// What changed since a revision: when, the key, and the value unless it went.
pub(super) type Increments = picante::PicanteResult<Vec<(u64, Vec<u8>, Option<Vec<u8>>)>>;
