//! The lists beside the picture: made when their tab is open, told window by window.

use std::rc::Rc;

use hindsight_protocol::SpanId;
use hindsight_view::TraceTab;
use hindsight_view::explore::{Explorer, Step};
use hindsight_view::format;
use hindsight_view::listing::{
    EVENT_HEADS, Head, ListRow, Listing, OperationList, PathList, SpanList,
};

use super::{Host, Piece, State, Told};
use crate::trace::{Row, Rows};

/// Most rows that are told at once.
const ROWS_MAX: u32 = 200;

/// The open list and the part of it that is looked at.
#[derive(Default)]
pub(super) struct List {
    listing: Option<Listing>,
    first: u32,
    count: u32,
    /// Nothing may move, for the pointer is over the rows.
    is_held: bool,
    /// Something would have.
    is_behind: bool,
    /// What the page shows.
    told: Rows,
}

/// What is said while rows are held though there is more.
const HELD: &str = "held while the pointer is over it";

impl List {
    pub(super) fn clear(&mut self) {
        self.listing = None;
        self.is_behind = false;
    }

    pub(super) fn look_at(&mut self, first: u32, count: u32) {
        self.first = first;
        self.count = count.min(ROWS_MAX);
    }

    pub(super) fn go_to_top(&mut self) {
        self.first = 0;
    }

    /// Number of the row behind the last that is looked at.
    pub(super) fn end(&self) -> usize {
        self.first.saturating_add(self.count) as usize
    }
}

impl Host {
    /// Keeps what the page shows of the list, or tells what came meanwhile.
    pub(super) fn hold(self: &Rc<Self>, holds: bool) {
        let mut state = self.state.borrow_mut();
        state.list.is_held = holds;
        let is_due = !holds && std::mem::take(&mut state.list.is_behind);
        drop(state);
        if is_due {
            self.tell_rows(0);
        }
    }

    /// Makes the open list anew, as another one was asked for.
    pub(super) fn list_anew(self: &Rc<Self>) {
        self.make_list();
        self.tell_rows(0);
    }

    /// Makes the open list anew, as the trace has grown.
    pub(super) fn list_grown(self: &Rc<Self>) {
        self.make_list();
        self.tell_rows_soon();
    }

    fn make_list(&self) {
        let mut state = self.state.borrow_mut();
        let listing = state.page.as_ref().and_then(|page| {
            let (explorer, sort) = (page.explorer(), state.sort.as_str());
            Some(match state.tab {
                TraceTab::Table => {
                    let only_found = !state.query.is_empty();
                    Listing::Spans(SpanList::new(explorer, only_found, sort))
                }
                TraceTab::Statistics => Listing::Operations(OperationList::new(explorer, sort)),
                TraceTab::Path => Listing::Path(PathList::new(explorer, sort)),
                TraceTab::Findings => Listing::Findings(state.oddities.list()),
                TraceTab::Waterfall | TraceTab::Flame | TraceTab::Events | TraceTab::Queries => {
                    return None;
                }
            })
        });
        state.list.listing = listing;
    }

    /// Tells the rows that are looked at as soon as they are not held.
    pub(super) fn tell_rows_soon(self: &Rc<Self>) {
        let mut state = self.state.borrow_mut();
        let is_of_tab = state.list.told.tab == state.tab.word() && !state.list.told.rows.is_empty();
        // Events of a trace that is complete come from the top down.
        let is_loading = state.tab == TraceTab::Events && !state.is_open;
        if !state.list.is_held || !is_of_tab || is_loading {
            drop(state);
            return self.tell_rows(0);
        }
        let was_behind = std::mem::replace(&mut state.list.is_behind, true);
        let now = state.note();
        let told = &mut state.list.told;
        let note = format!("{now}; {HELD}");
        if !was_behind || told.note != note {
            (told.note, told.go_to) = (note, 0);
            let told = told.clone();
            drop(state);
            self.tell(&Told::Rows(Box::new(told)));
        }
    }

