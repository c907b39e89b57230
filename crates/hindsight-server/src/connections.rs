//! All open connections: how many there may be, and which have fallen silent.
//!
//! In: accepted sockets. Out: a [`Slot`] for each, or the limit that stands against it. Holds: what
//! counts as open is exactly what has a slot, and a slot is given back by being dropped. Bounded:
//! `connections_max` in all, `connections_per_ip_max` of one address that is not this machine.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hindsight_connect::Connection;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::config::ConnectionLimits;
use crate::telemetry::Reason;

#[cfg(test)]
mod tests;

/// Number of a connection, not repeated in the life of the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ConnectionId(u64);

#[cfg(test)]
impl ConnectionId {
    /// The id with this number.
    pub(crate) const fn of_test(number: u64) -> Self {
        Self(number)
    }
}

/// Why a connection is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TableFull {
    #[error("{connections_max} connections are open already")]
    Total { connections_max: usize },
    #[error("{ip} has {connections_per_ip_max} connections open already")]
    PerIp {
        ip: IpAddr,
        connections_per_ip_max: usize,
    },
}

impl TableFull {
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Self::Total { .. } => Reason::ConnectionsMax,
            Self::PerIp { .. } => Reason::ConnectionsPerIpMax,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Connections {
    total_max: usize,
    per_ip_max: usize,
    table: Mutex<Table>,
    open: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Table {
    last_id: u64,
    open: usize,
    /// Only of addresses that are not loopback.
    by_ip: HashMap<IpAddr, usize>,
    /// Those whose roam handshake is over.
    sessions: HashMap<ConnectionId, Connection>,
}

impl Connections {
    pub(crate) fn new(limits: &ConnectionLimits) -> Arc<Self> {
        Arc::new(Self {
            total_max: limits.connections_max,
            per_ip_max: limits.connections_per_ip_max,
            table: Mutex::default(),
            open: watch::Sender::new(0),
        })
    }

    /// A place for a connection from `ip` (none: a local socket).
    pub(crate) fn take_slot(self: &Arc<Self>, ip: Option<IpAddr>) -> Result<Slot, TableFull> {
        let ip = ip
            .map(|ip| ip.to_canonical())
            .filter(|ip| !ip.is_loopback());
        let mut table = self.table.lock();
        if table.open >= self.total_max {
            let connections_max = self.total_max;
            return Err(TableFull::Total { connections_max });
        }
        if let Some(ip) = ip {
            let of_ip = table.by_ip.entry(ip).or_insert(0);
            if *of_ip >= self.per_ip_max {
                let connections_per_ip_max = self.per_ip_max;
                return Err(TableFull::PerIp {
                    ip,
                    connections_per_ip_max,
                });
            }
            *of_ip += 1;
        }
        table.open += 1;
        table.last_id += 1;
        self.open.send_replace(table.open);
        Ok(Slot {
            connections: Arc::clone(self),
            ip,
            id: ConnectionId(table.last_id),
        })
    }

    pub(crate) fn open(&self) -> usize {
        self.table.lock().open
    }

    /// Waits until no connection is open.
    pub(crate) async fn none_open(&self) {
        let mut open = self.open.subscribe();
        // The sender lives in `self`, which the caller borrows.
        let _ = open.wait_for(|open| *open == 0).await;
    }

    /// Those on which nothing has come for `idle_timeout`.
    pub(crate) fn silent(&self, idle_timeout: Duration) -> Vec<Connection> {
        let is_silent = |c: &&Connection| c.activity().idle_for() > idle_timeout;
        let table = self.table.lock();
        table.sessions.values().filter(is_silent).cloned().collect()
    }

    /// The connection with this number, if its handshake is over and it is open.
    pub(crate) fn session(&self, id: ConnectionId) -> Option<Connection> {
        self.table.lock().sessions.get(&id).cloned()
    }

    /// All whose handshake is over.
    pub(crate) fn sessions(&self) -> Vec<Connection> {
        self.table.lock().sessions.values().cloned().collect()
    }
}

/// A place in the table of connections.
#[derive(Debug)]
pub(crate) struct Slot {
    connections: Arc<Connections>,
    ip: Option<IpAddr>,
    id: ConnectionId,
}

impl Slot {
    pub(crate) fn id(&self) -> ConnectionId {
        self.id
    }

    /// From now on the connection is watched, until the slot is dropped.
    pub(crate) fn watch(&self, connection: Connection) {
        let mut table = self.connections.table.lock();
        table.sessions.insert(self.id, connection);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut table = self.connections.table.lock();
        table.open -= 1;
        let session = table.sessions.remove(&self.id);
        if let Some(ip) = self.ip
            && let Some(of_ip) = table.by_ip.get_mut(&ip)
        {
            *of_ip -= 1;
            if *of_ip == 0 {
                table.by_ip.remove(&ip);
            }
        }
        self.connections.open.send_replace(table.open);
        drop(table);
        // Dropped outside the lock: the last handle of a connection shuts it down.
        drop(session);
    }
}
