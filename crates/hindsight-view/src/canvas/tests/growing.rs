//! Rows under the pointer while a trace grows.

use super::*;

/// A root with two calls; the first has `below` spans below it.
fn spans(below: u64) -> Vec<Span> {
    let mut spans = vec![
        span(1, 0, "root", 0, 100),
        span(2, 1, "first", 10, 40),
        span(3, 1, "second", 50, 90),
    ];
    spans.extend((0..below).map(|at| span(10 + at, 2, &format!("step {at}"), 11 + at, 12 + at)));
    spans
}

fn row_of(page: &TracePage, name: &str) -> usize {
    let tree = page.explorer().tree();
    let rows = page.explorer().outline().rows();
    let found = rows.iter().position(|row| match row.row {
        crate::grouping::Row::Span(index) => tree.name(index) == name,
        _ => false,
    });
    found.expect("a row")
}

/// Where the pointer has to be for a row.
fn at(page: &TracePage, row: usize) -> (f32, f32) {
    let y = page.metrics().rows_top() + page.metrics().row_height() * (row as f32 + 0.5);
    (100.0, y)
}

#[test]
fn the_row_under_the_pointer_stays_there_though_nothing_can_be_scrolled() {
    let mut page = page(&spans(0));
    let (x, y) = at(&page, row_of(&page, "second"));
    page.handle(Input::Move { x, y });
    page.grow(tree(&spans(3)), 0);
    assert_eq!(page.hit(x, y), Hit::Name(row_of(&page, "second")));
    assert_eq!(row_of(&page, "second"), 5);
    // Where it does not, growing further is no reason to move either.
    page.grow(tree(&spans(3)), 0);
    assert_eq!(page.hit(x, y), Hit::Name(5));
    page.handle(Input::Leave);
    assert_eq!(page.hit(x, y), Hit::Name(2));
}

#[test]
fn without_a_pointer_the_top_stays_in_sight_and_else_the_selected_row() {
    let mut page = page(&spans(0));
    let (x, y) = at(&page, 2);
    page.grow(tree(&spans(3)), 0);
    assert_eq!(page.hit(x, y), Hit::Name(2));

    let mut page = self::page(&many(1_000));
    page.handle(Input::Command(Command::ToggleGroups));
    page.select(hindsight_protocol::SpanId::from_u64(500));
    let row = page.explorer().selected_row().expect("is selected");
    let before = page.row_height() * row as f64 - page.scroll;
    let mut grown = many(1_000);
    grown.extend((0..50).map(|at| span(5_000 + at, 2, "new", 0, 1)));
    page.grow(tree(&grown), 0);
    let row = page.explorer().selected_row().expect("is selected");
    assert_eq!(page.row_height() * row as f64 - page.scroll, before);
}

#[test]
fn lanes_do_not_scroll_by_rows_that_come() {
    let mut page = page(&many(1_000));
    page.handle(Input::Command(Command::Show(Mode::Flame)));
    let scroll = page.scroll;
    page.grow(tree(&many(1_001)), 0);
    assert_eq!(page.scroll, scroll);
}
