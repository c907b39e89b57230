//! Who may talk to the HTTP port: the checks of `Host` and `Origin`.
//!
//! In: the headers of a request. Out: [`Rights`], or a [`Refusal`]. Why: any page that a developer
//! opens can send requests to localhost. `Host` stops a page whose name was rebound to 127.0.0.1;
//! `Origin` stops the others. Holds: `Host` is checked on every request, `Origin` wherever there is
//! one. Names are compared as they stand; nothing is resolved.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::{HeaderMap, HeaderName, header};

use crate::config::Config;
use crate::rights::Rights;
use crate::telemetry::Reason;

#[cfg(test)]
mod tests;

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the request has no Host header")]
    HostMissing,
    #[error("the request's Host header is not a host name")]
    HostMalformed,
    #[error(
        "the host name {host:?} is not allowed here. If you reach this hub under that name, start \
         it with --allow-host {host}"
    )]
    HostForbidden { host: String },
    #[error(
        "pages from {origin:?} may not talk to this hub. Pages on localhost may send spans; to \
         allow another host, start the hub with --allow-host"
    )]
    OriginForbidden { origin: String },
}

impl Refusal {
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Self::HostMissing | Self::HostMalformed => Reason::HostMissing,
            Self::HostForbidden { .. } => Reason::HostForbidden,
            Self::OriginForbidden { .. } => Reason::OriginForbidden,
        }
    }

    pub(crate) fn is_malformed(&self) -> bool {
        matches!(self, Self::HostMissing | Self::HostMalformed)
    }
}

/// Longest piece of a peer's text that is repeated to it.
const SHOWN_CHARS_MAX: usize = 100;

/// Checks `Host` and `Origin`.
pub(crate) fn rights_of(headers: &HeaderMap, config: &Config) -> Result<Rights, Refusal> {
    let host = single(headers, header::HOST).map_err(|_| Refusal::HostMalformed)?;
    let host = host.ok_or(Refusal::HostMissing)?;
    let authority = Authority::parse(host).ok_or(Refusal::HostMalformed)?;
    if !authority.is_loopback() && !is_allowed(authority.name, config) {
        let host = shown(authority.name);
        return Err(Refusal::HostForbidden { host });
    }
    let origin = single(headers, header::ORIGIN);
    let origin = origin.map_err(|text| Refusal::OriginForbidden {
        origin: shown(text),
    })?;
    origin.map_or(Ok(Rights::ALL), |origin| of_origin(origin, &authority))
}

fn of_origin(origin: &str, host: &Authority<'_>) -> Result<Rights, Refusal> {
    let forbidden = || Refusal::OriginForbidden {
        origin: shown(origin),
    };
    let (scheme, rest) = origin.split_once("://").ok_or_else(forbidden)?;
    let default_port = match scheme.to_ascii_lowercase().as_str() {
        "http" => 80,
        "https" => 443,
        _ => return Err(forbidden()),
    };
    let from = Authority::parse(rest).ok_or_else(forbidden)?;
    let ports = (
        from.port.unwrap_or(default_port),
        host.port.unwrap_or(default_port),
    );
    if from.name.eq_ignore_ascii_case(host.name) && ports.0 == ports.1 {
        return Ok(Rights::ALL);
    }
    from.is_loopback()
        .then_some(Rights::TELL)
        .ok_or_else(forbidden)
}

/// The only value of a header; none if it is absent, `Err` if it repeats or is not text.
fn single(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, &str> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| "(not text)")?;
    match values.next() {
        Some(_) => Err(text),
        None => Ok(Some(text)),
    }
}

/// A host name or address and perhaps a port.
#[derive(Debug, PartialEq, Eq)]
struct Authority<'a> {
    /// IPv6 addresses with their brackets.
    name: &'a str,
    port: Option<u16>,
}

impl<'a> Authority<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let end_of_address = text.starts_with('[').then(|| text.find(']')).flatten();
        let name_len = match end_of_address {
            Some(bracket) => bracket + 1,
            None => text.find(':').unwrap_or(text.len()),
        };
        let (name, rest) = text.split_at(name_len);
        let port = match rest.strip_prefix(':') {
            Some(port) => Some(port.parse().ok()?),
            None if rest.is_empty() => None,
            None => return None,
        };
        let good = |byte: u8| byte.is_ascii_alphanumeric() || b".-_[]:".contains(&byte);
        (!name.is_empty() && name.bytes().all(good)).then_some(Self { name, port })
    }

    /// `localhost`, `*.localhost` (RFC 6761, 6.3), 127.0.0.0/8 and `[::1]`.
    fn is_loopback(&self) -> bool {
        let name = self.name.strip_suffix('.').unwrap_or(self.name);
        let name = name.to_ascii_lowercase();
        name == "localhost"
            || name.ends_with(".localhost")
            || address(&name).is_some_and(|address| address.is_loopback())
    }
}

fn address(name: &str) -> Option<IpAddr> {
    let inner = name.strip_prefix('[').and_then(|n| n.strip_suffix(']'));
    match inner {
        Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => name.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
    }
}

/// Named by `--allow-host`, or the address that the hub was told to listen on.
fn is_allowed(name: &str, config: &Config) -> bool {
    let mut allowed = config.allow_hosts.iter();
    allowed.any(|allowed| allowed.eq_ignore_ascii_case(name))
        || (!config.bind.is_unspecified() && address(name) == Some(config.bind))
}

fn shown(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(SHOWN_CHARS_MAX)
        .collect()
}
