//! Interned values that are watched, so that keys can be read.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};

use facet::Facet;
use facet_reflect::Peek;
use futures_util::future::BoxFuture;
use picante::frame::{self, ActiveFrameHandle};
use picante::persist::PersistableIngredient;
use picante::{
    DynIngredient, DynKey, HasRuntime, InternId, Key, PicanteResult, QueryKindId, Revision,
    Runtime, Touch,
};

use super::input::interned_text;
use super::persisted::persisted;
use crate::key_text::text_of;
use crate::kind::{self, Class, Kind};
use crate::names::{self, Interner, Names};
use crate::recorder::{is_on, running};

/// picante's [`picante::ingredient::InternedIngredient`], watched.
pub struct InternedIngredient<K> {
    inner: Arc<picante::ingredient::InternedIngredient<K>>,
    kind: &'static Kind,
    /// The address by which [`names`] knows it; 0 for none.
    known_at: AtomicUsize,
}

impl<K> Drop for InternedIngredient<K> {
    fn drop(&mut self) {
        match *self.known_at.get_mut() {
            0 => {}
            address => names::forget(address),
        }
    }
}

impl<K> InternedIngredient<K>
where
    K: Facet<'static> + Send + Sync + 'static,
{
    /// Interned values called `kind_name`, none yet.
    pub fn new(kind: QueryKindId, kind_name: &'static str) -> Self {
        let of = kind::kind(kind, kind_name, Class::Interned, Some(kind), interned_text);
        Self {
            inner: Arc::new(picante::ingredient::InternedIngredient::new(
                kind, kind_name,
            )),
            kind: of,
            known_at: AtomicUsize::new(0),
        }
    }

    /// Lets values be found, once it is where it stays: a database asks for the kind of what it registers.
    fn become_known(&self) {
        let address = std::ptr::from_ref(self).addr();
        let before = self.known_at.swap(address, Relaxed);
        if before != address {
            names::forget(before);
            names::remember(address, Arc::new(Values(self.inner.clone())));
        }
    }

    /// Nothing is kept here of what it holds: it is asked for each text.
    fn replaced(&self) {}

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
        let id = self.inner.intern(value)?;
        if is_on() {
            names::interned(self.kind.id, std::ptr::from_ref(self).addr(), id);
        }
        Ok(id)
    }

    /// The value of `id`; a query that asks depends on it.
    pub fn get<DB: HasRuntime>(&self, db: &DB, id: InternId) -> PicanteResult<Arc<K>> {
        if is_on() {
            running::saw(self.kind.id, || Key::from_facet(id).ok());
        }
        self.inner.get(db, id)
    }
}

/// The values, for reading them without being a query that depends on them.
struct Values<K>(Arc<picante::ingredient::InternedIngredient<K>>);

impl<K> Interner for Values<K>
where
    K: Facet<'static> + Send + Sync + 'static,
{
    fn text(&self, id: InternId) -> Option<String> {
        let kind = self.0.kind();
        let key = Key::from_facet(id).ok()?;
        // picante notes a reading in the innermost frame: it gets one, and that is thrown away.
        let frame = ActiveFrameHandle::new(DynKey { kind, key }, Revision(0));
        let _frame = frame::push_frame(frame);
        let value = self.0.get(&Nowhere, id).ok()?;
        Some(text_of(Peek::new(&*value), &NoNames))
    }
}

/// A database that is asked for nothing.
struct Nowhere;

impl HasRuntime for Nowhere {
    fn runtime(&self) -> &Runtime {
        static RUNTIME: LazyLock<Runtime> = LazyLock::new(Runtime::new);
        &RUNTIME
    }
}

/// Interned values are not looked up within interned values.
struct NoNames;

impl Names for NoNames {
    fn interned(&self, _: QueryKindId, _: InternId) -> Option<String> {
        None
    }

    fn kind(&self, _: QueryKindId) -> Option<&'static Kind> {
        None
    }
}

impl<K> PersistableIngredient for InternedIngredient<K>
where
    K: Facet<'static> + Send + Sync + 'static,
{
    fn kind(&self) -> QueryKindId {
        self.become_known();
        self.inner.kind()
    }

    persisted!();
}

impl<DB, K> DynIngredient<DB> for InternedIngredient<K>
where
    DB: HasRuntime + Send + Sync + 'static,
    K: Facet<'static> + Send + Sync + 'static,
{
    fn touch<'a>(&'a self, db: &'a DB, key: Key) -> BoxFuture<'a, PicanteResult<Touch>> {
        DynIngredient::touch(&*self.inner, db, key)
    }
}
