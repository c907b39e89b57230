//! A process that lives a few milliseconds and still delivers its spans.
//!
//! `cargo run --example short [exit]`; with `exit` it ends by `std::process::exit`, without dropping
//! anything.

use hindsight::Tracer;

fn main() {
    let tracer = Tracer::builder().service_name("short").lazy();
    for number in 0..3 {
        tracer
            .span("brief")
            .with_attribute("number", number)
            .start()
            .end();
    }
    if std::env::args().any(|argument| argument == "exit") {
        std::process::exit(0);
    }
}
