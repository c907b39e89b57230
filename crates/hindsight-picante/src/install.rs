//! What a program calls, once: where spans go, whose values are looked at, who is told.

use std::future::Future;
use std::sync::Arc;

use facet_reflect::Peek;
use hindsight::Tracer;
use picante::{IngredientLookup, Runtime};

use crate::recorder::{recorder, running};
use crate::{Access, adopt, introspection};

/// Lets `tracer` make spans of the queries of this process, and offers `PicanteIntrospection` to its hub.
///
/// Again with the same tracer does nothing; with another one, spans go there from now on. A disabled tracer
/// changes nothing. The tracer is kept: it is flushed at exit, not by a drop.
pub fn install(tracer: &Tracer) {
    if tracer.is_enabled() && recorder().set_tracer(tracer) {
        introspection::expose(tracer);
    }
}

/// Calls `tap` with the key and the value of each `kind` of query after it was computed, by reflection.
///
/// It is called within the computing task and delays it; a panic in it is caught and counted.
pub fn tap(kind: &'static str, tap: impl Fn(&str, Peek<'_, '_>) + Send + Sync + 'static) {
    recorder().add_tap(kind, Arc::new(tap));
}

/// Calls `observer` at the start and the end of accesses, in the accessing task.
pub fn observe(observer: impl Fn(&Access) + Send + Sync + 'static) {
    recorder().add_observer(Arc::new(observer));
}

/// Tells of a database: what it computed before [`install`], or loaded, is then known too. It is not kept
/// alive.
pub fn register<DB: IngredientLookup + Send + Sync + 'static>(db: &Arc<DB>) {
    adopt::register(db);
}

/// `tokio::spawn` for a part of a query: accesses in it belong to the query that spawns it.
///
/// picante does not record such an access as a dependency; it is shown as a lost one.
pub fn spawn<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(running::carried(future))
}

/// [`install`] as a part of making a runtime.
pub trait WithTracer {
    /// Lets `tracer` make spans of queries. For the whole process: see [`install`].
    fn with_tracer(self, tracer: Tracer) -> Self;
}

impl WithTracer for Runtime {
    fn with_tracer(self, tracer: Tracer) -> Self {
        install(&tracer);
        self
    }
}
