//! The hub in numbers.

use std::collections::BTreeMap;

use hindsight_protocol::hub::{
    AppInfo, ClearReply, ReasonCount, Removal, StatsReply, StoreCounters,
};
use hindsight_view::format;
use serde::Serialize;

use super::app::{AccountsJson, CountersJson};

/// `stats`.
#[derive(Debug, Serialize)]
pub(crate) struct StatsJson<'a> {
    hub_id: String,
    version: &'a str,
    started_ns: u64,
    started: String,
    now_ns: u64,
    now: String,
    addresses: &'a [String],
    revision: u64,
    traces: u64,
    open_spans: u64,
    memory_bytes: u64,
    memory_limit_bytes: u64,
    ttl_ms: u64,
    pinned_traces: u64,
    pinned_bytes: u64,
    segments: u64,
    connections: u64,
    subscribers: u64,
    ingest: CountersJson,
    accounts: AccountsJson,
    store: StoreJson,
    reasons: BTreeMap<&'a str, u64>,
    app_reasons: Vec<AppReasonsJson<'a>>,
    removals: Vec<RemovalJson<'a>>,
}

#[derive(Debug, Serialize)]
struct StoreJson {
    live: u64,
    sampled_out: u64,
    expired: u64,
    evicted: u64,
    cleared: u64,
}

/// An app of which something was refused, cut or noted.
#[derive(Debug, Serialize)]
struct AppReasonsJson<'a> {
    tracer_id: String,
    service: &'a str,
    pid: u32,
    reasons: BTreeMap<&'a str, u64>,
}

#[derive(Debug, Serialize)]
struct RemovalJson<'a> {
    reason: &'a str,
    at_ns: u64,
    at: String,
    spans: u64,
}

/// `clear`.
#[derive(Debug, Serialize)]
pub(crate) struct ClearJson {
    spans: u64,
    traces: u64,
}

impl From<StoreCounters> for StoreJson {
    fn from(store: StoreCounters) -> Self {
        Self {
            live: store.live,
            sampled_out: store.sampled_out,
            expired: store.expired,
            evicted: store.evicted,
            cleared: store.cleared,
        }
    }
}

impl<'a> From<&'a Removal> for RemovalJson<'a> {
    fn from(removal: &'a Removal) -> Self {
        Self {
            reason: &removal.reason,
            at_ns: removal.at_ns,
            at: format::iso(removal.at_ns),
            spans: removal.spans,
        }
    }
}

impl From<ClearReply> for ClearJson {
    fn from(reply: ClearReply) -> Self {
        Self {
            spans: reply.spans,
            traces: reply.traces,
        }
    }
}

/// Counts by name.
pub(super) fn by_name(reasons: &[ReasonCount]) -> BTreeMap<&str, u64> {
    let counts = reasons.iter();
    counts.map(|r| (r.reason.as_str(), r.count)).collect()
}

impl<'a> From<&'a AppInfo> for AppReasonsJson<'a> {
    fn from(app: &'a AppInfo) -> Self {
        Self {
            tracer_id: app.tracer_id.to_string(),
            service: &app.run.service_name,
            pid: app.run.pid,
            reasons: by_name(&app.reasons),
        }
    }
}

impl<'a> StatsJson<'a> {
    /// The hub's numbers, with those of `apps` that have reasons.
    pub(crate) fn new(stats: &'a StatsReply, apps: &'a [AppInfo]) -> Self {
        let with_reasons = apps.iter().filter(|app| !app.reasons.is_empty());
        Self {
            hub_id: format!("{:016x}", stats.hub_id),
            version: &stats.version,
            started_ns: stats.started_ns,
            started: format::iso(stats.started_ns),
            now_ns: stats.now_ns,
            now: format::iso(stats.now_ns),
            addresses: &stats.addresses,
            revision: stats.revision,
            traces: stats.traces,
            open_spans: stats.open_spans,
            memory_bytes: stats.memory_bytes,
            memory_limit_bytes: stats.memory_limit_bytes,
            ttl_ms: stats.ttl_ms,
            pinned_traces: stats.pinned_traces,
            pinned_bytes: stats.pinned_bytes,
            segments: stats.segments,
            connections: stats.connections,
            subscribers: stats.subscribers,
            ingest: stats.ingest.into(),
            accounts: stats.accounts.into(),
            store: stats.store.into(),
            reasons: by_name(&stats.reasons),
            app_reasons: with_reasons.map(AppReasonsJson::from).collect(),
            removals: stats.removals.iter().map(RemovalJson::from).collect(),
        }
    }
}
