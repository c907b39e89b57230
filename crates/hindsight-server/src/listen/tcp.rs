//! roam from the first byte over TCP.

use std::net::SocketAddr;
use std::sync::Arc;

use hindsight_connect::FramedLink;
use tokio::net::TcpStream;

use crate::connections::Slot;
use crate::hub::Hub;
use crate::peer::{Peer, PeerAddress, Transport};
use crate::rights::Rights;
use crate::session;

/// Serves a connection of the raw port, or one of the HTTP port that began with roam's own bytes.
/// A browser cannot send those, so there is no origin to check.
pub(super) async fn serve(hub: Arc<Hub>, stream: TcpStream, address: SocketAddr, slot: Arc<Slot>) {
    let link = FramedLink::tcp(stream, hub.config.connections.link);
    let peer = Peer {
        transport: Transport::Tcp,
        address: PeerAddress::Socket(address),
    };
    session::serve(hub, link, peer, Rights::ALL, slot).await;
}
