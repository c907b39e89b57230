//! What is known of queries: written by accesses, read by `PicanteIntrospection`.
//!
//! In: accesses as they begin, compute and end ([`running`]), changes of inputs ([`input`]). Out: spans,
//! calls of taps and observers, and answers of [`crate::introspection`]. Always: one for the process, since a
//! snapshot's accesses belong to the same program as its database's; without a tracer, a tap or an observer it
//! is off and nothing comes in. Bounded: [`nodes::NODES_MAX`], [`executions::EXECUTIONS_MAX`],
//! [`active::ACTIVE_MAX`]; what is forgotten is counted ([`Forgotten`]).

pub(crate) mod active;
mod describe;
pub(crate) mod executions;
pub(crate) mod finish;
pub(crate) mod input;
pub(crate) mod nodes;
pub(crate) mod running;
mod span;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};
use std::time::{SystemTime, UNIX_EPOCH};

use facet_reflect::Peek;
use hindsight::Tracer;
use hindsight_protocol::introspection::picante::QueryEvent;
use parking_lot::{Mutex, RwLock};
use picante::RuntimeId;
use tokio::sync::broadcast;

use crate::Access;
use active::Active;
use executions::Executions;
use nodes::Nodes;

/// Events that a reader may be behind.
const EVENTS_MAX: usize = 4096;
/// Databases that are asked for what they computed unseen.
const DATABASES_MAX: usize = 64;

static IS_ON: AtomicBool = AtomicBool::new(false);
static IS_OBSERVED: AtomicBool = AtomicBool::new(false);

/// Whether anybody wants to know.
#[inline]
pub(crate) fn is_on() -> bool {
    IS_ON.load(Relaxed)
}

/// The recorder of this process.
pub(crate) fn recorder() -> &'static Recorder {
    static RECORDER: LazyLock<Recorder> = LazyLock::new(Recorder::new);
    &RECORDER
}

type Observer = Arc<dyn Fn(&Access) + Send + Sync>;
type Tap = Arc<dyn Fn(&str, Peek<'_, '_>) + Send + Sync>;

/// A database that was registered.
pub(crate) trait Database: Send + Sync {
    /// Whether it was dropped.
    fn is_gone(&self) -> bool;

    /// Adds the queries it knows and we do not.
    fn adopt(&self, nodes: &Mutex<Nodes>);
}

pub(crate) struct Recorder {
    tracer: RwLock<Option<Tracer>>,
    observers: RwLock<Arc<[Observer]>>,
    taps: RwLock<HashMap<&'static str, Vec<Tap>>>,
    databases: Mutex<Vec<(RuntimeId, Arc<dyn Database>)>>,
    pub(crate) nodes: Mutex<Nodes>,
    pub(crate) executions: Mutex<Executions>,
    pub(crate) active: Mutex<Active>,
    events: broadcast::Sender<Arc<QueryEvent>>,
    newest_revision: AtomicU64,
    next_id: AtomicU64,
    pub(crate) totals: Totals,
}

/// Counted since the process began.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) orphaned: AtomicU64,
    pub(crate) lost: AtomicU64,
    pub(crate) phantom: AtomicU64,
    /// Panics of taps and observers.
    pub(crate) panics: AtomicU64,
}

impl Recorder {
    fn new() -> Self {
        Self {
            tracer: RwLock::default(),
            observers: RwLock::new(Arc::from([])),
            taps: RwLock::default(),
            databases: Mutex::default(),
            nodes: Mutex::default(),
            executions: Mutex::default(),
            active: Mutex::default(),
            events: broadcast::Sender::new(EVENTS_MAX),
            newest_revision: AtomicU64::new(0),
            next_id: AtomicU64::new(1),
            totals: Totals::default(),
        }
    }

    /// Spans go to `tracer` from now on; says whether that is new.
    pub(crate) fn set_tracer(&self, tracer: &Tracer) -> bool {
        let mut current = self.tracer.write();
        let is_new = current.as_ref().and_then(Tracer::id) != tracer.id();
        if is_new {
            *current = Some(tracer.clone());
        }
        IS_ON.store(true, Relaxed);
        is_new
    }

    pub(crate) fn tracer(&self) -> Option<Tracer> {
        self.tracer.read().clone()
    }

    pub(crate) fn add_observer(&self, observer: Observer) {
        let mut observers = self.observers.write();
        let all = observers.iter().cloned().chain([observer]);
        *observers = all.collect();
        IS_OBSERVED.store(true, Relaxed);
        IS_ON.store(true, Relaxed);
    }

    pub(crate) fn add_tap(&self, kind: &'static str, tap: Tap) {
        self.taps.write().entry(kind).or_default().push(tap);
        IS_ON.store(true, Relaxed);
    }

    /// A database of this family, in place of one that was told before.
    pub(crate) fn add_database(&self, family: RuntimeId, database: Arc<dyn Database>) {
        let mut databases = self.databases.lock();
        databases.retain(|(other, database)| *other != family && !database.is_gone());
        if databases.len() < DATABASES_MAX {
            databases.push((family, database));
        }
    }

    /// Adds what registered databases computed unseen.
    pub(crate) fn adopt_all(&self) {
        let databases = self.databases.lock().clone();
        for (_, database) in databases {
            database.adopt(&self.nodes);
        }
    }

    #[inline]
    pub(crate) fn is_observed(&self) -> bool {
        IS_OBSERVED.load(Relaxed)
    }

    pub(crate) fn observe(&self, access: &Access) {
        let observers = self.observers.read().clone();
        for observer in observers.iter() {
            self.guarded(|| observer(access));
        }
    }

    pub(crate) fn taps(&self, kind: &str) -> Vec<Tap> {
        self.taps.read().get(kind).cloned().unwrap_or_default()
    }

    /// Runs the program's own code, whose panic is not to become a query's.
    pub(crate) fn guarded(&self, work: impl FnOnce()) {
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            self.totals.panics.fetch_add(1, Relaxed);
        }
    }

    pub(crate) fn new_id(&self) -> u64 {
        self.next_id.fetch_add(1, Relaxed)
    }

    pub(crate) fn saw_revision(&self, revision: u64) {
        self.newest_revision.fetch_max(revision, Relaxed);
    }

    pub(crate) fn revision(&self) -> u64 {
        self.newest_revision.load(Relaxed)
    }

    /// Events from now on; none if there are as many readers already.
    pub(crate) fn subscribe(
        &self,
        readers_max: usize,
    ) -> Option<broadcast::Receiver<Arc<QueryEvent>>> {
        (self.events.receiver_count() < readers_max).then(|| self.events.subscribe())
    }

    /// Tells readers, if there are any.
    pub(crate) fn tell(&self, make: impl FnOnce() -> QueryEvent) {
        if self.events.receiver_count() == 0 {
            return;
        }
        // Without a reader there is nobody to miss it.
        drop(self.events.send(Arc::new(make())));
    }
}

/// Nanoseconds since the Unix epoch.
pub(crate) fn unix_now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos() as u64)
}
