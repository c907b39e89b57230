//! Where a hub is, as a person writes it.
//!
//! In: `host:port`, `http://host:port`, `tcp://host:port`, `ws://host:port/path`,
//! `local:///path` or `unix:///path`. Out: an [`Endpoint`] that displays as it parses.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The hub's HTTP port where none is given.
pub const HTTP_PORT: u16 = 1990;
/// The hub's raw roam port where none is given.
pub const TCP_PORT: u16 = 1991;

/// Where a hub is and how to reach it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `host:port` or `http://host:port/path`: an HTTP request with `Upgrade: roam`.
    Http {
        /// Host and port.
        authority: Authority,
        /// Path of the request, from its first slash.
        path: String,
    },
    /// `tcp://host:port`: roam and nothing around it.
    Tcp {
        /// Host and port.
        authority: Authority,
    },
    /// `local:///path` or `unix:///path`: roam over a Unix socket.
    Local {
        /// Path of the socket.
        path: PathBuf,
    },
    /// `ws://host:port/path`: roam in WebSocket messages.
    WebSocket {
        /// Host and port.
        authority: Authority,
        /// Path of the request, from its first slash.
        path: String,
    },
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Authority {
    /// A name or an address; IPv6 without its brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// Why a text is no endpoint. The caller's fault, or its user's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Nothing, or a scheme with nothing after it.
    #[error("{0:?} names no host; write host:port, such as localhost:1990")]
    Empty(String),
    /// A scheme that hindsight does not know.
    #[error("unknown scheme {scheme:?} in {text:?}; use http, tcp, ws, local or unix")]
    Scheme {
        /// The scheme.
        scheme: String,
        /// The whole text.
        text: String,
    },
    /// Not a port.
    #[error("{port:?} in {text:?} is not a port number from 1 to 65535")]
    Port {
        /// What stands where the port should.
        port: String,
        /// The whole text.
        text: String,
    },
    /// A path where none belongs.
    #[error("{0:?} has a path, which raw TCP cannot carry")]
    TcpPath(String),
    /// A socket path that does not begin at the root.
    #[error("{0:?} names no absolute path; write local:///run/user/1000/hindsight.sock")]
    RelativePath(String),
    /// Characters that cannot stand in a host or a path.
    #[error("{0:?} contains spaces or control characters")]
    Characters(String),
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim();
        let Some((scheme, rest)) = text.split_once("://") else {
            return Self::http(text, text);
        };
        match scheme.to_ascii_lowercase().as_str() {
            "http" => Self::http(rest, text),
            "ws" => {
                let (authority, path) = authority_and_path(rest, HTTP_PORT, text)?;
                Ok(Self::WebSocket { authority, path })
            }
            "tcp" => {
                let (authority, path) = authority_and_path(rest, TCP_PORT, text)?;
                if path != "/" {
                    return Err(EndpointError::TcpPath(text.into()));
                }
                Ok(Self::Tcp { authority })
            }
            "local" | "unix" if rest.starts_with('/') => Ok(Self::Local { path: rest.into() }),
            "local" | "unix" => Err(EndpointError::RelativePath(text.into())),
            scheme => Err(EndpointError::Scheme {
                scheme: scheme.into(),
                text: text.into(),
            }),
        }
    }
}

impl Endpoint {
    fn http(rest: &str, text: &str) -> Result<Self, EndpointError> {
        let (authority, path) = authority_and_path(rest, HTTP_PORT, text)?;
        Ok(Self::Http { authority, path })
    }
}

fn authority_and_path(
    rest: &str,
    port: u16,
    text: &str,
) -> Result<(Authority, String), EndpointError> {
    if rest.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(EndpointError::Characters(text.into()));
    }
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, "/"),
    };
    Ok((Authority::parse(authority, port, text)?, path.into()))
}

impl Authority {
    fn parse(authority: &str, default: u16, text: &str) -> Result<Self, EndpointError> {
        let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
            let (host, port) = rest.split_once(']').unwrap_or((rest, ""));
            (host, port.strip_prefix(':'))
        } else if authority.matches(':').count() > 1 {
            (authority, None)
        } else {
            match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            }
        };
        if host.is_empty() {
            return Err(EndpointError::Empty(text.into()));
        }
        let port = match port {
            None => default,
            Some(port) => match port.parse() {
                Ok(number) if number > 0 => number,
                _ => {
                    return Err(EndpointError::Port {
                        port: port.into(),
                        text: text.into(),
                    });
                }
            },
        };
        Ok(Self {
            host: host.into(),
            port,
        })
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { authority, path } if path == "/" => write!(f, "http://{authority}"),
            Self::Http { authority, path } => write!(f, "http://{authority}{path}"),
            Self::Tcp { authority } => write!(f, "tcp://{authority}"),
            Self::Local { path } => write!(f, "local://{}", path.display()),
            Self::WebSocket { authority, path } => write!(f, "ws://{authority}{path}"),
        }
    }
}

#[cfg(test)]
mod tests;
