//! The `picante` step: picante's own tests pass through the facade that stands in front of it.
//!
//! In: the tests in the published crate's source, where Cargo unpacked it. Out: they are run twice in a package
//! of the scratch directory that takes `hindsight-picante` under picante's name, as a program does: with the
//! facade off, and with it watching. Nothing of them is kept in the repository.
//!
//! Left out is `trybuild.rs`, which compares messages of the compiler with recorded ones: they name the crate,
//! its path and the compiler's version, and say nothing about the facade.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::workspace::Workspace;

/// What the outcome depends on.
pub(crate) const INPUTS: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "crates/hindsight",
    "crates/hindsight-connect",
    "crates/hindsight-picante",
    "crates/hindsight-protocol",
    "xtask/src/picante.rs",
];

/// Tests of the pinned picante; another number means that some were not found, or that the pin moved.
const TESTS: usize = 62;
const LEFT_OUT: &str = "trybuild.rs";

/// More that fail do not do so for lack of time.
const AGAIN_MAX: usize = 2;

/// Set for the run in which the facade watches.
const WATCH: &str = "WATCH_PICANTE";

/// Added to each file of tests: whether the facade watches is decided before the first test begins.
const START: &str = r#"
#[cfg(target_os = "linux")]
#[used]
#[unsafe(link_section = ".init_array")]
static WATCH: extern "C" fn() = {
    extern "C" fn watch() {
        if std::env::var_os("WATCH_PICANTE").is_some() {
            picante::observe(|_| {});
        }
    }
    watch
};
"#;

const DEPENDENCIES: &str = r#"
facet = "=0.50.0-rc.5"
facet-postcard = "=0.50.0-rc.5"
futures-util = "0.3"
tokio = { version = "1", features = ["fs", "io-util", "macros", "rt-multi-thread", "sync", "time"] }
tokio-test-lite = "0.2"
tracing = "0.1"
tracing-subscriber = { version = "0.3", default-features = false, features = ["env-filter", "fmt", "std"] }

# As the workspace has them, so that what it compiled is used again.
[profile.dev]
debug = "line-tables-only"

[profile.dev.package."*"]
opt-level = 1

[workspace]
"#;

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let folder = workspace.scratch_dir().join("picante-tests");
    write_package(workspace, &folder)?;
    let mut runs = vec![("off", false)];
    // Elsewhere nothing of ours runs before the tests.
    if cfg!(target_os = "linux") {
        runs.push(("watching", true));
    }
    for (name, is_watching) in runs {
        let tests = || {
            let mut tests = workspace.cargo("test --no-fail-fast");
            tests.current_dir(&folder);
            tests.env("CARGO_TARGET_DIR", workspace.target_dir());
            if is_watching {
                tests.env(WATCH, "1");
            }
            tests
        };
        let passed = passed(tests)?;
        println!("picante's own tests, the facade {name}: {passed} passed");
        ensure!(
            passed == TESTS,
            "{passed} tests of picante passed, {TESTS} were expected (the facade {name})"
        );
    }
    Ok(())
}

fn write_package(workspace: &Workspace, folder: &Path) -> Result<()> {
    let tests = folder.join("tests");
    // What an earlier picante had is not to stay.
    fs::remove_dir_all(&tests).unwrap_or_default();
    fs::create_dir_all(folder.join("src"))?;
    fs::create_dir_all(&tests)?;
    fs::write(folder.join("src/lib.rs"), "")?;
    // The workspace's versions, and its pins.
    fs::copy(
        workspace.root().join("Cargo.lock"),
        folder.join("Cargo.lock"),
    )?;
    let facade = workspace.root().join("crates/hindsight-picante");
    let manifest = format!(
        "[package]\nname = \"picante-tests\"\nedition = \"2024\"\n\n[dependencies]\n\
         picante = {{ path = {facade:?}, package = \"hindsight-picante\" }}{DEPENDENCIES}"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let source = source_of_picante(workspace)?.join("tests");
    copy(&source, &tests, START)
}

/// Copies sources, each with `more` at its end; modules in folders without it.
fn copy(from: &Path, to: &Path, more: &str) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(to.join(&name))?;
            copy(&path, &to.join(name), "")?;
        } else if name != LEFT_OUT && path.extension().is_some_and(|of| of == "rs") {
            let text = fs::read_to_string(&path)?;
            fs::write(to.join(name), text + more)?;
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

/// Where Cargo has the source of the picante that is locked.
fn source_of_picante(workspace: &Workspace) -> Result<PathBuf> {
    let mut metadata = workspace.cargo("metadata --format-version 1 --locked");
    let output = metadata.output().context("starting cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata failed");
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    let mut packages = metadata.packages.into_iter();
    let picante = packages.find(|package| package.name == "picante");
    let manifest = picante
        .context("no crate depends on picante")?
        .manifest_path;
    let folder = manifest.parent().context("picante has no folder")?;
    Ok(folder.to_owned())
}

/// Runs tests; how many passed. Some of picante's own tests pause for tens of milliseconds and expect other tasks to
/// have gone on meanwhile, which a busy machine does not promise, with the facade or without: what failed is run
/// once more, alone, and has to pass then.
fn passed(tests: impl Fn() -> Command) -> Result<usize> {
    let (told, is_success) = told(&mut tests())?;
    let mut passed: usize = told.lines().filter_map(count).sum();
    if is_success {
        return Ok(passed);
    }
    println!("{told}");
    let failed: Vec<&str> = told.lines().filter_map(failed).collect();
    ensure!(
        (1..=AGAIN_MAX).contains(&failed.len()),
        "{} of picante's tests failed",
        failed.len()
    );
    for name in failed {
        let (told, is_success) = self::told(tests().args(["--", "--exact", name]))?;
        let again: usize = told.lines().filter_map(count).sum();
        ensure!(
            is_success && again == 1,
            "{told}\npicante's test {name} failed twice"
        );
        println!("{name} failed among the others and passed alone");
        passed += again;
    }
    Ok(passed)
}

/// What a run of tests writes, and whether it went well.
fn told(tests: &mut Command) -> Result<(String, bool)> {
    let output = tests.output().context("starting cargo test")?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_success = output.status.success();
    if !is_success {
        println!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok((told, is_success))
}

/// Of a line `test result: ok. 12 passed; 0 failed; ...`.
fn count(line: &str) -> Option<usize> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let (count, _) = counts.split_once(" passed")?;
    count.parse().ok()
}

/// Of a line `test name ... FAILED`.
fn failed(line: &str) -> Option<&str> {
    line.strip_prefix("test ")?.strip_suffix(" ... FAILED")
}

#[cfg(test)]
mod tests {
    use super::{count, failed};

    #[test]
    fn only_results_are_counted() {
        let result = "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(count(result), Some(12));
        let result = "test result: FAILED. 11 passed; 1 failed; 0 ignored";
        assert_eq!(count(result), Some(11));
        assert_eq!(count("test a_result_is_passed ... ok"), None);
    }

    #[test]
    fn only_failed_tests_are_named() {
        assert_eq!(failed("test a::b ... FAILED"), Some("a::b"));
        assert_eq!(failed("test a::b ... ok"), None);
        assert_eq!(failed("test result: FAILED. 11 passed; 1 failed"), None);
    }
}
