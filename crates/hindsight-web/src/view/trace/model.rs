//! The trace's state on the page: what the worker told, and the way to tell it something.

use crate::reactive::prelude::*;
use hindsight_protocol::hub::{Removal, TraceSummary};
use hindsight_protocol::{SpanId, TraceId};
use hindsight_view::{TraceTab, format};
use web_sys::HtmlCanvasElement;

use super::in_tab;
use crate::browser;
use crate::route::{Route, TraceLook};
use crate::state::App;
use crate::trace::{Found, Handle, Hint, Order, Pointer, Rows, Shown, Told, TracedQueries};

/// The trace as the view sees it. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Model {
    app: App,
    look: Signal<TraceLook>,
    worker: StoredValue<Option<Handle>>,
    shown: RwSignal<Shown>,
    has_picture: RwSignal<bool>,
    span: RwSignal<Option<SpanId>>,
    summary: RwSignal<Option<TraceSummary>>,
    removals: RwSignal<Vec<Removal>>,
    trouble: RwSignal<Option<String>>,
    progress: RwSignal<(u64, bool)>,
    found: RwSignal<Found>,
    rows: RwSignal<Rows>,
    hint: RwSignal<Option<Hint>>,
    findings: RwSignal<u64>,
    queries: RwSignal<TracedQueries>,
    is_marked: StoredValue<bool>,
    /// The trace that the worker followed before it was asked to.
    followed: StoredValue<Option<TraceId>>,
}

impl Model {
    /// Starts a worker, which ends with the view.
    pub(super) fn start(app: App, look: Signal<TraceLook>) -> Self {
        let model = Self {
            app,
            look,
            worker: StoredValue::new(None),
            shown: RwSignal::new(Shown::default()),
            has_picture: RwSignal::new(false),
            span: RwSignal::new(None),
            summary: RwSignal::new(None),
            removals: RwSignal::new(Vec::new()),
            trouble: RwSignal::new(None),
            progress: RwSignal::new((0, false)),
            found: RwSignal::new(Found::Nothing),
            rows: RwSignal::new(Rows::default()),
            hint: RwSignal::new(None),
            findings: RwSignal::new(0),
            queries: RwSignal::new(TracedQueries::default()),
            is_marked: StoredValue::new(false),
            followed: StoredValue::new(None),
        };
        let failed = move |why: String| {
            let sentence = format!("Drawing beside the page has failed: {why}. Reload the page.");
            model.trouble.set(Some(sentence));
            model.has_picture.set(false);
        };
        match Handle::start(move |told| model.take(told), failed) {
            Ok((handle, follows)) => {
                model.worker.set_value(Some(handle));
                model.followed.set_value(follows);
            }
            Err(sentence) => model.trouble.set(Some(sentence)),
        }
        on_cleanup(move || {
            model.worker.try_update_value(Option::take);
        });
        model
    }

    fn take(&self, told: Told) {
        match told {
            Told::Progress(spans, is_told) => {
                if is_told && self.progress.get_untracked() != (spans, true) {
                    browser::mark("hindsight:trace-told");
                    self.app.settled.set();
                }
                self.progress.set((spans, is_told));
            }
            Told::Summary(summary) => self.summary.set(summary.into_iter().next()),
            Told::Removals(removals) => self.removals.set(removals),
            Told::Trouble(sentence) => {
                self.trouble.set((!sentence.is_empty()).then_some(sentence));
            }
            Told::Shown(shown) => {
                if self.has_picture.get_untracked() != shown.has_picture {
                    self.has_picture.set(shown.has_picture);
                }
                let span = SpanId::from_u64(shown.span);
                let span = Some(span).filter(|span| span.is_valid());
                self.shown.set(*shown);
                if self.span.get_untracked() != span {
                    self.span.set(span);
                }
            }
            Told::Drawn(_) => {
                // The first time of each trace, for who measures.
                if !self.is_marked.get_value() {
                    self.is_marked.set_value(true);
                    browser::mark("hindsight:trace-drawn");
                    self.app.settled.set();
                }
            }
            Told::Hint(hint) => self.hint.set(hint.into_iter().next()),
            Told::Found(found) => self.found.set(found),
            Told::Rows(rows) => self.rows.set(*rows),
            Told::Findings(count) => self.findings.set(count),
            Told::Queries(queries) => self.queries.set(*queries),
        }
    }

    /// Has the worker call the hub with this token.
    pub(super) fn connect(&self, token: &str) {
        self.worker.try_with_value(|worker| {
            if let Some(worker) = worker {
                worker.connect(token);
            }
        });
    }

    /// Tells the worker something.
    pub(super) fn order(&self, order: &Order) {
        self.worker.try_with_value(|worker| {
            if let Some(worker) = worker {
                worker.order(order);
            }
        });
    }

