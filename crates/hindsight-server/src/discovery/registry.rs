//! The table of apps.

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use hindsight_protocol::TracerId;
use hindsight_protocol::hub::{AppInfo, IngestReply, TracerAccounts};
use parking_lot::Mutex;
use tokio::sync::watch;

use super::app::{App, Attachment, add_accounts, info_bytes};
use super::offers::Offers;
use crate::config::DiscoveryLimits;
use crate::connections::ConnectionId;

/// Why an app was not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RegistryError {
    #[error("{apps_max} apps are connected already")]
    Full { apps_max: usize },
}

/// Where lanes for an app go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The app's connection.
    pub(crate) connection: ConnectionId,
}

/// Why there is no way to a service of an app.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RouteError {
    #[error("no app has the tracer id {tracer}; `hindsight apps` lists those there are")]
    Unknown { tracer: TracerId },
    #[error("{app} is not connected any more")]
    Gone { app: String },
    #[error("{app} has not told what it offers")]
    NotListed { app: String },
    #[error("{app} does not offer {service}")]
    NotOffered { app: String, service: String },
}

#[derive(Debug)]
pub(crate) struct Registry {
    pub(super) limits: DiscoveryLimits,
    pub(super) grace: Duration,
    pub(super) apps: Mutex<Apps>,
    /// Viewers that watch.
    pub(crate) watchers: AtomicUsize,
    /// Revision of the newest change, to wait on.
    pub(super) newest: watch::Sender<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Apps {
    pub(super) by_tracer: HashMap<TracerId, App>,
    /// Accounts of forgotten apps.
    forgotten: TracerAccounts,
    /// Counts what is news to those who watch.
    pub(super) revision: u64,
    /// Revision at which an app was last forgotten.
    pub(super) forgot: u64,
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
            limits: limits.clone(),
            grace,
            apps: Mutex::default(),
            watchers: AtomicUsize::new(0),
            newest: watch::Sender::new(0),
        }
    }

    /// Something about the app is news.
    fn changed(&self, apps: &mut Apps, tracer: TracerId) {
        apps.revision += 1;
        let revision = apps.revision;
        if let Some(app) = apps.by_tracer.get_mut(&tracer) {
            app.changed = revision;
        }
        self.newest.send_replace(revision);
    }

    pub(crate) fn attach(
        &self,
        attachment: Attachment,
        now_ns: u64,
    ) -> Result<Attached, RegistryError> {
        let tracer = attachment.tracer_id;
        let mut apps = self.apps.lock();
        if let Some(app) = apps.by_tracer.get_mut(&tracer) {
            if app.reattach(attachment, now_ns) {
                self.changed(&mut apps, tracer);
            }
            return Ok(Attached { forgot: false });
        }
        let apps_max = self.limits.apps_max;
        let forgot = apps.by_tracer.len() >= apps_max;
        if forgot && !apps.forget_one() {
            return Err(RegistryError::Full { apps_max });
        }
        apps.by_tracer.insert(tracer, App::new(attachment, now_ns));
        self.changed(&mut apps, tracer);
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
        self.changed(&mut apps, tracer);
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

    /// Remembers what an app answered when it was asked for its services.
    pub(crate) fn learn(&self, tracer: TracerId, learned: Result<Offers, String>, now_ns: u64) {
        let mut apps = self.apps.lock();
        let app = apps.by_tracer.get_mut(&tracer);
        if app.is_some_and(|app| app.learn(learned, now_ns)) {
            self.changed(&mut apps, tracer);
        }
    }

    /// The way to a service of an app. `always` is one that every app offers that listed its services.
    pub(crate) fn route(
        &self,
        tracer: TracerId,
        service: &str,
        always: &str,
    ) -> Result<Route, RouteError> {
        let apps = self.apps.lock();
        let app = apps.by_tracer.get(&tracer);
        let app = app.ok_or(RouteError::Unknown { tracer })?;
        let connection = app.connection.ok_or_else(|| RouteError::Gone {
            app: app.describe(),
        })?;
        let Some(offers) = &app.offers else {
            return Err(RouteError::NotListed {
                app: app.describe(),
            });
        };
        if service != always && !offers.has(service) {
            return Err(RouteError::NotOffered {
                app: app.describe(),
                service: service.chars().take(100).collect(),
            });
        }
        Ok(Route { connection })
    }

    /// Most recently attached first, and how many found no room.
    pub(crate) fn list(&self, connected_only: bool, now_ns: u64) -> (Vec<AppInfo>, u64) {
        let apps = self.apps.lock();
        let wanted = |app: &&App| !connected_only || app.connection.is_some();
        let mut wanted: Vec<&App> = apps.by_tracer.values().filter(wanted).collect();
        wanted.sort_by_key(|app| (std::cmp::Reverse(app.attached_ns), app.tracer_id.low));
        let mut left = self.limits.list_bytes_max;
        let infos = wanted.iter().map(|app| app.info(now_ns, self.grace));
        let mut fits = |info: &AppInfo| match left.checked_sub(info_bytes(info)) {
            Some(less) => {
                left = less;
                true
            }
            None => false,
        };
        let listed: Vec<AppInfo> = infos.take_while(&mut fits).collect();
        let left_out = (wanted.len() - listed.len()) as u64;
        (listed, left_out)
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
            self.revision += 1;
            self.forgot = self.revision;
        }
        true
    }
}
