//! Records for reuse, a few a thread: making a span then allocates nothing.

use std::cell::RefCell;

use super::SpanRecord;

/// Records a thread keeps; more than that are open at a time only where spans nest deeply.
const KEPT_MAX: usize = 64;

#[allow(
    clippy::vec_box,
    reason = "records move between builder, buffer and pool: a box moves 8 bytes, not 240"
)]
type Kept = Vec<Box<SpanRecord>>;

thread_local! {
    static KEPT: RefCell<Kept> = const { RefCell::new(Vec::new()) };
}

/// An empty record.
#[inline]
pub(crate) fn take() -> Box<SpanRecord> {
    let kept = KEPT.try_with(|kept| kept.borrow_mut().pop());
    // A thread that is ending keeps none.
    kept.ok().flatten().unwrap_or_default()
}

/// Gives a record back.
#[inline]
pub(crate) fn give(mut record: Box<SpanRecord>) {
    record.clear();
    let keep = |kept: &RefCell<Kept>| {
        let mut kept = kept.borrow_mut();
        if kept.len() < KEPT_MAX {
            kept.push(record);
        }
    };
    // When the thread is ending, the record just goes.
    KEPT.try_with(keep).unwrap_or_default();
}
