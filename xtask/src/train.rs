//! The `train` step: the roam train is locked, and pinned for those who depend on us.
//!
//! In: `Cargo.lock` and three manifests. Out: the list of crates that are not at their pinned version
//! or would not be at it in a program that depends on hindsight. The reason is
//! `docs/decisions/0001-which-roam.md`.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::workspace::Workspace;

/// A crate belongs to the train if it has one of these names, or one of them and a hyphen as prefix.
const FAMILIES: [&str; 4] = ["facet", "phon", "vox", "weavy"];

/// The manifest whose pins every program inherits that uses any crate of ours.
const PINNING_MANIFEST: &str = "crates/hindsight-protocol/Cargo.toml";
/// The one that adds pins for programs that use picante.
const PICANTE_MANIFEST: &str = "crates/hindsight-picante/Cargo.toml";

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let violations = violations(
        &workspace.read("Cargo.lock")?,
        &workspace.read("Cargo.toml")?,
        &[
            &workspace.read(PINNING_MANIFEST)?,
            &workspace.read(PICANTE_MANIFEST)?,
        ],
    )?;
    if violations.is_empty() {
        return Ok(());
    }
    let list: String = violations
        .iter()
        .map(|violation| format!("\n  {violation}"))
        .collect();
    bail!("the roam train is not at its pinned versions:{list}");
}

/// Why a crate of the train is not where it must be.
#[derive(Debug, thiserror::Error)]
enum Violation {
    #[error("{name} is locked at {locked}, pinned at {pinned}")]
    OtherVersion {
        name: String,
        locked: String,
        pinned: String,
    },
    #[error("{name} {locked} has no pin in {PINNING_MANIFEST} or {PICANTE_MANIFEST}")]
    NotPinned { name: String, locked: String },
    #[error("Cargo.lock has no crate of the train at all")]
    NoTrain,
}

/// Compares a lock file with the workspace's manifest and the pinning manifests, all as TOML text.
/// In the lock file's order.
fn violations(lock: &str, workspace: &str, pinning: &[&str]) -> Result<Vec<Violation>> {
    let lock: Lock = toml::from_str(lock).context("parsing Cargo.lock")?;
    let workspace: WorkspaceManifest = toml::from_str(workspace).context("parsing Cargo.toml")?;
    let pinning = pinning.iter().map(|text| toml::from_str(text));
    let pinning: Vec<Manifest> = pinning
        .collect::<Result<_, _>>()
        .context("parsing a manifest with pins")?;
    let shared = workspace.workspace.dependencies;

    let mut violations = Vec::new();
    let mut train = lock
        .package
        .iter()
        .filter(|package| package.must_be_pinned())
        .peekable();
    if train.peek().is_none() {
        violations.push(Violation::NoTrain);
    }
    for package in train {
        let mut pins = pinning.iter().filter_map(|of| of.dependency(&package.name));
        let pin = match pins.next() {
            Some(dependency) if dependency.workspace => shared.get(&package.name),
            Some(dependency) => Some(dependency),
            // Named only by our own manifests, so whoever depends on those inherits the pin.
            None if lock.only_members_use(&package.name) => shared.get(&package.name),
            None => None,
        };
        let (name, locked) = (package.name.clone(), package.version.clone());
        match pin.and_then(Dependency::pin) {
            None => violations.push(Violation::NotPinned { name, locked }),
            Some(pinned) if pinned != locked => {
                let pinned = pinned.to_owned();
                violations.push(Violation::OtherVersion {
                    name,
                    locked,
                    pinned,
                });
            }
            Some(_) => {}
        }
    }
    Ok(violations)
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<LockedPackage>,
}

impl Lock {
    fn only_members_use(&self, name: &str) -> bool {
        let uses = |package: &&LockedPackage| package.dependencies.iter().any(|used| used == name);
        self.package
            .iter()
            .filter(uses)
            .all(LockedPackage::is_member)
    }
}

#[derive(Deserialize)]
struct LockedPackage {
    name: String,
    version: String,
    source: Option<String>,
    #[serde(default)]
    dependencies: Vec<DependencyName>,
}

impl LockedPackage {
    /// Pre-releases promise no compatibility with the next one, whatever their family.
    fn must_be_pinned(&self) -> bool {
        let is_of = |family: &str| match self.name.strip_prefix(family) {
            Some(rest) => rest.is_empty() || rest.starts_with('-'),
            None => false,
        };
        let (version, _build_metadata) =
            self.version.split_once('+').unwrap_or((&self.version, ""));
        FAMILIES.into_iter().any(is_of) || version.contains('-')
    }

    fn is_member(&self) -> bool {
        self.source.is_none()
    }
}

/// `name`, or `name version` where the lock file has several versions.
#[derive(Deserialize)]
struct DependencyName(String);

impl PartialEq<str> for DependencyName {
    fn eq(&self, name: &str) -> bool {
        self.0.split(' ').next() == Some(name)
    }
}

#[derive(Deserialize)]
struct WorkspaceManifest {
    workspace: Manifest,
}

#[derive(Deserialize)]
struct Manifest {
    dependencies: BTreeMap<String, Dependency>,
    /// Dependencies of some platforms, by condition.
    #[serde(default)]
    target: BTreeMap<String, TargetDependencies>,
}

#[derive(Deserialize)]
struct TargetDependencies {
    #[serde(default)]
    dependencies: BTreeMap<String, Dependency>,
}

impl Manifest {
    /// The dependency on `name`, on all platforms or on some.
    fn dependency(&self, name: &str) -> Option<&Dependency> {
        let of_targets = self.target.values();
        let everywhere = self.dependencies.get(name);
        everywhere.or_else(|| of_targets.filter_map(|t| t.dependencies.get(name)).next())
    }
}

/// Both ways to write a dependency, reduced to what matters here.
#[derive(Default, Deserialize)]
#[serde(from = "DependencyToml")]
struct Dependency {
    requirement: Option<String>,
    workspace: bool,
}

impl Dependency {
    /// The newest version that is let in: of `=version`, or of a range that ends with `<=version`, with
    /// which a program can keep an earlier one that it has locked.
    fn pin(&self) -> Option<&str> {
        let requirement = self.requirement.as_deref()?;
        let exact = requirement.strip_prefix('=');
        let newest = exact.or_else(|| Some(requirement.rsplit_once("<=")?.1))?;
        Some(newest.trim()).filter(|version| !version.contains(','))
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum DependencyToml {
    Requirement(String),
    Table {
        version: Option<String>,
        #[serde(default)]
        workspace: bool,
    },
}

impl From<DependencyToml> for Dependency {
    fn from(toml: DependencyToml) -> Self {
        match toml {
            DependencyToml::Requirement(requirement) => Self {
                requirement: Some(requirement),
                workspace: false,
            },
            DependencyToml::Table { version, workspace } => Self {
                requirement: version,
                workspace,
            },
        }
    }
}

#[cfg(test)]
mod tests;
