//! The trace's queries: found when the trace is there, read when somebody looks at them.
//!
//! Bounded: [`SPANS_MAX`] spans of queries; what the page is told is one graph of them.

use std::collections::HashSet;
use std::rc::Rc;

use hindsight_protocol::SpanId;
use hindsight_protocol::batch::ValueRef;
use hindsight_protocol::hub::{FindSpansRequest, GetSpansRequest};
use hindsight_view::TraceTab;
use hindsight_view::lens::Lens;
use hindsight_view::lens::picante::{EXECUTIONS_MAX, Stored};
use wasm_bindgen_futures::spawn_local;

use super::{Host, Told};
use crate::hub;
use crate::trace::TracedQueries;

/// Spans of queries that are read.
const SPANS_MAX: usize = EXECUTIONS_MAX;
/// Spans asked for at once.
const SPANS_AT_ONCE: usize = 500;

/// What is known of a trace's queries.
#[derive(Default)]
pub(super) struct Queries {
    stored: Stored,
    /// Spans that are in `stored` or wait.
    known: HashSet<u64>,
    /// Spans that have not been asked for.
    waiting: Vec<u64>,
    service: String,
    pid: u32,
    is_asking: bool,
    trouble: String,
}

impl Queries {
    /// Whether the trace has a span of a query, as far as that was asked.
    pub(super) fn is_any(&self) -> bool {
        !self.known.is_empty()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Host {
    /// Asks which spans are of queries; reads them while their tab is open.
    pub(super) fn find_queries(self: &Rc<Self>) {
        let mut state = self.state.borrow_mut();
        let is_open = state.tab == TraceTab::Queries;
        let is_known = !state.queries.known.is_empty();
        // That there are any is enough for who does not look.
        let (Some(link), false) = (
            self.link.get(),
            state.queries.is_asking || (is_known && !is_open),
        ) else {
            return;
        };
        state.queries.is_asking = true;
        let trace_id = state.trace;
        drop(state);
        let (host, round) = (Rc::clone(self), self.round.get());
        spawn_local(async move {
            let request = FindSpansRequest {
                trace_id,
                query: Lens::Picante.stored_query().into(),
                limit: SPANS_MAX as u32,
            };
            let reply = hub::find_spans(link, request).await;
            if host.round.get() != round {
                return;
            }
            let mut state = host.state.borrow_mut();
            let queries = &mut state.queries;
            queries.is_asking = false;
            match reply {
                Err(trouble) => queries.trouble = trouble.sentence(),
                Ok(reply) => {
                    queries.trouble.clear();
                    let ids = reply.span_ids.into_iter().take(SPANS_MAX);
                    let new: Vec<u64> = ids.filter(|id| queries.known.insert(*id)).collect();
                    queries.waiting.extend(new);
                }
            }
            drop(state);
            host.tell_queries();
            host.read_queries();
            host.find_outcomes();
        });
    }

    fn read_queries(self: &Rc<Self>) {
        let mut state = self.state.borrow_mut();
        let (is_open, trace_id) = (state.tab == TraceTab::Queries, state.trace);
        let queries = &mut state.queries;
        let (Some(link), true) = (self.link.get(), is_open && !queries.is_asking) else {
            return;
        };
        if queries.waiting.is_empty() {
            return;
        }
        let rest = queries.waiting.len().saturating_sub(SPANS_AT_ONCE);
        let ids = queries.waiting.split_off(rest);
        queries.is_asking = true;
        drop(state);
        let (host, round) = (Rc::clone(self), self.round.get());
        spawn_local(async move {
            let request = GetSpansRequest {
                trace_id,
                span_ids: ids.into_iter().map(SpanId::from_u64).collect(),
            };
            let reply = hub::get_spans(link, request).await;
            if host.round.get() != round {
                return;
            }
            let mut state = host.state.borrow_mut();
            let queries = &mut state.queries;
            queries.is_asking = false;
            match reply.map(|reply| reply.batch.check()) {
                Err(trouble) => queries.trouble = trouble.sentence(),
                Ok(Err(_)) => queries.trouble = "The hub sent spans that cannot be read.".into(),
                Ok(Ok(batch)) => {
                    queries.stored.add(&batch);
                    if let Some(row) = batch.rows().next() {
                        row.service().clone_into(&mut queries.service);
                        let pid = row.resource().find(|(key, _)| *key == "process.pid");
                        queries.pid = match pid {
                            Some((_, ValueRef::I64(pid))) => u32::try_from(pid).unwrap_or(0),
                            _ => 0,
                        };
                    }
                }
            }
            let goes_on = queries.trouble.is_empty() && !queries.waiting.is_empty();
            drop(state);
            match goes_on {
                true => host.read_queries(),
                false => host.tell_queries(),
            }
        });
    }

    /// Tells the graph, or only that there is one.
    pub(super) fn tell_queries(self: &Rc<Self>) {
        let state = self.state.borrow();
        let queries = &state.queries;
        let is_read = !queries.stored.is_empty() && queries.waiting.is_empty();
        let told = TracedQueries {
            trace: state.trace,
            spans: queries.known.len() as u64,
            graph: match is_read {
                true => vec![queries.stored.graph(Some(state.trace))],
                false => Vec::new(),
            },
            service: queries.service.clone(),
            pid: queries.pid,
            trouble: queries.trouble.clone(),
        };
        drop(state);
        self.tell(&Told::Queries(Box::new(told)));
    }
}
