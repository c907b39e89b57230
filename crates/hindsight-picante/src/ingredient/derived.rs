//! A derived query that is watched.
//!
//! In: accesses. Out: picante's answers. Always: a value that is there and right in the current revision is
//! taken from its cell here, as picante would, and counted; everything else goes to picante and is watched.
//! Cells are found by key in a table of our own ([`Cells`]), which holds what picante's holds, and no more.

mod cells;
mod persist;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use facet::Facet;
use facet_reflect::Peek;
use futures_util::future::BoxFuture;
use picante::frame;
use picante::key::KeyFactory;
use picante::{
    Dep, DynIngredient, DynKey, IngredientLookup, Key, PicanteResult, QueryKindId, Revision, Touch,
};

use super::{DerivedCell, ErasedReadyRecord};
use crate::Op;
use crate::key_text::text_of;
use crate::kind::{self, Class, Kind};
use crate::names::{DbNames, Names};
use crate::recorder::finish::Watch;
use crate::recorder::running::{Beginning, hit, watched};
use crate::recorder::{is_on, recorder};
use cells::Cells;

/// picante's [`picante::ingredient::DerivedIngredient`], watched.
pub struct DerivedIngredient<DB, K, V>
where
    K: Clone + Facet<'static>,
{
    inner: picante::ingredient::DerivedIngredient<DB, K, V>,
    keys: KeyFactory<K>,
    kind: &'static Kind,
    /// Unique in the process.
    instance: u64,
    cells: Cells,
    /// Its cells came from elsewhere: it belongs to a snapshot.
    is_snapshot: AtomicBool,
}

