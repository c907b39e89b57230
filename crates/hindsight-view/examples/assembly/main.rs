//! How long the steps of trace assembly take, by shape of the trace.
//!
//! `cargo run --release -p hindsight-view --example assembly -- [SPANS] [ROUNDS]`: prints the
//! fastest of ROUNDS rounds for each step.

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
            println!("  {step:<16} {:>8.1} ms", took.as_secs_f64() * 1e3);
        }
        let total: f64 = measure::required(&fastest)
            .map(|took| took.as_secs_f64())
            .sum();
        println!(
            "  {:<16} {:>8.1} ms (without gather and patterns)",
            "together",
            total * 1e3
        );
    }
}
