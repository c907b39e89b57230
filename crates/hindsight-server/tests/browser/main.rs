//! Journeys of a reader through the page, in a real Chromium against a real hub.
//!
//! `cargo xtask test browser` runs them; plain `cargo test` does not, since they need a browser
//! (docs/decisions/0011-web-ui.md). With `HINDSIGHT_SCREENSHOTS=DIR` they leave pictures there.

mod accessible;
#[expect(dead_code, reason = "the measures need more of it than these journeys")]
mod chromium;
mod compare;
mod dodeca;
mod example;
#[path = "../cli/feed.rs"]
#[expect(dead_code, reason = "these journeys need only some of it")]
mod feed;
mod hints;
mod hostile;
mod large;
mod links;
mod list;
mod map;
mod now;
mod offers;
mod parts;
// Hub and demo as processes, shared with the journeys that need no browser.
mod picante;
#[path = "../journeys/process.rs"]
#[expect(dead_code, reason = "these journeys need only some of it")]
mod process;
mod query_bar;
mod reading;
mod restart;
mod roam;
mod services;
mod states;
mod token;
mod trace;
mod traces;
mod views;