    /// Something happened on the canvas.
    pub(super) fn point(&self, pointer: Pointer) {
        self.order(&Order::Pointer(pointer));
    }

    /// A key, or a button that does the same.
    pub(super) fn press(&self, key: &str) {
        self.order(&Order::Key(key.into()));
    }

    /// Hands the canvas to the worker.
    pub(super) fn draw_on(&self, canvas: &HtmlCanvasElement) {
        let drawn = self.worker.try_with_value(|worker| match worker {
            Some(worker) => worker.draw_on(canvas),
            None => Ok(()),
        });
        if let Some(Err(sentence)) = drawn {
            self.trouble.set(Some(sentence));
        }
    }

    /// Follows another trace.
    pub(super) fn follow(&self, id: TraceId) {
        if self.followed.try_update_value(Option::take).flatten() == Some(id) {
            return;
        }
        self.summary.set(None);
        self.removals.set(Vec::new());
        self.findings.set(0);
        self.queries.set(TracedQueries::default());
        self.is_marked.set_value(false);
        self.order(&Order::Follow(id));
    }

    /// Selects a span, now or when it is told.
    pub(super) fn select(&self, span: SpanId) {
        if self.span.get_untracked() != Some(span) {
            self.order(&Order::Select(span.bits));
        }
    }

    /// Selects a span because the viewer chose it, though it may be selected already.
    pub(super) fn choose(&self, span: SpanId) {
        self.order(&Order::Select(span.bits));
    }

    /// How the trace is looked at.
    pub(super) fn look(&self) -> Signal<TraceLook> {
        self.look
    }

    /// Looks at it another way; the address bar says so.
    pub(super) fn change(&self, change: impl FnOnce(&mut TraceLook)) {
        let Route::Trace { id, span, mut look } = self.app.route().get_untracked() else {
            return;
        };
        change(&mut look);
        self.app.replace(Route::Trace { id, span, look });
    }

    /// Opens a tab.
    pub(super) fn open(&self, tab: TraceTab) {
        if self.look.with_untracked(|look| look.tab) != tab {
            self.change(|look| *look = in_tab(look, tab));
        }
    }

    /// Whether there is anything to draw.
    pub(super) fn has_picture(&self) -> bool {
        self.has_picture.get()
    }

    /// The picture's state.
    pub(super) fn shown(&self) -> Signal<Shown> {
        self.shown.into()
    }

    pub(super) fn summary(&self) -> Signal<Option<TraceSummary>> {
        self.summary.into()
    }

    pub(super) fn removals(&self) -> Signal<Vec<Removal>> {
        self.removals.into()
    }

    /// The selected span, if it is one.
    pub(super) fn selected_span(&self) -> Signal<Option<SpanId>> {
        self.span.into()
    }

    /// What lies under the pointer or was reached by keys.
    pub(super) fn hint(&self) -> Signal<Option<Hint>> {
        self.hint.into()
    }

    /// Says nothing beside the picture until something else is pointed at.
    pub(super) fn forget_hint(&self) {
        if self.hint.with_untracked(Option::is_some) {
            self.hint.set(None);
        }
    }

    /// Keeps the rows of the open list where they are, or no longer.
    pub(super) fn hold(&self, holds: bool) {
        self.order(&Order::Hold(holds));
    }

    /// The selected span of `trace`, if it is one and the viewer chose it.
    pub(super) fn chosen_span(&self, trace: TraceId) -> Option<SpanId> {
        let span = self.shown.with(|shown| {
            (shown.is_chosen && shown.trace == trace).then(|| SpanId::from_u64(shown.span))
        });
        span.filter(|span| span.is_valid())
    }

    pub(super) fn trouble(&self) -> Signal<Option<String>> {
        self.trouble.into()
    }

    /// Whether the hub has told all it had at least once.
    pub(super) fn is_told(&self) -> bool {
        self.progress.get().1
    }

    /// What a search in the trace found.
    pub(super) fn found(&self) -> Signal<Found> {
        self.found.into()
    }

    /// The window of the open list.
    pub(super) fn rows(&self) -> Signal<Rows> {
        self.rows.into()
    }

    /// How many findings there are.
    pub(super) fn findings(&self) -> u64 {
        self.findings.get()
    }

    /// The queries of the trace.
    pub(super) fn queries(&self) -> Signal<TracedQueries> {
        self.queries.into()
    }

    /// `loading 65,536 spans`; nothing once all is there.
    pub(super) fn progress(&self) -> String {
        match self.progress.get() {
            (_, true) => String::new(),
            (spans, false) => format!("loading {} spans", format::count(spans)),
        }
    }
}
