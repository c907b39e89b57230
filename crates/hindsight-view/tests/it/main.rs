//! Whole traces through the public interface.

#[path = "../../examples/assembly/measure.rs"]
mod measure;

#[test]
fn the_measured_steps_run_on_traces_of_every_shape() {
    for shape in measure::Shape::ALL {
        let steps = measure::fastest(measure::run(shape, 500), measure::run(shape, 500));
        assert!(measure::required(&steps).count() >= 6);
    }
}
