//! Saving and loading, which picante does; what is loaded replaces cells.

use facet::Facet;
use futures_util::future::BoxFuture;
use picante::persist::{KeyDecodeFn, PersistableIngredient};
use picante::{IngredientLookup, PicanteResult, QueryKindId, Runtime};

use super::super::persisted::persisted;
use super::DerivedIngredient;

impl<DB, K, V> PersistableIngredient for DerivedIngredient<DB, K, V>
where
    DB: IngredientLookup + Send + Sync + 'static,
    K: Clone + Facet<'static> + Send + Sync + 'static,
    V: Clone + Facet<'static> + Send + Sync + 'static,
{
    fn kind(&self) -> QueryKindId {
        self.inner.kind()
    }

    persisted!();

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
