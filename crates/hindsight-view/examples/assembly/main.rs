//! How long the steps of trace assembly take, by shape of the trace.
//!
//! `cargo run --release -p hindsight-view --example assembly -- [SPANS] [ROUNDS]`: prints the
//! fastest of ROUNDS rounds for each step, on the clock and on the processor.

mod measure;

use measure::Shape;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|n| n.parse().ok());
    let spans: usize = numbers.next().unwrap_or(1_000_000);
    let rounds: usize = numbers.next().unwrap_or(5);
    for shape in Shape::ALL {
        println!("{shape:?}, {spans} spans");
        let all = (0..rounds.max(1)).map(|_| measure::run(shape, spans));
        let fastest = all.reduce(measure::fastest).unwrap_or_default();
        for (step, took) in &fastest {
            print(step, took);
        }
        let together = measure::required(&fastest).reduce(|a, b| measure::Took {
            wall: a.wall + b.wall,
            cpu: a.cpu + b.cpu,
        });
        print("all but gather and patterns", &together.unwrap_or_default());
    }
}

fn print(step: &str, took: &measure::Took) {
    let ms = |duration: std::time::Duration| duration.as_secs_f64() * 1e3;
    println!(
        "  {step:<28} {:>8.1} ms {:>8.1} ms cpu",
        ms(took.wall),
        ms(took.cpu)
    );
}
