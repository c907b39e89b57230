//! A derived query that is watched.

use std::sync::Arc;

use facet::Facet;
use futures_util::future::BoxFuture;
use picante::persist::{KeyDecodeFn, PersistableIngredient, SectionType};
use picante::{
    DynIngredient, DynKey, IngredientLookup, Key, PicanteResult, QueryKindId, Revision, Runtime,
    Touch,
};

use super::{DerivedCell, ErasedReadyRecord};

/// picante's [`picante::ingredient::DerivedIngredient`], watched.
pub struct DerivedIngredient<DB, K, V>
where
    K: Clone + Facet<'static>,
{
    inner: picante::ingredient::DerivedIngredient<DB, K, V>,
}

impl<DB, K, V> DerivedIngredient<DB, K, V>
where
    DB: IngredientLookup + Send + Sync + 'static,
    K: Clone + Facet<'static> + Send + Sync + 'static,
    V: Clone + Facet<'static> + Send + Sync + 'static,
{
    /// A query called `kind_name`, computed by `compute`.
    pub fn new(
        kind: QueryKindId,
        kind_name: &'static str,
        compute: impl for<'db> Fn(&'db DB, K) -> BoxFuture<'db, PicanteResult<V>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self {
            inner: picante::ingredient::DerivedIngredient::new(kind, kind_name, compute),
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

    /// The value for `key` in the database's current revision.
    pub async fn get(&self, db: &DB, key: K) -> PicanteResult<V> {
        self.inner.get(db, key).await
    }

    /// Makes sure that the value is valid now; the revision in which it last changed.
    pub async fn touch(&self, db: &DB, key: K) -> PicanteResult<Revision> {
        self.inner.touch(db, key).await
    }

    /// The cells, shared.
    pub fn snapshot(&self) -> im::HashMap<DynKey, Arc<DerivedCell>> {
        self.inner.snapshot()
    }

    /// Replaces the cells: done when a snapshot of a database is made.
    pub fn load_cells(&self, cells: im::HashMap<DynKey, Arc<DerivedCell>>) {
        self.inner.load_cells(cells);
    }

    /// The cell of `key`.
    pub fn cell_for_key(&self, key: &K) -> PicanteResult<Option<Arc<DerivedCell>>> {
        self.inner.cell_for_key(key)
    }

    /// Puts a record into the cell of `key`.
    pub fn insert_ready_record(&self, key: &K, record: ErasedReadyRecord) -> PicanteResult<()> {
        self.inner.insert_ready_record(key, record)
    }

    /// Whether a record would be valid on `db` now.
    pub async fn record_is_valid_on(
        &self,
        db: &DB,
        record: &ErasedReadyRecord,
    ) -> PicanteResult<bool> {
        self.inner.record_is_valid_on(db, record).await
    }

    /// The cells that have values, copied.
    pub async fn snapshot_cells_deep(&self) -> im::HashMap<DynKey, Arc<DerivedCell>> {
        self.inner.snapshot_cells_deep().await
    }
}

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

    fn load_records_with_key_decoder(
        &self,
        records: Vec<Vec<u8>>,
        decode_key: &KeyDecodeFn<'_>,
    ) -> PicanteResult<()> {
        self.inner
            .load_records_with_key_decoder(records, decode_key)
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
        self.inner.apply_wal_entry(revision, key, value)
    }

    fn apply_wal_entry_with_key_decoder(
        &self,
        revision: u64,
        key: Vec<u8>,
        value: Option<Vec<u8>>,
        decode_key: &KeyDecodeFn<'_>,
    ) -> PicanteResult<()> {
        self.inner
            .apply_wal_entry_with_key_decoder(revision, key, value, decode_key)
    }
}

/// What changed since a revision: when, the key, and the value unless it went.
pub(super) type Increments = PicanteResult<Vec<(u64, Vec<u8>, Option<Vec<u8>>)>>;

impl<DB, K, V> DynIngredient<DB> for DerivedIngredient<DB, K, V>
where
    DB: IngredientLookup + Send + Sync + 'static,
    K: Clone + Facet<'static> + Send + Sync + 'static,
    V: Clone + Facet<'static> + Send + Sync + 'static,
{
    fn touch<'a>(&'a self, db: &'a DB, key: Key) -> BoxFuture<'a, PicanteResult<Touch>> {
        DynIngredient::touch(&self.inner, db, key)
    }
}
