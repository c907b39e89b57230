//! The worker: takes orders, draws, tells.
//!
//! Holds: the picture is drawn at most once a frame, and only when something of it has changed; the
//! same goes for what is told of it. Nothing here waits while it has a borrow of [`State`].

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use hindsight_protocol::{SpanId, TraceId};
use hindsight_view::canvas::{Changes, Command, Input, Metrics, Mode, Picture, Theme, TracePage};
use hindsight_view::columns::StructureReader;
use hindsight_view::explore::{Selected, Step};
use hindsight_view::{TraceTab, keys};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, OffscreenCanvas};

use super::surface::Surface;
use super::{Found, Order, Piece, Pointer, Shown, Told, decode, encode, theme_of};
use crate::browser;
use crate::link::Link;

mod events;
mod findings;
mod hints;
mod lists;
mod outcomes;
mod queries;
mod reading;
mod search;

use events::Events;
use findings::Oddities;
use hints::Hints;
use lists::List;
use outcomes::Outcomes;
use queries::Queries;

/// Width of the column of names at first, in pixels of the page.
const NAMES_PX: f32 = 380.0;

/// Whether this program runs in a worker.
pub(crate) fn is_worker() -> bool {
    js_sys::global().is_instance_of::<DedicatedWorkerGlobalScope>()
}

/// Runs the worker, perhaps with a link that is there already. `said` is what the page has said by now.
pub(crate) fn start(link: Option<Link>, said: &Array) {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else {
        return;
    };
    let host = Rc::new(Host {
        scope: scope.clone(),
        link: Cell::new(link),
        state: RefCell::default(),
        round: Cell::new(0),
        frame: Cell::new(Frame::default()),
    });
    let listening = Rc::clone(&host);
    let closure = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        listening.take(&event.data());
    });
    scope.set_onmessage(Some(closure.as_ref().unchecked_ref()));
    closure.forget();
    said.iter().for_each(|content| host.take(&content));
}

/// The worker's end of everything.
struct Host {
    scope: DedicatedWorkerGlobalScope,
    link: Cell<Option<Link>>,
    state: RefCell<State>,
    /// Which following is the present one: others end.
    round: Cell<u64>,
    frame: Cell<Frame>,
}

/// What the next frame has to do.
#[derive(Clone, Copy, Default)]
struct Frame {
    is_asked_for: bool,
    draws: bool,
    tells: bool,
}

/// The trace and how it is looked at.
#[derive(Default)]
struct State {
    trace: TraceId,
    reader: StructureReader,
    page: Option<TracePage>,
    /// Whether all that the hub had was told at least once.
    is_told: bool,
    is_open: bool,
    aligns: bool,
    can_align: bool,
    clocks: Vec<Vec<Piece>>,
    /// A span to be selected as soon as it is told.
    wanted: Option<SpanId>,
    is_chosen: bool,
    /// What is searched for; empty for nothing.
    query: String,
    tab: TraceTab,
    sort: String,
    list: List,
    events: Events,
    oddities: Oddities,
    queries: Queries,
    outcomes: Outcomes,
    hints: Hints,
    size: Option<(f32, f32, f32)>,
    theme: Theme,
    family: String,
    surface: Option<Surface>,
    picture: Picture,
    /// Spans of the picture that was drawn last.
    drawn: usize,
    /// What the page was told last.
    told: Shown,
}

impl Host {
    fn tell(&self, told: &Told) {
        let bytes = Uint8Array::from(encode(told).as_slice());
        // Bytes can always be posted.
        self.scope.post_message(&bytes).ok();
    }

