//! One connection of the HTTP port: pages, upgrades, or roam from the first byte.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{answer, tcp};
use crate::connections::Slot;
use crate::hub::Hub;
use crate::telemetry::Reason;

/// What roam's links begin with.
const ROAM_PROLOGUE: &[u8; 4] = b"VOXL";

/// Whose request it is.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) address: SocketAddr,
    pub(super) slot: Arc<Slot>,
}

/// Serves a connection to its end, or to the point where an upgrade takes it over.
pub(super) async fn serve(hub: Arc<Hub>, stream: TcpStream, address: SocketAddr, slot: Arc<Slot>) {
    let limit = hub.config.connections.handshake_timeout;
    let sniffed = tokio::select! {
        sniffed = timeout(limit, is_roam(&stream)) => sniffed,
        () = hub.stopping.begun() => return,
    };
    match sniffed {
        Ok(Ok(true)) => tcp::serve(hub, stream, address, slot).await,
        Ok(Ok(false)) => serve_http(&hub, stream, Caller { address, slot }).await,
        // Nothing came, or the peer left: nobody to answer.
        Ok(Err(_)) => {}
        Err(_elapsed) => {
            let detail = format!("nothing came for {limit:?}");
            let peer = address.to_string();
            hub.telemetry
                .peer_fault(Reason::HandshakeTimeout, &peer, detail);
        }
    }
}

/// Looks at the first bytes without taking them. `Err` when the peer leaves first.
async fn is_roam(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0; ROAM_PROLOGUE.len()];
    loop {
        let seen = stream.peek(&mut first).await?;
        if seen == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if first[..seen] != ROAM_PROLOGUE[..seen] {
            return Ok(false);
        }
        if seen == first.len() {
            return Ok(true);
        }
        // `peek` returns at once as long as anything is there.
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

async fn serve_http(hub: &Arc<Hub>, stream: TcpStream, caller: Caller) {
    let limits = &hub.config.connections;
    let router: Router = answer::router(Arc::clone(hub));
    let peer = caller.address.to_string();
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let request = request.map(axum::body::Body::new);
        let answer = answer::answer(Arc::clone(hub), router.clone(), caller.clone(), request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.handshake_timeout)
        .max_buf_size(limits.http_head_bytes_max)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let served = tokio::select! {
        served = timeout(limits.http_lifetime, connection) => served,
        () = hub.stopping.begun() => return,
    };
    match served {
        Ok(Ok(())) => {}
        Ok(Err(error)) if error.is_incomplete_message() => {}
        // Browsers keep sockets at hand that they may never use again.
        Ok(Err(error)) if error.is_timeout() => hub.telemetry.count(Reason::HttpFailed, 1),
        Ok(Err(error)) => hub.telemetry.peer_fault(Reason::HttpFailed, &peer, error),
        // A browser that kept the connection open, or somebody very slow.
        Err(_elapsed) => hub.telemetry.count(Reason::HttpFailed, 1),
    }
}
