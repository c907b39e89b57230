//! How the queries of the trace were answered, for the rows of their spans.
//!
//! Only a trace that has spans of queries is asked for them, one question for each outcome, which
//! the hub answers from one column. Bounded: [`SPANS_MAX`] spans of each outcome; rows beyond
//! show none. While the trace grows it is asked anew every [`PAUSE_MS`] at most.

use std::rc::Rc;

use hindsight_protocol::SpanId;
use hindsight_protocol::hub::FindSpansRequest;
use hindsight_view::canvas::Changes;
use hindsight_view::lens::picante::{Outcome, outcome_queries};
use wasm_bindgen_futures::spawn_local;

use super::Host;
use crate::browser;
use crate::hub;

/// Spans of one outcome that are looked up.
const SPANS_MAX: u32 = 100_000;
/// Milliseconds between two looks.
const PAUSE_MS: f64 = 2_000.0;

/// What was asked, and when.
#[derive(Default)]
pub(super) struct Outcomes {
    is_asking: bool,
    asked_ms: f64,
    /// Something has come since.
    is_behind: bool,
}

impl Outcomes {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Host {
    /// Asks how the queries were answered, if the trace is known to have any.
    pub(super) fn find_outcomes(self: &Rc<Self>) {
        let mut state = self.state.borrow_mut();
        let (Some(link), true) = (self.link.get(), state.queries.is_any()) else {
            return;
        };
        let now_ms = browser::now_ms();
        let outcomes = &mut state.outcomes;
        let is_early = outcomes.asked_ms > 0.0 && now_ms - outcomes.asked_ms < PAUSE_MS;
        if outcomes.is_asking || is_early {
            outcomes.is_behind = true;
            return;
        }
        (outcomes.is_asking, outcomes.asked_ms) = (true, now_ms);
        outcomes.is_behind = false;
        let trace_id = state.trace;
        drop(state);
        let (host, round) = (Rc::clone(self), self.round.get());
        spawn_local(async move {
            let mut found: Vec<(SpanId, Outcome)> = Vec::new();
            for (outcome, query) in outcome_queries() {
                let request = FindSpansRequest {
                    trace_id,
                    query,
                    limit: SPANS_MAX,
                };
                // What is not known is not shown; the next look asks again.
                let reply = hub::find_spans(link, request).await.unwrap_or_default();
                let ids = reply.span_ids.into_iter().take(SPANS_MAX as usize);
                found.extend(ids.map(|id| (SpanId::from_u64(id), outcome)));
                if host.round.get() != round {
                    return;
                }
            }
            let mut state = host.state.borrow_mut();
            state.outcomes.is_asking = false;
            if let Some(page) = &mut state.page {
                page.set_outcomes(found);
            }
            drop(state);
            host.changed(Changes {
                selection: true,
                ..Changes::VIEW
            });
            host.tell_rows_soon();
        });
    }

    /// Asks again if something has come since it was asked last; the trace is looked at every now
    /// and then anyway.
    pub(super) fn catch_up_with_outcomes(self: &Rc<Self>) {
        if self.state.borrow().outcomes.is_behind {
            self.find_outcomes();
        }
    }
}
