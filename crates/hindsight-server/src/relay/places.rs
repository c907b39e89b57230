//! How many lanes are relayed, for whom, and how fast they are opened.
//!
//! In: who wants a lane to whom. Out: a [`Place`], or the limit that stands against it. Holds: what
//! counts as relayed is exactly what has a place. Bounded: by [`RelayLimits`]; an app's account is kept
//! for as long as it has lanes or its burst has not filled up again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;

use crate::config::RelayLimits;
use crate::connections::ConnectionId;

/// The limit that stands against one more lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoPlace {
    #[error("{lanes_max} lanes are relayed already")]
    Total { lanes_max: usize },
    #[error("{lanes_per_viewer_max} lanes of this connection are relayed already")]
    OfViewer { lanes_per_viewer_max: usize },
    #[error("{lanes_per_app_max} lanes are relayed to this app already")]
    OfApp { lanes_per_app_max: usize },
    #[error("lanes to this app are opened faster than {per_sec} per second")]
    Rate { per_sec: u32 },
}

#[derive(Debug)]
pub(crate) struct Places {
    limits: RelayLimits,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    open: usize,
    total: u64,
    by_viewer: HashMap<ConnectionId, usize>,
    by_app: HashMap<ConnectionId, Account>,
}

#[derive(Debug)]
struct Account {
    open: usize,
    /// Lanes that may be opened at once.
    tokens: f64,
    filled: Instant,
}

impl Account {
    fn fill(&mut self, limits: &RelayLimits, now: Instant) {
        let elapsed = now.saturating_duration_since(self.filled).as_secs_f64();
        let more = elapsed * f64::from(limits.opens_per_app_per_sec);
        self.tokens = (self.tokens + more).min(f64::from(limits.opens_per_app_burst));
        self.filled = now;
    }

    fn is_idle(&self, limits: &RelayLimits) -> bool {
        self.open == 0 && self.tokens >= f64::from(limits.opens_per_app_burst)
    }
}

impl Places {
    pub(crate) fn new(limits: &RelayLimits) -> Arc<Self> {
        Arc::new(Self {
            limits: limits.clone(),
            table: Mutex::default(),
        })
    }

    /// A place for a lane from `viewer` to `app`.
    pub(crate) fn take(
        self: &Arc<Self>,
        viewer: ConnectionId,
        app: ConnectionId,
        now: Instant,
    ) -> Result<Place, NoPlace> {
        let limits = &self.limits;
        let mut table = self.table.lock();
        if table.open >= limits.lanes_max {
            let lanes_max = limits.lanes_max;
            return Err(NoPlace::Total { lanes_max });
        }
        let of_viewer = table.by_viewer.get(&viewer).copied().unwrap_or(0);
        if of_viewer >= limits.lanes_per_viewer_max {
            let lanes_per_viewer_max = limits.lanes_per_viewer_max;
            return Err(NoPlace::OfViewer {
                lanes_per_viewer_max,
            });
        }
        table.take_of_app(app, limits, now)?;
        table.by_viewer.insert(viewer, of_viewer + 1);
        table.open += 1;
        table.total += 1;
        Ok(Place {
            places: Arc::clone(self),
            viewer,
            app,
        })
    }

    /// Lanes relayed now.
    pub(crate) fn open(&self) -> usize {
        self.table.lock().open
    }

    /// Lanes relayed since the start.
    pub(crate) fn total(&self) -> u64 {
        self.table.lock().total
    }
}

impl Table {
    fn take_of_app(
        &mut self,
        app: ConnectionId,
        limits: &RelayLimits,
        now: Instant,
    ) -> Result<(), NoPlace> {
        if !self.by_app.contains_key(&app) {
            self.forget_idle(limits, now);
        }
        let account = self.by_app.entry(app).or_insert_with(|| Account {
            open: 0,
            tokens: f64::from(limits.opens_per_app_burst),
            filled: now,
        });
        account.fill(limits, now);
        if account.open >= limits.lanes_per_app_max {
            let lanes_per_app_max = limits.lanes_per_app_max;
            return Err(NoPlace::OfApp { lanes_per_app_max });
        }
        if account.tokens < 1.0 {
            let per_sec = limits.opens_per_app_per_sec;
            return Err(NoPlace::Rate { per_sec });
        }
        account.tokens -= 1.0;
        account.open += 1;
        Ok(())
    }

    fn forget_idle(&mut self, limits: &RelayLimits, now: Instant) {
        self.by_app.retain(|_, account| {
            account.fill(limits, now);
            !account.is_idle(limits)
        });
    }
}

/// One relayed lane.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    viewer: ConnectionId,
    app: ConnectionId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.places.table.lock();
        table.open -= 1;
        if let Some(account) = table.by_app.get_mut(&self.app) {
            account.open -= 1;
        }
        if let Some(of_viewer) = table.by_viewer.get_mut(&self.viewer) {
            *of_viewer -= 1;
            if *of_viewer == 0 {
                table.by_viewer.remove(&self.viewer);
            }
        }
    }
}
