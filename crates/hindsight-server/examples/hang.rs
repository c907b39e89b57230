//! A thread that blocks inside a span and never comes back; kill it.
//!
//! `cargo run --example hang`, then `hindsight traces`: the span runs. Kill the process, and after ten
//! seconds it is aborted.

use hindsight::Tracer;

fn main() {
    let tracer = Tracer::builder().service_name("hang").lazy();
    let span = tracer
        .span("waits for ever")
        .with_attribute("lock", "the world")
        .start();
    println!("hanging");
    loop {
        std::thread::park();
        span.add_event("woken for nothing");
    }
}
