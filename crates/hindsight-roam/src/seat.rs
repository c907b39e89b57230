//! Where a wrapper keeps what it knows of its lane: one seat is one lane.
//!
//! A wrapper that is cloned gets a seat of its own, because a clone serves another lane.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use hindsight::Tracer;
use parking_lot::Mutex;
use vox::MethodId;

use crate::names::Names;
use crate::registry::{Lane, Opening, Registry};

/// Methods whose names are at hand.
const KNOWN_MAX: usize = 256;

/// What a wrapper knows of its lane.
#[derive(Default)]
pub(crate) struct Seat {
    registry: OnceLock<Arc<Registry>>,
    lane: OnceLock<Arc<Lane>>,
    /// Whether someone else tells when the lane ends.
    is_driven: bool,
    /// Whether the other end knows who this is.
    is_greeted: AtomicBool,
    known: Mutex<Vec<Known>>,
}

#[derive(Clone, Copy)]
struct Known {
    id: MethodId,
    names: Names,
    /// Whether the other end knows the name as well.
    is_told: bool,
}

impl std::fmt::Debug for Seat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seat").finish_non_exhaustive()
    }
}

impl Clone for Seat {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Seat {
    /// A seat on a lane that is registered already.
    pub(crate) fn taken(registry: Arc<Registry>, lane: Arc<Lane>) -> Self {
        Self {
            registry: OnceLock::from(registry),
            lane: OnceLock::from(lane),
            is_driven: true,
            is_greeted: AtomicBool::new(false),
            known: Mutex::default(),
        }
    }

    /// The registry and the lane, where calls are watched. A lane that is not registered yet is so now, as
    /// `opening` has it.
    #[inline]
    pub(crate) fn watched(
        &self,
        tracer: &Tracer,
        opening: impl FnOnce() -> Opening,
    ) -> Option<(&Arc<Registry>, &Arc<Lane>)> {
        let registry = match self.registry.get() {
            Some(registry) => registry,
            None => {
                let found = Registry::of(tracer)?;
                self.registry.get_or_init(|| found)
            }
        };
        // Not what is called for a viewer, whose calls are nobody's traffic.
        if !registry.feed.is_on() || !hindsight::is_recording_thread() {
            return None;
        }
        let lane = self.lane.get_or_init(|| registry.open(opening()));
        Some((registry, lane))
    }

    /// A method's names, and whether the other end knows them.
    #[inline]
    pub(crate) fn names(&self, id: MethodId, names: impl FnOnce() -> Names) -> (Names, bool) {
        let mut known = self.known.lock();
        if let Some(known) = known.iter().find(|known| known.id == id) {
            return (known.names, known.is_told);
        }
        let names = names();
        if known.len() < KNOWN_MAX {
            known.push(Known {
                id,
                names,
                is_told: false,
            });
        }
        (names, false)
    }

    /// Whether the other end knows who this is.
    #[inline]
    pub(crate) fn is_greeted(&self) -> bool {
        self.is_greeted.load(Ordering::Relaxed)
    }

    /// The other end has answered a call that said who this is.
    pub(crate) fn greeted(&self) {
        self.is_greeted.store(true, Ordering::Relaxed);
    }

    /// Both ends know the method's name: the other one told it, or has answered a call that named it.
    pub(crate) fn told(&self, id: MethodId) {
        let mut known = self.known.lock();
        if let Some(known) = known.iter_mut().find(|known| known.id == id) {
            known.is_told = true;
        }
    }

    /// What a caller told of the method replaces what was known.
    pub(crate) fn rename(&self, id: MethodId, names: Names) {
        let mut known = self.known.lock();
        if let Some(known) = known.iter_mut().find(|known| known.id == id) {
            known.names = names;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let (Some(registry), Some(lane), false) =
            (self.registry.get(), self.lane.get(), self.is_driven)
        {
            registry.close(lane);
        }
    }
}

/// Tells when a lane ends, with the task that drives it.
pub(crate) struct Driven {
    pub(crate) registry: Arc<Registry>,
    pub(crate) lane: Arc<Lane>,
}

impl Driven {
    /// The seat of the wrapper on this lane.
    pub(crate) fn seat(&self) -> Seat {
        Seat::taken(self.registry.clone(), self.lane.clone())
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        self.registry.close(&self.lane);
    }
}
