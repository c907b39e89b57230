//! Looking at a span allocates nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use hindsight_query::view::RowsOfTrace;
use hindsight_query::{Budget, Matcher, Query};

use crate::spans::traces;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: everything is handed on to `System`; the counter is a plain cell that needs no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are `System`'s.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[test]
fn looking_at_a_span_allocates_nothing() {
    let traces = traces();
    for text in [
        "service:web duration>10ms status:error http.route=\"/a\" -name:health",
        "timeout or nothing or é",
        "http.status_code:5* http.status_code in (500, 503) retries=3",
        "name~\"^(GET|POST) \" http.status_code~5",
        "event.attempt>1 event.name:retry",
        "spans>2 lens:picante root.name:x* has(status:error) descendant(child(name:x))",
    ] {
        let query: Query = text.parse().expect("the query is right");
        let matcher = Matcher::new(&query.filter, 0).expect("and well typed");
        let views = traces
            .each_ref()
            .map(|batch| RowsOfTrace::new(batch.rows()));
        let ask_all = || {
            for (batch, view) in traces.iter().zip(&views) {
                for row in batch.rows() {
                    matcher.matches_alone(row);
                    matcher.matches(view, row.index(), &mut Budget::unlimited());
                }
            }
        };
        // The first time, regular expressions make their caches.
        ask_all();
        let before = ALLOCATIONS.get();
        ask_all();
        assert_eq!(ALLOCATIONS.get() - before, 0, "{text}");
    }
}
