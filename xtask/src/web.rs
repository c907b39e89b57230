//! `cargo xtask web`: builds the browser bundle that is committed and built into the hub.
//!
//! In: `crates/hindsight-web` and what it uses. Out: `crates/hindsight-web/dist`, with `inputs.txt`
//! saying what it was made of. Holds: the same sources and compiler give the same bytes, in any
//! folder. docs/decisions/0011-web-ui.md says why the bundle is committed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::workspace::{Workspace, run as run_command};

mod compiler;
mod inputs;

use compiler::Compiler;
pub(crate) use inputs::STEP_INPUTS;

/// Where the bundle is committed.
const DIST: &str = "crates/hindsight-web/dist";
/// The package of the page that is built into the hub.
const PAGE: &str = "hindsight-web";
/// The package of the page that shows how to trace one; its `dist` is not committed.
const EXAMPLE: &str = "hindsight-web-example";
/// What must compile for a browser though the committed bundle has none of it: what pages of others
/// use (the example has `hindsight` and `hindsight-roam` in it), and what other views will.
const ALSO: [&str; 3] = [EXAMPLE, "hindsight-query", "hindsight-view"];
/// The module's profile in Cargo.toml.
const PROFILE: &str = "wasm-release";
/// What makes building it faster and the module four times as large.
const FASTER: [(&str, &str); 4] = [
    ("OPT_LEVEL", "1"),
    ("LTO", "off"),
    ("CODEGEN_UNITS", "16"),
    ("INCREMENTAL", "true"),
];
/// Splitting the module into parts needs to know what refers to what. Given to the last step alone,
/// which is what `cargo rustc` is for: as a flag for all, it would be another build of every crate.
const LINK_ARGUMENT: &str = "-Clink-arg=--emit-relocs";
/// What the bundle was made of.
const INPUTS_FILE: &str = "inputs.txt";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Build faster, for trying out; a bundle like this does not pass the tests
    #[arg(long, conflicts_with = "check")]
    dev: bool,
    /// Build beside the committed bundle and compare
    #[arg(long)]
    check: bool,
    /// Build the example page instead, into crates/hindsight-web-example/dist
    #[arg(long, conflicts_with = "check")]
    example: bool,
}

/// What a bundle is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Release,
    TryingOut,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Release => inputs::RELEASE,
            Self::TryingOut => "trying out",
        }
    }
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    if arguments.check {
        return check(workspace);
    }
    let compiler = Compiler::find(workspace)?;
    let purpose = match arguments.dev {
        true => Purpose::TryingOut,
        false => Purpose::Release,
    };
    match arguments.example {
        true => bundle(
            workspace,
            &compiler,
            purpose,
            EXAMPLE,
            &dist_of(workspace, EXAMPLE),
        ),
        false => build(workspace, &compiler, purpose, &workspace.root().join(DIST)),
    }
}

/// Builds the example page, for trying out; says whether there is a compiler for it, and if not, what
/// is missing.
pub(crate) fn build_example(workspace: &Workspace) -> Result<Result<(), String>> {
    match Compiler::find(workspace) {
        Err(missing) => Ok(Err(missing.to_string())),
        Ok(compiler) => {
            let out = dist_of(workspace, EXAMPLE);
            bundle(workspace, &compiler, Purpose::TryingOut, EXAMPLE, &out).map(Ok)
        }
    }
}

fn dist_of(workspace: &Workspace, package: &str) -> PathBuf {
    workspace.root().join("crates").join(package).join("dist")
}

/// The step of `cargo xtask test`: the committed bundle is what the sources make, where the
/// compiler that made it is at hand; elsewhere only that the sources are the recorded ones.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let dist = workspace.root().join(DIST);
    inputs::check(workspace, &dist.join(INPUTS_FILE))?;
    let recorded = inputs::recorded_compiler(&dist.join(INPUTS_FILE))?;
    let compiler = match Compiler::find(workspace) {
        Ok(compiler) if compiler.version == recorded => compiler,
        other => {
            let found = other.map_or_else(|error| error.to_string(), |found| found.version);
            println!("the bundle was made by {recorded}; not compared, for here is {found}");
            return Ok(());
        }
    };
    let fresh = workspace.scratch_dir().join("web");
    build(workspace, &compiler, Purpose::Release, &fresh)?;
    compare(&dist, &fresh)?;
    let also = &mut cargo(workspace, &compiler, Purpose::TryingOut, "build", &ALSO);
    run_command(also)
}

fn build(workspace: &Workspace, compiler: &Compiler, purpose: Purpose, out: &Path) -> Result<()> {
    let inputs = inputs::compute(workspace, purpose.name(), &compiler.version)?;
    bundle(workspace, compiler, purpose, PAGE, out)?;
    fs::write(out.join(INPUTS_FILE), inputs).context("writing the bundle's inputs")
}

/// Builds a package's module and packs it with its assets: style sheet, start script, page template.
fn bundle(
    workspace: &Workspace,
    compiler: &Compiler,
    purpose: Purpose,
    package: &str,
    out: &Path,
) -> Result<()> {
    let mut build = cargo(workspace, compiler, purpose, "rustc", &[package]);
    build.args(["--", LINK_ARGUMENT]);
    run_command(&mut build)?;
    let module = target_dir(workspace).join("wasm32-unknown-unknown");
    let module = module.join(PROFILE).join(package.replace('-', "_"));
    let mut bundle = workspace.cargo("run --quiet --locked --package web-bundle --");
    bundle.arg(module.with_extension("wasm"));
    let assets = Path::new("crates").join(package).join("assets");
    bundle.arg(workspace.root().join(assets)).arg(out);
    if purpose == Purpose::TryingOut {
        bundle.arg("--dev");
    }
    run_command(&mut bundle)
}

/// The compiler's cargo, about to build packages for a browser.
fn cargo(
    workspace: &Workspace,
    compiler: &Compiler,
    purpose: Purpose,
    verb: &str,
    packages: &[&str],
) -> Command {
    let mut cargo = compiler.cargo(workspace, verb, packages, PROFILE);
    if purpose == Purpose::TryingOut {
        // Variables instead of another profile: macros and build scripts are the same for both.
        for (setting, value) in FASTER {
            cargo.env(format!("CARGO_PROFILE_WASM_RELEASE_{setting}"), value);
        }
    }
    cargo.env("CARGO_TARGET_DIR", target_dir(workspace));
    cargo
}

/// Not the one of plain cargo: the two compilers would throw each other's work away.
fn target_dir(workspace: &Workspace) -> PathBuf {
    workspace.target_dir().join("wasm")
}

/// Fails with the names of the files that differ.
fn compare(committed: &Path, fresh: &Path) -> Result<()> {
    let mut names = names(committed)?;
    names.extend(self::names(fresh)?);
    names.sort();
    names.dedup();
    let differs = |name: &PathBuf| {
        let read = |folder: &Path| fs::read(folder.join(name)).ok();
        read(committed) != read(fresh)
    };
    let different: Vec<_> = names.iter().filter(|name| differs(name)).collect();
    ensure!(
        different.is_empty(),
        "the same compiler makes another bundle than the committed one ({different:?}): run cargo xtask web"
    );
    println!("{} files are as committed", names.len());
    Ok(())
}

fn names(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    entries.map(|entry| Ok(entry?.file_name().into())).collect()
}
