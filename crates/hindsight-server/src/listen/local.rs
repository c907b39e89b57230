//! The local socket: roam over a Unix socket that only this user can reach.
//!
//! Holds: the socket's directory is private and its mode 0600; a peer of another user is refused
//! (root is not another user: it could do as it likes anyway); a file that nobody answers behind
//! is replaced; the file is removed when the listener is dropped, unless another hub has put its
//! own there.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hindsight_connect::{FramedLink, LocalDirError, prepare_local_dir};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use super::accept;
use crate::connections::Slot;
use crate::hub::Hub;
use crate::peer::{Peer, PeerAddress, Transport};
use crate::rights::Rights;
use crate::session;
use crate::telemetry::Reason;

/// Longest wait for an answer behind an existing file.
const OWNER_TIMEOUT: Duration = Duration::from_millis(500);

/// Why there is no local socket. The environment's fault.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LocalError {
    #[error(transparent)]
    Dir(#[from] LocalDirError),
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    #[error("{} exists and is not a socket", .0.display())]
    NotASocket(PathBuf),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// A listening local socket; dropping it removes the file.
pub(crate) struct LocalListener {
    listener: UnixListener,
    pub(crate) path: PathBuf,
    /// Device and inode of our file.
    identity: Option<(u64, u64)>,
}

impl LocalListener {
    pub(crate) async fn bind(path: &Path) -> Result<Self, LocalError> {
        prepare_local_dir(path)?;
        remove_stale(path).await?;
        let io = |source| LocalError::Io {
            path: path.to_owned(),
            source,
        };
        let listener = UnixListener::bind(path).map_err(io)?;
        // The directory is private, so nobody can come between.
        std::fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(io)?;
        Ok(Self {
            listener,
            path: path.to_owned(),
            identity: identity_of(path),
        })
    }
}

impl Drop for LocalListener {
    fn drop(&mut self) {
        if self.identity.is_some() && identity_of(&self.path) == self.identity {
            // What is left is replaced by the next hub.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn identity_of(path: &Path) -> Option<(u64, u64)> {
    let metadata = std::fs::symlink_metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Removes a socket that nobody listens on.
async fn remove_stale(path: &Path) -> Result<(), LocalError> {
    let Ok(metadata) = std::fs::symlink_metadata(path) else {
        return Ok(());
    };
    if !metadata.file_type().is_socket() {
        return Err(LocalError::NotASocket(path.to_owned()));
    }
    match timeout(OWNER_TIMEOUT, UnixStream::connect(path)).await {
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path).map_err(|source| LocalError::Io {
                path: path.to_owned(),
                source,
            })
        }
        _ => Err(LocalError::InUse(path.to_owned())),
    }
}

/// Accepts on the local socket until the hub stops.
pub(crate) async fn accept_local(hub: Arc<Hub>, listener: LocalListener) {
    while let Some((stream, _)) = accept::next(&hub, || listener.listener.accept()).await {
        match hub.connections.take_slot(None) {
            Ok(slot) => {
                tokio::spawn(serve(Arc::clone(&hub), stream, Arc::new(slot)));
            }
            Err(full) => hub.telemetry.peer_fault(full.reason(), "local", full),
        }
    }
}

async fn serve(hub: Arc<Hub>, stream: UnixStream, slot: Arc<Slot>) {
    let credentials = stream.peer_cred();
    let pid = credentials.as_ref().ok().and_then(|peer| peer.pid());
    let peer = Peer {
        transport: Transport::Unix,
        address: PeerAddress::Process(pid),
    };
    match credentials {
        Ok(credentials) if is_this_user(credentials.uid()) => {
            let link = FramedLink::unix(stream, hub.config.connections.link);
            session::serve(hub, link, peer, Rights::ALL, slot).await;
        }
        Ok(credentials) => {
            let detail = format!("user {} is not the hub's user", credentials.uid());
            hub.telemetry
                .peer_fault(Reason::PeerUid, &peer.to_string(), detail);
        }
        Err(error) => hub
            .telemetry
            .peer_fault(Reason::PeerUid, &peer.to_string(), error),
    }
}

fn is_this_user(uid: u32) -> bool {
    // SAFETY: geteuid takes nothing, touches no memory and cannot fail.
    uid == 0 || uid == unsafe { libc::geteuid() }
}
