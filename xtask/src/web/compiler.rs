//! Which compiler makes the module, and how it is called.
//!
//! Two ways: a toolchain that has the target's standard library (`rustup target add
//! wasm32-unknown-unknown`), or Debian's `rustc-web`, `cargo-web`, `rust-web-src` and the linker `lld-22`, with which
//! cargo builds the standard library too.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";
/// Where Debian's packages install.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
const DEBIAN_LINKER: &str = "/usr/bin/rust-lld";

/// A compiler that can make the module.
pub(super) struct Compiler {
    /// What `rustc -V` says.
    pub(super) version: String,
    sysroot: PathBuf,
    is_debian: bool,
}

impl Compiler {
    /// Debian's if it is there, since the committed bundle is made by it; else the usual one, if it
    /// has the target.
    pub(super) fn find(workspace: &Workspace) -> Result<Self> {
        let needed = [DEBIAN_RUSTC, DEBIAN_CARGO, DEBIAN_SOURCE, DEBIAN_LINKER];
        let is_debian = needed.iter().all(|path| Path::new(path).exists());
        let rustc = match is_debian {
            true => PathBuf::from(DEBIAN_RUSTC),
            false => env::var_os("RUSTC").map_or_else(|| "rustc".into(), PathBuf::from),
        };
        let ask = |argument: &[&str]| {
            let mut command = workspace.command(&rustc);
            output(command.args(argument))
        };
        let sysroot = PathBuf::from(ask(&["--print", "sysroot"])?);
        if !is_debian && !sysroot.join("lib/rustlib").join(TARGET).exists() {
            bail!(
                "no compiler for {TARGET}: run `rustup target add {TARGET}`, or on Debian `apt-get \
                 install rustc-web cargo-web rust-web-src lld-22`"
            );
        }
        Ok(Self {
            version: ask(&["-V"])?,
            sysroot,
            is_debian,
        })
    }

    /// Builds the module of one or more packages, by `build` or `rustc`. The caller adds the target
    /// directory, which must be its own: the two cargos would throw each other's work away.
    pub(super) fn cargo(
        &self,
        workspace: &Workspace,
        verb: &str,
        packages: &[&str],
        profile: &str,
    ) -> Command {
        let mut cargo = match self.is_debian {
            true => workspace.command(DEBIAN_CARGO),
            false => workspace.cargo(""),
        };
        cargo.args([verb, "--locked", "--lib"]);
        for package in packages {
            cargo.args(["--package", package]);
        }
        cargo.args(["--target", TARGET, "--profile", profile]);
        for name in ["RUSTFLAGS", "RUSTDOCFLAGS", "CARGO_BUILD_TARGET"] {
            cargo.env_remove(name);
        }
        if self.is_debian {
            // Rustup's and our own cargo's settings would lead back to the other toolchain.
            for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTDOC", "LD_LIBRARY_PATH"] {
                cargo.env_remove(name);
            }
            cargo
                .env("PATH", "/usr/bin:/bin")
                .env("RUSTC", DEBIAN_RUSTC)
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER)
                .arg("-Zbuild-std=std,panic_abort")
                .arg("-Zbuild-std-features=optimize_for_size");
        }
        cargo.env(
            "CARGO_ENCODED_RUSTFLAGS",
            self.flags(workspace).join("\x1f"),
        );
        cargo
    }

    /// No path of this machine gets into the module, so that any machine makes the same one.
    fn flags(&self, workspace: &Workspace) -> Vec<String> {
        let registry = cargo_home().join("registry/src");
        let standard = self.sysroot.join("lib/rustlib/src/rust");
        let remaps = [
            (registry.as_path(), "/cargo"),
            (workspace.root(), "/src"),
            (standard.as_path(), "/rust"),
        ];
        let remap =
            |(from, to): (&Path, &str)| format!("--remap-path-prefix={}={to}", from.display());
        let erased = ["--cfg".to_owned(), "erase_components".to_owned()];
        remaps.into_iter().map(remap).chain(erased).collect()
    }
}

fn cargo_home() -> PathBuf {
    let home = || env::home_dir().unwrap_or_default().join(".cargo");
    env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}

fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("starting {:?}", command.get_program()))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
