//! One request through three processes and three frameworks, as one trace.
//!
//! ```text
//! handle_request                          web
//! |- Calculator.calculate                 web, then calc
//! |  |- load_data                         calc: a picante query, from memory
//! |  `- compute                           calc: a picante query, computed again because the rate changed
//! |- Site.build                           web, then site
//! |  `- build_site and what is below it   site: a build in the shape of dodeca's
//! `- format_response                      web
//! ```
//!
//! `cargo run -p hindsight-server --example one_trace` beside a running hub. It starts itself twice more, for
//! the two parts that are called, makes two requests and prints the trace of each; with `--stay` the parts
//! stay until a line comes on the standard input, so that the hub can ask them about themselves.

#![allow(
    unreachable_pub,
    reason = "what the macros of roam and picante make is public or private"
)]

mod calc;
mod part;
mod services;
mod site;
mod web;

type Error = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Error> {
    match std::env::args().nth(1).as_deref() {
        Some("calc") => part::run(calc::serve()),
        // A dodeca has one thread, and so has its like.
        Some("site") => part::run_on_one_thread(site::serve),
        None => part::run(web::request(false)),
        Some("--stay") => part::run(web::request(true)),
        Some(other) => Err(format!("no such part: {other}").into()),
    }
}
