//! Where a hub listens.

use std::net::SocketAddr;
use std::path::PathBuf;

/// The addresses that a hub really listens on, with the ports that the system chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The page, the health probe, and upgrades to roam and WebSocket.
    pub http: SocketAddr,
    /// roam without an HTTP head.
    pub tcp: Option<SocketAddr>,
    /// roam over a Unix socket.
    pub local: Option<PathBuf>,
}

impl Addresses {
    /// The page's address, as one would type it.
    pub fn url(&self) -> String {
        match self.http.ip() {
            ip if ip.is_unspecified() || ip.is_loopback() => {
                format!("http://localhost:{}", self.http.port())
            }
            _ => format!("http://{}", self.http),
        }
    }

    /// Every address, as an endpoint that clients understand.
    pub fn endpoints(&self) -> Vec<String> {
        let tcp = self.tcp.map(|tcp| format!("tcp://{tcp}"));
        let local = self
            .local
            .as_ref()
            .map(|path| format!("local://{}", path.display()));
        let http = format!("http://{}", self.http);
        [Some(http), tcp, local].into_iter().flatten().collect()
    }
}
