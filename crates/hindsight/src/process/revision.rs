//! Which revision of its source a process was built from, as far as that can be told honestly.
//!
//! In: what the program or its environment says, else the place of the executable. Out: the text given,
//! or the commit that is checked out in the git repository in which the executable lies, as it does
//! after `cargo build`. Holds: the directory that a program is *run* in says nothing of the program
//! and is not looked at; no command is run. Bounded: [`ANCESTORS_MAX`] directories, a few small files
//! of [`FILE_BYTES_MAX`] each, once per tracer.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Directories above the executable in which a repository is looked for.
const ANCESTORS_MAX: usize = 12;
/// Bytes read of one file; those of packed references may be more, then the revision is unknown.
const FILE_BYTES_MAX: u64 = 256 << 10;

/// The commit checked out where `executable` lies; empty if there is none.
pub(crate) fn of_executable(executable: &Path) -> String {
    let above = executable.ancestors().skip(1).take(ANCESTORS_MAX);
    let found = above.map(|directory| directory.join(".git"));
    let mut found = found.filter(|git| git.exists());
    let commit = found.next().and_then(|git| checked_out(&git));
    commit.unwrap_or_default()
}

/// The commit that `HEAD` names.
fn checked_out(git: &Path) -> Option<String> {
    let own = match git.is_dir() {
        true => git.to_owned(),
        // A worktree: a file that says where its part of the repository is.
        false => join_line(git.parent()?, read(git)?.strip_prefix("gitdir:")?),
    };
    let head = read(&own.join("HEAD"))?;
    let Some(reference) = head.trim().strip_prefix("ref:").map(str::trim) else {
        return commit(&head);
    };
    let is_reference = reference.starts_with("refs/") && !reference.contains("..");
    if !is_reference {
        return None;
    }
    let shared = read(&own.join("commondir")).map(|line| join_line(&own, &line));
    let shared = shared.unwrap_or_else(|| own.clone());
    let loose = [&own, &shared]
        .into_iter()
        .find_map(|at| read(&at.join(reference)));
    match loose {
        Some(line) => commit(&line),
        None => packed(&read(&shared.join("packed-refs"))?, reference),
    }
}

fn packed(references: &str, wanted: &str) -> Option<String> {
    let named = references.lines().filter_map(|line| line.split_once(' '));
    let mut found = named.filter(|(_, name)| name.trim() == wanted);
    found.next().and_then(|(hash, _)| commit(hash))
}

fn commit(text: &str) -> Option<String> {
    let text = text.trim();
    let is_hash = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then(|| text.to_owned())
}

fn join_line(base: &Path, line: &str) -> PathBuf {
    base.join(line.trim())
}

fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    let file = File::open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut limited = file.take(FILE_BYTES_MAX + 1);
    let length = limited.read_to_string(&mut text).ok()?;
    (length as u64 <= FILE_BYTES_MAX).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const FIRST: &str = "0123456789abcdef0123456789abcdef01234567";
    const SECOND: &str = "fedcba9876543210fedcba9876543210fedcba98";

    /// A directory of this test alone, removed at its end.
    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Self {
            let name = format!("hindsight-revision-{name}-{}", std::process::id());
            let place = Self(std::env::temp_dir().join(name));
            fs::create_dir_all(&place.0).unwrap();
            place
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn revision(&self, executable: &str) -> String {
            of_executable(&self.0.join(executable))
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn the_commit_is_that_of_the_repository_around_the_executable() {
        let place = Place::new("plain");
        place.write(".git/HEAD", "ref: refs/heads/main\n");
        assert_eq!(place.revision("target/debug/app"), "", "no commit yet");
        let packed = format!("# pack-refs with: peeled\n{SECOND} refs/heads/main\n");
        place.write(".git/packed-refs", &packed);
        assert_eq!(place.revision("target/debug/app"), SECOND);
        place.write(".git/refs/heads/main", &format!("{FIRST}\n"));
        assert_eq!(place.revision("target/debug/app"), FIRST);
        place.write(".git/HEAD", &format!("{SECOND}\n"));
        assert_eq!(place.revision("app"), SECOND, "detached");
        let deep = ["d"; ANCESTORS_MAX].join("/");
        assert_eq!(place.revision(&format!("{deep}/app")), "");
    }

    #[test]
    fn a_worktree_is_followed_to_its_repository() {
        let place = Place::new("worktree");
        place.write("main/.git/refs/heads/side", FIRST);
        place.write("main/.git/worktrees/side/HEAD", "ref: refs/heads/side");
        place.write("main/.git/worktrees/side/commondir", "../..\n");
        place.write("side/.git", "gitdir: ../main/.git/worktrees/side\n");
        assert_eq!(place.revision("side/target/app"), FIRST);
    }

    #[test]
    fn what_is_no_commit_is_not_told() {
        let place = Place::new("wrong");
        for head in ["", "main", "ref: ../../secret", "ref: refs/../../secret"] {
            place.write(".git/HEAD", head);
            place.write("secret", FIRST);
            assert_eq!(place.revision("app"), "", "{head}");
        }
        let long = "0".repeat(FILE_BYTES_MAX as usize + 1);
        place.write(".git/HEAD", &long);
        assert_eq!(place.revision("app"), "");
    }
}
