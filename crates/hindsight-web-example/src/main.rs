//! Serves the example page and what it calls.
//!
//! `cargo xtask web --example`, then `cargo run -p hindsight-web-example` with a hub running, and open
//! the address it prints.

#[cfg(not(target_arch = "wasm32"))]
mod server;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    server::run()
}

/// There are no programs in a browser.
#[cfg(target_arch = "wasm32")]
fn main() {}
