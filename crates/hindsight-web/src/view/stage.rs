//! What part of the picture is seen: pointer, wheel, keys and the window's size.

use crate::reactive::prelude::*;
use hindsight_view::graph::{Area, Point, Size, Viewport};
use leptos::ev::keydown;
use leptos::svg;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{KeyboardEvent, PointerEvent, ResizeObserver, SvgElement, WheelEvent};

use crate::app::keys::is_typing;
use crate::browser;

/// Pixels that the pointer moves before a press is a drag.
const DRAG_MIN: f64 = 4.0;
/// How much a key zooms, and how far it moves.
const KEY_ZOOM: f64 = 1.25;
const KEY_STEP: f64 = 60.0;

/// A picture in its window, with buttons to zoom. Children are what is drawn.
#[component]
pub(super) fn Frame(
    /// The window.
    stage: Stage,
    /// What it shows, and what keys do.
    label: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="stage">
            <svg
                node_ref=stage.node
                role="group"
                tabindex="0"
                aria-label=label
                on:pointerdown=move |event| stage.down(&event)
                on:pointermove=move |event| stage.pointer_moved(&event)
                on:pointerup=move |_| stage.up()
                on:pointercancel=move |_| stage.up()
                on:dragstart=|event: leptos::ev::DragEvent| event.prevent_default()
                on:wheel=move |event| stage.wheel(&event)
            >
                <g transform=move || stage.transform()>{children()}</g>
            </svg>
            <div class="zoom" role="group" aria-label="Zoom">
                <button type="button" title="Larger (+)" aria-label="Larger" on:click=move |_| stage.zoom(1.25)>"+"</button>
                <button type="button" title="Smaller (-)" aria-label="Smaller" on:click=move |_| stage.zoom(0.8)>"\u{2212}"</button>
                <button
                    type="button"
                    title="Shows all of it (0)"
                    aria-pressed=move || (!stage.is_held()).to_string()
                    on:click=move |_| stage.fit()
                >
                    "Fit"
                </button>
            </div>
        </div>
    }
}

/// The window onto the picture. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Stage {
    picture: Signal<Size>,
    home: Signal<Option<Area>>,
    pub(super) node: NodeRef<svg::Svg>,
    view: RwSignal<Viewport>,
    window: RwSignal<Size>,
    /// Whether the viewer moved or zoomed: then the picture stays as it is.
    is_held: RwSignal<bool>,
    drag: StoredValue<Option<Drag>>,
    observer: StoredValue<Option<ResizeObserver>>,
}

#[derive(Clone, Copy)]
struct Drag {
    last: Point,
    is_moving: bool,
}

impl Stage {
    /// A window onto a picture of this size, all of which is shown at first; where that would be
    /// too small to be read, a readable part of it with the box at `home`.
    pub(super) fn new(picture: Signal<Size>, home: Signal<Option<Area>>) -> Self {
        let stage = Self {
            picture,
            home,
            node: NodeRef::new(),
            view: RwSignal::default(),
            window: RwSignal::new(Size::default()),
            is_held: RwSignal::new(false),
            drag: StoredValue::new(None),
            observer: StoredValue::new(None),
        };
        Effect::new(move || {
            if let Some(node) = stage.node.get() {
                stage.observe(&node);
            }
        });
        Effect::new(move || {
            stage.picture.track();
            stage.window.track();
            if !stage.is_held.get_untracked() {
                stage.open();
            }
        });
        let keys = window_event_listener(keydown, move |event| stage.key(&event));
        on_cleanup(move || {
            keys.remove();
            if let Some(Some(observer)) = stage.observer.try_get_value() {
                observer.disconnect();
            }
        });
        stage
    }

    /// As an SVG attribute.
    pub(super) fn transform(&self) -> String {
        let Viewport { at, scale } = self.view.get();
        format!("translate({:.2} {:.2}) scale({scale:.4})", at.x, at.y)
    }

    pub(super) fn is_held(&self) -> bool {
        self.is_held.get()
    }

    /// As a picture is shown at first.
    pub(super) fn open(&self) {
        let (picture, window) = (self.picture.get_untracked(), self.window.get_untracked());
        let home = self.home.get_untracked();
        self.view.set(Viewport::open(picture, window, home));
        self.is_held.set(false);
    }

    /// All of it.
    pub(super) fn fit(&self) {
        let picture = self.picture.get_untracked();
        let window = self.window.get_untracked();
        self.view.set(Viewport::fit(picture, window));
        self.is_held.set(false);
    }

