//! Queries: from their text to an answer of limited cost.
//!
//! In: the text of a query, and what to do with it and a snapshot. Out: the answer, or what is
//! wrong with the text. Holds: a query runs on a thread for blocking work, so it holds up neither
//! connections nor the writer; it stops soon after its caller went away. Bounded: `concurrent_max`
//! queries at a time, `wait_max` before one, `deadline` for one, and by the store's limits.

mod completion;
mod problem;
mod trim;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hindsight_protocol::hub::HubError;
use hindsight_query::Query;
use hindsight_store::{Prepared, Snapshot};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::clock::now_ns;
use crate::config::QueryLimits;
use crate::reads;

pub(crate) use completion::completions;
pub(crate) use trim::trim;

/// Who may run queries, and how much they may do.
pub(crate) struct Queries {
    places: Arc<Semaphore>,
    limits: QueryLimits,
}

/// The right to run one query.
pub(crate) struct Place {
    permit: OwnedSemaphorePermit,
    deadline: Duration,
    limits: hindsight_store::QueryLimits,
}

/// A query under way.
pub(crate) struct Run<'a> {
    /// What the store may read and hold.
    pub(crate) limits: &'a hindsight_store::QueryLimits,
    /// Whether it is time to stop.
    pub(crate) interrupted: &'a dyn Fn() -> bool,
    began: Instant,
}

impl Run<'_> {
    /// Microseconds since the query got its thread.
    pub(crate) fn elapsed_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// The query that `text` is.
pub(crate) fn parse(text: &str) -> Result<Query, HubError> {
    text.parse().map_err(|error| problem::of(&error))
}

/// A query ready to run, with the present as its `now`.
pub(crate) fn prepare(query: &Query) -> Result<Prepared, HubError> {
    let prepared = Prepared::new(query, now_ns());
    prepared.map_err(|error| HubError::new(HubError::QUERY, error.to_string()))
}

impl Queries {
    pub(crate) fn new(limits: &QueryLimits) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limits.concurrent_max)),
            limits: limits.clone(),
        }
    }

    /// Waits for a place, for `wait_max`.
    pub(crate) async fn place(&self) -> Result<Place, HubError> {
        let limits = &self.limits;
        timeout(limits.wait_max, self.some_time())
            .await
            .unwrap_or_else(|_elapsed| {
                let most = limits.concurrent_max;
                let waited = limits.wait_max;
                let message =
                    format!("{most} queries are under way and none ended within {waited:?}");
                Err(HubError {
                    retry_after_ms: u32::try_from(limits.retry_after.as_millis())
                        .unwrap_or(u32::MAX),
                    ..HubError::new(HubError::OVERLOADED, message)
                })
            })
    }

    /// Waits for a place for as long as it takes.
    pub(crate) async fn some_time(&self) -> Result<Place, HubError> {
        let permit = Arc::clone(&self.places).acquire_owned().await;
        let permit =
            permit.map_err(|_closed| HubError::new(HubError::STOPPING, "the hub is stopping"))?;
        Ok(Place {
            permit,
            deadline: self.limits.deadline,
            limits: self.limits.store.clone(),
        })
    }
}

impl Place {
    /// Runs `read` until it is done; it is told to stop at the deadline, or when the caller drops
    /// this future. The place is taken for as long as the thread works.
    pub(crate) async fn run<T: Send + 'static>(
        self,
        snapshot: &Arc<Snapshot>,
        read: impl FnOnce(&Snapshot, &Run<'_>) -> T + Send + 'static,
    ) -> Result<T, HubError> {
        let caller = Caller::default();
        let gone = Arc::clone(&caller.gone);
        let work = move |snapshot: &Snapshot| {
            let began = Instant::now();
            let is_late = || began.elapsed() >= self.deadline;
            let run = Run {
                limits: &self.limits,
                interrupted: &|| gone.load(Ordering::Relaxed) || is_late(),
                began,
            };
            let answer = read(snapshot, &run);
            drop(self.permit);
            answer
        };
        reads::off_thread(snapshot, work).await
    }
}

/// Notes that nobody waits any more.
#[derive(Default)]
struct Caller {
    gone: Arc<AtomicBool>,
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Relaxed);
    }
}
