//! Traces that the reader has marked, and what can be done with them.
//!
//! Bounded: [`MARKED_MAX`] traces.

use crate::reactive::prelude::*;
use hindsight_protocol::TraceId;

use crate::route::list;

/// Most traces that are marked at a time.
pub(super) const MARKED_MAX: usize = 50;

/// The marked traces, in the order in which they were. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Marks(RwSignal<Vec<TraceId>>);

impl Marks {
    pub(super) fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    pub(super) fn has(&self, trace: TraceId) -> bool {
        self.0.with(|marked| marked.contains(&trace))
    }

    /// Marks a trace, or takes its mark away.
    pub(super) fn turn(&self, trace: TraceId) {
        self.0.update(
            |marked| match marked.iter().position(|known| *known == trace) {
                Some(index) => drop(marked.remove(index)),
                None if marked.len() < MARKED_MAX => marked.push(trace),
                None => {}
            },
        );
    }

    /// Marks all of `shown` from the trace marked last to this one.
    pub(super) fn extend(&self, trace: TraceId, shown: &[TraceId]) {
        let place = |wanted: TraceId| shown.iter().position(|known| *known == wanted);
        let last = self.0.with_untracked(|marked| marked.last().copied());
        let (Some(from), Some(to)) = (last.and_then(place), place(trace)) else {
            return self.turn(trace);
        };
        self.0.update(|marked| {
            for other in &shown[from.min(to)..=from.max(to)] {
                if marked.len() < MARKED_MAX && !marked.contains(other) {
                    marked.push(*other);
                }
            }
        });
    }
}

/// How many are marked; two can be compared.
#[component]
pub(super) fn Marked(marks: Marks) -> impl IntoView {
    let count = Memo::new(move |_| marks.0.with(Vec::len));
    let pair = move || match marks.0.get()[..] {
        [a, b] => view! { <a class="button" href=list::compare(a, b)>"Compare"</a> }.into_any(),
        _ => view! { <span class="dim">"mark two to compare"</span> }.into_any(),
    };
    let words = move || match count.get() {
        MARKED_MAX => format!("{MARKED_MAX} marked, no more"),
        count => format!("{count} marked"),
    };
    view! {
        <Show when=move || { count.get() > 0 }>
            <span class="marked" role="status">{words}</span>
            {pair}
            <button type="button" class="quiet" on:click=move |_| marks.0.set(Vec::new())>
                "Unmark"
            </button>
        </Show>
    }
}