    /// Larger or smaller around the middle.
    pub(super) fn zoom(&self, factor: f64) {
        let window = self.window.get_untracked();
        let middle = Point {
            x: window.width / 2.0,
            y: window.height / 2.0,
        };
        self.change(|view, _, _| view.zoomed(factor, middle));
    }

    /// Brings a box into sight that has the focus.
    pub(super) fn show(&self, area: Area) {
        let (view, window) = (self.view.get_untracked(), self.window.get_untracked());
        let shown = view.showing(&area, window);
        if shown != view {
            self.change(|_, _, _| shown);
        }
    }

    fn change(&self, to: impl FnOnce(Viewport, Size, Size) -> Viewport) {
        let picture = self.picture.get_untracked();
        let window = self.window.get_untracked();
        self.view.update(|view| *view = to(*view, picture, window));
        self.is_held.set(true);
    }

    fn moved(&self, dx: f64, dy: f64) {
        self.change(|view, picture, window| view.moved(dx, dy, picture, window));
    }

    fn observe(self, node: &SvgElement) {
        let measure = move || {
            let Some(Some(node)) = self.node.try_get_untracked() else {
                return;
            };
            let rect = node.get_bounding_client_rect();
            let size = Size::new(rect.width(), rect.height());
            if size.width >= 1.0 && self.window.get_untracked() != size {
                self.window.set(size);
            }
        };
        measure();
        let resized = Closure::<dyn Fn()>::new(measure);
        if let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) {
            observer.observe(node);
            // Once a picture: the observer may call as long as the element lives.
            resized.forget();
            self.observer.set_value(Some(observer));
        }
    }

    pub(super) fn down(&self, event: &PointerEvent) {
        if event.button() == 0 {
            let last = at(event);
            self.drag.set_value(Some(Drag {
                last,
                is_moving: false,
            }));
        }
    }

    pub(super) fn pointer_moved(&self, event: &PointerEvent) {
        let Some(mut drag) = self.drag.get_value() else {
            return;
        };
        if event.buttons() & 1 == 0 {
            return self.up();
        }
        let here = at(event);
        let (dx, dy) = (here.x - drag.last.x, here.y - drag.last.y);
        if !drag.is_moving && dx.hypot(dy) < DRAG_MIN {
            return;
        }
        if !drag.is_moving
            && let Some(node) = self.node.get_untracked()
        {
            // From here on it is no click on what was pressed. A pointer that went already needs
            // no capture.
            node.set_pointer_capture(event.pointer_id()).ok();
        }
        drag = Drag {
            last: here,
            is_moving: true,
        };
        self.drag.set_value(Some(drag));
        self.moved(dx, dy);
    }

    pub(super) fn up(&self) {
        self.drag.set_value(None);
    }

    pub(super) fn wheel(&self, event: &WheelEvent) {
        event.prevent_default();
        let unit = match event.delta_mode() {
            WheelEvent::DOM_DELTA_LINE => 24.0,
            WheelEvent::DOM_DELTA_PAGE => 400.0,
            _ => 1.0,
        };
        let Some(node) = self.node.get_untracked() else {
            return;
        };
        let rect = node.get_bounding_client_rect();
        let still = Point {
            x: f64::from(event.client_x()) - rect.x(),
            y: f64::from(event.client_y()) - rect.y(),
        };
        let factor = (-event.delta_y() * unit / 400.0).clamp(-1.0, 1.0).exp();
        self.change(|view, _, _| view.zoomed(factor, still));
    }

    fn key(&self, event: &KeyboardEvent) {
        if is_typing(event) || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "+" | "=" => self.zoom(KEY_ZOOM),
            "-" => self.zoom(1.0 / KEY_ZOOM),
            "0" => self.fit(),
            key if self.has_focus() => match key {
                "ArrowLeft" => self.moved(KEY_STEP, 0.0),
                "ArrowRight" => self.moved(-KEY_STEP, 0.0),
                "ArrowUp" => self.moved(0.0, KEY_STEP),
                "ArrowDown" => self.moved(0.0, -KEY_STEP),
                _ => return,
            },
            _ => return,
        }
        event.prevent_default();
    }

    /// Whether the picture or something in it has the focus: elsewhere arrows scroll.
    fn has_focus(&self) -> bool {
        let active = browser::document().and_then(|document| document.active_element());
        let node = self.node.get_untracked();
        node.zip(active)
            .is_some_and(|(node, active)| node.contains(Some(&active)))
    }
}

fn at(event: &PointerEvent) -> Point {
    Point {
        x: f64::from(event.client_x()),
        y: f64::from(event.client_y()),
    }
}
