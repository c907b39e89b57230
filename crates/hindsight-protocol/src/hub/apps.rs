//! Apps that are connected or were, what they offer, and news of them.

use facet::Facet;

use super::{IngestCounters, ReasonCount, RunInfo, TracerAccounts, TracerId};
use crate::introspection::ServiceInfo;

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
    /// Apps, those that were connected longest ago, for which the answer has no room.
    #[facet(default)]
    pub left_out: u64,
}

/// Which apps to watch.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct WatchAppsRequest {
    /// Reserved.
    #[facet(default)]
    pub reserved: u8,
}

/// News of apps. A stream begins with the list of all, in as many events as it takes, and goes on with
/// each app that came, went, is gone for good, or changed what it offers. Counters are as of the event;
/// that they grew is no news. An event without apps that does not begin a list says that the hub is there.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct AppsEvent {
    /// What was told before no longer holds: the list begins anew.
    #[facet(default)]
    pub begins: bool,
    /// More of the list follows at once.
    #[facet(default)]
    pub has_more: bool,
    /// Apps, each taking the place of what was told of the same tracer.
    #[facet(default)]
    pub apps: Vec<AppInfo>,
    /// The hub's clock, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub now_ns: u64,
}

/// Why a stream of news ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct AppsEnd {
    /// In words.
    #[facet(default)]
    pub reason: String,
    /// Events sent.
    #[facet(default)]
    pub events: u64,
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
    /// Names of the services it offers; of an app that is gone, those it offered last.
    #[facet(default)]
    pub services: Vec<String>,
    /// The same services with their methods, without schemas, cut to what the hub remembers of an app.
    #[facet(default)]
    pub offers: Vec<ServiceInfo>,
    /// Whether something of what it told was left out of [`Self::offers`].
    #[facet(default)]
    pub offers_cut: bool,
    /// When it last listed its services, 0 if it never did.
    #[facet(default)]
    pub offers_ns: u64,
    /// Why the hub could not learn what it offers, when it last asked; empty when it could, or when
    /// the app does not answer such questions.
    #[facet(default)]
    pub offers_fault: String,
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
    /// What is known of a service it offers, by the name of its trait.
    pub fn offer(&self, service: &str) -> Option<&ServiceInfo> {
        self.offers.iter().find(|offer| offer.name == service)
    }

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
