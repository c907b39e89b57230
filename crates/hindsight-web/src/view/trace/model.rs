//! The trace's state: what the hub told of it, and the picture of that.

use std::time::Duration;

use hindsight_protocol::hub::{
    FindSpansRequest, GetTraceRequest, Removal, StructureCursor, TraceStructureRequest,
    TraceSummary,
};
use hindsight_protocol::{SpanId, TraceId};
use hindsight_view::canvas::{Changes, Command, Input, Metrics, TracePage};
use hindsight_view::columns::StructureReader;
use hindsight_view::explore::Selected;
use hindsight_view::{TraceTree, format};
use leptos::prelude::*;
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use crate::browser;
use crate::hub::{self, Trouble};
use crate::link::Link;

/// Rows asked for at once: few enough for a page to be taken in within a frame or two.
const ROWS_AT_ONCE: u32 = 16_384;
/// How often a trace with open spans is looked at again.
const OPEN_INTERVAL: Duration = Duration::from_millis(250);
/// How often any other one is.
const QUIET_INTERVAL: Duration = Duration::from_secs(2);
/// Most spans that a search marks.
const MATCHES_MAX: u32 = 100_000;

/// The trace as the view sees it. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Model {
    link: Link,
    page: StoredValue<Option<TracePage>, LocalStorage>,
    /// Which following is the present one: others end.
    round: StoredValue<u64, LocalStorage>,
    /// A span to be selected as soon as it is told.
    wanted: StoredValue<Option<SpanId>, LocalStorage>,
    has_picture: RwSignal<bool>,
    picture: RwSignal<u64>,
    summary: RwSignal<Option<TraceSummary>>,
    removals: RwSignal<Vec<Removal>>,
    selected_span: RwSignal<Option<SpanId>>,
    /// Whether the viewer chose what is selected.
    is_chosen: RwSignal<bool>,
    trouble: RwSignal<Option<Trouble>>,
    is_told: RwSignal<bool>,
    told: RwSignal<usize>,
    found: RwSignal<Option<Result<u64, Trouble>>>,
}

impl Model {
    pub(super) fn new(link: Link) -> Self {
        Self {
            link,
            page: StoredValue::new_local(None),
            round: StoredValue::new_local(0),
            wanted: StoredValue::new_local(None),
            has_picture: RwSignal::new(false),
            picture: RwSignal::new(0),
            summary: RwSignal::new(None),
            removals: RwSignal::new(Vec::new()),
            selected_span: RwSignal::new(None),
            is_chosen: RwSignal::new(false),
            trouble: RwSignal::new(None),
            is_told: RwSignal::new(false),
            told: RwSignal::new(0),
            found: RwSignal::new(None),
        }
    }

    /// Whether there is anything to draw.
    pub(super) fn has_picture(&self) -> bool {
        self.has_picture.get()
    }

    /// Grows with every change of the picture.
    pub(super) fn picture(&self) -> Signal<u64> {
        self.picture.into()
    }

    pub(super) fn summary(&self) -> Signal<Option<TraceSummary>> {
        self.summary.into()
    }

    pub(super) fn removals(&self) -> Signal<Vec<Removal>> {
        self.removals.into()
    }

    /// The selected span, if it is one.
    pub(super) fn selected_span(&self) -> Signal<Option<SpanId>> {
        self.selected_span.into()
    }

    /// The selected span, if it is one and the viewer chose it.
    pub(super) fn chosen_span(&self) -> Option<SpanId> {
        self.selected_span.get().filter(|_| self.is_chosen.get())
    }

    pub(super) fn trouble(&self) -> Signal<Option<Trouble>> {
        self.trouble.into()
    }

    /// Whether the hub has told all it had at least once.
    pub(super) fn is_told(&self) -> Signal<bool> {
        self.is_told.into()
    }

    /// What a search in the trace found.
    pub(super) fn found(&self) -> Signal<Option<Result<u64, Trouble>>> {
        self.found.into()
    }

    /// `loading 65,536 spans`; nothing once all is there.
    pub(super) fn progress(&self) -> String {
        match self.is_told.get() {
            true => String::new(),
            false => format!("loading {} spans", format::count(self.told.get() as u64)),
        }
    }

    /// Reads the picture's state.
    pub(super) fn with_page<R>(&self, read: impl FnOnce(&TracePage) -> R) -> Option<R> {
        self.page.with_value(|page| page.as_ref().map(read))
    }

    /// Draws, or does anything else that needs the picture whole.
    pub(super) fn update_page<R>(&self, update: impl FnOnce(&mut TracePage) -> R) -> Option<R> {
        self.page
            .try_update_value(|page| page.as_mut().map(update))?
    }

    /// Hands an input to the picture and tells the page what it changed.
    pub(super) fn handle(&self, input: Input) {
        if let Some(changes) = self.update_page(|page| page.handle(input)) {
            self.is_chosen.update(|chosen| *chosen |= changes.selection);
            self.publish(changes);
        }
    }

    pub(super) fn command(&self, command: Command) {
        self.handle(Input::Command(command));
    }

    /// Selects a span, now or when it is told.
    pub(super) fn select(&self, span: SpanId) {
        if self.selected_span.get_untracked() == Some(span) {
            return;
        }
        let is_there = self.update_page(|page| page.select(span)) == Some(true);
        self.is_chosen.set(true);
        self.wanted.set_value((!is_there).then_some(span));
        if is_there {
            self.publish(Changes {
                selection: true,
                ..Changes::VIEW
            });
        }
    }

