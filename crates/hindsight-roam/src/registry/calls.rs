//! Calls under way on one lane, and how those went that ended. Everything is behind the lane's own lock,
//! held for some tens of nanoseconds at a call's start and end.

use hindsight::{SpanId, TraceId};
use vox::MethodId;

use super::stats::Stats;
use crate::names::{Names, OTHER};

/// Methods of one lane that are counted apart.
const METHODS_MAX: usize = 256;
/// Calls under way on one lane that are listed.
const ACTIVE_MAX: usize = 4096;

/// A call under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Active {
    pub(crate) names: Names,
    pub(crate) id: MethodId,
    /// roam's id of the request; 0 where not known.
    pub(crate) request: u64,
    pub(crate) started_ns: u64,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    /// The caller's, of an incoming call.
    pub(crate) parent_id: SpanId,
    /// Channels that came with it.
    pub(crate) channels: u64,
}

#[derive(Debug)]
struct Method {
    id: MethodId,
    names: Names,
    stats: Stats,
}

/// The calls of a lane.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    methods: Vec<Method>,
    slots: Vec<Option<Active>>,
    free: Vec<u32>,
    /// Under way, but not listed for lack of room.
    unlisted: u64,
    pub(crate) ended: u64,
    pub(crate) failed: u64,
}

/// Where a call is listed; none for one that is not.
pub(crate) type Slot = Option<u32>;

impl Calls {
    /// Lists a call.
    #[inline]
    pub(crate) fn begin(&mut self, call: Active) -> Slot {
        if let Some(slot) = self.free.pop()
            && let Some(place) = self.slots.get_mut(slot as usize)
        {
            *place = Some(call);
            return Some(slot);
        }
        if self.slots.len() >= ACTIVE_MAX {
            self.unlisted += 1;
            return None;
        }
        self.slots.push(Some(call));
        u32::try_from(self.slots.len() - 1).ok()
    }

    /// Takes a call off the list and counts it.
    #[inline]
    pub(crate) fn end(&mut self, slot: Slot, call: &Active, duration_ns: u64, is_failure: bool) {
        match slot {
            Some(slot) => {
                if let Some(place) = self.slots.get_mut(slot as usize) {
                    *place = None;
                    self.free.push(slot);
                }
            }
            None => self.unlisted = self.unlisted.saturating_sub(1),
        }
        self.ended += 1;
        self.failed += u64::from(is_failure);
        self.method(call).stats.count(duration_ns, is_failure);
    }

    fn method(&mut self, call: &Active) -> &mut Method {
        let known = self.methods.iter().position(|m| m.id == call.id);
        // The last of a full list stands for all that found no room.
        let at = known.unwrap_or_else(|| {
            if self.methods.len() < METHODS_MAX {
                let is_last = self.methods.len() + 1 == METHODS_MAX;
                let names = match is_last {
                    true => Names::new(call.names.service, OTHER),
                    false => call.names,
                };
                self.methods.push(Method {
                    id: call.id,
                    names,
                    stats: Stats::default(),
                });
            }
            self.methods.len() - 1
        });
        &mut self.methods[at]
    }

    /// Those that are listed.
    pub(crate) fn active(&self) -> impl Iterator<Item = &Active> {
        self.slots.iter().flatten()
    }

    /// How many are under way, listed or not.
    pub(crate) fn active_count(&self) -> u64 {
        (self.slots.len() - self.free.len()) as u64 + self.unlisted
    }

    /// How many are under way and not listed.
    pub(crate) fn unlisted(&self) -> u64 {
        self.unlisted
    }

    /// How calls went, by method.
    pub(crate) fn methods(&self) -> impl Iterator<Item = (Names, &Stats)> {
        let methods = self.methods.iter();
        methods
            .map(|method| (method.names, &method.stats))
            .filter(|(_, stats)| !stats.is_empty())
    }

    /// The names of a method that was called here.
    pub(crate) fn names_of(&self, id: MethodId) -> Option<Names> {
        let active = self.active().find(|call| call.id == id);
        let ended = || self.methods.iter().find(|method| method.id == id);
        active
            .map(|call| call.names)
            .or_else(|| ended().map(|method| method.names))
    }
}

#[cfg(test)]
mod tests;
