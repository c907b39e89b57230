//! The `deny` step: `deny.toml` holds for all dependencies, on all platforms.
//!
//! Advisories are not checked: their database is not in the registry, and a result that changes
//! without a commit belongs in no gate.

use anyhow::Result;

use crate::{
    tool::Tool,
    workspace::{Workspace, run},
};

const CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
};

/// What the outcome depends on.
pub(crate) const INPUTS: &[&str] = &[
    "deny.toml",
    "Cargo.lock",
    "Cargo.toml",
    "crates/*/Cargo.toml",
    "xtask/Cargo.toml",
];

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let cargo_deny = CARGO_DENY.obtain(workspace)?;
    // Licence texts come from the sources. A build fetches only what this platform needs, and
    // cargo-deny, offline, can fetch nothing.
    run(&mut workspace.cargo("fetch --locked"))?;
    let mut check = workspace.command(cargo_deny);
    check.args("--offline --locked check --hide-inclusion-graph licenses bans sources".split(' '));
    run(&mut check)
}
