//! The table of apps.

use std::collections::HashMap;
use std::time::Duration;

use hindsight_protocol::TracerId;
use hindsight_protocol::hub::{AppInfo, IngestReply, TracerAccounts};
use parking_lot::Mutex;

use super::app::{App, Attachment, add_accounts, cut_text};
use crate::config::DiscoveryLimits;
use crate::connections::ConnectionId;

/// Why an app was not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RegistryError {
    #[error("{apps_max} apps are connected already")]
    Full { apps_max: usize },
}

#[derive(Debug)]
pub(crate) struct Registry {
    apps_max: usize,
    services_max: usize,
    text_bytes_max: usize,
    grace: Duration,
    apps: Mutex<Apps>,
}

#[derive(Debug, Default)]
struct Apps {
    by_tracer: HashMap<TracerId, App>,
    /// Accounts of forgotten apps.
    forgotten: TracerAccounts,
}

/// What registering an app did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attached {
    /// Another app was forgotten to make room.
    pub(crate) forgot: bool,
}

impl Registry {
    pub(crate) fn new(limits: &DiscoveryLimits, grace: Duration) -> Self {
        Self {
            apps_max: limits.apps_max,
            services_max: limits.services_max,
            text_bytes_max: limits.text_bytes_max,
            grace,
            apps: Mutex::default(),
        }
    }

    pub(crate) fn attach(
        &self,
        attachment: Attachment,
        now_ns: u64,
    ) -> Result<Attached, RegistryError> {
        let mut apps = self.apps.lock();
        if let Some(app) = apps.by_tracer.get_mut(&attachment.tracer_id) {
            app.reattach(attachment, now_ns);
            return Ok(Attached { forgot: false });
        }
        let forgot = apps.by_tracer.len() >= self.apps_max;
        if forgot && !apps.forget_one() {
            let apps_max = self.apps_max;
            return Err(RegistryError::Full { apps_max });
        }
        let app = App::new(attachment, now_ns);
        apps.by_tracer.insert(app.tracer_id, app);
        Ok(Attached { forgot })
    }

    /// A connection has ended. Whether the tracer is gone with it: not if it attached anew since.
    pub(crate) fn detach(&self, tracer: TracerId, from: ConnectionId, now_ns: u64) -> bool {
        let mut apps = self.apps.lock();
        let app = apps.by_tracer.get_mut(&tracer);
        let Some(app) = app.filter(|app| app.connection == Some(from)) else {
            return false;
        };
        app.connection = None;
        app.detached_ns = now_ns;
        true
    }

    /// A batch of `records` was stored (or had been before). Without a tracer they are nobody's.
    pub(crate) fn ingested(
        &self,
        tracer: Option<TracerId>,
        records: u64,
        reply: &IngestReply,
        now_ns: u64,
    ) {
        let mut apps = self.apps.lock();
        if let Some(app) = tracer.and_then(|tracer| apps.by_tracer.get_mut(&tracer)) {
            app.add_reply(records, reply);
            app.last_seen_ns = now_ns;
        }
    }

    /// A batch of the tracer was refused whole; `reason` is a name of the hub's own.
    pub(crate) fn refused(&self, tracer: TracerId, reason: &'static str) {
        if let Some(app) = self.apps.lock().by_tracer.get_mut(&tracer) {
            app.count(reason, 1);
        }
    }

    /// The app's own totals, which only grow: an older report that comes late changes nothing.
    pub(crate) fn told(&self, tracer: TracerId, accounts: &TracerAccounts, now_ns: u64) {
        if let Some(app) = self.apps.lock().by_tracer.get_mut(&tracer) {
            app.last_seen_ns = now_ns;
            if accounts.offered >= app.accounts.offered {
                app.accounts = *accounts;
            }
        }
    }

    /// Remembers the services that an app listed; returns whether something was cut.
    pub(crate) fn set_services(&self, tracer: TracerId, mut services: Vec<String>) -> bool {
        let mut cut = services.len() > self.services_max;
        services.truncate(self.services_max);
        for name in &mut services {
            cut |= cut_text(name, self.text_bytes_max);
        }
        if let Some(app) = self.apps.lock().by_tracer.get_mut(&tracer) {
            app.services = services;
        }
        cut
    }

    /// Most recently attached first.
    pub(crate) fn list(&self, connected_only: bool, now_ns: u64) -> Vec<AppInfo> {
        let apps = self.apps.lock();
        let wanted = |app: &&App| !connected_only || app.connection.is_some();
        let mut wanted: Vec<&App> = apps.by_tracer.values().filter(wanted).collect();
        wanted.sort_by_key(|app| (std::cmp::Reverse(app.attached_ns), app.tracer_id.low));
        wanted
            .iter()
            .map(|app| app.info(now_ns, self.grace))
            .collect()
    }

    /// The apps' own totals, summed, those forgotten included.
    pub(crate) fn accounts(&self) -> TracerAccounts {
        let apps = self.apps.lock();
        let mut accounts = apps.forgotten;
        for app in apps.by_tracer.values() {
            add_accounts(&mut accounts, &app.accounts);
        }
        accounts
    }
}

impl Apps {
    /// Forgets the app that has been away longest; false if all are connected.
    fn forget_one(&mut self) -> bool {
        let away = self
            .by_tracer
            .values()
            .filter(|app| app.connection.is_none());
        let longest = away.min_by_key(|app| app.detached_ns);
        let Some(tracer) = longest.map(|app| app.tracer_id) else {
            return false;
        };
        if let Some(app) = self.by_tracer.remove(&tracer) {
            add_accounts(&mut self.forgotten, &app.accounts);
        }
        true
    }
}
