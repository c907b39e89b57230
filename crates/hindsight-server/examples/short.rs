//! Ways for a process to end, none of which loses spans.
//!
//! `cargo run --example short [exit|panic|signal]`: by returning from `main` after a few
//! milliseconds; by `std::process::exit`; by an abort after a panic; by a signal, while nothing is
//! due to be sent for an hour.

use std::time::Duration;

use hindsight::Tracer;

fn main() {
    let way = std::env::args().nth(1).unwrap_or_default();
    let mut builder = Tracer::builder().service_name("short");
    if matches!(way.as_str(), "panic" | "signal") {
        builder = builder
            .flush_interval(Duration::from_secs(3600))
            .flush_on_signals(true);
    }
    let tracer = builder.lazy();
    for number in 0..3 {
        tracer
            .span("brief")
            .with_attribute("number", number)
            .start()
            .end();
    }
    match way.as_str() {
        "exit" => std::process::exit(0),
        "panic" => {
            let panicked = std::thread::spawn(|| panic!("on purpose")).join();
            assert!(panicked.is_err());
            std::process::abort();
        }
        "signal" => {
            println!("ready");
            loop {
                std::thread::park();
            }
        }
        _ => {}
    }
}
