//! How traces look as text.

use hindsight_protocol::{Span, SpanState, StatusCode};
use proptest::prelude::*;

use super::*;
use crate::critical_path::critical_path;
use crate::fixture::{START_NS, open, service, span, tree};
use crate::grouping::{Expansion, FoldLimits};
use crate::self_time::self_times_ns;

const MS: u64 = 1_000_000;

/// The trace as text, 60 ms after its start.
fn draw(spans: &[Span], width: Option<usize>, glyphs: Glyphs) -> String {
    let tree = tree(spans);
    let waterfall = Waterfall::new(&tree, START_NS + 60 * MS, glyphs);
    let layout = waterfall.layout(width);
    let lines = (0..tree.len()).map(|index| waterfall.line(index, &layout).to_plain());
    lines.collect::<Vec<_>>().join("\n")
}

fn of_service(span: Span, name: &str) -> Span {
    Span {
        resource: service(name),
        ..span
    }
}

/// The example of the mission.
fn mission() -> Vec<Span> {
    let failed = Span {
        status: StatusCode::Error as u8,
        status_message: "no such key\u{1b}[2J".into(),
        ..of_service(span(4, 2, "picante: compute", 6, 41), "calculator")
    };
    vec![
        span(1, 0, "handle_request", 0, 50),
        span(2, 1, "RPC: calculate", 1, 41),
        of_service(span(3, 2, "picante: load_data", 1, 6), "calculator"),
        failed,
        span(5, 1, "format_response", 41, 50),
    ]
}

#[test]
fn a_trace_is_a_tree_with_bars() {
    insta::assert_snapshot!(draw(&mission(), Some(110), Glyphs::UNICODE));
}

#[test]
fn a_narrow_terminal_still_shows_names_durations_and_bars() {
    insta::assert_snapshot!(draw(&mission(), Some(60), Glyphs::UNICODE));
}

#[test]
fn ascii_is_enough() {
    insta::assert_snapshot!(draw(&mission(), None, Glyphs::ASCII));
}

#[test]
fn open_spans_say_in_words_how_they_stand() {
    let spans = [
        open(span(1, 0, "request", 0, 0), SpanState::Running),
        open(span(2, 1, "query", 10, 0), SpanState::Disconnected),
        open(span(3, 1, "write", 20, 0), SpanState::Aborted),
        Span {
            state: SpanState::EndedByDrop as u8,
            ..span(4, 1, "guard", 20, 40)
        },
        span(5, 1, "read", 25, 30),
    ];
    insta::assert_snapshot!(draw(&spans, None, Glyphs::UNICODE));
}

#[test]
fn oddities_are_labelled() {
    let spans = [
        span(1, 9, "orphan", 0, 10),
        span(2, 3, "first of a cycle", 10, 20),
        span(3, 2, "second of a cycle", 15, 20),
        span(4, 4, "itself", 20, 30),
        span(5, 0, "backwards", 30, 25),
        span(6, 0, "", 40, 50),
        span(6, 0, "", 40, 50),
    ];
    insta::assert_snapshot!(draw(&spans, None, Glyphs::UNICODE));
}

#[test]
fn deep_levels_are_folded_into_a_number() {
    let spans: Vec<_> = (1..=40)
        .map(|id| span(id, id - 1, "level", id, 80 - id))
        .collect();
    let drawn = draw(&spans, Some(100), Glyphs::UNICODE);
    let lines: Vec<_> = drawn.lines().collect();
    insta::assert_snapshot!([lines[1], lines[8], lines[39]].join("\n"));
}

#[test]
fn a_bar_that_begins_or_ends_within_a_cell_is_half_there() {
    let axis = bar::Axis::new(0, 100, 10);
    let text = |start, end| {
        axis.bar(start, end, BarEnd::Known)
            .text(&[], &Glyphs::UNICODE)
    };
    assert_eq!(text(0, 100), "━━━━━━━━━━");
    assert_eq!(text(0, 5), "╸");
    assert_eq!(text(5, 10), "╺");
    assert_eq!(text(15, 35), "╺━╸");
    assert_eq!(text(100, 100), "╺");
}

