//! Numbered spans at a steady rate, and at the end what became of them.
//!
//! `cargo run --release --example load SPANS PER_SECOND`; ends with one line of counters.

use std::time::{Duration, Instant};

use hindsight::Tracer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let numbers: Vec<u64> = std::env::args()
        .skip(1)
        .map(|text| text.parse())
        .collect::<Result<_, _>>()?;
    let [spans, per_second] = numbers[..] else {
        return Err("usage: load SPANS PER_SECOND".into());
    };
    let tracer = Tracer::builder().service_name("load").connect().await?;
    println!("started");
    let begun = Instant::now();
    for number in 0..spans {
        tracer
            .span("numbered")
            .with_attribute("number", number)
            .start()
            .end();
        let due = Duration::from_micros(number * 1_000_000 / per_second.max(1));
        if let Some(early) = due.checked_sub(begun.elapsed()) {
            tokio::time::sleep(early).await;
        }
    }
    let report = tracer.shutdown(Duration::from_secs(20)).await;
    println!(
        "offered {} acknowledged {} elsewhere {} dropped {} unsent {} reconnects {}",
        report.offered,
        report.acknowledged,
        report.acknowledged_elsewhere,
        report.dropped,
        report.unsent,
        report.reconnects
    );
    Ok(())
}
