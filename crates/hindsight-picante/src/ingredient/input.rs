//! An input that is watched.

use std::hash::Hash;

use facet::Facet;
use futures_util::future::BoxFuture;
use picante::persist::{PersistableIngredient, SectionType};
use picante::{DynIngredient, HasRuntime, Key, PicanteResult, QueryKindId, Revision, Touch};

use super::InputEntry;
use super::derived::Increments;

/// picante's [`picante::ingredient::InputIngredient`], watched.
pub struct InputIngredient<K, V>
where
    K: Clone + Facet<'static>,
    V: Clone,
{
    inner: picante::ingredient::InputIngredient<K, V>,
}

impl<K, V> InputIngredient<K, V>
where
    K: Clone + Facet<'static> + Send + Sync + 'static,
    V: Clone + Facet<'static> + Send + Sync + 'static,
{
    /// An input called `kind_name`, without values.
    pub fn new(kind: QueryKindId, kind_name: &'static str) -> Self {
        Self::of(picante::ingredient::InputIngredient::new(kind, kind_name))
    }

    fn of(inner: picante::ingredient::InputIngredient<K, V>) -> Self {
        Self { inner }
    }

    /// The stable kind id.
    pub fn kind(&self) -> QueryKindId {
        self.inner.kind()
    }

    /// Its name.
    pub fn kind_name(&self) -> &'static str {
        self.inner.kind_name()
    }

    /// Sets the value of `key`; the revision of its last change.
    pub fn set<DB: HasRuntime>(&self, db: &DB, key: K, value: V) -> Revision {
        self.inner.set(db, key, value)
    }

    /// Removes the value of `key`; the revision of its last change.
    pub fn remove<DB: HasRuntime>(&self, db: &DB, key: &K) -> Revision {
        self.inner.remove(db, key)
    }

    /// The value of `key`; a query that asks depends on it.
    pub fn get<DB: HasRuntime>(&self, db: &DB, key: &K) -> PicanteResult<Option<V>> {
        self.inner.get(db, key)
    }

    /// The revision in which `key` last changed.
    pub fn changed_at(&self, key: &K) -> Option<Revision> {
        self.inner.changed_at(key)
    }

    /// All values.
    pub fn snapshot(&self) -> im::HashMap<K, InputEntry<V>>
    where
        K: Eq + Hash,
    {
        self.inner.snapshot()
    }

    /// An input with these values.
    pub fn new_from_snapshot(
        kind: QueryKindId,
        kind_name: &'static str,
        entries: im::HashMap<K, InputEntry<V>>,
    ) -> Self
    where
        K: Eq + Hash,
    {
        Self::of(picante::ingredient::InputIngredient::new_from_snapshot(
            kind, kind_name, entries,
        ))
    }
}

impl<K, V> PersistableIngredient for InputIngredient<K, V>
where
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

impl<DB, K, V> DynIngredient<DB> for InputIngredient<K, V>
where
    DB: HasRuntime + Send + Sync + 'static,
    K: Clone + Facet<'static> + Send + Sync + 'static,
    V: Clone + Facet<'static> + Send + Sync + 'static,
{
    fn touch<'a>(&'a self, db: &'a DB, key: Key) -> BoxFuture<'a, PicanteResult<Touch>> {
        DynIngredient::touch(&self.inner, db, key)
    }
}
