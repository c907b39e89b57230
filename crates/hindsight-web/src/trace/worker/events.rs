//! The log: spans with events are asked for in parts, as far down as somebody looks.

use std::rc::Rc;

use hindsight_protocol::SpanId;
use hindsight_protocol::hub::{FindSpansRequest, GetSpansRequest};
use hindsight_view::TraceTab;
use hindsight_view::events::EventLog;
use hindsight_view::format;
use wasm_bindgen_futures::spawn_local;

use super::Host;
use crate::hub;

/// Finds the spans that have events.
const QUERY: &str = "events>0";
/// Most spans whose events can be looked at.
const SPANS_MAX: u32 = 100_000;
/// Spans asked for at once.
const SPANS_AT_ONCE: usize = 500;
/// Rows below those in sight that are kept ready.
const ROWS_AHEAD: usize = 500;

/// What is known of a trace's events.
#[derive(Default)]
pub(super) struct Events {
    log: EventLog,
    /// Spans with events that have not been asked for, the next one last.
    waiting: Vec<u64>,
    /// Spans that are in the log or wait.
    known: std::collections::HashSet<u64>,
    is_found: bool,
    /// Spans that have been asked for and are not here yet; 0 while none is.
    asked: usize,
    trouble: String,
}

impl Events {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn log(&self) -> &EventLog {
        &self.log
    }

    /// `1,204 events; those of 12 more spans follow`.
    pub(super) fn note(&self) -> String {
        if !self.trouble.is_empty() {
            return self.trouble.clone();
        }
        let events = format::plural(self.log.len() as u64, "event");
        match (self.is_found, (self.waiting.len() + self.asked) as u64) {
            (false, _) => "Asking the hub.".into(),
            (true, 0) if self.log.is_empty() => "No span of the trace has events.".into(),
            (true, 0) => events,
            (true, more) => format!(
                "{events}; those of {} follow",
                format::plural(more, "more span")
            ),
        }
    }
}

impl Host {
    /// Asks which spans have events, while somebody wants to see them.
    pub(super) fn find_events(self: &Rc<Self>) {
        let state = self.state.borrow();
        let (Some(link), TraceTab::Events) = (self.link.get(), state.tab) else {
            return;
        };
        let trace_id = state.trace;
        drop(state);
        let (host, round) = (Rc::clone(self), self.round.get());
        spawn_local(async move {
            let request = FindSpansRequest {
                trace_id,
                query: QUERY.into(),
                limit: SPANS_MAX,
            };
            let reply = hub::find_spans(link, request).await;
            if host.round.get() != round {
                return;
            }
            let mut state = host.state.borrow_mut();
            let events = &mut state.events;
            events.is_found = true;
            match reply {
                Err(trouble) => events.trouble = trouble.sentence(),
                Ok(reply) => {
                    events.trouble.clear();
                    let mut ids = reply.span_ids;
                    ids.retain(|id| events.known.insert(*id));
                    ids.reverse();
                    // Newer ones come after those that wait.
                    ids.append(&mut events.waiting);
                    events.waiting = ids;
                }
            }
            drop(state);
            host.tell_rows_soon();
            host.read_events_in_sight();
        });
    }

    /// Asks for events until there are enough for the rows in sight and some below.
    pub(super) fn read_events_in_sight(self: &Rc<Self>) {
        let mut state = self.state.borrow_mut();
        let wanted = state.list.end() + ROWS_AHEAD;
        let (is_open, trace_id) = (state.tab == TraceTab::Events, state.trace);
        let events = &mut state.events;
        let (Some(link), true) = (self.link.get(), is_open && events.asked == 0) else {
            return;
        };
        if events.waiting.is_empty() || events.log.len() >= wanted {
            return;
        }
        let rest = events.waiting.len().saturating_sub(SPANS_AT_ONCE);
        let mut ids = events.waiting.split_off(rest);
        ids.reverse();
        events.asked = ids.len();
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
            let events = &mut state.events;
            events.asked = 0;
            match reply {
                Err(trouble) => events.trouble = trouble.sentence(),
                Ok(reply) => {
                    let left = reply.left_out.iter().rev().map(|id| id.bits);
                    events.waiting.extend(left);
                    match reply.batch.check() {
                        Ok(batch) => events.log.add(batch),
                        Err(_) => events.trouble = "The hub sent spans that cannot be read.".into(),
                    }
                }
            }
            let goes_on = events.trouble.is_empty();
            drop(state);
            host.tell_rows_soon();
            if goes_on {
                host.read_events_in_sight();
            }
        });
    }
}