    /// Tells the rows that are looked at; `go_to` is a row to go to, from 1, or 0.
    pub(super) fn tell_rows(self: &Rc<Self>, go_to: usize) {
        let state = self.state.borrow();
        if state.tab.is_drawn() || state.tab == TraceTab::Queries {
            return;
        }
        let first = state.list.first as usize;
        let shown = (first..state.list.end()).map_while(|number| state.row(number));
        let rows = shown.map(|row| Row {
            span: row.span.bits,
            cells: row.cells.iter().map(Piece::of_line).collect(),
        });
        let heads = state.heads();
        let rows = Rows {
            tab: state.tab.word().into(),
            keys: heads.iter().map(|head| head.key.into()).collect(),
            titles: heads.iter().map(|head| head.title.into()).collect(),
            are_numbers: heads.iter().map(|head| head.is_number).collect(),
            total: state.list_len() as u64,
            note: state.note(),
            first: first as u64,
            rows: rows.collect(),
            go_to: go_to as u64,
        };
        drop(state);
        let list = &mut self.state.borrow_mut().list;
        list.told = rows.clone();
        list.is_behind = false;
        self.tell(&Told::Rows(Box::new(rows)));
    }

    /// Moves the selection through the list.
    pub(super) fn step_through_list(self: &Rc<Self>, step: Step) {
        let state = self.state.borrow();
        let Some(last) = state.list_len().checked_sub(1) else {
            return;
        };
        let at = state.selected_span().and_then(|span| state.position(span));
        let to = match (step, at) {
            (Step::First, _) | (Step::Next, None) => 0,
            (Step::Last, _) => last,
            (Step::Next, Some(at)) => (at + 1).min(last),
            (Step::Rows(rows), at) => at.unwrap_or_default().saturating_add_signed(rows).min(last),
            (_, at) => at.unwrap_or_default().saturating_sub(1),
        };
        let span = state.span(to);
        drop(state);
        if let Some(span) = span.filter(|span| span.is_valid()) {
            self.select(span);
        }
        self.tell_rows(to + 1);
    }

    pub(super) fn page_through_list(self: &Rc<Self>, pages: i32) {
        let rows = self.state.borrow().list.count.saturating_sub(2).max(1);
        let rows = isize::try_from(rows).unwrap_or(1) * pages as isize;
        self.step_through_list(Step::Rows(rows));
    }

    /// Shows the row of what is selected, if the list has it.
    pub(super) fn go_to_selected(self: &Rc<Self>) {
        let state = self.state.borrow();
        let span = state.selected_span().filter(|_| state.is_chosen);
        let row = span.and_then(|span| state.position(span));
        drop(state);
        if let Some(row) = row {
            self.tell_rows(row + 1);
        }
    }
}

impl State {
    fn explorer(&self) -> Option<&Explorer> {
        self.page.as_ref().map(|page| page.explorer())
    }

    fn heads(&self) -> &'static [Head] {
        match (&self.list.listing, self.tab) {
            (Some(listing), _) => listing.heads(),
            (None, TraceTab::Events) => EVENT_HEADS,
            (None, _) => &[],
        }
    }

    fn list_len(&self) -> usize {
        match (&self.list.listing, self.tab) {
            (Some(listing), _) => listing.len(),
            (None, TraceTab::Events) => self.events.log().len(),
            (None, _) => 0,
        }
    }

    fn row(&self, number: usize) -> Option<ListRow> {
        let explorer = self.explorer()?;
        match (&self.list.listing, self.tab) {
            (Some(listing), _) => listing.row(explorer, number),
            (None, TraceTab::Events) => self.events.log().row(explorer, number),
            (None, _) => None,
        }
    }

    fn span(&self, number: usize) -> Option<SpanId> {
        match (&self.list.listing, self.tab) {
            (Some(listing), _) => listing.span(self.explorer()?, number),
            (None, TraceTab::Events) => self.events.log().span(number),
            (None, _) => None,
        }
    }

    fn position(&self, span: SpanId) -> Option<usize> {
        match (&self.list.listing, self.tab) {
            (Some(listing), _) => listing.position(self.explorer()?, span),
            (None, TraceTab::Events) => self.events.log().position(span),
            (None, _) => None,
        }
    }

    /// What is to be said of the open list.
    fn note(&self) -> String {
        let rows = self.list_len() as u64;
        let spans = self.explorer().map_or(0, |explorer| explorer.tree().len()) as u64;
        match self.tab {
            TraceTab::Table if !self.query.is_empty() => format!(
                "{} of {}",
                format::count(rows),
                format::plural(spans, "span")
            ),
            TraceTab::Table => format::plural(rows, "span"),
            TraceTab::Statistics => format::plural(rows, "operation"),
            TraceTab::Path if rows == 0 => "The trace's root took no time.".into(),
            TraceTab::Path => format::plural(rows, "part"),
            TraceTab::Events => self.events.note(),
            TraceTab::Findings => self.oddities.note(rows),
            TraceTab::Waterfall | TraceTab::Flame | TraceTab::Queries => String::new(),
        }
    }
}
