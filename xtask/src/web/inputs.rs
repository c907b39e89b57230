//! What a bundle is made of: files, locked crates, settings of the compiler.
//!
//! In: the working tree. Out: a text with one line for each, sorted, for `dist/inputs.txt`. Holds:
//! needs neither the wasm compiler nor the network, so that a plain test can tell that a bundle is
//! out of date. It errs on one side: a crate that only other platforms use counts too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use toml::Table;

use crate::workspace::Workspace;

#[cfg(test)]
mod tests;

/// Of the `web` step: what may change the bundle, the bundle, and what else must compile for a browser.
pub(crate) const STEP_INPUTS: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "crates/hindsight/src",
    "crates/hindsight-connect",
    "crates/hindsight-protocol",
    "crates/hindsight-query/src",
    "crates/hindsight-roam/src",
    "crates/hindsight-view",
    "crates/hindsight-web",
    "crates/hindsight-web-example/src",
    "xtask/web-bundle",
];

/// What a bundle is for that may be committed.
pub(super) const RELEASE: &str = "release";
const ROOT: &str = "hindsight-web";
/// The program that makes the bundle is a part of what it is made of.
const BUNDLER: &str = "xtask/web-bundle/src";
const BUNDLER_CRATE: &str = "web-bundle";
/// Folders of a member that end up in the module or beside it.
const FOLDERS: [&str; 2] = ["src", "assets"];
/// The only condition on the platform that the module meets.
const WASM: &str = r#"cfg(target_arch = "wasm32")"#;
const COMPILER: &str = "rustc ";

/// The text for a bundle that is made now.
pub(super) fn compute(workspace: &Workspace, purpose: &str, compiler: &str) -> Result<String> {
    let mut lines = vec![
        "# What this bundle was made of; `cargo xtask web` writes it, a test compares it.".into(),
        format!("for {purpose}"),
        format!("{COMPILER}{compiler}"),
    ];
    let crates = Crates::of(workspace)?;
    lines.push(format!("settings {}", crates.settings));
    lines.extend(crates.locked.iter().map(|name| format!("crate {name}")));
    let mut files = BTreeSet::new();
    for member in &crates.members {
        for folder in FOLDERS {
            collect(workspace, &format!("crates/{member}/{folder}"), &mut files)?;
        }
    }
    collect(workspace, BUNDLER, &mut files)?;
    for file in files {
        let content = fs::read(workspace.root().join(&file));
        let content = content.with_context(|| format!("reading {file}"))?;
        lines.push(format!("file {} {file}", digest(&content)));
    }
    Ok(lines.join("\n") + "\n")
}

/// Fails if the bundle beside `file` was made of other sources than there are now.
pub(super) fn check(workspace: &Workspace, file: &Path) -> Result<()> {
    let recorded = fs::read_to_string(file);
    let recorded = recorded.with_context(|| format!("reading {}", file.display()))?;
    let current = compute(workspace, RELEASE, &recorded_compiler(file)?)?;
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (recorded, current) = (lines(&recorded), lines(&current));
    let different: Vec<_> = recorded.symmetric_difference(&current).collect();
    ensure!(
        different.is_empty(),
        "the browser bundle is not of these sources: run cargo xtask web\n{different:#?}"
    );
    Ok(())
}

/// What `rustc -V` said when the bundle was made.
pub(super) fn recorded_compiler(file: &Path) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let line = text.lines().find_map(|line| line.strip_prefix(COMPILER));
    Ok(line.context("inputs.txt names no compiler")?.to_owned())
}

