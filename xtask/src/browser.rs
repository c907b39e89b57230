//! The `browser` step: journeys through the page, in Chromium.
//!
//! A machine without Chromium leaves them out and says so; `.ci/run` installs it where it can.

use std::process::{Command, Stdio};

use anyhow::Result;

use crate::axe;
use crate::workspace::{Workspace, run};

/// What the outcome depends on.
pub(crate) const INPUTS: &[&str] = &[
    "Cargo.lock",
    "crates/hindsight-connect",
    "crates/hindsight-protocol",
    "crates/hindsight-server",
    "crates/hindsight-store/src",
    "crates/hindsight-web/dist",
];

/// As the journeys look for it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    if std::env::var_os("CHROME").is_none() && !NAMES.into_iter().any(is_there) {
        println!("left out: no Chromium on PATH, and CHROME names none");
        return Ok(());
    }
    let journeys = "test --locked --package hindsight-server --test browser";
    // One at a time: each has a browser, a hub and four processes of the demo.
    let mut journeys = workspace.cargo(&format!("{journeys} -- --test-threads=1"));
    match axe::obtain(workspace)? {
        Some(file) => drop(journeys.env("HINDSIGHT_AXE", file)),
        None => println!("without axe-core, which is fetched by npm: no npm on PATH"),
    }
    run(&mut journeys)
}

fn is_there(name: &str) -> bool {
    let mut version = Command::new(name);
    version.arg("--version").stdin(Stdio::null());
    version.stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}