    fn take(self: &Rc<Self>, content: &JsValue) {
        if let Some(canvas) = content.dyn_ref::<OffscreenCanvas>() {
            let mut state = self.state.borrow_mut();
            state.surface = Surface::new(canvas.clone());
            state.fit_surface();
            drop(state);
            return self.changed(Changes::PICTURE);
        }
        if let Some(token) = content.as_string() {
            return self.connect(&token);
        }
        let bytes = content.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec);
        if let Some(order) = bytes.and_then(|bytes| decode(&bytes)) {
            self.obey(order);
        }
    }

    fn obey(self: &Rc<Self>, order: Order) {
        match order {
            Order::Follow(trace) => self.follow(trace),
            Order::Pointer(pointer) => self.point(pointer),
            Order::Key(key) => self.press(&key),
            Order::Select(span) => self.select(SpanId::from_u64(span)),
            Order::Find(query) => self.find(query),
            Order::Colors(colors, family) => {
                let mut state = self.state.borrow_mut();
                (state.theme, state.family) = (theme_of(&colors), family);
                drop(state);
                self.changed(Changes::PICTURE);
            }
            Order::Tab(word, sort) => self.open(TraceTab::of_word(&word).unwrap_or_default(), sort),
            Order::Window(first, count) => {
                self.state.borrow_mut().list.look_at(first, count);
                self.tell_rows(0);
                self.read_events_in_sight();
            }
            Order::Align(aligns) => self.align(aligns),
            Order::Hold(holds) => self.hold(holds),
        }
    }

    fn connect(&self, token: &str) {
        match self.link.get() {
            Some(link) => link.set_token(token),
            None => {
                let link = Link::start_with(token);
                self.link.set(Some(link));
            }
        }
    }

    fn point(self: &Rc<Self>, pointer: Pointer) {
        let input = match pointer {
            Pointer::Resize(width, height, scale) => {
                let state = &mut *self.state.borrow_mut();
                let was_sized = state.size.replace((width, height, scale)).is_some();
                state.fit_surface();
                // What was arranged before was so for no canvas in particular.
                let metrics = state.metrics();
                if let Some(page) = state.page.as_mut().filter(|_| !was_sized) {
                    page.set_metrics(metrics);
                }
                Input::Resize {
                    width,
                    height,
                    scale,
                }
            }
            Pointer::Wheel(x, dx, dy, zooms) => Input::Wheel { x, dx, dy, zooms },
            Pointer::Down(x, y, marks) => Input::Down { x, y, marks },
            Pointer::Move(x, y) => Input::Move { x, y },
            Pointer::Up(x, y) => Input::Up { x, y },
            Pointer::DoubleClick(x, y) => Input::DoubleClick { x, y },
            Pointer::Leave => Input::Leave,
        };
        self.state.borrow_mut().hints.follow(input);
        self.handle(input);
    }

    fn press(self: &Rc<Self>, key: &str) {
        let Some(command) = keys::command(key) else {
            return;
        };
        let is_drawn = self.state.borrow().tab.is_drawn();
        match command {
            Command::Step(
                step @ (Step::Next | Step::Previous | Step::First | Step::Last | Step::Rows(_)),
            ) if !is_drawn => self.step_through_list(step),
            Command::Page(pages) if !is_drawn => self.page_through_list(pages),
            command => {
                let input = Input::Command(command);
                self.state.borrow_mut().hints.follow(input);
                self.handle(input);
            }
        }
    }

    fn handle(self: &Rc<Self>, input: Input) {
        let mut state = self.state.borrow_mut();
        let Some(page) = &mut state.page else { return };
        let changes = page.handle(input);
        state.is_chosen |= changes.selection;
        let is_drawn = state.tab.is_drawn();
        drop(state);
        self.changed(changes);
        if changes.selection && !is_drawn {
            self.go_to_selected();
        }
    }

    /// Selects a span, now or when it is told.
    fn select(self: &Rc<Self>, span: SpanId) {
        let mut state = self.state.borrow_mut();
        let is_there = match &mut state.page {
            Some(page) => page.selected() == Some(Selected::Span(span)) || page.select(span),
            None => false,
        };
        state.is_chosen = true;
        state.wanted = (!is_there).then_some(span);
        drop(state);
        if is_there {
            self.changed(Changes {
                selection: true,
                ..Changes::VIEW
            });
        }
    }

    fn open(self: &Rc<Self>, tab: TraceTab, sort: String) {
        let mut state = self.state.borrow_mut();
        if (state.tab, state.sort.as_str()) != (tab, sort.as_str()) {
            state.list.go_to_top();
        }
        state.tab = tab;
        state.sort = sort;
        let mode = state.mode();
        if let Some(page) = state.page.as_mut().filter(|_| tab.is_drawn()) {
            page.handle(Input::Command(Command::Show(mode)));
        }
        drop(state);
        self.changed(Changes::VIEW);
        self.list_anew();
        self.go_to_selected();
        self.look_for_oddities();
        self.find_events();
        if tab == TraceTab::Queries {
            self.find_queries();
        }
    }

    fn align(self: &Rc<Self>, aligns: bool) {
        let mut state = self.state.borrow_mut();
        if state.aligns == aligns {
            return;
        }
        state.aligns = aligns;
        drop(state);
        let host = Rc::clone(self);
        spawn_local(async move {
            let round = host.round.get();
            host.arrange(round).await;
        });
    }

    /// Sees to it that the next frame shows what has changed.
    fn changed(self: &Rc<Self>, changes: Changes) {
        let mut frame = self.frame.get();
        frame.draws |= changes.picture;
        frame.tells |= changes.selection || changes.view;
        if !frame.is_asked_for {
            frame.is_asked_for = true;
            let host = Rc::clone(self);
            spawn_local(async move {
                browser::next_frame().await;
                host.show_frame();
            });
        }
        self.frame.set(frame);
    }

    /// Draws and tells what has changed; nothing is told twice.
    fn show_frame(&self) {
        let frame = self.frame.take();
        let mut state = self.state.borrow_mut();
        if frame.draws && state.draw() {
            let explorer = state.page.as_ref().map(|page| page.explorer());
            let spans = explorer.map_or(0, |explorer| explorer.tree().len());
            if std::mem::replace(&mut state.drawn, spans) != spans {
                self.tell(&Told::Drawn(spans as u64));
            }
        }
        if frame.tells {
            let shown = state.shown();
            if state.told != shown {
                state.told = shown.clone();
                self.tell(&Told::Shown(Box::new(shown)));
            }
        }
        if let Some(hint) = state.new_hint() {
            self.tell(&Told::Hint(hint.into_iter().collect()));
        }
    }
}

