//! The search within the trace.

use std::rc::Rc;

use hindsight_protocol::SpanId;
use hindsight_protocol::hub::FindSpansRequest;
use hindsight_view::canvas::{Changes, Command, Input};
use wasm_bindgen_futures::spawn_local;

use super::{Found, Host, NOTHING_FOUND, Told};
use crate::hub::{self, Trouble};

/// Most spans that a search marks.
const MATCHES_MAX: u32 = 100_000;

impl Host {
    /// Marks the spans that match, and goes to the first.
    pub(super) fn find(self: &Rc<Self>, query: String) {
        let is_same = self.state.borrow().query == query;
        self.state.borrow_mut().query = query;
        if !is_same {
            self.find_again(true);
        }
    }

    /// Asks the hub once more, as after another trace was told.
    pub(super) fn find_again(self: &Rc<Self>, goes: bool) {
        let (query, trace_id) = {
            let state = self.state.borrow();
            (state.query.clone(), state.trace)
        };
        if query.is_empty() {
            self.mark(Vec::new());
            return self.tell(&NOTHING_FOUND);
        }
        // Without a connection or a trace it is asked when there is one.
        let (Some(link), true) = (self.link.get(), trace_id.is_valid()) else {
            return;
        };
        let host = Rc::clone(self);
        spawn_local(async move {
            let request = FindSpansRequest {
                trace_id,
                query: query.clone(),
                limit: MATCHES_MAX,
            };
            let reply = hub::find_spans(link, request).await;
            if host.state.borrow().query != query {
                return;
            }
            let found = match reply {
                Ok(reply) => {
                    let ids = reply.span_ids.into_iter().map(SpanId::from_u64).collect();
                    host.mark(ids);
                    if goes {
                        host.handle(Input::Command(Command::NextMatch));
                    }
                    Found::Spans(reply.matched, reply.cut)
                }
                Err(Trouble::Query(problems)) => {
                    host.mark(Vec::new());
                    Found::Refused(query, problems)
                }
                Err(trouble) => Found::Trouble(trouble.sentence()),
            };
            host.tell(&Told::Found(found));
        });
    }

    fn mark(self: &Rc<Self>, ids: Vec<SpanId>) {
        if let Some(page) = &mut self.state.borrow_mut().page {
            page.set_matches(ids);
        }
        self.changed(Changes::PICTURE);
        self.list_anew();
    }
}
