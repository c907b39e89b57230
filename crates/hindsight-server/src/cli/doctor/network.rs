//! From a name to an open port.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hindsight_connect::{Authority, Endpoint};
use hindsight_view::format;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Check, socket};

/// For the resolver, and for each address.
const STEP_TIMEOUT: Duration = Duration::from_secs(3);
/// More addresses of one name are not tried.
const ADDRESSES_MAX: usize = 8;

/// Looks up the host and opens its port; or looks at the socket.
pub(super) async fn network(endpoint: &Endpoint) -> Vec<Check> {
    let authority = match endpoint {
        Endpoint::Http { authority, .. }
        | Endpoint::Tcp { authority }
        | Endpoint::WebSocket { authority, .. } => authority,
        Endpoint::Local { path } => return vec![socket::place(path)],
    };
    match resolve(authority).await {
        Ok(addresses) => vec![found(authority, &addresses), port(&addresses).await],
        Err(error) => vec![Check::fail(
            "name",
            format!("{} cannot be looked up: {error}", authority.host),
            "check the spelling, or name an address such as 127.0.0.1",
        )],
    }
}

async fn resolve(authority: &Authority) -> io::Result<Vec<SocketAddr>> {
    let looking_up = tokio::net::lookup_host((authority.host.as_str(), authority.port));
    let addresses: Vec<_> = timeout(STEP_TIMEOUT, looking_up).await??.collect();
    match addresses.is_empty() {
        true => Err(io::Error::other("it has no address")),
        false => Ok(addresses),
    }
}

fn found(authority: &Authority, addresses: &[SocketAddr]) -> Check {
    let shown: Vec<_> = addresses.iter().map(|a| a.ip().to_string()).collect();
    Check::ok(
        "name",
        format!("{} is {}", authority.host, shown.join(", ")),
    )
}

/// The first address that answers is enough.
async fn port(addresses: &[SocketAddr]) -> Check {
    let mut failures = Vec::new();
    for address in addresses.iter().take(ADDRESSES_MAX) {
        let started = Instant::now();
        match timeout(STEP_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(_open)) => {
                let took = format::duration(started.elapsed().as_nanos() as u64);
                return Check::ok("port", format!("{address} is open ({took})"));
            }
            Ok(Err(error)) => failures.push((address, error)),
            Err(_elapsed) => failures.push((address, io::ErrorKind::TimedOut.into())),
        }
    }
    let told: Vec<_> = failures
        .iter()
        .map(|(a, error)| format!("{a}: {error}"))
        .collect();
    Check::fail("port", told.join("; "), advice(&failures))
}

fn advice(failures: &[(&SocketAddr, io::Error)]) -> String {
    let refused = |(_, error): &(_, io::Error)| error.kind() == io::ErrorKind::ConnectionRefused;
    let local = failures
        .iter()
        .all(|(address, _)| address.ip().is_loopback());
    match (failures.iter().all(refused), local) {
        (true, true) => "nothing listens there: start `hindsight serve`".into(),
        (true, false) => {
            "nothing listens there, or only on that machine's loopback: the hub needs \
                          --bind and a token to be reached from elsewhere"
                .into()
        }
        (false, _) => "a firewall, or no way to that machine".into(),
    }
}
