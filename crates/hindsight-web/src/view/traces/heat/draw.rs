//! The map on its canvas.

use hindsight_view::canvas::Color;
use hindsight_view::format;
use hindsight_view::heatmap::{Area, Heatmap, LEVELS, Plot};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::Model;
use crate::{browser, theme};

/// Room for the labels at the left and below, and above; pixels of the page.
const LEFT: f64 = 72.0;
const BELOW: f64 = 16.0;
const ABOVE: f64 = 4.0;
const RIGHT: f64 = 16.0;
/// Pixels between labels.
const ROW_LABELS: f64 = 26.0;
const TIME_LABELS: f64 = 150.0;

/// Draws the map; where its cells lie.
pub(super) fn draw(canvas: &HtmlCanvasElement, model: Model) -> Plot {
    let (width, height) = (
        f64::from(canvas.client_width()),
        f64::from(canvas.client_height()),
    );
    let scale = browser::window().map_or(1.0, |window| window.device_pixel_ratio());
    canvas.set_width((width * scale) as u32);
    canvas.set_height((height * scale) as u32);
    let area = Area {
        x: LEFT,
        y: ABOVE,
        width: (width - LEFT - RIGHT).max(1.0),
        height: (height - ABOVE - BELOW).max(1.0),
    };
    let context = canvas.get_context("2d").ok().flatten();
    let context = context.and_then(|context| context.dyn_into::<CanvasRenderingContext2d>().ok());
    model.map().with_untracked(|map| {
        let plot = Plot::new(map, area);
        if let Some(context) = context {
            // A canvas that cannot be scaled shows the map too small, and all the same.
            context.scale(scale, scale).ok();
            let brush = model.brush().get_untracked();
            let family = browser::computed(canvas, "font-family");
            context.set_font(&format!(
                "11px {}",
                family.as_deref().unwrap_or("sans-serif")
            ));
            paint(&context, map, &plot, area);
            if let Some(brush) = brush.filter(|_| !map.is_empty()) {
                let area = plot.rectangle(brush.columns, brush.rows);
                context.set_stroke_style_str(&css(theme::colors().accent));
                context.set_line_width(1.5);
                context.stroke_rect(
                    area.x - 0.5,
                    area.y - 0.5,
                    area.width + 1.0,
                    area.height + 1.0,
                );
            }
        }
        plot
    })
}

fn paint(context: &CanvasRenderingContext2d, map: &Heatmap, plot: &Plot, area: Area) {
    let colors = theme::colors();
    let bottom = area.y + area.height;
    context.set_fill_style_str(&css(colors.rule));
    context.fill_rect(area.x, bottom, area.width, 1.0);
    for column in 0..map.starts_ns.len() {
        for row in 0..map.floors_ns.len() {
            let cell = map.cell(column, row);
            let level = map.level(cell.count);
            if level == 0 {
                continue;
            }
            let place = plot.rectangle((column, column), (row, row));
            let failed = cell.errors > 0;
            context.set_fill_style_str(&css(if failed { colors.bad } else { colors.text }));
            context.set_global_alpha(0.12 + 0.68 * f64::from(level) / f64::from(LEVELS));
            let gap = if place.width > 4.0 { 1.0 } else { 0.0 };
            context.fill_rect(place.x, place.y, place.width - gap, place.height - 1.0);
            context.set_global_alpha(1.0);
            if failed {
                mark(context, place, colors.bad, colors.background);
            }
        }
    }
    labels(context, map, plot, area, colors.dim);
}

/// A failed cell has a frame and a stroke through it: colour is not all that tells it.
fn mark(context: &CanvasRenderingContext2d, place: Area, bad: Color, behind: Color) {
    let (right, bottom) = (place.x + place.width - 1.0, place.y + place.height - 1.0);
    for (width, color) in [(3.0, behind), (1.25, bad)] {
        context.set_stroke_style_str(&css(color));
        context.set_line_width(width);
        context.begin_path();
        context.move_to(place.x + 0.5, bottom - 0.5);
        context.line_to(right - 0.5, place.y + 0.5);
        context.stroke();
    }
    context.set_line_width(1.0);
    let (width, height) = (right - place.x - 1.0, bottom - place.y - 1.0);
    context.stroke_rect(
        place.x + 0.5,
        place.y + 0.5,
        width.max(0.5),
        height.max(0.5),
    );
}

fn labels(
    context: &CanvasRenderingContext2d,
    map: &Heatmap,
    plot: &Plot,
    area: Area,
    color: Color,
) {
    context.set_fill_style_str(&css(color));
    context.set_text_baseline("middle");
    context.set_text_align("right");
    let rows = map.floors_ns.len();
    let step = (ROW_LABELS * rows as f64 / area.height).ceil().max(1.0) as usize;
    for row in (0..rows).step_by(step) {
        let place = plot.rectangle((0, 0), (row, row));
        // A canvas without fonts shows the cells all the same, here and below.
        context
            .fill_text(
                &map.row_label(row),
                area.x - 8.0,
                place.y + place.height / 2.0,
            )
            .ok();
    }
    context.set_text_align("left");
    let columns = map.starts_ns.len();
    let step = (TIME_LABELS * columns as f64 / area.width).ceil().max(1.0) as usize;
    let zone = browser::zone();
    for column in (0..columns).step_by(step) {
        let place = plot.rectangle((column, column), (0, 0));
        let time = format::time_of_day(map.starts_ns[column], zone);
        let length = match map.step_ns.saturating_mul(step as u64) {
            ..1_000_000_000 => "14:32:10.123".len(),
            _ => "14:32:10".len(),
        };
        let time = &time[..length];
        if place.x + 60.0 < area.x + area.width {
            context
                .fill_text(time, place.x, area.y + area.height + 10.0)
                .ok();
        }
    }
}

fn css(color: Color) -> String {
    format!("rgb({}, {}, {})", color.red, color.green, color.blue)
}
