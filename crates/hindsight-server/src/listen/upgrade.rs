//! From HTTP to roam: `Upgrade: roam` (or its synonym `vox`) and `Upgrade: websocket`.
//!
//! In: a request that asks for an upgrade, its rights known. Out: `101` and a session on the same
//! socket, or why not. RFC 9110, 7.8: "A sender of Upgrade MUST also send an "Upgrade" connection
//! option in the Connection header field"; protocol names are compared without regard to case.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode, Version};
use axum::response::Response;
use hindsight_connect::{FramedLink, accept_websocket};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::answer::text;
use super::http::Caller;
use crate::hub::Hub;
use crate::peer::{Peer, PeerAddress, Transport};
use crate::rights::Rights;
use crate::session;
use crate::telemetry::Reason;

#[cfg(test)]
mod tests;

/// What the hub can switch to.
const OFFERED: HeaderValue = HeaderValue::from_static("roam, websocket");
/// Length of a `Sec-WebSocket-Key`: 16 bytes in base64.
const KEY_LEN: usize = 24;

/// A protocol to switch to, as the peer named it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Protocol {
    Roam { name: &'static str },
    WebSocket { accept: String },
}

/// Why an upgrade is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Refused {
    #[error("an upgrade needs {0}")]
    Malformed(&'static str),
    #[error("this hub upgrades to roam and websocket, not to {0:?}")]
    Unknown(String),
    #[error("this hub speaks version 13 of the WebSocket protocol")]
    WebSocketVersion,
}

/// Whether a request asks for an upgrade.
pub(super) fn is_asked_for(headers: &HeaderMap) -> bool {
    headers.contains_key(header::UPGRADE)
}

/// Switches, or says why not.
pub(super) fn answer(
    hub: &Arc<Hub>,
    caller: &Caller,
    rights: Rights,
    mut request: Request,
) -> Response {
    match protocol(&request) {
        Ok(protocol) => {
            // Before the answer: afterwards the socket belongs to nobody.
            let on = hyper::upgrade::on(&mut request);
            let response = switching(&protocol);
            let switched = Switched {
                hub: Arc::clone(hub),
                caller: caller.clone(),
                rights,
            };
            tokio::spawn(switched.serve(on, protocol));
            response
        }
        Err(refused) => refuse(hub, caller, &refused),
    }
}

fn protocol(request: &Request) -> Result<Protocol, Refused> {
    let headers = request.headers();
    if request.method() != Method::GET {
        return Err(Refused::Malformed("the method GET"));
    }
    if request.version() != Version::HTTP_11 {
        return Err(Refused::Malformed("HTTP/1.1"));
    }
    if !tokens(headers, header::CONNECTION).any(|token| token.eq_ignore_ascii_case("upgrade")) {
        return Err(Refused::Malformed("the header \"Connection: Upgrade\""));
    }
    let is_empty = |value: &HeaderValue| value.as_bytes() == b"0";
    if headers.contains_key(header::TRANSFER_ENCODING)
        || !headers.get_all(header::CONTENT_LENGTH).iter().all(is_empty)
    {
        return Err(Refused::Malformed("a request without a body"));
    }
    named(headers)
}

/// The first protocol in the peer's list that the hub speaks.
fn named(headers: &HeaderMap) -> Result<Protocol, Refused> {
    let roam = |name| Ok(Protocol::Roam { name });
    for token in tokens(headers, header::UPGRADE) {
        match token.to_ascii_lowercase().as_str() {
            "roam" => return roam("roam"),
            "vox" => return roam("vox"),
            "websocket" => return websocket(headers),
            _ => {}
        }
    }
    let asked: Vec<&str> = tokens(headers, header::UPGRADE).collect();
    let asked: String = asked.join(", ").chars().take(100).collect();
    match asked.is_empty() {
        true => Err(Refused::Malformed("a protocol in the header \"Upgrade\"")),
        false => Err(Refused::Unknown(asked)),
    }
}

