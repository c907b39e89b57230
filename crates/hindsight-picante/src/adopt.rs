//! Databases that tell what they computed unseen.
//!
//! In: a database, weakly. Out: nodes of queries that it knows and the recorder does not: computed before the
//! recorder was on, or loaded from a cache. Bounded by the store of nodes.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use picante::IngredientLookup;

use crate::names::{DbNames, Names as _};
use crate::recorder::nodes::{Edges, NODES_MAX, NodeKey, Nodes};
use crate::recorder::{Database, recorder};

/// A database, not kept alive.
struct Registered<DB>(Weak<DB>);

pub(crate) fn register<DB: IngredientLookup + Send + Sync + 'static>(db: &Arc<DB>) {
    let database: Arc<dyn Database> = Arc::new(Registered(Arc::downgrade(db)));
    recorder().add_database(db.runtime().id(), database);
}

impl<DB: IngredientLookup + Send + Sync + 'static> Database for Registered<DB> {
    fn is_gone(&self) -> bool {
        self.0.strong_count() == 0
    }

    fn adopt(&self, nodes: &Mutex<Nodes>) {
        let Some(db) = self.0.upgrade() else { return };
        let names = DbNames(&*db);
        let runtime = db.runtime();
        recorder().saw_revision(runtime.current_revision().0);
        let graph = runtime.deps_by_query_snapshot();
        let nodes = &mut *nodes.lock();
        for (query, deps) in graph.into_iter().take(NODES_MAX) {
            let key = NodeKey {
                family: runtime.id(),
                kind: query.kind,
                key: query.key,
            };
            let (None, Some(kind)) = (nodes.get(&key), names.kind(key.kind)) else {
                continue;
            };
            nodes.add_dependencies(&key, &deps, &names);
            nodes.node(&key, kind, &names).state.edges = Edges {
                recorded: deps,
                ..Edges::default()
            };
        }
    }
}
