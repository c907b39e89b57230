//! Why a hub does not start, and why one ends.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};

use crate::config::ConfigError;

/// A hub that did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A setting is wrong. The caller's fault.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Somebody else listens on the HTTP port.
    #[error("port {port} on {bind} is taken{}", taken_by(.by_hindsight, *.port))]
    PortTaken {
        /// The address asked for.
        bind: IpAddr,
        /// The port asked for.
        port: u16,
        /// What it says about itself, if it is a hub.
        by_hindsight: Option<OtherHub>,
    },
    /// The HTTP port cannot be listened on for another reason. The environment's fault.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system gave no thread, or no random number.
    #[error("cannot start the hub: {0}")]
    System(#[source] io::Error),
}

/// Another hub, as its health probe tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherHub {
    /// Its random identity.
    pub hub_id: String,
    /// Its version.
    pub version: String,
    /// Its page.
    pub url: String,
}

fn taken_by(other: &Option<OtherHub>, port: u16) -> String {
    match other {
        Some(hub) => format!(
            " by another hindsight (version {}): open {}",
            hub.version, hub.url
        ),
        None if port == crate::config::HTTP_PORT => {
            "; choose another one with --http-port".to_owned()
        }
        None => "; choose another one with --http-port, or leave it out for 1990".to_owned(),
    }
}

/// How a hub ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Somebody asked for it.
    Asked,
    /// The thread that owns the store failed: a bug of the hub. What was stored is lost.
    EngineFailed(String),
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("the hub was stopped"),
            Self::EngineFailed(why) => write!(
                f,
                "the hub's store failed, which is a bug of hindsight: {why}"
            ),
        }
    }
}

/// What a shutdown left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShutdownReport {
    /// Why the hub ended.
    pub reason: StopReason,
    /// Connections that did not end in time and were cut.
    pub connections_cut: usize,
}