static INSTANCES: AtomicU64 = AtomicU64::new(1);

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
        let of = kind::kind(kind, kind_name, Class::Derived, None, key_text::<K>);
        let inner =
            picante::ingredient::DerivedIngredient::new(
                kind,
                kind_name,
                move |db, key| match is_on() {
                    true => watched(of, compute(db, key)),
                    false => compute(db, key),
                },
            );
        Self {
            inner,
            keys: KeyFactory::new(),
            kind: of,
            instance: INSTANCES.fetch_add(1, Relaxed),
            cells: Cells::default(),
            is_snapshot: AtomicBool::new(false),
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
        match is_on() {
            true => self.get_watched(db, key).await,
            false => self.inner.get(db, key).await,
        }
    }

    async fn get_watched(&self, db: &DB, key: K) -> PicanteResult<V> {
        let shared = Arc::new(key);
        let owned = |key: Arc<K>| Arc::try_unwrap(key).unwrap_or_else(|key| (*key).clone());
        let Ok(key) = self.keys.key_arc(shared.clone()) else {
            // picante fails for the same reason.
            return self.inner.get(db, owned(shared)).await;
        };
        let look = self.look(db, &key, || Some(shared.clone()), Op::Get).await;
        if let Look::Ready(record) = &look
            && let Some(value) = record.value.downcast_ref::<V>()
        {
            hit(
                &self.beginning(db, &key, Op::Get, None, &DbNames(db)),
                record,
            );
            return Ok(value.clone());
        }
        let watch = self.watch(db, &key, Op::Get, &look);
        let answer = self.inner.get(db, owned(shared));
        let result = watch.running().scope(answer).await;
        let told = result.as_ref().map(|_| ()).map_err(Arc::as_ref);
        self.end(db, &key, watch, told).await;
        result
    }

    async fn touch_watched(&self, db: &DB, key: Key) -> PicanteResult<Touch> {
        let decode = || self.keys.decode_key(&key).ok().map(Arc::new);
        let look = self.look(db, &key, decode, Op::Touch).await;
        if let Look::Ready(record) = &look {
            hit(
                &self.beginning(db, &key, Op::Touch, None, &DbNames(db)),
                record,
            );
            let changed_at = record.changed_at;
            return Ok(Touch { changed_at });
        }
        let watch = self.watch(db, &key, Op::Touch, &look);
        let answer = DynIngredient::touch(&self.inner, db, key.clone());
        let result = watch.running().scope(answer).await;
        let told = result.as_ref().map(|_| ()).map_err(Arc::as_ref);
        self.end(db, &key, watch, told).await;
        result
    }

    /// What picante looks at first: a value that is right in this revision, unless the query asks for itself.
    async fn look(
        &self,
        db: &DB,
        key: &Key,
        decoded: impl FnOnce() -> Option<Arc<K>>,
        op: Op,
    ) -> Look {
        let revision = db.runtime().current_revision();
        let find = || self.inner.cell_for_key(&*decoded()?).ok().flatten();
        let Some(cell) = self.cells.find(key, find) else {
            return Look::Not(None, None);
        };
        let Some(record) = cell.ready_record().await else {
            return Look::Not(Some(cell), None);
        };
        let is_right =
            record.verified_at == revision && db.runtime().current_revision() == revision;
        if !is_right {
            return Look::Not(Some(cell), Some(record));
        }
        if frame::has_active_frame() {
            let kind = self.kind.id;
            let asked = DynKey {
                kind,
                key: key.clone(),
            };
            if frame::find_cycle(&asked).is_some() {
                return Look::Not(Some(cell), Some(record));
            }
            if op == Op::Get {
                let key = asked.key;
                frame::record_dep(Dep { kind, key });
            }
        }
        Look::Ready(record)
    }

    fn beginning<'a>(
        &'a self,
        db: &'a DB,
        key: &'a Key,
        op: Op,
        before: Option<&'a ErasedReadyRecord>,
        names: &'a dyn Names,
    ) -> Beginning<'a> {
        Beginning {
            kind: self.kind,
            key,
            op,
            runtime: db.runtime(),
            instance: self.instance,
            is_snapshot: self.is_snapshot.load(Relaxed),
            before,
            names,
        }
    }

    fn watch(&self, db: &DB, key: &Key, op: Op, look: &Look) -> Watch {
        let (cell, before) = match look {
            Look::Ready(record) => (None, Some(record)),
            Look::Not(cell, before) => (cell.clone(), before.as_ref()),
        };
        Watch::begin(&self.beginning(db, key, op, before, &DbNames(db))).with_cell(cell)
    }

    async fn end(
        &self,
        db: &DB,
        key: &Key,
        watch: Watch,
        result: Result<(), &picante::PicanteError>,
    ) {
        let find = || {
            let key = self.keys.decode_key(key).ok()?;
            self.inner.cell_for_key(&key).ok().flatten()
        };
        let cell = self.cells.find(key, find);
        let record = match &cell {
            Some(cell) => cell.ready_record().await,
            None => None,
        };
        // Before observers are told of the end: what went wrong may be in the value.
        if result.is_ok()
            && watch.running().is_computed()
            && let Some(record) = &record
        {
            self.tap(&watch.running().text, record);
        }
        watch.finish(result, record.as_ref(), &DbNames(db));
    }

    fn tap(&self, key: &str, record: &ErasedReadyRecord) {
        let recorder = recorder();
        if let Some(value) = record.value.downcast_ref::<V>() {
            for tap in recorder.taps(self.kind.name) {
                recorder.guarded(|| tap(key, Peek::new(value)));
            }
        }
    }

    /// Its cells are others now.
    fn replaced(&self) {
        self.cells.clear();
        if is_on() {
            recorder().active.lock().forget_orphans(self.instance);
        }
    }

    /// Makes sure that the value is valid now; the revision in which it last changed.
    pub async fn touch(&self, db: &DB, key: K) -> PicanteResult<Revision> {
        if !is_on() {
            return self.inner.touch(db, key).await;
        }
        let key = self.keys.key(key)?;
        Ok(self.touch_watched(db, key).await?.changed_at)
    }

    /// The cells, shared.
    pub fn snapshot(&self) -> im::HashMap<DynKey, Arc<DerivedCell>> {
        self.inner.snapshot()
    }

    /// Replaces the cells: done when a snapshot of a database is made.
    pub fn load_cells(&self, cells: im::HashMap<DynKey, Arc<DerivedCell>>) {
        self.inner.load_cells(cells);
        self.is_snapshot.store(true, Relaxed);
        self.replaced();
    }

    /// The cell of `key`.
    pub fn cell_for_key(&self, key: &K) -> PicanteResult<Option<Arc<DerivedCell>>> {
        self.inner.cell_for_key(key)
    }

    /// Puts a record into the cell of `key`.
    pub fn insert_ready_record(&self, key: &K, record: ErasedReadyRecord) -> PicanteResult<()> {
        let inserted = self.inner.insert_ready_record(key, record);
        self.replaced();
        inserted
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

impl<DB, K, V> DynIngredient<DB> for DerivedIngredient<DB, K, V>
where
    DB: IngredientLookup + Send + Sync + 'static,
    K: Clone + Facet<'static> + Send + Sync + 'static,
    V: Clone + Facet<'static> + Send + Sync + 'static,
{
    fn touch<'a>(&'a self, db: &'a DB, key: Key) -> BoxFuture<'a, PicanteResult<Touch>> {
        if !is_on() {
            return DynIngredient::touch(&self.inner, db, key);
        }
        match self.keys.normalize_key(key) {
            Ok(key) => Box::pin(self.touch_watched(db, key)),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}

/// What a look at a cell found.
enum Look {
    /// A value that is right.
    Ready(ErasedReadyRecord),
    /// Perhaps a cell, perhaps an old value.
    Not(Option<Arc<DerivedCell>>, Option<ErasedReadyRecord>),
}

/// A key of type `K` as text.
pub(super) fn key_text<K: Facet<'static>>(
    key: &Key,
    _kind: &Kind,
    names: &dyn Names,
) -> Option<String> {
    let key: K = key.decode_facet().ok()?;
    Some(text_of(Peek::new(&key), names))
}
