//! Remembers which inputs a step last passed with.
//!
//! In: patterns of paths below the repository's root. Out: one small file per step in xtask's
//! scratch directory. A stamp is current only if the same files have the same bytes and the step
//! was compiled from the same xtask sources.

use std::{
    collections::BTreeSet,
    fs,
    hash::{DefaultHasher, Hasher as _},
    io::{
        self,
        ErrorKind::{NotADirectory, NotFound},
    },
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

use crate::workspace::Workspace;

/// The steps themselves are inputs: a changed command must run.
const STEP_SOURCES: &str = "xtask/src";

/// The digest of a step's inputs as they are now, and the file that holds the last good one.
pub(crate) struct Stamp {
    file: PathBuf,
    digest: u64,
}

impl Stamp {
    /// An input is a path in which a component `*` stands for any name; a folder stands for all
    /// files below it. Fails if an input matches no file: then the list is out of date.
    pub(crate) fn of(workspace: &Workspace, step: &str, inputs: &[&str]) -> Result<Self> {
        let patterns = inputs.iter().copied().chain([STEP_SOURCES]);
        Ok(Self {
            file: workspace.scratch_dir().join(format!("{step}.stamp")),
            digest: digest(workspace.root(), patterns)?,
        })
    }

    pub(crate) fn is_current(&self) -> bool {
        // Unreadable is not current: the step runs, which is always right.
        fs::read_to_string(&self.file).is_ok_and(|content| content == self.content())
    }

    /// Before a run: a step that fails now must not count as passed for its inputs.
    pub(crate) fn clear(&self) -> Result<()> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != NotFound => {
                Err(error).with_context(|| format!("removing {}", self.file.display()))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn write(&self) -> Result<()> {
        let write = || {
            fs::create_dir_all(self.file.parent().unwrap_or(Path::new(".")))?;
            fs::write(&self.file, self.content())
        };
        write().with_context(|| format!("writing {}", self.file.display()))
    }

    fn content(&self) -> String {
        format!("{:016x}\n", self.digest)
    }
}

/// A digest of the names and bytes of all files that `patterns` match below `root`. It detects
/// change, not malice.
fn digest<'a>(root: &Path, patterns: impl IntoIterator<Item = &'a str>) -> Result<u64> {
    let mut files = BTreeSet::new();
    for pattern in patterns {
        let count_before = files.len();
        let components: Vec<&str> = pattern.split('/').collect();
        collect(root, &components, &mut files)
            .with_context(|| format!("looking for the input {pattern}"))?;
        ensure!(
            files.len() > count_before,
            "the input {pattern} matches no further file"
        );
    }

    let mut hasher = DefaultHasher::new();
    for file in &files {
        let content = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        let name = file.strip_prefix(root).unwrap_or(file).to_string_lossy();
        // Lengths keep one file's end apart from the next one's beginning.
        for bytes in [name.as_bytes(), &content] {
            hasher.write_usize(bytes.len());
            hasher.write(bytes);
        }
    }
    Ok(hasher.finish())
}

/// Adds the files below `path` that `components` lead to. Does not follow symbolic links to folders,
/// so it ends.
fn collect(path: &Path, components: &[&str], files: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    match components {
        ["*", rest @ ..] => {
            for entry in fs::read_dir(path)? {
                collect(&entry?.path(), rest, files)?;
            }
        }
        [name, rest @ ..] => collect(&path.join(name), rest, files)?,
        [] => match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_dir() => collect(path, &["*"], files)?,
            Ok(_) => _ = files.insert(path.to_owned()),
            // `crates/*/Cargo.toml` looks in folders without a manifest, and in plain files too.
            Err(error) if matches!(error.kind(), NotFound | NotADirectory) => {}
            Err(error) => return Err(error),
        },
    }
    Ok(())
}

#[cfg(test)]
mod tests;
