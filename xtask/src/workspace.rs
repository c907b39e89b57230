//! Where the repository is, and how programs are started in it.
//!
//! Every child runs in the repository's root with this process's standard streams, so that what it
//! prints is what the reader sees.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

/// The checkout that `cargo xtask` was called in.
pub(crate) struct Workspace {
    root: PathBuf,
    target_dir: PathBuf,
}

impl Workspace {
    pub(crate) fn from_env() -> Self {
        // Cargo sets the variable when it runs us; the compiled-in value may be another checkout's
        // if both share a target directory.
        let manifest_dir = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest_dir.parent().unwrap_or(&manifest_dir).to_owned();
        Self::at(root, env::var_os("CARGO_TARGET_DIR").map(PathBuf::from))
    }

    /// `target_dir` is relative to `root` or absolute; without it, Cargo's default.
    pub(crate) fn at(root: PathBuf, target_dir: Option<PathBuf>) -> Self {
        let target_dir = root.join(target_dir.unwrap_or_else(|| PathBuf::from("target")));
        Self { root, target_dir }
    }

    pub(crate) fn target_dir(&self) -> &Path {
        &self.target_dir
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where xtask keeps its own files; not under version control, safe to delete.
    pub(crate) fn scratch_dir(&self) -> PathBuf {
        self.target_dir.join("xtask")
    }

    pub(crate) fn read(&self, path: &str) -> Result<String> {
        std::fs::read_to_string(self.root.join(path)).with_context(|| format!("reading {path}"))
    }

    /// `cargo` with `arguments`, which are separated by spaces.
    pub(crate) fn cargo(&self, arguments: &str) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments.split_whitespace());
        command
    }

    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        // Cargo describes xtask itself to us in these. Passed on, they make build scripts that
        // watch them run again each time xtask and plain cargo take turns.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command
    }
}

/// Prints the command line, runs it, and fails with that line and the exit status.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = command_line(command);
    println!("$ {line}");
    let status = command
        .status()
        .with_context(|| format!("starting `{line}`"))?;
    ensure!(status.success(), "`{line}` ended with {status}");
    Ok(())
}

/// The command as one would type it: variables set for it, the program's file name, its arguments.
fn command_line(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| {
        Some(format!(
            "{}={:?}",
            name.to_string_lossy(),
            value?.to_string_lossy()
        ))
    });
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(program).chain(command.get_args());
    let words = words.map(|word| word.to_string_lossy().into_owned());
    variables.chain(words).collect::<Vec<_>>().join(" ")
}
