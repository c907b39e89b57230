//! Programs from crates.io that steps need, at one version for everybody.
//!
//! A tool on `PATH` at the pinned version is used as it is. Otherwise it is compiled once into
//! `$HOME/.cache/hindsight-ci/tools/<name>-<version>`, or below the target directory where `HOME`
//! is not set; a new pin is a new folder. Needs nothing but cargo, a C compiler and the registry.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use crate::workspace::{Workspace, run};

/// A binary crate whose program has the crate's name.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
}

impl Tool {
    /// Where the program is, after installing it if need be.
    pub(crate) fn obtain(&self, workspace: &Workspace) -> Result<PathBuf> {
        let Self { name, version } = self;
        let root = tools_dir(workspace).join(format!("{name}-{version}"));
        let installed = root.join("bin").join(name);
        for program in [Path::new(name), &installed] {
            if self.is_pinned_version(program) {
                return Ok(program.to_owned());
            }
        }
        println!("{name} {version} is not on PATH: compiling it once, for a minute or two");
        self.install(workspace, &root).with_context(|| {
            format!(
                "{name} {version} could not be installed; where the registry can be reached, \
                 `cargo install {name} --version {version} --locked` puts it on PATH"
            )
        })?;
        ensure!(
            self.is_pinned_version(&installed),
            "{} was installed but does not run as {name} {version}",
            installed.display()
        );
        Ok(installed)
    }

    fn is_pinned_version(&self, program: &Path) -> bool {
        let output = Command::new(program)
            .arg("--version")
            .stdin(Stdio::null())
            .output();
        let expected = format!("{} {}", self.name, self.version);
        output.is_ok_and(|output| {
            output.status.success() && String::from_utf8_lossy(&output.stdout).trim() == expected
        })
    }

    fn install(&self, workspace: &Workspace, root: &Path) -> Result<()> {
        let Self { name, version } = self;
        let mut install = workspace.cargo(&format!(
            "install {name} --version ={version} --locked --no-default-features --force --root"
        ));
        install.arg(root);
        // It runs for seconds, so compile it as fast as possible: cargo-deny took 77 s like this on
        // 2 cores, and 152 s with `opt-level = 1`.
        install
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
        // Its hundreds of objects have no further use: cargo deletes the directory it picks itself.
        install.env_remove("CARGO_TARGET_DIR");
        run(&mut install)
    }
}

pub(crate) fn tools_dir(workspace: &Workspace) -> PathBuf {
    match env::home_dir() {
        Some(home) if !home.as_os_str().is_empty() => home.join(".cache/hindsight-ci/tools"),
        _ => workspace.scratch_dir().join("tools"),
    }
}
