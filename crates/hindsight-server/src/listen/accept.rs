//! The accept loops.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};

use super::{http, tcp};
use crate::connections::Slot;
use crate::hub::Hub;
use crate::telemetry::Reason;

/// Accepts on the HTTP port until the hub stops.
pub(crate) async fn accept_http(hub: Arc<Hub>, listener: TcpListener) {
    let serve = |stream, address, slot| http::serve(Arc::clone(&hub), stream, address, slot);
    accept_sockets(&hub, &listener, serve).await;
}

/// Accepts on the raw TCP port until the hub stops.
pub(crate) async fn accept_tcp(hub: Arc<Hub>, listener: TcpListener) {
    let serve = |stream, address, slot| tcp::serve(Arc::clone(&hub), stream, address, slot);
    accept_sockets(&hub, &listener, serve).await;
}

async fn accept_sockets<F>(
    hub: &Hub,
    listener: &TcpListener,
    serve: impl Fn(TcpStream, SocketAddr, Arc<Slot>) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    while let Some((stream, address)) = next(hub, || listener.accept()).await {
        match hub.connections.take_slot(Some(address.ip())) {
            Ok(slot) => {
                // Without it small messages wait for acknowledgements; a socket that refuses works.
                let _ = stream.set_nodelay(true);
                tokio::spawn(serve(stream, address, Arc::new(slot)));
            }
            Err(full) => {
                let peer = address.to_string();
                hub.telemetry.peer_fault(full.reason(), &peer, full);
            }
        }
    }
}

/// The next connection; none when the hub stops. Errors are those of a connection that has gone
/// already, or of a system without file descriptors: both pass.
pub(super) async fn next<T, F>(hub: &Hub, accept: impl Fn() -> F) -> Option<T>
where
    F: Future<Output = io::Result<T>>,
{
    loop {
        let accepted = tokio::select! {
            accepted = accept() => accepted,
            () = hub.stopping.begun() => return None,
        };
        match accepted {
            Ok(accepted) => return Some(accepted),
            Err(error) => {
                hub.telemetry.peer_fault(Reason::AcceptFailed, "-", error);
                tokio::time::sleep(hub.config.connections.accept_error_pause).await;
            }
        }
    }
}
