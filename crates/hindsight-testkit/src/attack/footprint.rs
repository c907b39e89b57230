//! What a process holds for its connections: sockets, tasks, memory.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Sockets of one port, tasks of the current runtime and memory of this process, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// The port that the sockets belong to.
    pub port: u16,
    /// Connected sockets at either end of the port that a process still holds. The kernel counts,
    /// so tests in the same process do not disturb each other.
    pub sockets: usize,
    /// Tasks alive on the current tokio runtime.
    pub tasks: usize,
    /// Resident memory of this process, in bytes.
    pub rss_bytes: usize,
}

impl Footprint {
    /// The footprint now, for a listener at `addr`. Linux only; needs a tokio runtime.
    pub fn now(addr: SocketAddr) -> io::Result<Self> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let port = addr.port();
        let runtime = tokio::runtime::Handle::current();
        Ok(Self {
            port,
            sockets: held_sockets("/proc/net/tcp", port)? + held_sockets("/proc/net/tcp6", port)?,
            tasks: runtime.metrics().num_alive_tasks(),
            rss_bytes: kilobytes(&status, "VmRSS:") << 10,
        })
    }

    /// Waits until sockets and tasks are down to this footprint's, and returns the last one seen.
    /// Whether it got there in time is for the caller to assert, with [`fits`](Self::fits).
    pub async fn settled(self, limit: Duration) -> io::Result<Self> {
        let addr = SocketAddr::from(([0; 4], self.port));
        let deadline = Instant::now() + limit;
        loop {
            let now = Self::now(addr)?;
            if now.fits(self) || Instant::now() >= deadline {
                return Ok(now);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Whether there are no more sockets and tasks than in `other`.
    pub fn fits(self, other: Self) -> bool {
        self.sockets <= other.sockets && self.tasks <= other.tasks
    }
}

/// Rows of `/proc/net/tcp` that have this port at either end, a process (inode not zero) and a
/// peer (state not `0A`, listening).
fn held_sockets(path: &str, port: u16) -> io::Result<usize> {
    let table = match std::fs::read_to_string(path) {
        Ok(table) => table,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let port = format!(":{port:04X}");
    let held = table.lines().skip(1).filter(|row| {
        let columns: Vec<&str> = row.split_whitespace().collect();
        let [_, local, remote, state, ..] = columns[..] else {
            return false;
        };
        let inode = columns.get(9).copied().unwrap_or("0");
        (local.ends_with(&port) || remote.ends_with(&port)) && state != "0A" && inode != "0"
    });
    Ok(held.count())
}

fn kilobytes(status: &str, key: &str) -> usize {
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|n| n.parse().ok()).unwrap_or(0)
}
