//! A trace of 5,000,000 spans: sent, read and cleared, and what the well-behaved program feels of it.
//!
//! The hub takes as many spans of a trace as `spans_per_trace_max` says and refuses the others; its
//! memory limit is 4 GB, so that the limit of the trace is the one that counts.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use hindsight_connect::{Lane, LaneOptions, open_lane};
use hindsight_protocol::HindsightServiceClient;
use hindsight_protocol::hub::{
    AttachRequest, ClearRequest, IngestRequest, StructureCursor, TraceStructureRequest,
    TracerAccounts,
};
use hindsight_protocol::{TraceId, TracerId};
use hindsight_testkit::hostile;

use super::victim::{self, Seen};
use crate::Scale;
use crate::figure::{Figure, resident_bytes, resident_peak_bytes};
use crate::ingest::{connect, ingest};
use crate::role::{Played, Role};

const TRACER: TracerId = TracerId { high: 6, low: 7 };
const BATCH_SPANS: u64 = 4_096;
const IN_FLIGHT: usize = 4;

type Hub = Lane<HindsightServiceClient>;

/// `alone` is what the well-behaved program sees without all this.
pub(super) async fn measure(scale: &Scale, alone: &Seen) -> anyhow::Result<Vec<Figure>> {
    let spans = scale.pick(5_000_000, 16_384);
    let lasting = scale.pick(Duration::from_secs(5), Duration::from_secs(2));
    let hub = Played::start(Role::Hub)?;
    let address = hub.addresses.get(1).context("no address")?;
    let connection = connect(address).await?;
    let lane: Hub = open_lane(&connection, LaneOptions::default()).await?;
    let attach = AttachRequest {
        tracer_id: TRACER,
        ..AttachRequest::default()
    };
    lane.call(|client| client.attach(attach)).await?;
    let filling = fill(lane.client(), spans);
    let (filled, during_fill) = tokio::join!(filling, victim::run(address, lasting));
    let stored = resident_bytes(hub.pid());
    // Once before, so that the order of its runs is there.
    structure(&lane).await?;
    let (structure, during_read) = tokio::join!(structure(&lane), victim::run(address, lasting));
    let (rows, read) = structure?;
    let begun = Instant::now();
    lane.call(|client| client.clear(ClearRequest::default()))
        .await?;
    let cleared = begun.elapsed();
    let plain =
        |what: &str, value: f64, unit| Figure::new(&format!("hostile.huge.{what}"), value, unit);
    let mut figures = vec![
        plain("ingest", spans as f64 / filled?.as_secs_f64(), "spans/s"),
        plain("structure.rows", rows as f64, "spans"),
        plain("structure", read.as_secs_f64(), "s"),
        plain("clear", cleared.as_secs_f64() * 1e3, "ms"),
        plain("rss", stored as f64 / 1e6, "MB"),
        plain(
            "rss.peak",
            resident_peak_bytes(hub.pid()) as f64 / 1e6,
            "MB",
        ),
    ];
    figures.extend(felt("fill", &during_fill?, alone));
    figures.extend(felt("read", &during_read?, alone));
    Ok(figures)
}

fn felt(during: &str, seen: &Seen, alone: &Seen) -> Vec<Figure> {
    let figure = |what: &str, value, reference, unit| {
        let name = format!("hostile.huge.{during}.{what}");
        Figure::new(&name, value, unit).against(reference, "the same without the hostile program")
    };
    vec![
        figure("get", seen.get_ms, alone.get_ms, "ms p99"),
        figure("list", seen.list_ms, alone.list_ms, "ms p95"),
        figure("live", seen.live_ms, alone.live_ms, "ms p99"),
    ]
}

/// Sends the trace; how long that took.
async fn fill(client: &HindsightServiceClient, spans: u64) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    let mut calls = tokio::task::JoinSet::new();
    for number in 1..=spans.div_ceil(BATCH_SPANS) {
        let request = IngestRequest {
            tracer_id: TRACER,
            sequence: number,
            batch: hostile::one_trace(number, BATCH_SPANS),
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
    Ok(begun.elapsed())
}

/// Reads the trace's structure, page after page: rows, and how long that took.
async fn structure(lane: &Hub) -> anyhow::Result<(usize, Duration)> {
    let begun = Instant::now();
    let mut cursor = StructureCursor::default();
    let mut rows = 0;
    loop {
        let request = TraceStructureRequest {
            trace_id: TraceId {
                high: 0xbad0_0000_0000,
                low: 1,
            },
            cursor,
            limit: 0,
        };
        let page = lane.call(|client| client.trace_structure(request)).await?;
        rows += page.span_ids.len();
        if !page.has_more {
            return Ok((rows, begun.elapsed()));
        }
        cursor = page.next;
    }
}
