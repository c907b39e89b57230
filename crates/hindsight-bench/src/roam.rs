//! P6.roam: one trace by its id, from another process, over roam on TCP.

use std::time::Instant;

use anyhow::Context as _;
use hindsight_connect::{Lane, LaneOptions, open_lane};
use hindsight_protocol::HindsightServiceClient;
use hindsight_protocol::hub::{
    AttachRequest, GetTraceRequest, IngestRequest, PingRequest, TracerAccounts,
};
use hindsight_protocol::{SpanBatch, TraceId, TracerId};
use hindsight_testkit::workload::Workload;

use crate::Scale;
use crate::figure::{Figure, percentile};
use crate::ingest::{connect, ingest};
use crate::role::{Played, Role};
use crate::store::{PROBE_SPANS, probe_spans};

const BATCH_SPANS: usize = 4096;
const IN_FLIGHT: usize = 4;
const TRACER: TracerId = TracerId { high: 1, low: 6 };

pub(crate) fn run(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(scale))
}

async fn measure(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let hub = Played::start(Role::Hub)?;
    let address = hub.addresses.get(1).context("no address")?;
    let connection = connect(address).await?;
    let lane: Lane<HindsightServiceClient> = open_lane(&connection, LaneOptions::default()).await?;
    let attach = AttachRequest {
        tracer_id: TRACER,
        ..AttachRequest::default()
    };
    lane.call(|client| client.attach(attach)).await?;
    let probe = TraceId::from_u128(0x1001);
    fill(lane.client(), probe, scale.pick(10_000_000, 20_000)).await?;
    let rounds = scale.pick(2_000, 20);
    let (mut pings, mut gets) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let begun = Instant::now();
        lane.call(|client| client.ping(PingRequest::default()))
            .await?;
        pings.push(begun.elapsed().as_secs_f64() * 1e3);
        let request = GetTraceRequest {
            trace_id: probe,
            page: 0,
        };
        let begun = Instant::now();
        let reply = lane.call(|client| client.get_trace(request)).await?;
        gets.push(begun.elapsed().as_secs_f64() * 1e3);
        anyhow::ensure!(reply.batch.len() as u64 == PROBE_SPANS, "not whole");
    }
    let ping = percentile(&mut pings, 0.99);
    let figure = |name, part: f64, reference| {
        let value = percentile(&mut gets.clone(), part);
        Figure::new(name, value, "ms").against(reference, "a roam round trip")
    };
    Ok(vec![
        figure("P6.roam", 0.99, ping),
        figure("P6.roam.p50", 0.5, percentile(&mut pings, 0.5)),
    ])
}

/// Stores standard spans, and the trace to look up half way.
async fn fill(client: &HindsightServiceClient, probe: TraceId, spans: u64) -> anyhow::Result<()> {
    let mut workload = Workload::new(1, 1_750_000_000_000_000_000);
    let batches = spans.div_ceil(BATCH_SPANS as u64);
    let mut calls = tokio::task::JoinSet::new();
    for number in 1..=batches + 1 {
        let batch: SpanBatch = match number == batches / 2 + 1 {
            true => {
                let rows = probe_spans(probe, 0..PROBE_SPANS);
                (*rows).clone().into_batch()
            }
            false => workload.batch(BATCH_SPANS).into_batch(),
        };
        let request = IngestRequest {
            tracer_id: TRACER,
            sequence: number,
            batch,
            accounts: TracerAccounts::default(),
        };
        let client = client.clone();
        calls.spawn(async move { ingest(&client, request).await });
        if calls.len() >= IN_FLIGHT
            && let Some(done) = calls.join_next().await
        {
            done??;
        }
    }
    while let Some(done) = calls.join_next().await {
        done??;
    }
    Ok(())
}
