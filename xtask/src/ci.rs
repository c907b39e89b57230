//! `cargo xtask ci`: the script that CI runs, on this machine.

use std::process::Stdio;

use anyhow::Result;

use crate::workspace::{Workspace, run as run_command};

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut script = workspace.command("bash");
    script.arg(".ci/run").env("CI", "true").stdin(Stdio::null());
    run_command(&mut script)
}
