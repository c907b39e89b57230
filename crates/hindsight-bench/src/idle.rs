//! P14: connected apps that do nothing.

use std::time::Duration;

use anyhow::Context as _;
use hindsight_connect::{Connection, Lane, LaneOptions, open_lane};
use hindsight_protocol::hub::{AttachRequest, PROTOCOL_VERSION, PingRequest};
use hindsight_protocol::{HindsightServiceClient, TracerId};

use crate::Scale;
use crate::figure::{Figure, cpu_time, resident_bytes};
use crate::ingest::connect;
use crate::role::{Played, Role};

/// Time between two signs of life, as a tracer has it.
const PING: Duration = Duration::from_secs(10);

pub(crate) fn run(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(scale))
}

async fn measure(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let apps = scale.pick(2000, 20);
    let watched = scale.pick(Duration::from_secs(30), Duration::from_millis(300));
    let plain = plain_bytes(apps).await?;
    let hub = Played::start(Role::Hub)?;
    let address = hub.addresses.get(1).context("no address")?;
    let before = resident_bytes(hub.pid());
    let mut attached = Vec::new();
    for number in 0..apps {
        attached.push(attach(address, number as u64 + 1).await?);
    }
    let pinging: Vec<_> = attached
        .iter()
        .map(|(_, lane)| tokio::spawn(ping(lane.clone())))
        .collect();
    tokio::time::sleep(watched / 3).await;
    let each = resident_bytes(hub.pid()).saturating_sub(before) as f64 / apps as f64;
    let cpu = cpu_time(hub.pid());
    tokio::time::sleep(watched).await;
    let busy = cpu_time(hub.pid()).saturating_sub(cpu).as_secs_f64() / watched.as_secs_f64();
    pinging.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(vec![
        Figure::new("P14.rss", each / 1e3, "kB/app")
            .against(plain / 1e3, "a plain roam connection"),
        Figure::new("P14.cpu", busy * 100.0, "% of a core"),
    ])
}

async fn attach(
    address: &str,
    number: u64,
) -> anyhow::Result<(Connection, Lane<HindsightServiceClient>)> {
    let connection = connect(address).await?;
    let lane: Lane<HindsightServiceClient> = open_lane(&connection, LaneOptions::default()).await?;
    let request = AttachRequest {
        tracer_id: TracerId {
            high: 14,
            low: number,
        },
        protocol_version: PROTOCOL_VERSION,
        ..AttachRequest::default()
    };
    lane.call(|client| client.attach(request)).await?;
    Ok((connection, lane))
}

async fn ping(lane: Lane<HindsightServiceClient>) {
    let mut beat = tokio::time::interval(PING);
    loop {
        beat.tick().await;
        if lane
            .call(|client| client.ping(PingRequest::default()))
            .await
            .is_err()
        {
            return;
        }
    }
}

/// Bytes that a connection with one lane takes in a process that does nothing else.
async fn plain_bytes(connections: usize) -> anyhow::Result<f64> {
    let sink = Played::start(Role::Sink)?;
    let address = sink.addresses.first().context("no address")?;
    let before = resident_bytes(sink.pid());
    let mut open = Vec::new();
    for _ in 0..connections {
        let connection = connect(address).await?;
        let lane: Lane<crate::api::SinkClient> =
            open_lane(&connection, LaneOptions::default()).await?;
        open.push((connection, lane));
    }
    Ok(resident_bytes(sink.pid()).saturating_sub(before) as f64 / connections as f64)
}
