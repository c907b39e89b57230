//! Reading a trace, and going on with what is new of it.
//!
//! Holds: while one page of its structure is taken in, the next is on its way; a picture of a part
//! stands until the next one is complete, which is prepared in steps between which inputs are
//! answered. A trace that takes long to prepare is prepared as much less often.

use std::rc::Rc;
use std::time::Duration;

use futures_channel::oneshot;
use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{
    GetTraceRequest, StructureCursor, TraceStructure, TraceStructureRequest,
};
use hindsight_view::canvas::{Changes, TracePage};
use hindsight_view::columns::StructureReader;
use hindsight_view::explore::Arrangement;
use vox_rt::time::sleep;
use wasm_bindgen_futures::spawn_local;

use super::{Host, Piece, Told};
use crate::browser;
use crate::hub::{self, Trouble};
use crate::link::Link;

/// Rows asked for first, for a picture soon.
const ROWS_FIRST: u32 = 16_384;
/// Rows asked for at once from then on.
const ROWS_AT_ONCE: u32 = 65_536;
/// After its first part a trace is shown when so many times as many spans are there.
const SHOWN_AGAIN_FACTOR: usize = 8;
/// How often a trace with open spans is looked at again.
const OPEN_INTERVAL: Duration = Duration::from_millis(250);
/// How often any other one is.
const QUIET_INTERVAL: Duration = Duration::from_secs(2);
/// Of all time this part at most is spent on preparing: 1 in 4.
const PREPARING_PART: u32 = 4;
/// Spans that are prepared without stopping for inputs.
const SPANS_AT_ONCE: usize = 20_000;

type Page = Result<TraceStructure, Trouble>;

impl Host {
    /// Reads the trace, and goes on reading what is new, until another one is followed.
    pub(super) fn follow(self: &Rc<Self>, trace: TraceId) {
        let round = self.round.get() + 1;
        self.round.set(round);
        let mut state = self.state.borrow_mut();
        state.trace = trace;
        state.page = None;
        state.reader = StructureReader::new();
        state.is_told = false;
        state.is_chosen = false;
        state.can_align = false;
        state.clocks.clear();
        state.list.clear();
        state.events.clear();
        state.oddities.clear();
        state.queries.clear();
        state.outcomes.clear();
        state.drawn = 0;
        let shown = state.shown();
        state.told = shown.clone();
        drop(state);
        self.tell(&Told::Shown(Box::new(shown)));
        self.tell(&Told::Progress(0, false));
        spawn_local(Rc::clone(self).read(trace, round));
    }

    fn is_current(&self, round: u64) -> bool {
        self.round.get() == round
    }

    async fn read(self: Rc<Self>, trace: TraceId, round: u64) {
        let Some(link) = self.link.get() else { return };
        let mut epoch = 0;
        // Anew with each connection: it may be to another hub.
        while self.is_current(round) {
            epoch = link.connection_after(epoch).await;
            if let Err(trouble) = self.read_through(link, trace, round).await {
                self.tell(&Told::Trouble(trouble.sentence()));
            }
        }
    }

    /// Ends with the connection, or when another trace is followed.
    async fn read_through(
        self: &Rc<Self>,
        link: Link,
        trace: TraceId,
        round: u64,
    ) -> Result<(), Trouble> {
        // What is shown from an earlier connection stays until all is told again.
        let has_picture = self.state.borrow().page.is_some();
        let mut shown_at = if has_picture { usize::MAX } else { 1 };
        let mut coming = ask(link, trace, StructureCursor::default(), ROWS_FIRST);
        loop {
            let page = match coming.await.unwrap_or(Err(Trouble::Offline)) {
                Ok(page) => page,
                Err(Trouble::Offline) => return Err(Trouble::Offline),
                Err(trouble) => {
                    self.tell(&Told::Trouble(trouble.sentence()));
                    sleep(QUIET_INTERVAL).await;
                    if !self.is_current(round) {
                        return Ok(());
                    }
                    coming = ask(link, trace, StructureCursor::default(), ROWS_FIRST);
                    continue;
                }
            };
            if !self.is_current(round) {
                return Ok(());
            }
            let next = page.next;
            if !page.has_more {
                let pause = self.take_last(link, page, round).await;
                if !self.is_current(round) {
                    return Ok(());
                }
                sleep(pause).await;
                // None while nobody looks.
                browser::next_frame().await;
                if !self.is_current(round) {
                    return Ok(());
                }
                coming = ask(link, trace, next, ROWS_AT_ONCE);
                continue;
            }
            // On its way while this one is taken in.
            coming = ask(link, trace, next, ROWS_AT_ONCE);
            let spans = self.add(&page);
            self.tell(&Told::Progress(spans as u64, false));
            if spans >= shown_at {
                shown_at = spans * SHOWN_AGAIN_FACTOR;
                self.arrange(round).await;
            }
        }
    }

