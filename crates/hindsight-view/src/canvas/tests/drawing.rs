use super::*;
use crate::explore::Step;
use crate::fixture::{START_NS, open};
use crate::timeline::Timeline;
use hindsight_protocol::{SpanId, SpanState};

fn painted(page: &mut TracePage) -> Picture {
    let mut picture = Picture::default();
    page.paint(&theme(), &mut picture);
    picture
}

fn texts(picture: &Picture) -> Vec<String> {
    picture
        .texts
        .iter()
        .map(|run| run.line.to_plain())
        .collect()
}

#[test]
fn a_waterfall_names_its_rows_and_sets_durations_beside_the_bars() {
    let spans = [
        span(1, 0, "handle_request", 0, 50),
        span(2, 1, "calculate", 5, 45),
        span(3, 2, "load", 5, 10),
    ];
    let picture = painted(&mut page(&spans));
    insta::assert_snapshot!(texts(&picture).join("\n"));
}

#[test]
fn a_bar_lies_where_its_time_is() {
    let spans = [span(1, 0, "root", 0, 100), span(2, 1, "half", 50, 100)];
    let mut page = page(&spans);
    let bars = page.metrics().bars(true);
    let picture = painted(&mut page);
    let row = (bars.top + page.metrics().row_height() * 1.5) as usize;
    let color = theme().service("web");
    let at = |share: f32| bars.left + (bars.right - bars.left) * share;
    let colored = |x: f32| picture.frame.pixel(x as usize, row) == Some(color);
    assert!(!colored(at(0.48)));
    assert!(colored(at(0.52)));
    assert!(colored(at(0.70)));
}

#[test]
fn one_error_among_tens_of_thousands_is_seen_in_every_mode() {
    let spans = many(30_000);
    for grouped in [true, false] {
        let mut page = page(&spans);
        page.explorer.set_grouped(grouped);
        page.set_mode(Mode::Flame);
        let picture = painted(&mut page);
        assert!(
            pixels(&picture.frame, theme().bad) > 10,
            "flame and minimap"
        );
    }
    let mut page = page(&many(10_000));
    let picture = painted(&mut page);
    let rows = &picture.frame;
    let below = (page.metrics().rows_top() as usize) * rows.width() * 4;
    let bad = theme().bad;
    let in_rows = rows.bytes()[below..].chunks_exact(4);
    let in_rows = in_rows.filter(|pixel| pixel[..3] == [bad.red, bad.green, bad.blue]);
    assert!(in_rows.count() > 0, "the bar of the group shows it");
}

#[test]
fn the_minimap_shows_where_spans_are_and_where_none_is() {
    let spans = [span(1, 0, "early", 0, 10), span(2, 0, "late", 90, 100)];
    let tree = tree(&spans);
    let timeline = Timeline::new(&tree, 0);
    let map = Minimap::new(&tree, &timeline, 100, 40);
    let mut frame = Frame::default();
    frame.reset(100, 40, theme().background);
    map.paint(&mut frame, Rect::new(0.0, 0.0, 100.0, 40.0), &theme());
    let service = theme().service("web");
    assert_eq!(frame.pixel(5, 0), Some(service));
    assert_eq!(frame.pixel(50, 0), Some(theme().sunk));
    assert_eq!(frame.pixel(95, 3), Some(service));
    assert_eq!(frame.pixel(95, 0), Some(theme().sunk));
}

#[test]
fn running_and_lost_spans_look_different_from_ended_ones() {
    let running = open(span(2, 1, "running", 10, 0), SpanState::Running);
    let lost = open(span(3, 1, "lost", 10, 0), SpanState::Aborted);
    let spans = [span(1, 0, "root", 0, 100), running, lost];
    let now = START_NS + 80_000_000;
    let metrics = Metrics::new(800.0, 400.0, 1.0, 300.0);
    let mut page = TracePage::new(tree(&spans), now, metrics);
    let picture = painted(&mut page);
    assert!(pixels(&picture.frame, theme().good) > 0);
    assert!(texts(&picture).contains(&"?".to_owned()));
}

#[test]
fn the_critical_path_is_underlined_when_asked_for() {
    let spans = [span(1, 0, "root", 0, 100), span(2, 1, "half", 50, 100)];
    let mut page = page(&spans);
    let without = pixels(&painted(&mut page).frame, theme().text);
    page.handle(Input::Command(Command::ToggleCriticalPath));
    let with = pixels(&painted(&mut page).frame, theme().text);
    assert_eq!(without, 0);
    assert!(with > 100, "{with}");
}

#[test]
fn hostile_names_are_text() {
    let spans = [span(1, 0, "<b>\u{1b}[31m\u{202e}evil\n</b>", 0, 10)];
    let picture = painted(&mut page(&spans));
    let all = texts(&picture).join("");
    assert!(all.contains("<b>\\x1b[31m\\u{202e}evil\\n</b>"), "{all}");
}

#[test]
fn what_is_looked_at_stays_while_the_trace_grows() {
    let spans = many(1_000);
    let mut page = page(&spans[..500]);
    page.explorer.set_grouped(false);
    assert!(page.select(SpanId::from_u64(300)));
    page.show_window(10e9, 20e9);
    let on_screen = |page: &TracePage| {
        page.explorer.selected_row().unwrap() as f64 * page.row_height() - page.scroll
    };
    let before = (on_screen(&page), page.axis().window_ns());
    page.grow(tree(&spans), 0);
    assert_eq!((on_screen(&page), page.axis().window_ns()), before);
}

#[test]
fn steps_scroll_the_selected_row_into_sight() {
    let mut page = page(&many(1_000));
    page.handle(Input::Command(Command::ToggleGroups));
    for _ in 0..100 {
        page.handle(Input::Command(Command::Step(Step::Next)));
        let top = page.explorer.selected_row().unwrap() as f64 * page.row_height() - page.scroll;
        assert!(top >= 0.0 && top + page.row_height() <= page.in_sight());
    }
    page.handle(Input::Command(Command::Step(Step::Last)));
    assert!(page.scroll > 20_000.0);
}

#[test]
fn what_is_selected_is_told_in_words() {
    let mut page = page(&many(1_000));
    let about = |page: &TracePage| {
        let lines = page.about();
        let lines: Vec<String> = lines.iter().map(crate::Line::to_plain).collect();
        format!("{}\n{}", page.described(), lines.join("\n"))
    };
    let root = about(&page);
    page.handle(Input::Command(Command::Step(Step::Next)));
    insta::assert_snapshot!(format!("{root}\n\n{}", about(&page)));
}
