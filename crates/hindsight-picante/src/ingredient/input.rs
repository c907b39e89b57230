//! An input that is watched: who changes it, and which queries read it.

use std::hash::Hash;

use facet::Facet;
use futures_util::future::BoxFuture;
use picante::key::KeyFactory;
use picante::persist::PersistableIngredient;
use picante::{
    DynIngredient, HasRuntime, InternId, Key, PicanteResult, QueryKindId, Revision, Touch,
};

use super::InputEntry;
use super::derived::key_text;
use super::persisted::persisted;
use crate::key_text::interner_of_input;
use crate::kind::{self, Class, Kind};
use crate::names::{InputNames, Names};
use crate::recorder::input::Change;
use crate::recorder::{is_on, running};

/// picante's [`picante::ingredient::InputIngredient`], watched.
pub struct InputIngredient<K, V>
where
    K: Clone + Facet<'static>,
    V: Clone,
{
    inner: picante::ingredient::InputIngredient<K, V>,
    keys: KeyFactory<K>,
    kind: &'static Kind,
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
        let interner = (K::SHAPE == InternId::SHAPE)
            .then(interner_of_input::<V>)
            .flatten();
        let render = match interner {
            Some(_) => interned_text,
            None => key_text::<K>,
        };
        let kind = kind::kind(
            inner.kind(),
            inner.kind_name(),
            Class::Input,
            interner,
            render,
        );
        Self {
            inner,
            keys: KeyFactory::new(),
            kind,
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

    /// Sets the value of `key`; the revision of its last change.
    pub fn set<DB: HasRuntime>(&self, db: &DB, key: K, value: V) -> Revision {
        self.changed(db, &key.clone(), false, || self.inner.set(db, key, value))
    }

    /// Removes the value of `key`; the revision of its last change.
    pub fn remove<DB: HasRuntime>(&self, db: &DB, key: &K) -> Revision {
        self.changed(db, key, true, || self.inner.remove(db, key))
    }

    fn changed<DB: HasRuntime>(
        &self,
        db: &DB,
        key: &K,
        is_removed: bool,
        change: impl FnOnce() -> Revision,
    ) -> Revision {
        if !is_on() {
            return change();
        }
        let told = Change::begin(db.runtime(), is_removed);
        let revision = change();
        if let Ok(erased) = self.keys.key(key.clone()) {
            let names = InputNames::new(db.runtime().id(), self.kind.interner);
            told.end(db.runtime(), self.kind, erased, revision, &names);
        }
        revision
    }

    /// Nothing is kept here of what it holds.
    fn replaced(&self) {}

    /// The value of `key`; a query that asks depends on it.
    pub fn get<DB: HasRuntime>(&self, db: &DB, key: &K) -> PicanteResult<Option<V>> {
        if is_on() {
            running::saw(self.kind.id, || self.keys.key(key.clone()).ok());
        }
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

    persisted!();
}

impl<DB, K, V> DynIngredient<DB> for InputIngredient<K, V>
where
    DB: HasRuntime + Send + Sync + 'static,
    K: Clone + Facet<'static> + Send + Sync + 'static,
    V: Clone + Facet<'static> + Send + Sync + 'static,
{
    fn touch<'a>(&'a self, db: &'a DB, key: Key) -> BoxFuture<'a, PicanteResult<Touch>> {
        if !is_on() {
            return DynIngredient::touch(&self.inner, db, key);
        }
        Box::pin(async move {
            let touch = DynIngredient::touch(&self.inner, db, key.clone()).await?;
            running::touched(self.kind.id, &key, touch.changed_at);
            Ok(touch)
        })
    }
}

/// An id in the place of a key as the text of what it stands for.
pub(super) fn interned_text(key: &Key, kind: &Kind, names: &dyn Names) -> Option<String> {
    let id: InternId = key.decode_facet().ok()?;
    let found = kind.interner.and_then(|kind| names.interned(kind, id));
    Some(found.unwrap_or_else(|| format!("#{}", id.0)))
}
