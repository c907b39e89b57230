//! What went wrong, by reason: a counter for each, and log lines that cannot flood.
//!
//! In: a [`Reason`], the peer and a sentence. Out: a counter that `hindsight stats` shows under the
//! reason's name, and at most one warning in `log_interval` for each peer and reason, with the
//! number of those left out. Holds: every connection, call or record refused, cut or lost went
//! through [`Telemetry::count`]. Bounded: one counter a reason, [`PAIRS_MAX`] pairs in the limiter.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hindsight_protocol::hub::ReasonCount;
use parking_lot::Mutex;

mod limiter;

#[cfg(test)]
mod tests;

use limiter::{Decision, Limiter};

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// Why something was refused, cut or lost.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Reason {
            $($(#[$doc])* $variant,)+
        }

        impl Reason {
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name under which users find the counter.
            pub(crate) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

reasons! {
    /// `accept` failed: no file descriptors, or the connection was gone already.
    AcceptFailed = "accept_failed",
    /// More connections than `connections_max`.
    ConnectionsMax = "connections_max",
    /// More connections of one address than `connections_per_ip_max`.
    ConnectionsPerIpMax = "connections_per_ip_max",
    /// A Unix peer of another user.
    PeerUid = "peer_uid",
    /// A handshake that took longer than `handshake_timeout`.
    HandshakeTimeout = "handshake_timeout",
    /// A handshake that failed: another protocol, another version, nonsense.
    HandshakeFailed = "handshake_failed",
    /// No token, or a wrong one.
    Unauthenticated = "unauthenticated",
    /// An HTTP request without a usable `Host`.
    HostMissing = "host_missing",
    /// A `Host` that is neither a loopback name nor allowed.
    HostForbidden = "host_forbidden",
    /// An `Origin` from elsewhere, or `null`.
    OriginForbidden = "origin_forbidden",
    /// An upgrade request that is not well-formed.
    UpgradeMalformed = "upgrade_malformed",
    /// An upgrade to a protocol that the hub does not speak.
    UpgradeUnknown = "upgrade_unknown",
    /// An HTTP connection that broke HTTP, or took too long.
    HttpFailed = "http_failed",
    /// A connection on which nothing came for `idle_timeout`.
    IdleTimeout = "idle_timeout",
    /// A connection whose peer broke a limit of the guard.
    ConnectionViolation = "connection_violation",
    /// A connection that ended by an error of its link.
    ConnectionFailed = "connection_failed",
    /// A lane for a service that the hub does not offer.
    ServiceUnknown = "service_unknown",
    /// A call that this connection has no right to make.
    CallForbidden = "call_forbidden",
    /// A call before `attach`, or for a tracer that is not attached.
    NotAttached = "not_attached",
    /// An `attach` beyond `tracers_per_connection_max` or `apps_max`.
    AppsMax = "apps_max",
    /// A batch larger than `batch_bytes_max`.
    BatchBytesMax = "batch_bytes_max",
    /// A batch with more spans than `batch_spans_max`.
    BatchSpansMax = "batch_spans_max",
    /// A batch whose structure is wrong.
    BatchMalformed = "batch_malformed",
    /// A batch refused because `queue_bytes_max` or `queue_batches_max` was reached.
    Overloaded = "overloaded",
    /// A query that waited longer than `query.wait_max` for one of `query.concurrent_max` places.
    QueryRefused = "query_refused",
    /// An answer cut because the query took longer than `query.deadline`.
    QueryDeadline = "query_deadline",
    /// An answer cut because the query needed more than the limits of `query.store` allow.
    QueryBudget = "query_budget",
    /// A subscription beyond `subscribers_max`.
    SubscribersMax = "subscribers_max",
    /// Changes that a live subscriber missed because it was too slow.
    LiveMissed = "live_missed",
    /// Changed spans and traces that a live subscriber did not get because its query could not be
    /// put to them within the limits of queries.
    LiveUnjudged = "live_unjudged",
    /// A live subscriber that took nothing for `stall_timeout`.
    LiveStalled = "live_stalled",
    /// An app that did not list its services in `probe_timeout`, or failed to.
    ProbeFailed = "probe_failed",
    /// Services of an app beyond `services_max` or `offers_bytes_max`, or other text of it beyond its
    /// limit.
    AppTextCut = "app_text_cut",
    /// A lane for an app that is not connected, for a service that it does not offer, or one that does
    /// not say what a relay must know.
    RelayRefused = "relay_refused",
    /// A lane for an app beyond the limits of `relay`.
    RelayLanesMax = "relay_lanes_max",
    /// A lane that an app did not accept in `open_timeout`, or refused.
    RelayFailed = "relay_failed",
    /// A relayed lane closed because what waited on it was not read for `stall_timeout`.
    RelayStalled = "relay_stalled",
    /// A relayed lane closed because a side exceeded a limit of such lanes.
    RelayLimit = "relay_limit",
    /// A viewer that took no news of apps for `stall_timeout`.
    WatchStalled = "watch_stalled",
    /// An app forgotten to make room for another.
    AppForgotten = "app_forgotten",
    /// A clear of the whole store, by a client.
    Cleared = "clear_requested",
}

/// Counters of all reasons, and the log behind them.
#[derive(Debug)]
pub(crate) struct Telemetry {
    counters: [AtomicU64; Reason::ALL.len()],
    limiter: Mutex<Limiter>,
}

impl Telemetry {
    pub(crate) fn new(log_interval: Duration) -> Self {
        Self {
            counters: [const { AtomicU64::new(0) }; Reason::ALL.len()],
            limiter: Mutex::new(Limiter::new(log_interval)),
        }
    }

    /// Counts without a log line.
    pub(crate) fn count(&self, reason: Reason, times: u64) {
        self.counters[reason as usize].fetch_add(times, Ordering::Relaxed);
    }

    pub(crate) fn total(&self, reason: Reason) -> u64 {
        self.counters[reason as usize].load(Ordering::Relaxed)
    }

    /// Counts a fault of `peer` and warns, unless the same was said a moment ago.
    pub(crate) fn peer_fault(&self, reason: Reason, peer: &str, detail: impl std::fmt::Display) {
        self.count(reason, 1);
        let decision = self.limiter.lock().decide(reason, peer, Instant::now());
        let Decision::Log { suppressed } = decision else {
            return;
        };
        let reason = reason.as_str();
        if suppressed == 0 {
            tracing::warn!(peer, reason, "{detail}");
        } else {
            tracing::warn!(peer, reason, suppressed, "{detail}");
        }
    }

    /// The counters that are not zero, in the order of the enum.
    pub(crate) fn counts(&self) -> Vec<ReasonCount> {
        let count = |reason: &Reason| ReasonCount {
            reason: reason.as_str().to_owned(),
            count: self.total(*reason),
        };
        let all = Reason::ALL.iter().map(count);
        all.filter(|counted| counted.count > 0).collect()
    }
}
