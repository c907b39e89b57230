//! The exporter: moves spans from the buffers to the hub, on a thread with a runtime of its own, in a
//! browser as a task of the page.
//!
//! ```text
//! buffers -> collect -> batches (numbered, bounded queue) -> up to 8 calls in flight -> acknowledged
//! ```
//!
//! It wakes every flush interval, or when a buffer is full enough. What is not acknowledged is sent
//! again after a reconnect, under the same number, so that the hub can tell. It is suppressed: nothing
//! that it does makes spans.

mod collect;
mod control;
mod dial;
mod exporter;
mod ingest;
mod queue;
#[cfg(test)]
mod tests;
mod told;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::error::ConnectError;
use crate::platform;
use crate::tracer::{Reconnect, Shared};

pub(crate) use control::{Control, Report};
pub(crate) use dial::Dialer;
pub(crate) use told::Told;

use exporter::Exporter;

/// Settings of an exporter.
#[derive(Clone, Debug)]
pub(crate) struct ExportSettings {
    /// How often ended spans are sent.
    pub(crate) flush_interval: Duration,
    /// Age at which an open span is reported.
    pub(crate) report_open_after: Duration,
    /// Shortest time between two reports of one open span.
    pub(crate) report_again_after: Duration,
    /// Open spans reported at a time.
    pub(crate) open_reports_max: usize,
    /// Bytes of batches waiting or in flight.
    pub(crate) queue_bytes_max: usize,
    /// Spans of one batch.
    pub(crate) batch_spans_max: usize,
    /// Bytes of one batch, but for the last span.
    pub(crate) batch_bytes_max: usize,
    /// Batches sent and not acknowledged.
    pub(crate) in_flight_max: usize,
    /// Wait for an answer before the connection is given up.
    pub(crate) call_timeout: Duration,
    /// Time between signs of life.
    pub(crate) ping_interval: Duration,
    pub(crate) reconnect: Reconnect,
    pub(crate) token: Option<String>,
    /// Whether to go on when the first connection fails.
    pub(crate) lazy: bool,
}

impl Default for ExportSettings {
    fn default() -> Self {
        Self {
            flush_interval: Duration::from_millis(50),
            report_open_after: Duration::from_millis(20),
            report_again_after: Duration::from_millis(250),
            open_reports_max: 4096,
            queue_bytes_max: 32 << 20,
            batch_spans_max: 4096,
            batch_bytes_max: 1 << 20,
            in_flight_max: 8,
            call_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(10),
            reconnect: Reconnect::default(),
            token: None,
            lazy: false,
        }
    }
}

/// Tells how the first connection went.
pub(crate) type Connected = oneshot::Receiver<Result<(), ConnectError>>;

/// Starts the exporter.
pub(crate) fn spawn(
    shared: Arc<Shared>,
    dialer: Dialer,
    settings: ExportSettings,
) -> Result<Connected, ConnectError> {
    let (tell, connected) = oneshot::channel();
    platform::run_exporter(move || Exporter::new(shared, dialer, settings, tell).run())?;
    Ok(connected)
}
