//! An app in a list.

use std::collections::BTreeMap;

use hindsight_protocol::hub::{AppInfo, IngestCounters, TracerAccounts};
use serde::Serialize;

use super::iso_known;
use super::service::ServiceJson;
use super::stats::by_name;

/// One element of `apps`.
#[derive(Debug, Serialize)]
pub(crate) struct AppJson<'a> {
    tracer_id: String,
    service: &'a str,
    service_version: &'a str,
    state: &'a str,
    transport: &'a str,
    pid: u32,
    executable: &'a str,
    arguments: &'a [String],
    host: &'a str,
    client: &'a str,
    revision: &'a str,
    started_ns: u64,
    started: Option<String>,
    first_attached_ns: u64,
    first_attached: Option<String>,
    attached_ns: u64,
    attached: Option<String>,
    detached_ns: u64,
    detached: Option<String>,
    last_seen_ns: u64,
    last_seen: Option<String>,
    services: &'a [String],
    offers: Vec<ServiceJson<'a>>,
    offers_cut: bool,
    offers_fault: &'a str,
    accounts: AccountsJson,
    counters: CountersJson,
    lost: u64,
    reasons: BTreeMap<&'a str, u64>,
}

/// What tracers count.
#[derive(Debug, Serialize)]
pub(crate) struct AccountsJson {
    offered: u64,
    dropped: u64,
    acknowledged_elsewhere: u64,
    reconnects: u64,
    cut: u64,
}

/// What the hub counts of incoming records.
#[derive(Debug, Serialize)]
pub(crate) struct CountersJson {
    received: u64,
    inserted: u64,
    updated: u64,
    duplicate: u64,
    rejected: u64,
    resent: u64,
}

impl From<TracerAccounts> for AccountsJson {
    fn from(accounts: TracerAccounts) -> Self {
        Self {
            offered: accounts.offered,
            dropped: accounts.dropped,
            acknowledged_elsewhere: accounts.acknowledged_elsewhere,
            reconnects: accounts.reconnects,
            cut: accounts.cut,
        }
    }
}

impl From<IngestCounters> for CountersJson {
    fn from(counters: IngestCounters) -> Self {
        Self {
            received: counters.received,
            inserted: counters.inserted,
            updated: counters.updated,
            duplicate: counters.duplicate,
            rejected: counters.rejected,
            resent: counters.resent,
        }
    }
}

impl<'a> From<&'a AppInfo> for AppJson<'a> {
    fn from(app: &'a AppInfo) -> Self {
        Self {
            tracer_id: app.tracer_id.to_string(),
            service: &app.run.service_name,
            service_version: &app.run.service_version,
            state: &app.state,
            transport: &app.transport,
            pid: app.run.pid,
            executable: &app.run.executable,
            arguments: &app.run.arguments,
            host: &app.run.host,
            client: &app.run.client,
            revision: &app.run.revision,
            started_ns: app.run.started_ns,
            started: iso_known(app.run.started_ns),
            first_attached_ns: app.first_attached_ns,
            first_attached: iso_known(app.first_attached_ns),
            attached_ns: app.attached_ns,
            attached: iso_known(app.attached_ns),
            detached_ns: app.detached_ns,
            detached: iso_known(app.detached_ns),
            last_seen_ns: app.last_seen_ns,
            last_seen: iso_known(app.last_seen_ns),
            services: &app.services,
            offers: app.offers.iter().map(ServiceJson::from).collect(),
            offers_cut: app.offers_cut,
            offers_fault: &app.offers_fault,
            accounts: app.accounts.into(),
            counters: app.counters.into(),
            lost: app.lost(),
            reasons: by_name(&app.reasons),
        }
    }
}