impl State {
    fn fit_surface(&self) {
        if let (Some(surface), Some((width, height, _))) = (&self.surface, self.size) {
            surface.resize(width as u32, height as u32);
        }
    }

    /// Where parts lie in a picture of the canvas' size.
    fn metrics(&self) -> Metrics {
        let (width, height, scale) = self.size.unwrap_or((800.0, 400.0, 1.0));
        Metrics::new(width, height, scale, (NAMES_PX * scale).min(width * 0.4))
    }

    fn mode(&self) -> Mode {
        match self.tab {
            TraceTab::Flame => Mode::Flame,
            _ => Mode::Waterfall,
        }
    }

    /// Whether anything was drawn.
    fn draw(&mut self) -> bool {
        if !self.tab.is_drawn() {
            return false;
        }
        let (Some(surface), Some(page), Some((_, _, scale))) =
            (&self.surface, &mut self.page, self.size)
        else {
            return false;
        };
        page.paint(&self.theme, &mut self.picture);
        surface.show(&self.picture, &self.theme, &self.family, scale);
        true
    }

    fn selected_span(&self) -> Option<SpanId> {
        match self.page.as_ref()?.selected()? {
            Selected::Span(span) => Some(span),
            Selected::Fold(_) => None,
        }
    }

    fn is_selected_open(&self) -> bool {
        let explorer = self.page.as_ref().map(|page| page.explorer());
        let node = explorer.and_then(|explorer| explorer.node(self.selected_span()?));
        let tree = explorer.map(|explorer| explorer.tree());
        matches!((tree, node), (Some(tree), Some(node)) if tree.end_ns(node).is_none())
    }

    fn shown(&self) -> Shown {
        let Some(page) = &self.page else {
            return Shown {
                trace: self.trace,
                ..Shown::default()
            };
        };
        let explorer = page.explorer();
        let row = explorer.selected_row().map_or(0, |row| row as u64 + 1);
        Shown {
            trace: self.trace,
            has_picture: true,
            rows: explorer.rows() as u64,
            row,
            described: page.described(),
            about: page.about().iter().map(Piece::of_line).collect(),
            span: self.selected_span().unwrap_or_default().bits,
            is_open: self.is_selected_open(),
            is_chosen: self.is_chosen,
            shows_path: page.shows_critical_path(),
            is_grouped: explorer.is_grouped(),
            can_align: self.can_align,
            clocks: self.clocks.clone(),
        }
    }
}

/// What a search says when nothing is searched.
const NOTHING_FOUND: Told = Told::Found(Found::Nothing);
