//! The canvas: hands pointer, wheel, size and colours to the worker, which draws on it.

use crate::reactive::prelude::*;
use leptos::html;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlCanvasElement, PointerEvent, ResizeObserver, WheelEvent};

use super::hint::HintBox;
use super::model::Model;
use crate::browser;
use crate::theme;
use crate::trace::{Order, Pointer, colors_of};

/// The surface that the picture is drawn on. Copies are the same.
#[derive(Clone, Copy)]
struct Surfaces {
    model: Model,
    canvas: NodeRef<html::Canvas>,
    /// In pixels of the page.
    size: RwSignal<(f64, f64)>,
}

/// The view.
#[component]
pub(super) fn Surface(
    model: Model,
    /// Whether the picture is what is looked at.
    is_drawn: Signal<bool>,
) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    let size = RwSignal::new((0.0, 0.0));
    let surface = Surfaces {
        model,
        canvas,
        size,
    };
    let observer = StoredValue::new(None::<ResizeObserver>);
    Effect::new(move || {
        if let Some(canvas) = canvas.get() {
            surface.color(&canvas);
            surface.resize();
            model.draw_on(&canvas);
            observer.set_value(surface.observe(&canvas));
        }
    });
    on_cleanup(move || {
        if let Some(Some(observer)) = observer.try_get_value() {
            observer.disconnect();
        }
    });
    Effect::new(move || {
        theme::shown().track();
        if let Some(canvas) = canvas.get() {
            surface.color(&canvas);
        }
    });
    let label = move || {
        model.shown().with(|shown| match shown.has_picture {
            true => format!("Row {} of {}: {}", shown.row, shown.rows, shown.described),
            false => String::new(),
        })
    };
    let at = move |event: &PointerEvent| surface.point(event);
    view! {
        <canvas
            node_ref=canvas
            tabindex="0"
            role="application"
            aria-label="Spans in time"
            aria-describedby="selected-row"
            class:is-gone=move || !is_drawn.get()
            on:pointerdown=move |event| {
                if event.button() == 0 {
                    surface.capture(&event);
                    let (x, y) = at(&event);
                    model.point(Pointer::Down(x, y, event.shift_key()));
                }
            }
            on:pointermove=move |event| {
                let (x, y) = at(&event);
                model.point(Pointer::Move(x, y));
            }
            on:pointerup=move |event| {
                let (x, y) = at(&event);
                model.point(Pointer::Up(x, y));
            }
            on:pointerleave=move |_| model.point(Pointer::Leave)
            on:dblclick=move |event| {
                let scale = scale();
                let (x, y) = (event.offset_x() as f32 * scale, event.offset_y() as f32 * scale);
                model.point(Pointer::DoubleClick(x, y));
            }
            on:blur=move |_| model.forget_hint()
            on:wheel=move |event| surface.wheel(&event)
        ></canvas>
        <HintBox model size=size.into() />
        <p id="selected-row" class="unseen" aria-live="polite">{label}</p>
    }
}

/// Device pixels of one pixel of the page.
fn scale() -> f32 {
    browser::window().map_or(1.0, |window| window.device_pixel_ratio() as f32)
}

impl Surfaces {
    fn observe(self, canvas: &HtmlCanvasElement) -> Option<ResizeObserver> {
        let resized = Closure::<dyn Fn()>::new(move || self.resize());
        let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok()?;
        observer.observe(canvas);
        // Once a view of a trace: the observer may call as long as the canvas lives.
        resized.forget();
        Some(observer)
    }

    /// Tells the worker which colours and letters the style sheets give.
    fn color(self, canvas: &HtmlCanvasElement) {
        let family = browser::computed(canvas, "font-family");
        let family = family.unwrap_or_else(|| "sans-serif".into());
        let colors = colors_of(&theme::colors());
        self.model.order(&Order::Colors(colors, family));
    }

    fn resize(self) {
        let Some(Some(canvas)) = self.canvas.try_get_untracked() else {
            return;
        };
        let (scale, rect) = (scale(), canvas.get_bounding_client_rect());
        let width = (rect.width() as f32 * scale).round();
        let height = (rect.height() as f32 * scale).round();
        self.size.set((rect.width(), rect.height()));
        // Without a size while a list is open.
        if width >= 1.0 && height >= 1.0 {
            self.model.point(Pointer::Resize(width, height, scale));
        }
    }

    fn point(self, event: &PointerEvent) -> (f32, f32) {
        let scale = scale();
        let at = |offset: i32| offset as f32 * scale;
        (at(event.offset_x()), at(event.offset_y()))
    }

    /// The pointer stays ours until the button comes up, wherever it goes.
    fn capture(self, event: &PointerEvent) {
        if let Some(canvas) = self.canvas.get_untracked() {
            // A pointer that went already needs no capture; a canvas always takes the focus.
            canvas.set_pointer_capture(event.pointer_id()).ok();
            canvas.focus().ok();
        }
    }

    fn wheel(self, event: &WheelEvent) {
        event.prevent_default();
        let scale = scale();
        // Lines and pages are turned into pixels of the page.
        let unit = match event.delta_mode() {
            WheelEvent::DOM_DELTA_LINE => 24.0,
            WheelEvent::DOM_DELTA_PAGE => 400.0,
            _ => 1.0,
        };
        let delta = |delta: f64| delta as f32 * unit * scale;
        let (mut dx, mut dy) = (delta(event.delta_x()), delta(event.delta_y()));
        if event.shift_key() && dx == 0.0 {
            (dx, dy) = (dy, 0.0);
        }
        let zooms = event.ctrl_key() || event.meta_key();
        let x = event.offset_x() as f32 * scale;
        self.model.point(Pointer::Wheel(x, dx, dy, zooms));
    }
}
