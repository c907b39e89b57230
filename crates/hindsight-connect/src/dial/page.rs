//! Dialing from a page: over a WebSocket, the only socket it has.

use std::io;

use vox_rt::time::Instant;

use super::DialError;
use crate::connection::Connection;
use crate::endpoint::Endpoint;
use crate::establish::{DialOptions, establish};
use crate::link::PageSocket;

/// Connects to a hub over a WebSocket. An [`Endpoint::Http`] is reached like this too: it is the same
/// port.
pub async fn dial(endpoint: &Endpoint, mut options: DialOptions) -> Result<Connection, DialError> {
    let (Endpoint::WebSocket { authority, path } | Endpoint::Http { authority, path }) = endpoint
    else {
        let endpoint = endpoint.clone();
        return Err(DialError::Unsupported { endpoint });
    };
    let (timeout, started) = (options.timeout, Instant::now());
    let url = format!("ws://{authority}{path}");
    let socket = PageSocket::open(&url, timeout).await;
    let socket = socket.ok_or_else(|| unreachable(endpoint))?;
    options.timeout = timeout.saturating_sub(started.elapsed());
    let token_given = options.token.is_some();
    let established = establish(socket, options).await;
    established.map_err(|error| DialError::of_handshake(endpoint, error, token_given, timeout))
}

fn unreachable(endpoint: &Endpoint) -> DialError {
    let why = "no hub listens there, or it refuses pages from here; browsers do not tell which";
    DialError::Connect {
        endpoint: endpoint.clone(),
        source: io::Error::other(why),
    }
}
