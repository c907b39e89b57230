use proptest::prelude::*;

use super::*;
use crate::explore::Step;
use crate::fixture::{any_family, family};

fn any_coordinate() -> impl Strategy<Value = f32> {
    prop_oneof![
        8 => -20.0..220.0_f32,
        1 => any::<f32>(),
    ]
}

fn any_input() -> impl Strategy<Value = Input> {
    let point = || (any_coordinate(), any_coordinate());
    prop_oneof![
        (any_coordinate(), any_coordinate(), 0.1..4.0_f32).prop_map(|(width, height, scale)| {
            Input::Resize {
                width,
                height,
                scale,
            }
        }),
        (
            any_coordinate(),
            -900.0..900.0_f32,
            any_coordinate(),
            any::<bool>()
        )
            .prop_map(|(x, dx, dy, zooms)| Input::Wheel { x, dx, dy, zooms }),
        (point(), any::<bool>()).prop_map(|((x, y), marks)| Input::Down { x, y, marks }),
        point().prop_map(|(x, y)| Input::Move { x, y }),
        point().prop_map(|(x, y)| Input::Up { x, y }),
        point().prop_map(|(x, y)| Input::DoubleClick { x, y }),
        Just(Input::Leave),
        any_command().prop_map(Input::Command),
    ]
}

fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(Command::Step(Step::Next)),
        Just(Command::Step(Step::Toggle)),
        Just(Command::Step(Step::Last)),
        (-3..3_i32).prop_map(Command::Page),
        Just(Command::NextMatch),
        Just(Command::ZoomIn),
        Just(Command::ZoomOut),
        Just(Command::Earlier),
        Just(Command::Later),
        Just(Command::Fit),
        Just(Command::Focus),
        Just(Command::ToggleCriticalPath),
        Just(Command::ToggleGroups),
        Just(Command::Show(Mode::Flame)),
        Just(Command::Show(Mode::Waterfall)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_input_breaks_the_picture(
        members in any_family(40, 1_000),
        inputs in prop::collection::vec(any_input(), 1..40),
    ) {
        let metrics = Metrics::new(200.0, 150.0, 0.5, 100.0);
        let mut page = TracePage::new(tree(&family(&members)), 0, metrics);
        let mut picture = Picture::default();
        for input in inputs {
            page.handle(input);
            let (from, to) = page.axis().window_ns();
            prop_assert!(from >= 0.0 && from < to && to <= page.axis().length_ns());
            page.paint(&theme(), &mut picture);
            prop_assert!(page.scroll >= 0.0 && page.scroll.is_finite());
            prop_assert!(page.scroll <= page.content_height());
            for run in &picture.texts {
                prop_assert!(run.x.is_finite() && run.y.is_finite());
            }
        }
    }
}

#[test]
fn a_click_selects_and_a_click_on_the_mark_folds() {
    let spans = [span(1, 0, "root", 0, 100), span(2, 1, "child", 50, 100)];
    let mut page = page(&spans);
    let y = page.metrics().rows_top() + page.metrics().row_height() * 1.5;
    page.handle(Input::Down {
        x: 100.0,
        y,
        marks: false,
    });
    let changes = page.handle(Input::Up { x: 100.0, y });
    assert!(changes.selection);
    assert_eq!(page.explorer().selected_row(), Some(1));
    let y = page.metrics().rows_top() + 5.0;
    page.handle(Input::Down {
        x: 12.0,
        y,
        marks: false,
    });
    page.handle(Input::Up { x: 12.0, y });
    assert_eq!(page.explorer().rows(), 1);
}

#[test]
fn dragging_on_the_ruler_shows_that_stretch() {
    let mut page = page(&many(10));
    let bars = page.metrics().bars(true);
    let width = bars.right - bars.left;
    let y = bars.top - 4.0;
    let at = |share: f32| bars.left + width * share;
    page.handle(Input::Down {
        x: at(0.75),
        y,
        marks: false,
    });
    page.handle(Input::Move { x: at(0.25), y });
    page.handle(Input::Up { x: at(0.25), y });
    let (from, to) = page.axis().window_ns();
    assert!(
        (from - 25e9).abs() < 0.1e9 && (to - 75e9).abs() < 0.1e9,
        "{from} {to}"
    );
    page.handle(Input::DoubleClick { x: at(0.5), y });
    assert!(page.axis().is_whole());
}

#[test]
fn dragging_the_bars_moves_time_and_rows() {
    let mut page = page(&many(1_000));
    page.handle(Input::Command(Command::ToggleGroups));
    page.show_window(40e9, 60e9);
    let bars = page.metrics().bars(true);
    let (x, y) = (bars.left + 100.0, bars.top + 100.0);
    page.handle(Input::Down { x, y, marks: false });
    page.handle(Input::Move {
        x: x + 50.0,
        y: y - 30.0,
    });
    page.handle(Input::Up {
        x: x + 50.0,
        y: y - 30.0,
    });
    assert!(page.axis().window_ns().0 < 40e9);
    assert_eq!(page.scroll, 30.0);
    assert_eq!(page.explorer().selected_row(), Some(0));
}

#[test]
fn zooming_out_of_a_selected_span_and_back_by_keys() {
    let mut page = page(&many(10));
    page.handle(Input::Command(Command::Step(Step::Next)));
    page.handle(Input::Command(Command::ToggleGroups));
    page.handle(Input::Command(Command::Step(Step::Next)));
    page.handle(Input::Command(Command::Focus));
    let (from, to) = page.axis().window_ns();
    assert!(to - from < 2e6, "{from} {to}");
    page.handle(Input::Command(Command::Fit));
    assert!(page.axis().is_whole());
}
