//! A tracer that someone may keep without keeping it alive.

use std::sync::Weak;

use super::{Handle, Tracer};

/// For adapters that outlive the tracer, or that the tracer itself holds ([`Tracer::expose`]).
#[derive(Clone, Debug, Default)]
pub struct WeakTracer {
    handle: Weak<Handle>,
}

impl Tracer {
    /// This tracer, as long as a clone of it is alive.
    pub fn downgrade(&self) -> WeakTracer {
        let handle = self.handle.as_ref();
        WeakTracer {
            handle: handle.map(std::sync::Arc::downgrade).unwrap_or_default(),
        }
    }
}

impl WeakTracer {
    /// The tracer; a disabled one when all its clones are gone.
    pub fn upgrade(&self) -> Tracer {
        Tracer {
            handle: self.handle.upgrade(),
        }
    }
}
