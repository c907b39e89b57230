//! Bad input of one kind, as fast as the hub answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hindsight_connect::{Lane, LaneOptions, open_lane};
use hindsight_protocol::hub::{AttachRequest, IngestRequest};
use hindsight_protocol::{HindsightServiceClient, SpanBatch, TracerAccounts, TracerId};
use hindsight_testkit::hostile;
use tokio::task::JoinHandle;
use vox::VoxError;

use crate::ingest::connect;

const TRACER: TracerId = TracerId { high: 6, low: 6 };

/// Calls in flight: more of the largest would overrun this side's own queue.
const IN_FLIGHT: usize = 4;

/// A kind of bad input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing is sent: a thread that never rests, for what sharing the processor costs by itself.
    Busy,
    /// More bytes than a batch may have.
    Oversize,
    /// Columns that do not fit each other.
    Malformed,
    /// Starts and ends at 0, at the end of time, in the wrong order.
    Times,
    /// All spans in one trace.
    OneTrace,
    /// 10,000 attributes on a span.
    Attributes,
    /// Values of 1 MB.
    Values,
    /// Keys that no other span has.
    Keys,
    /// Spans that never end.
    Open,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Oversize => "oversize",
            Self::Malformed => "malformed",
            Self::Times => "times",
            Self::OneTrace => "one_trace",
            Self::Attributes => "attributes",
            Self::Values => "values",
            Self::Keys => "keys",
            Self::Open => "open",
        }
    }

    /// A batch of this kind, another one for each `number`.
    fn batch(self, number: u64) -> SpanBatch {
        match self {
            Self::Busy => SpanBatch::default(),
            Self::Oversize => hostile::oversize(9 << 20),
            Self::Malformed => hostile::malformed(),
            Self::Times => hostile::absurd_times(number, 4_096),
            Self::OneTrace => hostile::one_trace(number, 4_096),
            Self::Attributes => hostile::many_attributes(number, 10_000),
            Self::Values => hostile::long_values(number, 1 << 20),
            Self::Keys => hostile::distinct_keys(number, 8_192),
            Self::Open => hostile::never_ending(number, 4_096),
        }
    }
}

/// An attack under way.
pub(super) struct Attack {
    task: JoinHandle<()>,
}

impl Attack {
    /// Ends it; whether it went on until now.
    pub(super) fn stop(self) -> bool {
        let went_on = !self.task.is_finished();
        self.task.abort();
        went_on
    }
}

/// Keeps a thread busy until the task ends.
fn busy() -> JoinHandle<()> {
    let held = Arc::new(());
    let watched = Arc::downgrade(&held);
    std::thread::spawn(move || {
        while watched.strong_count() > 0 {
            std::hint::spin_loop();
        }
    });
    tokio::spawn(async move {
        let _held = held;
        std::future::pending().await
    })
}

/// Returns when the first batch was answered.
pub(super) async fn start(kind: Kind, address: &str) -> anyhow::Result<Attack> {
    if kind == Kind::Busy {
        return Ok(Attack { task: busy() });
    }
    let connection = connect(address).await?;
    let lane: Lane<HindsightServiceClient> = open_lane(&connection, LaneOptions::default()).await?;
    let attach = AttachRequest {
        tracer_id: TRACER,
        ..AttachRequest::default()
    };
    lane.call(|client| client.attach(attach)).await?;
    let answered = Arc::new(AtomicU64::new(0));
    let counted = answered.clone();
    let task = tokio::spawn(async move {
        let _connection = connection;
        let next = AtomicU64::new(1);
        let flood = || async {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let request = IngestRequest {
                    tracer_id: TRACER,
                    sequence: number,
                    batch: kind.batch(number),
                    accounts: TracerAccounts::default(),
                };
                match lane.client().ingest(request).await {
                    // Refused or stored: the next one comes at once.
                    Ok(_) | Err(VoxError::User(_)) => counted.fetch_add(1, Ordering::Relaxed),
                    // Cut off, or the hub is gone.
                    Err(_) => return,
                };
            }
        };
        let all: [_; IN_FLIGHT] = std::array::from_fn(|_| flood());
        let _ended: Vec<()> = futures_util::future::join_all(all).await;
    });
    while answered.load(Ordering::Relaxed) == 0 {
        anyhow::ensure!(!task.is_finished(), "{} was cut off", kind.name());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(Attack { task })
}
