//! Where the hub's Unix socket is, and whether that place can be trusted.
//!
//! In: the environment and the user id. Out: a path. Always holds: a directory that
//! [`check_local_dir`] passes belongs to this user and is closed to all others, so neither side
//! meets an impostor.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

const SOCKET_NAME: &str = "hindsight.sock";

/// Why a directory is no place for the hub's socket. The environment's fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalDirError {
    /// It cannot be made or looked at.
    #[error("{}: {source}", dir.display())]
    Io {
        /// The directory.
        dir: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// It belongs to somebody else, is a link, or is open to others.
    #[error(
        "{}: not a private directory of user {uid} (owner {owner}, mode {mode:o})",
        dir.display()
    )]
    NotPrivate {
        /// The directory.
        dir: PathBuf,
        /// This user.
        uid: u32,
        /// Its owner.
        owner: u32,
        /// Its mode.
        mode: u32,
    },
}

/// The hub's socket: `$XDG_RUNTIME_DIR/hindsight.sock`, else `/tmp/hindsight-<uid>/hindsight.sock`.
/// Touches nothing.
pub fn default_local_path() -> PathBuf {
    path_for(std::env::var_os("XDG_RUNTIME_DIR"), user_id())
}

/// Makes the directory of a socket path if it is missing, private to this user, and checks it.
/// For the hub.
pub fn prepare_local_dir(socket: &Path) -> Result<(), LocalDirError> {
    let dir = socket.parent().unwrap_or(Path::new("/"));
    match std::fs::DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(LocalDirError::Io {
            dir: dir.into(),
            source: error,
        }),
        Ok(()) | Err(_) => check_local_dir(socket),
    }
}

/// Checks that the directory of a socket path belongs to this user and to nobody else. For the
/// client: a stranger may have made `/tmp/hindsight-<uid>` first.
pub fn check_local_dir(socket: &Path) -> Result<(), LocalDirError> {
    let dir = socket.parent().unwrap_or(Path::new("/"));
    let metadata = std::fs::symlink_metadata(dir).map_err(|source| LocalDirError::Io {
        dir: dir.into(),
        source,
    })?;
    let (uid, owner, mode) = (user_id(), metadata.uid(), metadata.mode() & 0o7777);
    if !metadata.is_dir() || owner != uid || mode & 0o077 != 0 {
        return Err(LocalDirError::NotPrivate {
            dir: dir.into(),
            uid,
            owner,
            mode,
        });
    }
    Ok(())
}

fn path_for(runtime_dir: Option<OsString>, uid: u32) -> PathBuf {
    let runtime_dir = runtime_dir
        .map(PathBuf::from)
        .filter(|dir| dir.is_absolute());
    let dir = runtime_dir.unwrap_or_else(|| PathBuf::from(format!("/tmp/hindsight-{uid}")));
    dir.join(SOCKET_NAME)
}

fn user_id() -> u32 {
    // SAFETY: getuid takes nothing, touches no memory and cannot fail.
    unsafe { libc::getuid() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runtime_directory_comes_first_and_the_fallback_names_the_user() {
        let path = |dir: Option<&str>| path_for(dir.map(OsString::from), 7);
        assert_eq!(
            path(Some("/run/user/7")),
            Path::new("/run/user/7/hindsight.sock")
        );
        assert_eq!(path(None), Path::new("/tmp/hindsight-7/hindsight.sock"));
        assert_eq!(path(Some("")), Path::new("/tmp/hindsight-7/hindsight.sock"));
        assert_eq!(
            path(Some("run")),
            Path::new("/tmp/hindsight-7/hindsight.sock")
        );
    }

    #[test]
    fn a_directory_that_others_may_enter_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = std::env::temp_dir().join(format!("hindsight-local-{}", std::process::id()));
        let socket = dir.join(SOCKET_NAME);
        prepare_local_dir(&socket).unwrap();
        prepare_local_dir(&socket).unwrap();
        std::fs::set_permissions(&dir, PermissionsExt::from_mode(0o755)).unwrap();
        let refused = check_local_dir(&socket);
        std::fs::remove_dir(&dir).unwrap();
        assert!(matches!(
            refused,
            Err(LocalDirError::NotPrivate { mode: 0o755, .. })
        ));
    }
}
