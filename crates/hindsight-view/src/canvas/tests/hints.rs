//! What is said of what lies under the pointer.

use hindsight_protocol::SpanId;

use super::*;
use crate::lens::picante::Outcome;

fn spans() -> Vec<Span> {
    vec![
        span(1, 0, "root\u{1b}[2J", 0, 100),
        Span {
            status: StatusCode::Error as u8,
            ..span(2, 1, "charge", 50, 90)
        },
    ]
}

fn lines(hint: Option<Hint>) -> Vec<String> {
    let lines = hint.map(|hint| hint.lines).unwrap_or_default();
    lines.iter().map(crate::Line::to_plain).collect()
}

fn hover(page: &mut TracePage, x: f32, row: f32) -> Vec<String> {
    let y = page.metrics().rows_top() + page.metrics().row_height() * (row + 0.5);
    page.handle(Input::Move { x, y });
    lines(page.hint())
}

#[test]
fn a_name_and_a_bar_say_name_service_duration_start_and_status() {
    let mut page = page(&spans());
    let said = hover(&mut page, 100.0, 1.0);
    assert_eq!(said[0], "charge");
    assert_eq!(said[1], "web · 40.0 ms · after 50.0 ms · 40 % of the trace");
    assert_eq!(said[2], "error");
    // Halfway: the bar begins there.
    let bars = page.metrics().bars(true);
    let middle = (bars.left + bars.right) / 2.0;
    assert_eq!(hover(&mut page, middle + 10.0, 1.0), said);
    assert_eq!(
        hover(&mut page, bars.left + 20.0, 1.0),
        Vec::<String>::new()
    );
    assert_eq!(hover(&mut page, 100.0, 0.0)[0], "root\\x1b[2J");
    assert_eq!(hover(&mut page, 100.0, 7.0), Vec::<String>::new());
}

#[test]
fn it_stands_beside_its_row_and_not_while_a_button_is_held() {
    let mut page = page(&spans());
    hover(&mut page, 100.0, 1.0);
    let hint = page.hint().expect("a hint");
    let top = page.metrics().rows_top() + page.metrics().row_height();
    assert_eq!((hint.about.top, hint.about.left), (top, 100.0));
    assert_eq!(hint.about.bottom, top + page.metrics().row_height());
    page.handle(Input::Down {
        x: 100.0,
        y: top + 1.0,
        marks: false,
    });
    assert_eq!(page.hint(), None);
    page.handle(Input::Up {
        x: 100.0,
        y: top + 1.0,
    });
    assert_eq!(lines(page.hint())[0], "charge");
    page.handle(Input::Leave);
    assert_eq!(page.hint(), None);
}

#[test]
fn the_selected_row_has_one_in_both_pictures_while_it_is_in_sight() {
    let mut page = page(&spans());
    page.select(SpanId::from_u64(2));
    assert_eq!(lines(page.selected_hint())[0], "charge");
    page.handle(Input::Command(Command::Show(Mode::Flame)));
    assert_eq!(lines(page.selected_hint())[0], "charge");
    let mut page = self::page(&many(1_000));
    page.handle(Input::Command(Command::ToggleGroups));
    page.handle(Input::Wheel {
        x: 400.0,
        dx: 0.0,
        dy: 5_000.0,
        zooms: false,
    });
    assert_eq!(page.selected_hint(), None);
}

#[test]
fn the_bar_of_a_flame_and_a_place_of_the_minimap_say_the_same() {
    let mut page = page(&spans());
    page.handle(Input::Command(Command::Show(Mode::Flame)));
    page.paint(&theme(), &mut Picture::default());
    let bars = page.metrics().bars(false);
    let x = bars.left + (bars.right - bars.left) * 0.7;
    let lane = page.metrics().lane_height();
    page.handle(Input::Move {
        x,
        y: bars.top + lane * 1.5,
    });
    assert_eq!(lines(page.hint())[0], "charge");
    // Its second line, of three pixels each.
    page.handle(Input::Move { x, y: 4.0 });
    let said = lines(page.hint());
    assert_eq!((said[0].as_str(), said[2].as_str()), ("charge", "error"));
    page.handle(Input::Move { x, y: 30.0 });
    assert_eq!(lines(page.hint()), ["after 70.0 ms"]);
}

#[test]
fn how_a_query_was_answered_is_a_word_in_its_row() {
    let mut page = page(&spans());
    let id = SpanId::from_u64(2);
    page.set_outcomes(vec![(id, Outcome::Changed), (id, Outcome::Hit)]);
    assert_eq!(hover(&mut page, 100.0, 1.0)[2], "recomputed, error");
    page.select(id);
    let said = "web  charge  recomputed  error, 40.0 ms, after 50.0 ms";
    assert_eq!(page.described(), said);
    // It is known of spans that come later too.
    let mut page = self::page(&spans()[..1]);
    page.set_outcomes(vec![(id, Outcome::Hit)]);
    page.grow(tree(&spans()), 0);
    assert_eq!(hover(&mut page, 100.0, 1.0)[2], "hit, error");
}
