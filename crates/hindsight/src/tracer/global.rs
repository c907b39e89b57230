//! The process' tracer, for adapters that are not handed one.

use std::sync::Weak;

use parking_lot::RwLock;

use super::{Handle, Tracer};

struct Global {
    /// Set on purpose; kept alive.
    chosen: Option<Tracer>,
    /// The first that was made and is still alive.
    first: Weak<Handle>,
}

static GLOBAL: RwLock<Global> = RwLock::new(Global {
    chosen: None,
    first: Weak::new(),
});

impl Tracer {
    /// Makes this the process' tracer, for good: it is then not flushed by a drop but at exit.
    pub fn set_global(&self) {
        GLOBAL.write().chosen = Some(self.clone());
    }

    /// The process' tracer: the one that [`Tracer::set_global`] chose, else the first one made that
    /// is still alive, else a disabled one.
    pub fn global() -> Self {
        let global = GLOBAL.read();
        match &global.chosen {
            Some(chosen) => chosen.clone(),
            None => Self {
                handle: global.first.upgrade(),
            },
        }
    }

    /// Remembers a tracer that was made.
    pub(super) fn note_first(&self) {
        let mut global = GLOBAL.write();
        if let (Some(handle), 0) = (&self.handle, global.first.strong_count()) {
            global.first = std::sync::Arc::downgrade(handle);
        }
    }
}
