//! The canvas: hands pointer and wheel to the picture, and shows it once a frame at most.

use hindsight_view::canvas::{Color, Font, Input, Picture, TextRun, Theme};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{
    CanvasRenderingContext2d, HtmlCanvasElement, ImageData, PointerEvent, ResizeObserver,
    WheelEvent,
};

use super::model::Model;
use crate::browser;
use crate::theme;

/// The surface that the picture is drawn on. Copies are the same.
#[derive(Clone, Copy)]
struct Surfaces {
    model: Model,
    canvas: NodeRef<html::Canvas>,
    picture: StoredValue<Picture, LocalStorage>,
    is_waiting: StoredValue<bool, LocalStorage>,
}

/// The view.
#[component]
pub(super) fn Surface(model: Model) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    let surface = Surfaces {
        model,
        canvas,
        picture: StoredValue::new_local(Picture::default()),
        is_waiting: StoredValue::new_local(false),
    };
    let observer = StoredValue::new_local(None::<ResizeObserver>);
    Effect::new(move || {
        if let Some(canvas) = canvas.get() {
            observer.set_value(surface.observe(&canvas));
            surface.resize();
        }
    });
    on_cleanup(move || {
        if let Some(Some(observer)) = observer.try_get_value() {
            observer.disconnect();
        }
    });
    Effect::new(move || {
        model.picture().track();
        theme::shown().track();
        surface.draw_soon();
    });
    let label = move || {
        model.picture().track();
        let described = model.with_page(|page| {
            let rows = page.explorer().rows();
            let row = page.explorer().selected_row().map_or(0, |row| row + 1);
            format!("Row {row} of {rows}: {}", page.described())
        });
        described.unwrap_or_default()
    };
    let at = move |event: &PointerEvent| surface.point(event);
    view! {
        <canvas
            node_ref=canvas
            tabindex="0"
            role="application"
            aria-label="Spans in time"
            aria-describedby="selected-row"
            on:pointerdown=move |event| {
                if event.button() == 0 {
                    surface.capture(&event);
                    let (x, y) = at(&event);
                    model.handle(Input::Down { x, y, marks: event.shift_key() });
                }
            }
            on:pointermove=move |event| {
                let (x, y) = at(&event);
                model.handle(Input::Move { x, y });
            }
            on:pointerup=move |event| {
                let (x, y) = at(&event);
                model.handle(Input::Up { x, y });
            }
            on:pointerleave=move |_| model.handle(Input::Leave)
            on:dblclick=move |event| {
                let scale = scale();
                let (x, y) = (event.offset_x() as f32 * scale, event.offset_y() as f32 * scale);
                model.handle(Input::DoubleClick { x, y });
            }
            on:wheel=move |event| surface.wheel(&event)
        ></canvas>
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

    fn resize(self) {
        let Some(Some(canvas)) = self.canvas.try_get_untracked() else {
            return;
        };
        let (scale, rect) = (scale(), canvas.get_bounding_client_rect());
        let width = (rect.width() as f32 * scale).round();
        let height = (rect.height() as f32 * scale).round();
        if width >= 1.0 && height >= 1.0 {
            canvas.set_width(width as u32);
            canvas.set_height(height as u32);
            self.model.handle(Input::Resize {
                width,
                height,
                scale,
            });
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
        self.model.handle(Input::Wheel {
            x: event.offset_x() as f32 * scale,
            dx,
            dy,
            zooms: event.ctrl_key() || event.meta_key(),
        });
    }

    /// Draws with the next frame, once.
    fn draw_soon(self) {
        if self.is_waiting.get_value() {
            return;
        }
        self.is_waiting.set_value(true);
        spawn_local(async move {
            browser::next_frame().await;
            if self
                .is_waiting
                .try_update_value(|waits| *waits = false)
                .is_some()
            {
                self.draw();
            }
        });
    }

    fn draw(self) {
        let canvas = self.canvas.try_get_untracked().flatten();
        let Some(canvas) = canvas else { return };
        let context = canvas.get_context("2d").ok().flatten();
        let Some(context) = context.and_then(|context| context.dyn_into().ok()) else {
            return;
        };
        let context: CanvasRenderingContext2d = context;
        let theme = theme::colors();
        self.picture.update_value(|picture| {
            self.model.update_page(|page| page.paint(&theme, picture));
            let frame = &picture.frame;
            let pixels = ImageData::new_with_u8_clamped_array_and_sh(
                Clamped(frame.bytes()),
                frame.width() as u32,
                frame.height() as u32,
            );
            if let Ok(pixels) = pixels {
                context.put_image_data(&pixels, 0.0, 0.0).ok();
            }
            write(&context, &canvas, &picture.texts, &theme);
        });
    }
}

/// Sets the texts over the pixels.
fn write(
    context: &CanvasRenderingContext2d,
    canvas: &HtmlCanvasElement,
    texts: &[TextRun],
    theme: &Theme,
) {
    let family = browser::computed(canvas, "font-family").unwrap_or_else(|| "sans-serif".into());
    let scale = scale();
    let fonts = [12.5, 11.0].map(|size| format!("{}px {family}", size * scale));
    context.set_text_baseline("middle");
    let mut font = None;
    for run in texts {
        if font != Some(run.font) {
            context.set_font(match run.font {
                Font::Text => &fonts[0],
                Font::Small => &fonts[1],
            });
            font = Some(run.font);
        }
        let clip = &run.clip;
        let (width, height) = (clip.right - clip.left, clip.bottom - clip.top);
        if width <= 0.0 || height <= 0.0 {
            continue;
        }
        context.save();
        context.begin_path();
        context.rect(
            clip.left.into(),
            clip.top.into(),
            width.into(),
            height.into(),
        );
        context.clip();
        let mut x = f64::from(run.x);
        for segment in run.line.segments() {
            let color = run.color.unwrap_or_else(|| theme.of(segment.role()));
            context.set_fill_style_str(&css(color));
            context.fill_text(segment.text(), x, f64::from(run.y)).ok();
            let measured = context.measure_text(segment.text());
            x += measured.map_or(0.0, |measured| measured.width());
            if x > f64::from(clip.right) {
                break;
            }
        }
        context.restore();
    }
}

fn css(color: Color) -> String {
    format!("rgb({}, {}, {})", color.red, color.green, color.blue)
}