/// The crates that the module may consist of.
struct Crates {
    /// Of this workspace.
    members: BTreeSet<String>,
    /// `name version` of the others.
    locked: BTreeSet<String>,
    /// Digest of what the workspace's manifest says about them, and of the members' manifests.
    settings: String,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    source: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

impl Crates {
    fn of(workspace: &Workspace) -> Result<Self> {
        let lock: Lock = toml::from_str(&workspace.read("Cargo.lock")?)?;
        let manifest: Table = toml::from_str(&workspace.read("Cargo.toml")?)?;
        let mut members = BTreeMap::new();
        let mut locked = BTreeSet::new();
        let mut names = BTreeSet::new();
        let mut todo = vec![ROOT.to_owned()];
        while let Some(wanted) = todo.pop() {
            let package = lock.package.iter().find(|package| package.is(&wanted));
            let Some(package) = package else {
                bail!("Cargo.lock has no crate {wanted}");
            };
            let id = format!("{} {}", package.name, package.version);
            if members.contains_key(&package.name) || locked.contains(&id) {
                continue;
            }
            names.insert(package.name.clone());
            let dependencies = package.dependencies.iter().cloned();
            if package.source.is_some() {
                locked.insert(id);
                todo.extend(dependencies);
                continue;
            }
            // Of a member the lock names what its tests need too.
            let text = workspace.read(&format!("crates/{}/Cargo.toml", package.name))?;
            let manifest: Table = toml::from_str(&text)?;
            let used = used(&manifest);
            todo.extend(dependencies.filter(|dependency| {
                let name = dependency.split(' ').next().unwrap_or_default();
                used.contains(name)
            }));
            members.insert(package.name.clone(), text);
        }
        // What splits, binds and packs the module is behind its bytes too.
        let bundler = lock
            .package
            .iter()
            .find(|package| package.is(BUNDLER_CRATE));
        let mut todo = bundler.map_or_else(Vec::new, |bundler| bundler.dependencies.clone());
        while let Some(wanted) = todo.pop() {
            let package = lock.package.iter().find(|package| package.is(&wanted));
            let package = package.with_context(|| format!("Cargo.lock has no crate {wanted}"))?;
            if locked.insert(format!("{} {}", package.name, package.version)) {
                todo.extend(package.dependencies.iter().cloned());
            }
        }
        let settings = settings(&manifest, &names, &members);
        Ok(Self {
            members: members.into_keys().collect(),
            locked,
            settings,
        })
    }
}

impl Package {
    /// Whether a line in a list of dependencies means this: `name`, `name version`, or with a source.
    fn is(&self, wanted: &str) -> bool {
        let mut words = wanted.split(' ');
        words.next() == Some(&self.name)
            && words.next().is_none_or(|version| version == self.version)
    }
}

/// Names of the dependencies that a manifest's crate has in the module.
fn used(manifest: &Table) -> BTreeSet<&str> {
    let on_wasm = manifest.get("target").and_then(|targets| targets.get(WASM));
    let tables = [
        manifest.get("dependencies"),
        on_wasm.and_then(|target| target.get("dependencies")),
    ];
    let tables = tables
        .into_iter()
        .flatten()
        .filter_map(|table| table.as_table());
    tables
        .flat_map(|table| table.keys().map(String::as_str))
        .collect()
}

fn settings(
    manifest: &Table,
    names: &BTreeSet<String>,
    members: &BTreeMap<String, String>,
) -> String {
    let workspace = manifest.get("workspace");
    let dependencies = workspace.and_then(|workspace| workspace.get("dependencies")?.as_table());
    let shared = dependencies.into_iter().flatten();
    let shared = shared.filter(|(name, _)| names.contains(*name));
    let shared = shared.map(|(name, value)| format!("{name} = {value}\n"));
    let profiles = manifest
        .get("profile")
        .and_then(|profiles| profiles.as_table());
    let profiles = profiles.into_iter().flatten();
    let profiles = profiles.filter(|(name, _)| matches!(name.as_str(), "release" | "wasm-release"));
    let profiles = profiles.map(|(name, value)| format!("[{name}] {value}\n"));
    let members = members.values().cloned();
    let text: String = shared.chain(profiles).chain(members).collect();
    digest(text.as_bytes())
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Adds the files below a folder, if there is one, except tests. Paths are relative to the root.
fn collect(workspace: &Workspace, path: &str, files: &mut BTreeSet<String>) -> Result<()> {
    let full = workspace.root().join(path);
    if !full.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(&full).with_context(|| format!("reading {path}"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{path}/{name}");
        match (name.as_str(), entry.file_type()?.is_dir()) {
            ("tests" | "tests.rs" | "snapshots", _) => {}
            // What tools leave behind, such as snapshots that wait for a decision.
            (name, _) if name.starts_with('.') => {}
            (_, true) => collect(workspace, &path, files)?,
            (_, false) => drop(files.insert(path)),
        }
    }
    Ok(())
}
