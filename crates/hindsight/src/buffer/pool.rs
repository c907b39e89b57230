//! Records for reuse, a few a thread: making a span then allocates nothing.
//!
//! Where more spans are open at a time, or other threads end them, records go back to the buffer
//! they were open in ([`super::Buffer::end`]), and its thread fetches them from there, many at once.

use std::cell::RefCell;
use std::sync::Arc;

use super::SpanRecord;
use crate::tracer::Shared;

/// Records a thread keeps.
const KEPT_MAX: usize = 64;

#[allow(
    clippy::vec_box,
    reason = "records move between builder, buffer and pool: a box moves 8 bytes, not 240"
)]
pub(super) type Records = Vec<Box<SpanRecord>>;

thread_local! {
    static KEPT: RefCell<Records> = const { RefCell::new(Vec::new()) };
}

/// An empty record.
#[inline]
pub(crate) fn take(tracer: &Arc<Shared>) -> Box<SpanRecord> {
    let kept = KEPT.try_with(|kept| kept.borrow_mut().pop());
    match kept {
        Ok(Some(record)) => record,
        // A thread that is ending keeps none.
        Err(_) => Box::default(),
        Ok(None) => fetch(tracer),
    }
}

/// A record of those that the buffer has, and as many more as this thread keeps.
#[cold]
fn fetch(tracer: &Arc<Shared>) -> Box<SpanRecord> {
    let fetch = |kept: &RefCell<Records>| {
        let kept = &mut *kept.borrow_mut();
        if let Some(buffer) = tracer.thread_buffer() {
            buffer.take_spare(kept, KEPT_MAX);
        }
        kept.pop()
    };
    KEPT.try_with(fetch).ok().flatten().unwrap_or_default()
}

/// Gives a record back to this thread, which may have enough of them: then it is returned, empty.
#[inline]
pub(super) fn keep(mut record: Box<SpanRecord>) -> Option<Box<SpanRecord>> {
    record.clear();
    let keep = |kept: &RefCell<Records>| {
        let mut kept = kept.borrow_mut();
        if kept.len() >= KEPT_MAX {
            return Some(record);
        }
        kept.push(record);
        None
    };
    // When the thread is ending, the record just goes.
    KEPT.try_with(keep).ok().flatten()
}

/// Gives back a record that was not used.
#[inline]
pub(crate) fn give(record: Box<SpanRecord>) {
    // One too many just goes.
    drop(keep(record));
}