/// The trace with self times and the critical path, folded as at first.
fn draw_analysed(spans: &[Span], width: Option<usize>, glyphs: Glyphs) -> String {
    let tree = tree(spans);
    let timeline = Timeline::new(&tree, START_NS + 60 * MS);
    let grouping = Grouping::new(&tree, &timeline, FoldLimits::default());
    let outline = Outline::new(&tree, &grouping, &Expansion::default());
    let own = self_times_ns(&tree, &timeline);
    let path = critical_path(&tree, &timeline, 0);
    let waterfall = Waterfall::new(&tree, START_NS + 60 * MS, glyphs)
        .folded(&grouping, &outline)
        .analysed(&own, &path);
    let layout = waterfall.layout(width);
    let total: u64 = (0..waterfall.len())
        .map(|row| waterfall.critical_ns(row))
        .sum();
    assert_eq!(
        total,
        timeline.duration_ns(&tree, 0),
        "the rows show the whole path"
    );
    let lines = (0..waterfall.len()).map(|row| waterfall.line(row, &layout).to_plain());
    let heading = waterfall.heading(&layout).to_plain();
    std::iter::once(heading)
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn self_times_stand_beside_durations_and_the_critical_path_in_the_bars() {
    insta::assert_snapshot!(draw_analysed(&mission(), Some(110), Glyphs::UNICODE));
    insta::assert_snapshot!(draw_analysed(&mission(), Some(70), Glyphs::ASCII));
    // Too narrow for self times.
    assert!(!draw_analysed(&mission(), Some(60), Glyphs::ASCII).contains("SELF"));
}

#[test]
fn a_fold_shows_the_path_through_what_it_hides() {
    let mut spans = vec![span(1, 0, "request", 0, 60)];
    for number in 0..6 {
        let at = 5 + number * 8;
        spans.push(span(10 + number, 1, "query", at, at + 6));
        spans.push(span(20 + number, 10 + number, "read", at + 1, at + 6));
    }
    insta::assert_snapshot!(draw_analysed(&spans, Some(110), Glyphs::UNICODE));
}

#[test]
fn a_span_that_is_hardly_on_the_path_is_marked_all_the_same() {
    let axis = bar::Axis::new(0, 1000, 10);
    let bar = axis.bar(0, 1000, BarEnd::Known);
    let segment = |from_ns, to_ns| crate::critical_path::PathSegment {
        index: 0,
        from_ns,
        to_ns,
    };
    let text = |path: &[_]| {
        let rows = CriticalRows::new(path, &[0]);
        bar.text(&rows.cells(0, &bar, &axis), &Glyphs::ASCII)
    };
    assert_eq!(text(&[]), "==========");
    assert_eq!(text(&[segment(310, 311)]), "===#======");
    assert_eq!(text(&[segment(0, 250), segment(960, 1000)]), "###=======");
}

#[test]
fn lines_about_a_span_continue_the_guides() {
    let tree = tree(&mission());
    let waterfall = Waterfall::new(&tree, START_NS, Glyphs::ASCII);
    let layout = waterfall.layout(None);
    let shown = (0..tree.len()).map(|index| {
        let detail = waterfall.continuation(index, &layout);
        let row = waterfall.row(index, &layout);
        format!(
            "{}{}\n{detail}key = value",
            row.prefix,
            row.title.to_plain()
        )
    });
    insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n"));
}

proptest! {
    #[test]
    fn a_bar_lies_within_its_column(
        times in any::<[u64; 4]>(), cells in 1usize..200, ends in 0..3u8,
    ) {
        let end = [BarEnd::Known, BarEnd::Growing, BarEnd::Lost][ends as usize];
        let bar = bar::Axis::new(times[0], times[1], cells).bar(times[2], times[3], end);
        prop_assert!(bar.start_half < bar.end_half && bar.end_half <= cells * 2);
        prop_assert_eq!(bar.text(&[], &Glyphs::UNICODE).chars().count(), bar.cells());
    }

    #[test]
    fn rows_fit_the_width_whatever_the_spans_are(
        names in prop::collection::vec(any::<String>(), 1..20), width in 40usize..200,
    ) {
        let spans: Vec<_> = (1u64..).zip(&names).map(|(id, name)| span(id, id / 2, name, id, 90 - id)).collect();
        let tree = tree(&spans);
        let waterfall = Waterfall::new(&tree, START_NS, Glyphs::UNICODE);
        let layout = waterfall.layout(Some(width));
        for index in 0..tree.len() {
            prop_assert!(waterfall.line(index, &layout).width() <= width);
        }
    }
}
