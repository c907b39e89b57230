//! Accesses that were answered from memory: counted, and hardly more.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use hindsight::{Context, SpanId};
use picante::ingredient::ErasedReadyRecord;

use super::{Beginning, CURRENT, Running, asking};
use crate::recorder::finish::Watch;
use crate::recorder::recorder;
use crate::{Op, Outcome};

/// Hits directly beneath one span that have spans of their own.
const SPANS_MAX: u32 = 32;

thread_local! {
    /// The span that had the last of them, and how many.
    static SPANS: Cell<(SpanId, u32)> = const { Cell::new((SpanId::INVALID, 0)) };
}

/// An access that was answered from memory.
#[inline]
pub(crate) fn hit(of: &Beginning<'_>, record: &ErasedReadyRecord) {
    let within = |running: &Arc<Running>| running.hit(of, record);
    if CURRENT.try_with(within).is_err() {
        outermost(of, record);
    }
}

impl Running {
    fn hit(&self, of: &Beginning<'_>, record: &ErasedReadyRecord) {
        of.kind.counts.answered(Outcome::Hit);
        self.hits.fetch_add(1, Relaxed);
        match of.op {
            Op::Get => self.saw(of.kind.id, of.key),
            Op::Touch => self.touched(of.kind.id, of.key, record.changed_at),
        }
    }
}

/// A hit that the program asked for itself: a request that was answered at once is worth a span, a loop over
/// many is not.
fn outermost(of: &Beginning<'_>, record: &ErasedReadyRecord) {
    let recorder = recorder();
    let is_told = recorder.is_observed() || Context::current().is_some_and(|c| has_room(&c));
    if !is_told {
        of.kind.counts.answered(Outcome::Hit);
        return;
    }
    if let (Some(parent), _) = asking(of.kind) {
        return parent.hit(of, record);
    }
    let of = &Beginning {
        before: Some(record),
        ..*of
    };
    Watch::begin(of).finish(Ok(()), Some(record), of.names);
}

fn has_room(beneath: &Context) -> bool {
    let span = beneath.span_id();
    // When the thread is ending nobody asks.
    let count = |spans: &Cell<(SpanId, u32)>| {
        let (last, count) = spans.get();
        let count = if last == span { count + 1 } else { 1 };
        spans.set((span, count.min(SPANS_MAX + 1)));
        count <= SPANS_MAX
    };
    SPANS.try_with(count).unwrap_or(false)
}
