use proptest::prelude::*;

use super::super::axis::TimeAxis;
use super::super::ruler::{label, marks};

#[derive(Clone, Copy, Debug)]
enum Act {
    Zoom(f64, f64),
    Pan(f64),
    Show(f64, f64),
    Fit,
    Length(u64),
    Width(f64),
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0.01..100.0, -50.0..2_000.0).prop_map(|(by, at)| Act::Zoom(by, at)),
        (-5_000.0..5_000.0).prop_map(Act::Pan),
        (any::<f64>(), any::<f64>()).prop_map(|(from, to)| Act::Show(from, to)),
        Just(Act::Fit),
        any::<u64>().prop_map(Act::Length),
        (0..100_000_u64).prop_map(Act::Length),
        (0.0..4_000.0).prop_map(Act::Width),
    ]
}

proptest! {
    #[test]
    fn the_window_is_always_a_part_of_the_trace(
        length: u64,
        acts in prop::collection::vec(any_act(), 1..30),
    ) {
        let mut axis = TimeAxis::new(length, 1_000.0);
        for act in acts {
            match act {
                Act::Zoom(factor, px) => axis.zoom(factor, px),
                Act::Pan(px) => axis.pan(px),
                Act::Show(from, to) => axis.show(from, to),
                Act::Fit => axis.fit(),
                Act::Length(length) => axis.set_length(length),
                Act::Width(width) => axis.set_width(width),
            }
            let (from, to) = axis.window_ns();
            prop_assert!(from >= 0.0 && from < to, "{from} {to}");
            prop_assert!(to <= axis.length_ns());
            let (step, marks) = marks(&axis, 1.0);
            prop_assert!(step > 0.0 && marks.len() <= 200);
        }
    }

    #[test]
    fn zooming_keeps_the_time_under_the_pointer(
        factor in 0.3..1.0_f64,
        px in 0.0..1_000.0_f64,
    ) {
        let mut axis = TimeAxis::new(1_000_000_000, 1_000.0);
        axis.show(100e6, 700e6);
        let at = axis.ns(px);
        axis.zoom(factor, px);
        prop_assert!((axis.px(at) - px).abs() < 0.01);
    }

    #[test]
    fn pixels_and_times_are_the_same_places(px in -100.0..2_000.0_f64) {
        let mut axis = TimeAxis::new(123_456_789, 1_000.0);
        axis.show(1e6, 5e6);
        prop_assert!((axis.px(axis.ns(px)) - px).abs() < 1e-6);
    }
}

#[test]
fn a_window_on_the_whole_follows_a_growing_trace_and_another_stays() {
    let mut axis = TimeAxis::new(1_000, 100.0);
    axis.set_length(2_000);
    assert_eq!(axis.window_ns(), (0.0, 2_000.0));
    axis.show(500.0, 1_000.0);
    axis.set_length(4_000);
    assert_eq!(axis.window_ns(), (500.0, 1_000.0));
}

#[test]
fn marks_stand_at_round_times_in_one_unit() {
    let axis = TimeAxis::new(50_200_000, 700.0);
    let (step, marks) = marks(&axis, 1.0);
    let labels: Vec<String> = marks.iter().map(|m| label(*m, step, 50.2e6)).collect();
    assert_eq!(
        labels,
        ["0 ms", "10 ms", "20 ms", "30 ms", "40 ms", "50 ms"]
    );
}

#[test]
fn labels_are_as_exact_as_the_marks_are_close() {
    assert_eq!(label(12.2e9, 0.2e9, 13e9), "12.2 s");
    assert_eq!(label(1_500.0, 500.0, 3_000.0), "1.5 µs");
    assert_eq!(label(20.0, 20.0, 100.0), "20 ns");
}