    /// Number of spans that were read by now.
    fn add(&self, page: &TraceStructure) -> usize {
        let reader = &mut self.state.borrow_mut().reader;
        reader.add(page);
        reader.len()
    }

    /// Takes in the last page of a round; how long to wait before the next.
    async fn take_last(self: &Rc<Self>, link: Link, page: TraceStructure, round: u64) -> Duration {
        let is_news = page.begins || !page.is_empty();
        let is_open = page.summary.iter().any(|summary| summary.running > 0);
        let was_told = self.state.borrow().is_told;
        let spans = self.add(&page);
        let began_ms = browser::now_ms();
        if is_news || !was_told || is_open {
            self.tell(&Told::Trouble(String::new()));
            self.tell(&Told::Summary(page.summary));
            self.state.borrow_mut().is_open = is_open;
            self.arrange(round).await;
        }
        if spans == 0 {
            self.ask_what_became(link).await;
        }
        if self.is_current(round) {
            let was_told = std::mem::replace(&mut self.state.borrow_mut().is_told, true);
            self.tell(&Told::Progress(spans as u64, true));
            if is_news || !was_told {
                self.completed(!was_told);
            } else {
                self.catch_up_with_outcomes();
            }
        }
        let preparing = Duration::from_millis((browser::now_ms() - began_ms) as u64);
        let interval = match is_open {
            true => OPEN_INTERVAL,
            false => QUIET_INTERVAL,
        };
        interval.max(preparing * PREPARING_PART)
    }

    /// All that the hub had is there.
    fn completed(self: &Rc<Self>, first_time: bool) {
        if first_time && !self.state.borrow().query.is_empty() {
            self.find_again(false);
        }
        let mut state = self.state.borrow_mut();
        if !state.aligns {
            state.can_align = state.clocks_differ();
        }
        drop(state);
        self.changed(Changes::VIEW);
        self.look_for_oddities();
        self.find_events();
        self.find_queries();
        self.find_outcomes();
    }

    /// Asks why nothing of the trace is stored.
    async fn ask_what_became(&self, link: Link) {
        let trace_id = self.state.borrow().trace;
        let request = GetTraceRequest { trace_id, page: 0 };
        if let Ok(reply) = hub::get_trace(link, request).await {
            self.tell(&Told::Removals(reply.removals));
        }
    }

    /// Makes the picture anew of what has been read.
    pub(super) async fn arrange(self: &Rc<Self>, round: u64) {
        let begun = {
            let state = self.state.borrow();
            let is_grouped = state
                .page
                .as_ref()
                .is_none_or(|page| page.explorer().is_grouped());
            let columns = state.reader.columns();
            (!columns.is_empty()).then(|| {
                let columns = columns.clone();
                Arrangement::new(columns, browser::now_ns(), is_grouped)
            })
        };
        let mut arrangement = match begun {
            None => {
                self.state.borrow_mut().page = None;
                return self.changed(Changes::VIEW);
            }
            Some(Err(_)) => {
                let sentence = "The hub sent columns that do not fit each other.";
                return self.tell(&Told::Trouble(sentence.into()));
            }
            Some(Ok(arrangement)) => arrangement,
        };
        if self.state.borrow().aligns {
            arrangement = arrangement.aligned();
        }
        let stops = self.state.borrow().reader.len() > SPANS_AT_ONCE;
        while arrangement.step() {
            if stops {
                sleep(Duration::ZERO).await;
            }
            if !self.is_current(round) {
                return;
            }
        }
        self.adopt(arrangement);
    }

    fn adopt(self: &Rc<Self>, arrangement: Arrangement) {
        let mut state = self.state.borrow_mut();
        state.clocks = arrangement.clocks().iter().map(Piece::of_line).collect();
        match &mut state.page {
            Some(page) => page.adopt(arrangement),
            None => {
                let mut page = TracePage::of_arrangement(arrangement, state.metrics());
                page.set_mode(state.mode());
                state.page = Some(page);
            }
        }
        let wanted = state.wanted;
        if let (Some(span), Some(page)) = (wanted, &mut state.page)
            && page.select(span)
        {
            state.wanted = None;
        }
        drop(state);
        self.changed(Changes {
            selection: true,
            ..Changes::VIEW
        });
        self.list_grown();
    }
}

/// Asks for a page; the answer comes while something else is done.
fn ask(
    link: Link,
    trace_id: TraceId,
    cursor: StructureCursor,
    limit: u32,
) -> oneshot::Receiver<Page> {
    let (tell, told) = oneshot::channel();
    spawn_local(async move {
        let request = TraceStructureRequest {
            trace_id,
            cursor,
            limit,
        };
        // Nobody waits any more when another trace is followed.
        tell.send(hub::trace_structure(link, request).await).ok();
    });
    told
}
