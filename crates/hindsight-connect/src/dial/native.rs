//! Dialing with sockets of the operating system.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::DialError;
use crate::connection::Connection;
use crate::endpoint::{Authority, Endpoint};
use crate::establish::{DialOptions, initiate};
use crate::link::{FramedLink, dial_websocket};
use crate::upgrade::{UpgradeError, upgrade};

/// Connects to a hub.
pub async fn dial(endpoint: &Endpoint, options: DialOptions) -> Result<Connection, DialError> {
    let dialing = Dialing {
        endpoint,
        timeout: options.timeout,
        deadline: Instant::now() + options.timeout,
    };
    match endpoint {
        Endpoint::Tcp { authority } => {
            let stream = dialing.tcp(authority).await?;
            let link = FramedLink::tcp(stream, options.link);
            dialing.initiate(link, options).await
        }
        Endpoint::Http { authority, path } => {
            let mut stream = dialing.tcp(authority).await?;
            let host = authority.to_string();
            let upgrading = upgrade(&mut stream, &host, path);
            let upgraded = dialing.step("upgrading to roam", upgrading).await?;
            let read_ahead = upgraded.map_err(|error| dialing.upgrade_error(error))?;
            let link = FramedLink::tcp(stream, options.link).with_read_ahead(read_ahead);
            dialing.initiate(link, options).await
        }
        Endpoint::WebSocket { authority, .. } => {
            let stream = dialing.tcp(authority).await?;
            let url = endpoint.to_string();
            let upgrading = dial_websocket(stream, &url, options.link);
            let upgraded = dialing.step("opening the WebSocket", upgrading).await?;
            let link = upgraded.map_err(|error| dialing.websocket_error(error))?;
            dialing.initiate(link, options).await
        }
        Endpoint::Local { path } => dialing.local(path, options).await,
    }
}

struct Dialing<'a> {
    endpoint: &'a Endpoint,
    timeout: Duration,
    deadline: Instant,
}

impl Dialing<'_> {
    async fn step<T>(
        &self,
        doing: &'static str,
        step: impl Future<Output = T>,
    ) -> Result<T, DialError> {
        let done = timeout_at(self.deadline, step).await;
        done.map_err(|_elapsed| self.timed_out(doing))
    }

    fn timed_out(&self, doing: &'static str) -> DialError {
        DialError::TimedOut {
            endpoint: self.endpoint.clone(),
            timeout: self.timeout,
            doing,
        }
    }

    async fn tcp(&self, authority: &Authority) -> Result<TcpStream, DialError> {
        let host = (authority.host.as_str(), authority.port);
        let looking_up = self.step("looking up the host", tokio::net::lookup_host(host));
        let addresses = looking_up.await?.map_err(|source| DialError::Lookup {
            endpoint: self.endpoint.clone(),
            source,
        })?;
        let addresses: Vec<_> = addresses.collect();
        let connecting = TcpStream::connect(addresses.as_slice());
        let connected = self.step("connecting", connecting).await?;
        let stream = connected.map_err(|source| self.connect_error(source))?;
        stream
            .set_nodelay(true)
            .map_err(|source| self.connect_error(source))?;
        Ok(stream)
    }

    #[cfg(unix)]
    async fn local(
        &self,
        path: &std::path::Path,
        options: DialOptions,
    ) -> Result<Connection, DialError> {
        let connecting = tokio::net::UnixStream::connect(path);
        let connected = self.step("connecting", connecting).await?;
        let stream = connected.map_err(|source| self.connect_error(source))?;
        let link = FramedLink::unix(stream, options.link);
        self.initiate(link, options).await
    }

    #[cfg(not(unix))]
    async fn local(
        &self,
        _path: &std::path::Path,
        _options: DialOptions,
    ) -> Result<Connection, DialError> {
        Err(DialError::Unsupported {
            endpoint: self.endpoint.clone(),
        })
    }

    async fn initiate<L: crate::ControlledLink>(
        &self,
        link: L,
        mut options: DialOptions,
    ) -> Result<Connection, DialError> {
        options.timeout = self.deadline.saturating_duration_since(Instant::now());
        let token_given = options.token.is_some();
        let initiated = initiate(link, options).await;
        initiated.map_err(|error| {
            DialError::of_handshake(self.endpoint, error, token_given, self.timeout)
        })
    }

    fn connect_error(&self, source: io::Error) -> DialError {
        let endpoint = self.endpoint.clone();
        match source.kind() {
            io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => {
                DialError::Refused { endpoint }
            }
            _ => DialError::Connect { endpoint, source },
        }
    }

    fn upgrade_error(&self, error: UpgradeError) -> DialError {
        let endpoint = self.endpoint.clone();
        match error {
            UpgradeError::Io(source) => DialError::Connect { endpoint, source },
            UpgradeError::Refused { status, body } => DialError::UpgradeRefused {
                endpoint,
                status,
                body,
            },
            error @ (UpgradeError::Closed
            | UpgradeError::HeadTooLarge
            | UpgradeError::NotHttp(_)
            | UpgradeError::OtherProtocol(_)) => DialError::NotAHub {
                endpoint,
                what: error.to_string(),
            },
        }
    }

    fn websocket_error(&self, error: tokio_tungstenite::tungstenite::Error) -> DialError {
        use tokio_tungstenite::tungstenite::Error;
        let endpoint = self.endpoint.clone();
        match error {
            Error::Io(source) => DialError::Connect { endpoint, source },
            Error::Http(response) => {
                let body = response.body().as_deref().unwrap_or_default();
                let body = String::from_utf8_lossy(body);
                let text = body.trim().chars().filter(|c| !c.is_control());
                DialError::UpgradeRefused {
                    endpoint,
                    status: response.status().as_u16(),
                    body: text.take(200).collect(),
                }
            }
            error => DialError::NotAHub {
                endpoint,
                what: error.to_string(),
            },
        }
    }
}