/// RFC 6455, 4.2.1: a key of 16 bytes in base64, version 13.
fn websocket(headers: &HeaderMap) -> Result<Protocol, Refused> {
    let version = headers.get(header::SEC_WEBSOCKET_VERSION);
    if version.is_some_and(|version| version.as_bytes() != b"13") {
        return Err(Refused::WebSocketVersion);
    }
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .map(HeaderValue::as_bytes);
    match (version, key) {
        (Some(_), Some(key)) if is_key(key) => Ok(Protocol::WebSocket {
            accept: derive_accept_key(key),
        }),
        (None, _) => Err(Refused::Malformed("the header \"Sec-WebSocket-Version\"")),
        _ => Err(Refused::Malformed("a valid header \"Sec-WebSocket-Key\"")),
    }
}

fn is_key(key: &[u8]) -> bool {
    let (digits, padding) = key.split_at(key.len().saturating_sub(2));
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    key.len() == KEY_LEN && padding == b"==" && digits.iter().all(is_digit)
}

/// The elements of a header that is a list.
fn tokens(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    let tokens = texts.flat_map(|text| text.split(',')).map(str::trim);
    tokens.filter(|token| !token.is_empty())
}

fn switching(protocol: &Protocol) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    match protocol {
        Protocol::Roam { name } => {
            headers.insert(header::UPGRADE, HeaderValue::from_static(name));
        }
        Protocol::WebSocket { accept } => {
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            // The key's digest in base64 is always a header value.
            if let Ok(accept) = HeaderValue::from_str(accept) {
                headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
            }
        }
    }
    response
}

fn refuse(hub: &Hub, caller: &Caller, refused: &Refused) -> Response {
    let (reason, status) = match refused {
        Refused::Malformed(_) => (Reason::UpgradeMalformed, StatusCode::BAD_REQUEST),
        Refused::Unknown(_) | Refused::WebSocketVersion => {
            (Reason::UpgradeUnknown, StatusCode::UPGRADE_REQUIRED)
        }
    };
    hub.telemetry
        .peer_fault(reason, &caller.address.to_string(), refused);
    let mut response = text(status, refused.to_string());
    let headers = response.headers_mut();
    if status == StatusCode::UPGRADE_REQUIRED {
        headers.insert(header::UPGRADE, OFFERED);
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    }
    if *refused == Refused::WebSocketVersion {
        let version = HeaderValue::from_static("13");
        headers.insert(header::SEC_WEBSOCKET_VERSION, version);
    }
    response
}

/// A connection whose `101` is on its way.
struct Switched {
    hub: Arc<Hub>,
    caller: Caller,
    rights: Rights,
}

impl Switched {
    async fn serve(self, on: OnUpgrade, protocol: Protocol) {
        let limit: Duration = self.hub.config.connections.handshake_timeout;
        match timeout(limit, on).await {
            Ok(Ok(upgraded)) => self.session(TokioIo::new(upgraded), protocol).await,
            // The peer left before the answer reached it.
            Ok(Err(_)) => self.hub.telemetry.count(Reason::HandshakeFailed, 1),
            Err(_elapsed) => self.hub.telemetry.count(Reason::HandshakeTimeout, 1),
        }
    }

    async fn session(self, io: TokioIo<Upgraded>, protocol: Protocol) {
        let limits = self.hub.config.connections.link;
        match protocol {
            Protocol::Roam { .. } => {
                let peer = self.peer(Transport::Http);
                let link = FramedLink::stream(io, limits);
                session::serve(self.hub, link, peer, self.rights, self.caller.slot).await;
            }
            Protocol::WebSocket { .. } => {
                let peer = self.peer(Transport::WebSocket);
                let link = accept_websocket(io, limits).await;
                session::serve(self.hub, link, peer, self.rights, self.caller.slot).await;
            }
        }
    }

    fn peer(&self, transport: Transport) -> Peer {
        Peer {
            transport,
            address: PeerAddress::Socket(self.caller.address),
        }
    }
}
