//! What a program asks of the exporter: to flush, or to flush and end.
//!
//! Each request has a deadline, at which it is answered whatever happened. Requests made after the
//! exporter's end are answered with its last report.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tokio::sync::Notify;
use vox_rt::time::Instant;

use crate::context::is_suppressed;
use crate::platform;
use crate::tracer::Shared;

/// Totals of an exporter; see [`crate::ShutdownReport`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Report {
    pub(crate) offered: u64,
    pub(crate) acknowledged: u64,
    pub(crate) acknowledged_elsewhere: u64,
    pub(crate) dropped: u64,
    pub(crate) reconnects: u64,
    pub(crate) cut: u64,
    /// Everything offered before the request was acknowledged or dropped.
    pub(crate) settled: bool,
}

/// A request and the place for its answer.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) deadline: Instant,
    /// End after this.
    pub(crate) shutdown: bool,
    /// Whether to wait for a hub that is away.
    pub(crate) patient: bool,
    answer: Mutex<Option<Report>>,
    answered: Condvar,
    answered_async: Notify,
}

impl Request {
    pub(crate) fn answer(&self, report: Report) {
        *self.answer.lock() = Some(report);
        self.answered.notify_all();
        self.answered_async.notify_one();
    }

    fn wait(&self) -> Option<Report> {
        let mut answer = self.answer.lock();
        while answer.is_none() {
            // A little longer than the exporter's own deadline, in case its thread is gone.
            let until = self.deadline + Duration::from_millis(50);
            let left = until.saturating_duration_since(Instant::now());
            if self.answered.wait_for(&mut answer, left).timed_out() {
                break;
            }
        }
        *answer
    }

    async fn wait_async(&self) -> Report {
        loop {
            if let Some(report) = *self.answer.lock() {
                return report;
            }
            self.answered_async.notified().await;
        }
    }
}

#[derive(Debug, Default)]
struct State {
    requests: Vec<Arc<Request>>,
    ended: Option<Report>,
}

/// The requests not yet seen by the exporter.
#[derive(Debug, Default)]
pub(crate) struct Control {
    state: Mutex<State>,
}

impl Control {
    pub(crate) async fn flush(&self, shared: &Shared, timeout: Duration) -> bool {
        let request = self.ask(shared, timeout, false, true);
        request.wait_async().await.settled
    }

    /// The totals as they are now.
    pub(crate) async fn report(&self, shared: &Shared) -> Report {
        let now = Duration::ZERO;
        self.ask(shared, now, false, true).wait_async().await
    }

    pub(crate) async fn shutdown(&self, shared: &Shared, timeout: Duration) -> Report {
        let request = self.ask(shared, timeout, true, true);
        request.wait_async().await
    }

    /// For places that cannot await: does not wait for a hub that is known to be away, and not at
    /// all on the exporter's own thread, such as a page's only one.
    pub(crate) fn shutdown_blocking(&self, shared: &Shared, timeout: Duration) {
        self.ask_blocking(shared, timeout, true);
    }

    pub(crate) fn flush_blocking(&self, shared: &Shared, timeout: Duration) {
        self.ask_blocking(shared, timeout, false);
    }

    fn ask_blocking(&self, shared: &Shared, timeout: Duration, shutdown: bool) {
        let request = self.ask(shared, timeout, shutdown, false);
        if platform::CAN_WAIT && !is_suppressed() {
            request.wait();
        }
    }

    fn ask(
        &self,
        shared: &Shared,
        timeout: Duration,
        shutdown: bool,
        patient: bool,
    ) -> Arc<Request> {
        let request = Arc::new(Request {
            deadline: Instant::now() + timeout,
            shutdown,
            patient,
            answer: Mutex::new(None),
            answered: Condvar::new(),
            answered_async: Notify::new(),
        });
        let mut state = self.state.lock();
        match state.ended {
            Some(report) => request.answer(report),
            None => {
                state.requests.push(request.clone());
                shared.wake.notify_one();
            }
        }
        request
    }

    /// New requests, for the exporter.
    pub(crate) fn take(&self) -> Vec<Arc<Request>> {
        std::mem::take(&mut self.state.lock().requests)
    }

    /// The exporter has ended; further requests are answered at once.
    pub(crate) fn end(&self, report: Report) {
        let mut state = self.state.lock();
        state.ended = Some(report);
        for request in state.requests.drain(..) {
            request.answer(report);
        }
    }
}
