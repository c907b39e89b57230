use proptest::prelude::*;

use super::super::skip::runs;
use super::*;
use crate::fixture::{any_family, family};
use crate::timeline::Timeline;

proptest! {
    #[test]
    fn skipping_covers_the_same_pixels_as_drawing_everything(
        gaps in prop::collection::vec((0.0..30.0_f64, 0.0..40.0_f64), 0..200),
        shrink in 0.01..1.0_f64,
        shift in 0.0..300.0_f64,
    ) {
        let mut at = -shift;
        let mut intervals = Vec::new();
        for (gap, length) in gaps {
            let start = at + gap * shrink;
            at = start + length * shrink;
            intervals.push((start, at));
        }
        let width = 120.0;
        let covered = |from: f64, to: f64, pixels: &mut [bool]| {
            let last = to.min(width).ceil() as usize;
            for pixel in pixels.iter_mut().take(last).skip(from.max(0.0) as usize) {
                *pixel = true;
            }
        };
        let mut naive = [false; 120];
        for (start, end) in &intervals {
            if *end > 0.0 && *start < width {
                covered(*start, *end, &mut naive);
            }
        }
        let mut skipped = [false; 120];
        let mut next = None;
        runs(intervals.len(), width, |place| intervals[place], |run| {
            assert!(next.is_none_or(|next| run.first >= next));
            next = Some(run.last);
            let from = run.left.max(0.0);
            let to = run.right;
            let last = to.min(width).ceil() as usize;
            for pixel in skipped.iter_mut().take(last).skip(from as usize) {
                *pixel = true;
            }
        });
        // A run is at least a pixel wide, so that it may cover one pixel more.
        for (pixel, naive) in naive.iter().enumerate() {
            prop_assert!(!naive || skipped[pixel], "pixel {pixel}");
            let near = pixel.checked_sub(1).is_none_or(|before| skipped_or(&intervals, before));
            prop_assert!(!skipped[pixel] || *naive || near, "pixel {pixel} too many");
        }
    }

    #[test]
    fn lanes_keep_children_below_and_spans_apart(members in any_family(80, 60)) {
        let tree = crate::fixture::tree(&family(&members));
        let timeline = Timeline::new(&tree, 100);
        let lanes = Lanes::new(&tree, &timeline);
        let mut seen = 0;
        for lane in 0..lanes.len() {
            let nodes = lanes.lane(lane);
            seen += nodes.len();
            for pair in nodes.windows(2) {
                let (a, b) = (pair[0] as usize, pair[1] as usize);
                prop_assert!(tree.start_ns(a) <= tree.start_ns(b) || tree.parent(b).is_some());
                prop_assert!(timeline.end_ns(a) <= effective_start(&tree, b));
            }
            for node in nodes {
                let node = *node as usize;
                prop_assert_eq!(lanes.lane_of(node), lane);
                let parent = tree.parent(node).map(|parent| lanes.lane_of(parent));
                prop_assert!(parent.is_none_or(|parent| parent < lane));
            }
        }
        prop_assert_eq!(seen, tree.len());
    }
}

/// Whether an interval begins on the pixel.
fn skipped_or(intervals: &[(f64, f64)], pixel: usize) -> bool {
    let pixel = pixel as f64;
    let on = |start: f64| start >= pixel && start < pixel + 1.0;
    intervals
        .iter()
        .any(|(start, _)| on(*start) || *start < 0.0)
}

/// No child begins before its parent on a picture.
fn effective_start(tree: &crate::TraceTree, node: usize) -> u64 {
    let parent = tree.parent(node);
    let own = tree.start_ns(node);
    parent.map_or(own, |parent| own.max(effective_start(tree, parent)))
}

#[test]
fn colors_are_read_as_style_sheets_write_them() {
    assert_eq!(Color::parse("#0b6e69"), Some(Color::new(11, 110, 105)));
    assert_eq!(
        Color::parse(" rgb(1, 22, 255) "),
        Some(Color::new(1, 22, 255))
    );
    for wrong in [
        "",
        "#fff",
        "#12345g",
        "rgb(1, 2)",
        "rgb(1, 2, 300)",
        "red",
        "#+12345",
    ] {
        assert_eq!(Color::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn text_over_a_color_is_black_or_white() {
    assert_eq!(Color::new(106, 169, 230).readable(), Color::new(0, 0, 0));
    assert_eq!(
        Color::new(60, 60, 120).readable(),
        Color::new(255, 255, 255)
    );
}

#[test]
fn a_frame_takes_its_share_of_a_color_at_broken_edges_and_nothing_outside() {
    let mut frame = Frame::default();
    frame.reset(4, 2, Color::new(0, 0, 0));
    frame.fill(Rect::new(0.5, -3.0, 2.0, 1.0), Color::new(200, 100, 50));
    assert_eq!(frame.pixel(0, 0), Some(Color::new(100, 50, 25)));
    assert_eq!(frame.pixel(1, 0), Some(Color::new(200, 100, 50)));
    assert_eq!(frame.pixel(2, 0), Some(Color::new(0, 0, 0)));
    assert_eq!(frame.pixel(1, 1), Some(Color::new(0, 0, 0)));
    frame.fill(
        Rect::new(f32::NAN, 0.0, f32::INFINITY, f32::NAN),
        Color::new(1, 1, 1),
    );
    frame.fill(Rect::new(-1e30, -1e30, 1e30, 1e30), Color::new(9, 9, 9));
    assert_eq!(pixels(&frame, Color::new(9, 9, 9)), 8);
    assert_eq!(frame.pixel(4, 0), None);
}
