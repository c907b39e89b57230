//! What is odd about the trace: looked for when all of it is there.
//!
//! Holds: of a small trace everything is looked at, of a larger one when its tab is open, of a huge
//! one the structure alone, and the list says so.

use std::rc::Rc;

use hindsight_protocol::CheckedBatch;
use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{GetTraceRequest, Removal};
use hindsight_view::findings::{findings, structure_findings};
use hindsight_view::listing::FindingList;
use hindsight_view::skew::{self, SkewEstimate};
use hindsight_view::{Timeline, Trace, TraceTab, format};
use wasm_bindgen_futures::spawn_local;

use super::{Host, Told};
use crate::browser;
use crate::hub;
use crate::link::Link;

/// Spans of a trace that is looked at by itself.
const SPANS_UNASKED_MAX: usize = 5_000;
/// Spans of a trace that is looked at in full.
const SPANS_IN_FULL_MAX: usize = 50_000;

/// What was found.
#[derive(Default)]
pub(super) struct Oddities {
    list: FindingList,
    is_known: bool,
    is_looking: bool,
    /// Whether attributes were looked at too.
    is_full: bool,
}

impl Oddities {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn list(&self) -> FindingList {
        self.list.clone()
    }

    pub(super) fn note(&self, rows: u64) -> String {
        let part = match self.is_full {
            true => "",
            false => " The trace is large: attributes were not looked at.",
        };
        match (self.is_known, rows) {
            (false, _) => "Looking.".into(),
            (true, 0) => format!("Nothing odd was found.{part}"),
            (true, rows) => format!("{}.{part}", format::plural(rows, "finding")),
        }
    }
}

impl Host {
    /// Looks for oddities, if all is there and it is wanted or cheap.
    pub(super) fn look_for_oddities(self: &Rc<Self>) {
        let mut state = self.state.borrow_mut();
        let is_wanted = state.tab == TraceTab::Findings;
        let spans = state.reader.len();
        let is_due = is_wanted || !state.is_open && spans <= SPANS_UNASKED_MAX;
        if !state.is_told || spans == 0 || !is_due || state.oddities.is_looking {
            return;
        }
        let Some(link) = self.link.get() else { return };
        state.oddities.is_looking = true;
        let trace = state.trace;
        drop(state);
        let (host, round) = (Rc::clone(self), self.round.get());
        spawn_local(async move {
            let found = match spans <= SPANS_IN_FULL_MAX {
                true => look_at_all(link, trace).await,
                false => None,
            };
            if host.round.get() != round {
                return;
            }
            let mut state = host.state.borrow_mut();
            let is_full = found.is_some();
            let list = found.or_else(|| state.look_at_structure());
            state.oddities.is_looking = false;
            if let Some(list) = list {
                state.oddities.list = list;
                state.oddities.is_known = true;
                state.oddities.is_full = is_full;
            }
            let total = state.oddities.list.total();
            drop(state);
            host.tell(&Told::Findings(total as u64));
            if host.state.borrow().tab == TraceTab::Findings {
                host.list_grown();
            }
        });
    }
}

impl super::State {
    /// None while times are aligned: what is odd is told of what was recorded.
    fn look_at_structure(&self) -> Option<FindingList> {
        let explorer = self.page.as_ref().filter(|_| !self.aligns)?.explorer();
        let (tree, timeline) = (explorer.tree(), explorer.timeline());
        let found = structure_findings(tree, timeline, &[]);
        Some(FindingList::new(tree, &found, browser::zone()))
    }

    /// Whether times in one clock would look different.
    pub(super) fn clocks_differ(&self) -> bool {
        let Some(page) = &self.page else { return false };
        let tree = page.explorer().tree();
        let differs = |estimate: &SkewEstimate| estimate.is_significant();
        tree.processes.len() > 1 && skew::estimate(tree).iter().any(differs)
    }
}

/// Everything the hub has of the trace, page by page, and what is odd about it.
async fn look_at_all(link: Link, trace_id: TraceId) -> Option<FindingList> {
    let mut pages: Vec<CheckedBatch> = Vec::new();
    let mut removals: Vec<Removal> = Vec::new();
    let mut page = 0;
    let mut spans = 0;
    loop {
        let request = GetTraceRequest { trace_id, page };
        let reply = hub::get_trace(link, request).await.ok()?;
        spans += reply.batch.len();
        if page == 0 {
            removals = reply.removals;
        }
        pages.push(reply.batch.check().ok()?);
        page = reply.next_page;
        // It may grow while it is read.
        if page == 0 || spans > 2 * SPANS_IN_FULL_MAX {
            break;
        }
    }
    let trace = Trace::new(trace_id, pages);
    let timeline = Timeline::new(trace.tree(), browser::now_ns());
    let found = findings(&trace, &timeline, &removals);
    Some(FindingList::new(trace.tree(), &found, browser::zone()))
}
