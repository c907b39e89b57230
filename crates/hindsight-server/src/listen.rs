//! Where bytes come in: the HTTP port, the raw TCP port, the local socket.
//!
//! In: a configuration. Out: for each connection that passes, a link, a [`Peer`] and its
//! [`Rights`], handed to [`crate::session`]. Holds: an error of `accept` ends no listener; every
//! connection has a [`Slot`] before a byte of it is read; every handshake has a time limit.
//! Bounded: by [`crate::config::ConnectionLimits`].

mod accept;
mod answer;
mod assets;
mod health;
mod http;
#[cfg(unix)]
mod local;
mod origin;
mod probe;
mod tcp;
mod upgrade;

use std::net::SocketAddr;

use tokio::net::TcpListener;

use crate::config::Config;
use crate::error::StartError;

pub(crate) use accept::{accept_http, accept_tcp};
#[cfg(unix)]
pub(crate) use local::{LocalListener, accept_local};

/// The sockets, listening.
pub(crate) struct Listeners {
    pub(crate) http: TcpListener,
    pub(crate) tcp: Option<TcpListener>,
    #[cfg(unix)]
    pub(crate) local: Option<LocalListener>,
}

impl Listeners {
    /// Opens them. Without the HTTP port there is no hub; the others are conveniences, whose
    /// failure is a warning.
    pub(crate) async fn bind(config: &Config) -> Result<Self, StartError> {
        let http = bind_http(config).await?;
        Ok(Self {
            http,
            tcp: bind_tcp(config).await,
            #[cfg(unix)]
            local: bind_local(config).await,
        })
    }
}

async fn bind_http(config: &Config) -> Result<TcpListener, StartError> {
    let address = SocketAddr::new(config.bind, config.http_port);
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Err(StartError::PortTaken {
            bind: config.bind,
            port: config.http_port,
            by_hindsight: probe::hub_at(address).await,
        }),
        Err(source) => Err(StartError::Bind { address, source }),
    }
}

async fn bind_tcp(config: &Config) -> Option<TcpListener> {
    let address = SocketAddr::new(config.bind, config.tcp_port?);
    match TcpListener::bind(address).await {
        Ok(listener) => Some(listener),
        Err(error) => {
            tracing::warn!(%address, "no raw TCP port: {error}; clients can use the HTTP port");
            None
        }
    }
}

#[cfg(unix)]
async fn bind_local(config: &Config) -> Option<LocalListener> {
    let path = config.local_socket.as_ref()?;
    match LocalListener::bind(path).await {
        Ok(listener) => Some(listener),
        Err(error) => {
            tracing::warn!("no local socket: {error}; clients can use the HTTP port");
            None
        }
    }
}
