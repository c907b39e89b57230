//! Apps that are connected or were.

use facet::Facet;

use super::{IngestCounters, ReasonCount, RunInfo, TracerAccounts, TracerId};

/// Which apps to list.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ListAppsRequest {
    /// Leave out those that are gone.
    #[facet(default)]
    pub connected_only: bool,
}

/// Apps, most recently connected first.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ListAppsReply {
    /// The apps.
    #[facet(default)]
    pub apps: Vec<AppInfo>,
}

/// A process that attached a tracer, or did.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct AppInfo {
    /// Its tracer.
    #[facet(default)]
    pub tracer_id: TracerId,
    /// As it describes itself.
    #[facet(default)]
    pub run: RunInfo,
    /// `"connected"`, `"disconnected"` (may come back) or `"gone"`.
    #[facet(default)]
    pub state: String,
    /// How it is connected: `http`, `tcp`, `unix`, `websocket`, and the peer's address.
    #[facet(default)]
    pub transport: String,
    /// First attach, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub first_attached_ns: u64,
    /// Newest attach.
    #[facet(default)]
    pub attached_ns: u64,
    /// End of the newest connection, 0 while connected.
    #[facet(default)]
    pub detached_ns: u64,
    /// Newest data from it.
    #[facet(default)]
    pub last_seen_ns: u64,
    /// Services it offers, as far as asked.
    #[facet(default)]
    pub services: Vec<String>,
    /// Its own counters as last told.
    #[facet(default)]
    pub accounts: TracerAccounts,
    /// The hub's counters for it.
    #[facet(default)]
    pub counters: IngestCounters,
    /// What the hub refused, cut or noted of what it sent, by reason; in the order of the first
    /// time.
    #[facet(default)]
    pub reasons: Vec<ReasonCount>,
}

impl AppInfo {
    /// Records that an app which is gone had and nobody got: it counted them, and neither dropped nor
    /// delivered them. As far as it had told; 0 while it may still send them.
    pub fn lost(&self) -> u64 {
        let TracerAccounts {
            offered,
            dropped,
            acknowledged_elsewhere,
            ..
        } = self.accounts;
        // The app's numbers may be anything.
        let known = dropped.saturating_add(acknowledged_elsewhere);
        let known = known.saturating_add(self.counters.received);
        match self.state.as_str() {
            "gone" => offered.saturating_sub(known),
            _ => 0,
        }
    }
}
