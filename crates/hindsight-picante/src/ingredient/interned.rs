//! Interned values that are watched, so that keys can be read.

use std::sync::Arc;

use facet::Facet;
use futures_util::future::BoxFuture;
use picante::persist::{PersistableIngredient, SectionType};
use picante::{DynIngredient, HasRuntime, InternId, Key, PicanteResult, QueryKindId, Touch};

use super::derived::Increments;

/// picante's [`picante::ingredient::InternedIngredient`], watched.
pub struct InternedIngredient<K> {
    inner: picante::ingredient::InternedIngredient<K>,
}

impl<K> InternedIngredient<K>
where
    K: Facet<'static> + Send + Sync + 'static,
{
    /// Interned values called `kind_name`, none yet.
    pub fn new(kind: QueryKindId, kind_name: &'static str) -> Self {
        Self {
            inner: picante::ingredient::InternedIngredient::new(kind, kind_name),
        }
    }

    /// The stable kind id.
    pub fn kind(&self) -> QueryKindId {
        self.inner.kind()
    }

    /// Its name.
    pub fn kind_name(&self) -> &'static str {
        self.inner.kind_name()
    }

    /// The id of `value`.
    pub fn intern(&self, value: K) -> PicanteResult<InternId> {
        self.inner.intern(value)
    }

    /// The value of `id`; a query that asks depends on it.
    pub fn get<DB: HasRuntime>(&self, db: &DB, id: InternId) -> PicanteResult<Arc<K>> {
        self.inner.get(db, id)
    }
}

impl<K> PersistableIngredient for InternedIngredient<K>
where
    K: Facet<'static> + Send + Sync + 'static,
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
    }

    fn key_from_bytes(&self, bytes: Vec<u8>) -> PicanteResult<Key> {
        self.inner.key_from_bytes(bytes)
    }

    fn save_records(&self) -> BoxFuture<'_, PicanteResult<Vec<Vec<u8>>>> {
        self.inner.save_records()
    }

    fn load_records(&self, records: Vec<Vec<u8>>) -> PicanteResult<()> {
        self.inner.load_records(records)
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
        self.inner.apply_wal_entry(revision, key, value)
    }
}

impl<DB, K> DynIngredient<DB> for InternedIngredient<K>
where
    DB: HasRuntime + Send + Sync + 'static,
    K: Facet<'static> + Send + Sync + 'static,
{
    fn touch<'a>(&'a self, db: &'a DB, key: Key) -> BoxFuture<'a, PicanteResult<Touch>> {
        DynIngredient::touch(&self.inner, db, key)
    }
}