    fn publish(&self, changes: Changes) {
        if changes.picture {
            self.picture.update(|number| *number += 1);
        }
        if changes.selection {
            let selected = self.with_page(TracePage::selected).flatten();
            let span = match selected {
                Some(Selected::Span(span)) => Some(span),
                _ => None,
            };
            if self.selected_span.get_untracked() != span {
                self.selected_span.set(span);
            }
        }
    }

    /// Marks the spans that match.
    pub(super) fn find(self, trace_id: TraceId, query: String) {
        if query.is_empty() {
            self.found.set(None);
            self.update_page(|page| page.set_matches(Vec::new()));
            return self.publish(Changes::PICTURE);
        }
        spawn_local(async move {
            let request = FindSpansRequest {
                trace_id,
                query,
                limit: MATCHES_MAX,
            };
            let reply = hub::find_spans(self.link, request).await;
            self.found.set(Some(match reply {
                Ok(reply) => {
                    let ids = reply.span_ids.into_iter().map(SpanId::from_u64).collect();
                    self.update_page(|page| page.set_matches(ids));
                    self.publish(Changes::PICTURE);
                    self.command(Command::NextMatch);
                    Ok(reply.matched)
                }
                Err(trouble) => Err(trouble),
            }));
        });
    }

    /// Reads the trace, and goes on reading what is new, until another one is followed.
    pub(super) fn follow(self, id: TraceId) {
        let round = self.round.get_value() + 1;
        self.round.set_value(round);
        self.is_told.set(false);
        self.told.set(0);
        self.trouble.set(None);
        let is_other = self.summary.with_untracked(|summary| {
            let summary = summary.as_ref();
            summary.is_none_or(|summary| summary.trace_id != id)
        });
        if is_other {
            self.page.set_value(None);
            self.has_picture.set(false);
            self.summary.set(None);
            self.selected_span.set(None);
            self.is_chosen.set(false);
        }
        spawn_local(self.read(id, round));
    }

    /// Ends the following.
    pub(super) fn stop(&self) {
        self.round.try_update_value(|round| *round += 1);
    }

    fn is_current(&self, round: u64) -> bool {
        self.round.try_get_value() == Some(round)
    }

    async fn read(self, id: TraceId, round: u64) {
        let mut reader = StructureReader::new();
        let mut cursor = StructureCursor::default();
        // Shown when so many spans are there: a part early, then after each doubling.
        let mut show_at = 1;
        loop {
            let request = TraceStructureRequest {
                trace_id: id,
                cursor,
                limit: ROWS_AT_ONCE,
            };
            let page = hub::trace_structure(self.link, request).await;
            if !self.is_current(round) {
                return;
            }
            let page = match page {
                Ok(page) => page,
                // Asked again, until another following begins with the next connection.
                Err(trouble) => {
                    self.trouble.set(Some(trouble));
                    sleep(QUIET_INTERVAL).await;
                    if !self.is_current(round) {
                        return;
                    }
                    continue;
                }
            };
            if self.trouble.with_untracked(Option::is_some) {
                self.trouble.set(None);
            }
            cursor = page.next;
            let is_news = page.begins || !page.is_empty();
            reader.add(&page);
            if page.has_more {
                self.told.set(reader.len());
                if reader.len() >= show_at {
                    self.show(&reader);
                    show_at = reader.len() * 4;
                }
                continue;
            }
            let is_open = page.summary.iter().any(|summary| summary.running > 0);
            if is_news || !self.is_told.get_untracked() || is_open {
                self.summary.set(page.summary.into_iter().next());
                self.show(&reader);
            }
            if reader.is_empty() {
                self.ask_what_became(id).await;
            }
            if !self.is_current(round) {
                return;
            }
            self.is_told.set(true);
            sleep(if is_open {
                OPEN_INTERVAL
            } else {
                QUIET_INTERVAL
            })
            .await;
            browser::next_frame().await;
            if !self.is_current(round) {
                return;
            }
        }
    }

    /// Asks why nothing of the trace is stored.
    async fn ask_what_became(&self, trace_id: TraceId) {
        let request = GetTraceRequest { trace_id, page: 0 };
        if let Ok(reply) = hub::get_trace(self.link, request).await {
            self.removals.set(reply.removals);
        }
    }

    fn show(&self, reader: &StructureReader) {
        if reader.is_empty() {
            self.page.set_value(None);
            return self.has_picture.set(false);
        }
        let Ok(tree) = TraceTree::new(reader.columns().clone()) else {
            let sentence = "The hub sent columns that do not fit each other.".to_owned();
            return self.trouble.set(Some(Trouble::Said(sentence)));
        };
        let now_ns = browser::now_ns();
        self.page.update_value(|page| match page {
            Some(page) => page.grow(tree, now_ns),
            None => {
                let metrics = Metrics::new(800.0, 400.0, 1.0, 380.0);
                *page = Some(TracePage::new(tree, now_ns, metrics));
            }
        });
        let wanted = self.wanted.get_value();
        if let Some(span) = wanted
            && self.update_page(|page| page.select(span)) == Some(true)
        {
            self.wanted.set_value(None);
        }
        if !self.has_picture.get_untracked() {
            self.has_picture.set(true);
        }
        self.publish(Changes {
            selection: true,
            ..Changes::PICTURE
        });
    }
}
