//! What all parts of a running hub share.
//!
//! Made once by the composition root ([`crate::Server`]) and never changed: its parts have locks of
//! their own. Bounded: by the configuration.

use std::sync::Arc;

use tokio::sync::watch;

use crate::addresses::Addresses;
use crate::clock::now_ns;
use crate::config::Config;
use crate::connections::Connections;
use crate::discovery::Registry;
use crate::engine::Engine;
use crate::live::Feed;
use crate::queries::Queries;
use crate::relay::Places;
use crate::telemetry::Telemetry;

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The running hub.
pub(crate) struct Hub {
    pub(crate) config: Config,
    /// Random; another one means another process.
    pub(crate) id: u64,
    pub(crate) started_ns: u64,
    pub(crate) engine: Engine,
    pub(crate) queries: Queries,
    pub(crate) feed: Arc<Feed>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) connections: Arc<Connections>,
    pub(crate) relays: Arc<Places>,
    pub(crate) telemetry: Telemetry,
    pub(crate) addresses: Addresses,
    /// Comings and goings of tracers, one at a time: the registry and the engine must see them in
    /// the same order.
    pub(crate) transitions: tokio::sync::Mutex<()>,
    pub(crate) stopping: Stopping,
}

impl Hub {
    pub(crate) fn uptime_ms(&self) -> u64 {
        now_ns().saturating_sub(self.started_ns) / 1_000_000
    }
}

/// Tells every task that the hub is stopping.
#[derive(Debug)]
pub(crate) struct Stopping {
    signal: watch::Sender<bool>,
}

impl Stopping {
    pub(crate) fn new() -> Self {
        let signal = watch::Sender::new(false);
        Self { signal }
    }

    pub(crate) fn begin(&self) {
        self.signal.send_replace(true);
    }

    pub(crate) fn has_begun(&self) -> bool {
        *self.signal.borrow()
    }

    pub(crate) async fn begun(&self) {
        let mut signal = self.signal.subscribe();
        // The sender lives in `self`, which the caller borrows.
        let _ = signal.wait_for(|stopping| *stopping).await;
    }
}
