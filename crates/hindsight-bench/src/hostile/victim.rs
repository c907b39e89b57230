//! A well-behaved program: what it sends, reads and follows, and how long that takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hindsight_connect::{Connection, Lane, LaneOptions, open_lane};
use hindsight_protocol::hub::{AttachRequest, GetTraceRequest, IngestRequest, ListTracesRequest};
use hindsight_protocol::{
    CheckedBatch, HindsightServiceClient, KeyValue, TraceId, TracerAccounts, TracerId,
};
use hindsight_testkit::builder::batch;
use hindsight_testkit::workload::Workload;
use tokio::time::{MissedTickBehavior, interval};

use crate::figure::percentile;
use crate::ingest::{connect, ingest};
use crate::latency::{now_ns, subscribe};

/// A hub that has seen an earlier run takes the batches of another one for new.
static RUNS: AtomicU64 = AtomicU64::new(1);
const SERVICE: &str = "well-behaved";
/// Spans of a batch, and time between two batches.
const BATCH_SPANS: usize = 100;
const PACE: Duration = Duration::from_millis(20);

/// What the program sees of the hub.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// Spans a second that were stored.
    pub(super) rate: f64,
    pub(super) get_ms: f64,
    pub(super) list_ms: f64,
    /// From the making of a batch to the arrival of its spans at a live subscriber.
    pub(super) live_ms: f64,
}

pub(super) async fn run(address: &str, lasting: Duration) -> anyhow::Result<Seen> {
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let mut arrivals = subscribe(address, SERVICE).await?;
    let done = Arc::new(AtomicBool::new(false));
    let newest = Arc::new(AtomicU64::new(0));
    let reading = tokio::spawn(read(
        lane(address).await?,
        run,
        newest.clone(),
        done.clone(),
    ));
    let begun = Instant::now();
    let sent = send(lane(address).await?, run, newest, lasting).await;
    let elapsed = begun.elapsed();
    done.store(true, Ordering::Relaxed);
    let (mut get, mut list) = reading.await??;
    let stored = sent?;
    let mut live = Vec::new();
    while let Ok(delay) = arrivals.try_recv() {
        live.push(delay);
    }
    anyhow::ensure!(!live.is_empty(), "the subscriber got nothing");
    Ok(Seen {
        rate: stored as f64 / elapsed.as_secs_f64(),
        get_ms: percentile(&mut get, 0.99),
        list_ms: percentile(&mut list, 0.95),
        live_ms: percentile(&mut live, 0.99),
    })
}

type Link = (Connection, Lane<HindsightServiceClient>);

async fn lane(address: &str) -> anyhow::Result<Link> {
    let connection = connect(address).await?;
    let lane = open_lane(&connection, LaneOptions::default()).await?;
    Ok((connection, lane))
}

/// Sends a batch at each beat; how many spans were stored.
async fn send(
    link: Link,
    run: u64,
    newest: Arc<AtomicU64>,
    lasting: Duration,
) -> anyhow::Result<u64> {
    let (_connection, lane) = link;
    let tracer_id = TracerId { high: 1, low: run };
    let attach = AttachRequest {
        tracer_id,
        ..AttachRequest::default()
    };
    lane.call(|client| client.attach(attach)).await?;
    let mut workload = Workload::new(4 + run, now_ns());
    let mut beat = interval(PACE);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let begun = Instant::now();
    let mut number = 0;
    while begun.elapsed() < lasting {
        beat.tick().await;
        number += 1;
        let request = IngestRequest {
            tracer_id,
            sequence: number,
            batch: trace(&mut workload, (run, number)).into_batch(),
            accounts: TracerAccounts::default(),
        };
        ingest(lane.client(), request).await?;
        newest.store(number, Ordering::Relaxed);
    }
    Ok(number * BATCH_SPANS as u64)
}

/// Standard spans of trace `number` of a run and of this service, that end now.
fn trace(workload: &mut Workload, number: (u64, u64)) -> CheckedBatch {
    let mut spans = workload.batch(BATCH_SPANS).to_spans();
    let now = now_ns();
    for span in &mut spans {
        span.trace_id = trace_id(number);
        span.start_ns = now - 1_000_000;
        span.end_ns = now;
        span.resource.attributes = vec![KeyValue::new("service.name", SERVICE)];
    }
    batch(&spans)
}

fn trace_id((run, number): (u64, u64)) -> TraceId {
    TraceId {
        high: 0x600d_0000 + run,
        low: number,
    }
}

/// Reads until it is done; milliseconds of each look-up and of each list.
async fn read(
    link: Link,
    run: u64,
    newest: Arc<AtomicU64>,
    done: Arc<AtomicBool>,
) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
    let (_connection, lane) = link;
    let (mut get, mut list) = (Vec::new(), Vec::new());
    let mut beat = interval(PACE / 4);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !done.load(Ordering::Relaxed) {
        beat.tick().await;
        let number = newest.load(Ordering::Relaxed);
        if number == 0 {
            continue;
        }
        let request = GetTraceRequest {
            trace_id: trace_id((run, number)),
            page: 0,
        };
        let begun = Instant::now();
        let reply = lane.call(|client| client.get_trace(request)).await?;
        get.push(begun.elapsed().as_secs_f64() * 1e3);
        let spans = reply.batch.len();
        anyhow::ensure!(spans == BATCH_SPANS, "{spans} spans of trace {number}");
        let begun = Instant::now();
        lane.call(|client| client.list_traces(ListTracesRequest::default()))
            .await?;
        list.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok((get, list))
}
