//! Who has the port that we wanted.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::health::Health;
use crate::error::OtherHub;

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(1);
/// Longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 16 << 10;

/// The hub that answers the health probe at `address`, if there is one.
pub(super) async fn hub_at(address: SocketAddr) -> Option<OtherHub> {
    let address = SocketAddr::new(reachable(address.ip()), address.port());
    let answer = timeout(TIMEOUT, ask(address)).await.ok()?.ok()?;
    let (_head, body) = answer.split_once("\r\n\r\n")?;
    let health: Health = serde_json::from_str(body).ok()?;
    (health.name == Health::NAME).then(|| OtherHub {
        hub_id: health.hub_id,
        version: health.version,
        url: format!("http://localhost:{}", address.port()),
    })
}

async fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream
        .take(ANSWER_BYTES_MAX)
        .read_to_end(&mut answer)
        .await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// "All addresses" is none that can be dialled.
fn reachable(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}
