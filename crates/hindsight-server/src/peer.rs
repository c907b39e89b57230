//! Who is at the other end of a connection, for logs and lists.

use std::fmt;
use std::net::SocketAddr;

/// How a peer is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// Upgraded from HTTP.
    Http,
    /// roam from the first byte.
    Tcp,
    /// The local socket.
    Unix,
    WebSocket,
}

impl Transport {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Tcp => "tcp",
            Self::Unix => "unix",
            Self::WebSocket => "websocket",
        }
    }
}

/// A transport and an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) transport: Transport,
    pub(crate) address: PeerAddress,
}

/// Where a connection comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PeerAddress {
    Socket(SocketAddr),
    /// A local process; its id where the system tells.
    Process(Option<i32>),
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(address) => address.fmt(f),
            Self::Process(Some(pid)) => write!(f, "pid {pid}"),
            Self::Process(None) => f.write_str("local"),
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.transport.as_str(), self.address)
    }
}
