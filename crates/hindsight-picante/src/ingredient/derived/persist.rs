//! Saving and loading, which picante does; what is loaded replaces cells.

use facet::Facet;
use futures_util::future::BoxFuture;
use picante::persist::{KeyDecodeFn, PersistableIngredient, SectionType};
use picante::{IngredientLookup, Key, PicanteResult, QueryKindId, Runtime};

use super::{DerivedIngredient, Increments};

impl<DB, K, V> PersistableIngredient for DerivedIngredient<DB, K, V>
where
    DB: IngredientLookup + Send + Sync + 'static,
    K: Clone + Facet<'static> + Send + Sync + 'static,
    V: Clone + Facet<'static> + Send + Sync + 'static,
{
    fn kind(&self) -> QueryKindId {
        self.inner.kind()
    }

    fn kind_name(&self) -> &'static str {
        self.inner.kind_name()
    }

    fn section_type(&self) -> SectionType {
        self.inner.section_type()
    }

    fn clear(&self) {
        self.inner.clear();
        self.replaced();
    }

    fn key_from_bytes(&self, bytes: Vec<u8>) -> PicanteResult<Key> {
        self.inner.key_from_bytes(bytes)
    }

    fn save_records(&self) -> BoxFuture<'_, PicanteResult<Vec<Vec<u8>>>> {
        self.inner.save_records()
    }

    fn load_records(&self, records: Vec<Vec<u8>>) -> PicanteResult<()> {
        let loaded = self.inner.load_records(records);
        self.replaced();
        loaded
    }

    fn load_records_with_key_decoder(
        &self,
        records: Vec<Vec<u8>>,
        decode_key: &KeyDecodeFn<'_>,
    ) -> PicanteResult<()> {
        let inner = &self.inner;
        let loaded = inner.load_records_with_key_decoder(records, decode_key);
        self.replaced();
        loaded
    }

    fn restore_runtime_state<'a>(
        &'a self,
        runtime: &'a Runtime,
    ) -> BoxFuture<'a, PicanteResult<()>> {
        self.inner.restore_runtime_state(runtime)
    }

    fn save_incremental_records(&self, since_revision: u64) -> BoxFuture<'_, Increments> {
        self.inner.save_incremental_records(since_revision)
    }

    fn apply_wal_entry(
        &self,
        revision: u64,
        key: Vec<u8>,
        value: Option<Vec<u8>>,
    ) -> PicanteResult<()> {
        let applied = self.inner.apply_wal_entry(revision, key, value);
        self.replaced();
        applied
    }

    fn apply_wal_entry_with_key_decoder(
        &self,
        revision: u64,
        key: Vec<u8>,
        value: Option<Vec<u8>>,
        decode_key: &KeyDecodeFn<'_>,
    ) -> PicanteResult<()> {
        let inner = &self.inner;
        let applied = inner.apply_wal_entry_with_key_decoder(revision, key, value, decode_key);
        self.replaced();
        applied
    }
}
