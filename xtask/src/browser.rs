//! The `browser` step: journeys through the page, in Chromium.
//!
//! A machine without Chromium leaves them out and says so, one without a compiler for browsers those
//! through the example page; `.ci/run` installs both where it can.

use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use crate::axe;
use crate::web;
use crate::workspace::{Workspace, run};

/// What the outcome depends on.
pub(crate) const INPUTS: &[&str] = &[
    "Cargo.lock",
    "crates/hindsight",
    "crates/hindsight-connect",
    "crates/hindsight-dodeca",
    "crates/hindsight-dodeca-shape",
    "crates/hindsight-picante",
    "crates/hindsight-protocol",
    "crates/hindsight-roam",
    "crates/hindsight-server",
    "crates/hindsight-store/src",
    "crates/hindsight-web/dist",
    "crates/hindsight-web-example/assets",
    "crates/hindsight-web-example/src",
];

/// More journeys that fail do not do so for lack of time.
const AGAIN_MAX: usize = 2;

/// As the journeys look for it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// The journeys that need the example page and its server.
const EXAMPLE_JOURNEYS: &str = "example::";

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    if std::env::var_os("CHROME").is_none() && !NAMES.into_iter().any(is_there) {
        println!("left out: no Chromium on PATH, and CHROME names none");
        return Ok(());
    }
    let axe = axe::obtain(workspace)?;
    if axe.is_none() {
        println!("without axe-core, which is fetched by npm: no npm on PATH");
    }
    let journeys = || {
        let journeys = "test --locked --package hindsight-server --test browser";
        // One at a time: each has a browser, a hub and four processes of the demo.
        let mut journeys = workspace.cargo(&format!("{journeys} -- --test-threads=1"));
        if let Some(file) = &axe {
            journeys.env("HINDSIGHT_AXE", file);
        }
        journeys
    };
    let mut all = journeys();

    // Programs that are looked at, and that other packages build.
    run(&mut workspace.cargo("build --locked --package hindsight-dodeca-shape"))?;
    match web::build_example(workspace)? {
        Ok(()) => run(&mut workspace.cargo("build --locked --package hindsight-web-example"))?,
        Err(missing) => {
            println!("left out, the journeys through the example page: {missing}");
            all.args(["--skip", EXAMPLE_JOURNEYS]);
        }
    }
    let all = all.stdout(Stdio::piped()).spawn()?.wait_with_output()?;
    let told = String::from_utf8_lossy(&all.stdout);
    println!("{told}");
    if all.status.success() {
        return Ok(());
    }
    // A browser, a hub and a demo share the machine: what failed is gone through once more, alone.
    let failed = failed(&told);
    ensure!(
        (1..=AGAIN_MAX).contains(&failed.len()),
        "{} journeys failed",
        failed.len()
    );
    for name in failed {
        println!("{name} failed; once more, alone:");
        run(journeys().args(["--exact", name]))?;
    }
    Ok(())
}

/// The names that a run of tests ends with when some failed.
fn failed(told: &str) -> Vec<&str> {
    let (_, names) = told.rsplit_once("\nfailures:\n").unwrap_or_default();
    let names = names.lines().map_while(|line| line.strip_prefix("    "));
    names.collect()
}

fn is_there(name: &str) -> bool {
    let mut version = Command::new(name);
    version.arg("--version").stdin(Stdio::null());
    version.stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::failed;

    #[test]
    fn names_of_what_failed_stand_at_the_end() {
        let told = "test a::b ... FAILED\n\nfailures:\n\n---- a::b stdout ----\n    x\n\nfailures:\n    a::b\n    \
                    c::d\n\ntest result: FAILED. 1 passed; 2 failed\n";
        assert_eq!(failed(told), ["a::b", "c::d"]);
        assert!(failed("test result: ok. 3 passed").is_empty());
    }
}
