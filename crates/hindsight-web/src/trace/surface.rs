//! The page's canvas as the worker has it: puts a picture on it.

use hindsight_view::canvas::{Color, Font, Picture, TextRun, Theme};
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{ImageData, OffscreenCanvas, OffscreenCanvasRenderingContext2d};

/// A canvas and how texts are set on it.
pub(super) struct Surface {
    canvas: OffscreenCanvas,
    context: OffscreenCanvasRenderingContext2d,
}

impl Surface {
    /// None if the browser gives no context for drawing.
    pub(super) fn new(canvas: OffscreenCanvas) -> Option<Self> {
        let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        Some(Self { canvas, context })
    }

    /// Gives the canvas this many pixels, which empties it.
    pub(super) fn resize(&self, width: u32, height: u32) {
        self.canvas.set_width(width);
        self.canvas.set_height(height);
    }

    /// Puts `picture` on the canvas: pixels, then the texts over them.
    pub(super) fn show(&self, picture: &Picture, theme: &Theme, family: &str, scale: f32) {
        let frame = &picture.frame;
        let pixels = ImageData::new_with_u8_clamped_array_and_sh(
            Clamped(frame.bytes()),
            frame.width() as u32,
            frame.height() as u32,
        );
        if let Ok(pixels) = pixels {
            // Fails only for sizes that a frame cannot have.
            self.context.put_image_data(&pixels, 0.0, 0.0).ok();
        }
        self.write(&picture.texts, theme, family, scale);
    }

    fn write(&self, texts: &[TextRun], theme: &Theme, family: &str, scale: f32) {
        let context = &self.context;
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
}

fn css(color: Color) -> String {
    format!("rgb({}, {}, {})", color.red, color.green, color.blue)
}
