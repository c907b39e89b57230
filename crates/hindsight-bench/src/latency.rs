//! P9: from the end of a span to a live subscriber.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use hindsight::Tracer;
use hindsight_connect::{Lane, LaneOptions, open_lane};
use hindsight_protocol::hub::{LiveRequest, PingRequest};
use hindsight_protocol::{HindsightServiceClient, LiveEvent};
use tokio::sync::mpsc;

use crate::Scale;
use crate::figure::{Figure, median, percentile};
use crate::ingest::connect;
use crate::role::{PATIENCE, Played, Role};

pub(crate) fn run(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(scale))
}

async fn measure(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let hub = Played::start(Role::Hub)?;
    let address = hub.addresses.get(1).context("no address")?;
    let round_trip = round_trip_ms(address, scale.pick(500, 20)).await?;
    let spans = scale.pick(200, 10);
    let mut default = delays(address, Duration::from_millis(50), spans).await?;
    let mut at_once = delays(address, Duration::ZERO, spans).await?;
    let figure = |name, values: &mut Vec<f64>, part| {
        let value = percentile(values, part);
        Figure::new(name, value, "ms").against(round_trip, "a roam round trip")
    };
    Ok(vec![
        figure("P9.p50", &mut default, 0.5),
        figure("P9.p99", &mut default, 0.99),
        figure("P9.at_once.p50", &mut at_once, 0.5),
        figure("P9.at_once.p99", &mut at_once, 0.99),
    ])
}

async fn round_trip_ms(address: &str, rounds: usize) -> anyhow::Result<f64> {
    let connection = connect(address).await?;
    let lane: Lane<HindsightServiceClient> = open_lane(&connection, LaneOptions::default()).await?;
    let mut taken = Vec::new();
    for _ in 0..rounds {
        let begun = Instant::now();
        lane.call(|client| client.ping(PingRequest::default()))
            .await?;
        taken.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(median(taken))
}

pub(crate) fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos() as u64)
}

/// Milliseconds from each span's end to its arrival.
async fn delays(address: &str, interval: Duration, spans: usize) -> anyhow::Result<Vec<f64>> {
    let service = format!("bench-{}", interval.as_millis());
    let mut arrivals = subscribe(address, &service).await?;
    let tracer = Tracer::builder()
        .endpoint(format!("tcp://{address}"))
        .service_name(service)
        .flush_interval(interval)
        .connect()
        .await?;
    let mut delays = Vec::new();
    for number in 0..spans {
        tracer.span("measured").start().end();
        let delay = tokio::time::timeout(PATIENCE, arrivals.recv()).await?;
        delays.push(delay.context("the subscription ended")?);
        // Off the beat of the exporter.
        tokio::time::sleep(Duration::from_micros(1700 + 137 * (number as u64 % 17))).await;
    }
    Ok(delays)
}

/// Sends on how late each span of `service` is, in milliseconds.
pub(crate) async fn subscribe(address: &str, service: &str) -> anyhow::Result<mpsc::Receiver<f64>> {
    let connection = connect(address).await?;
    let options = LaneOptions {
        call_timeout: None,
        ..LaneOptions::default()
    };
    let lane: Lane<HindsightServiceClient> = open_lane(&connection, options).await?;
    let (late, lateness) = mpsc::channel(1 << 20);
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    let request = LiveRequest {
        spans: true,
        service: service.to_owned(),
        ..LiveRequest::default()
    };
    tokio::spawn(async move {
        let _connection = connection;
        let (tx, mut rx) = vox::channel::<LiveEvent>();
        let mut ready = Some(ready);
        let client = lane.client().clone();
        let receive = async {
            while let Ok(Some(event)) = rx.recv().await {
                let now = now_ns();
                let event = event.get();
                if event.kind == LiveEvent::KIND_SNAPSHOT_END {
                    // Told once; the receiver may have gone.
                    if let Some(ready) = ready.take() {
                        ready.send(()).unwrap_or_default();
                    }
                }
                for end in &event.batch.ends_ns {
                    let delay = now.saturating_sub(*end) as f64 / 1e6;
                    if late.send(delay).await.is_err() {
                        return;
                    }
                }
            }
        };
        tokio::join!(client.live(request, tx), receive).0.is_ok()
    });
    tokio::time::timeout(PATIENCE, is_ready).await??;
    Ok(lateness)
}
