//! P1: ingest end to end.

mod pool;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hindsight::Tracer;
use hindsight_connect::{Connection, DialOptions, Endpoint, Lane, LaneOptions, dial, open_lane};
use hindsight_protocol::hub::{
    AttachRequest, IngestReply, IngestRequest, LiveRequest, PROTOCOL_VERSION, StatsReply,
    StatsRequest,
};
use hindsight_protocol::{
    HindsightServiceClient, HubError, Span, SpanBatch, TracerAccounts, TracerId,
    hindsight_service_service_descriptor,
};
use hindsight_testkit::workload::{Workload, trace_lens};
use tokio::io::AsyncWriteExt;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::Scale;
use crate::api::{SinkClient, sink_service_descriptor};
use crate::figure::{Figure, cpu_time};
use crate::role::{PATIENCE, Played, Role};

use pool::Pool;

const BATCH_SPANS: usize = 4096;
/// More than are in flight: a call takes one, and gives it back when it is answered.
const PREBUILT: usize = 32;
/// For filling a hub with what it may hold.
const FILLING_MAX: Duration = Duration::from_secs(180);
/// Spans that a program makes before it looks how many are unsent, and as many as it leaves unsent.
const LOOK_SPANS: u64 = 2_048;
const UNSENT_MAX: u64 = 16_384;
/// Of spans made through a tracer.
const NAMES: usize = 200;
const IN_FLIGHT: usize = 8;

pub(crate) fn run(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(scale))
}

async fn measure(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let lasting = scale.pick(Duration::from_secs(30), Duration::from_millis(300));
    let reference_lasting = scale.pick(Duration::from_secs(5), Duration::from_millis(200));
    let filling = scale.pick(FILLING_MAX, Duration::ZERO);
    let batches = prebuilt(scale.pick(PREBUILT, 2 * IN_FLIGHT));
    let typed = typed_reference(&batches, reference_lasting).await?;
    let columns = columns_reference(&batches, reference_lasting).await?;
    let plain = plain_reference(&batches, reference_lasting).await?;
    let batch = through_batches(&batches, filling, lasting).await?;
    let api = through_tracer(&batches, filling, lasting).await?;
    Ok(vec![
        Figure::new("P1.batch", batch.rate, "spans/s")
            .against(columns, "prebuilt columns to an empty service"),
        Figure::new("P1.batch.tcp", batch.rate, "spans/s")
            .against(plain, "the same bytes over plain TCP"),
        Figure::new("P1.batch.client", batch.client_ns, "CPU ns/span"),
        Figure::new("P1.batch.hub", batch.hub_ns, "CPU ns/span"),
        Figure::new("P1.api", api.rate, "spans/s").against(typed, "Vec<Span> to an empty service"),
        Figure::new("P1.api.client", api.client_ns, "CPU ns/span"),
        Figure::new("P1.api.hub", api.hub_ns, "CPU ns/span"),
        Figure::new("P1.api.dropped", api.dropped_share * 100.0, "% of spans"),
    ])
}

fn prebuilt(count: usize) -> Vec<SpanBatch> {
    let mut workload = Workload::new(1, 1_750_000_000_000_000_000);
    (0..count)
        .map(|_| workload.batch(BATCH_SPANS).into_batch())
        .collect()
}

/// Makes a batch one of new spans: other trace ids.
fn renew(batch: &mut SpanBatch, round: u64) {
    let change = round.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    batch.trace_ids_high.iter_mut().for_each(|id| *id ^= change);
}

pub(crate) async fn connect(address: &str) -> anyhow::Result<Connection> {
    let endpoint: Endpoint = format!("tcp://{address}").parse()?;
    Ok(dial(&endpoint, DialOptions::default()).await?)
}

/// Keeps eight calls in flight until the time is over; spans a second.
async fn saturate<F, Fut>(lasting: Duration, spans_per_call: usize, call: F) -> anyhow::Result<f64>
where
    F: Fn(u64) -> Fut,
    Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let begun = Instant::now();
    let mut calls = JoinSet::new();
    let mut round = 0_u64;
    let mut answered = 0_u64;
    while begun.elapsed() < lasting {
        while calls.len() < IN_FLIGHT {
            round += 1;
            calls.spawn(call(round));
        }
        if let Some(done) = calls.join_next().await {
            done??;
            answered += 1;
        }
    }
    let rate = (answered * spans_per_call as u64) as f64 / begun.elapsed().as_secs_f64();
    while let Some(done) = calls.join_next().await {
        done??;
    }
    Ok(rate)
}

async fn typed_reference(batches: &[SpanBatch], lasting: Duration) -> anyhow::Result<f64> {
    let sink = Played::start(Role::Sink)?;
    let connection = connect(sink.addresses.first().context("no address")?).await?;
    let lane: Lane<SinkClient> = open_lane(&connection, LaneOptions::default()).await?;
    let first = batches.first().context("no batch")?.clone().check()?;
    let spans: Arc<Vec<Span>> = Arc::new(first.to_spans().into_iter().take(512).collect());
    saturate(lasting, spans.len(), |_| {
        let (lane, spans) = (lane.clone(), spans.clone());
        async move {
            let client = lane.client().clone();
            client
                .typed(spans.to_vec())
                .await
                .map_err(|e| anyhow::anyhow!("{e:?}"))?;
            Ok(())
        }
    })
    .await
}

async fn columns_reference(batches: &[SpanBatch], lasting: Duration) -> anyhow::Result<f64> {
    let sink = Played::start(Role::Sink)?;
    let connection = connect(sink.addresses.first().context("no address")?).await?;
    let lane: Lane<SinkClient> = open_lane(&connection, LaneOptions::default()).await?;
    let arguments = batches.iter().map(|batch| (batch.clone(),));
    let pool = Pool::new(sink_service_descriptor(), "columns", arguments)?;
    saturate(lasting, BATCH_SPANS, |round| {
        let (pool, client) = (pool.clone(), lane.client().clone());
        async move {
            let renew = |(batch,): &mut (SpanBatch,)| renew(batch, round);
            pool.call::<u64, Infallible>(&client.caller, renew).await
        }
    })
    .await
}

/// Spans a second if each took its bytes of a TCP stream and nothing else.
async fn plain_reference(batches: &[SpanBatch], lasting: Duration) -> anyhow::Result<f64> {
    let drain = Played::start(Role::Drain)?;
    let address = drain.addresses.first().context("no address")?;
    let mut stream = tokio::net::TcpStream::connect(address.as_str()).await?;
    let bytes = vec![7; batches.first().context("no batch")?.byte_len()];
    let begun = Instant::now();
    let mut sent = 0_u64;
    while begun.elapsed() < lasting {
        stream.write_all(&bytes).await?;
        sent += BATCH_SPANS as u64;
    }
    Ok(sent as f64 / begun.elapsed().as_secs_f64())
}

struct Ingested {
    rate: f64,
    client_ns: f64,
    hub_ns: f64,
    /// Of what was offered.
    dropped_share: f64,
}

/// Counts what a subscriber is given, on a connection of its own.
async fn subscribe(address: &str) -> anyhow::Result<(Connection, Arc<AtomicU64>)> {
    let connection = connect(address).await?;
    let options = LaneOptions {
        call_timeout: None,
        ..LaneOptions::default()
    };
    let lane: Lane<HindsightServiceClient> = open_lane(&connection, options).await?;
    let seen = Arc::new(AtomicU64::new(0));
    let counted = seen.clone();
    tokio::spawn(async move {
        let (tx, mut rx) = vox::channel();
        let request = LiveRequest {
            spans: true,
            ..LiveRequest::default()
        };
        let client = lane.client().clone();
        tokio::join!(client.live(request, tx), async {
            while let Ok(Some(event)) = rx.recv().await {
                counted.fetch_add(event.get().batch.len() as u64, Ordering::Relaxed);
            }
        })
        .0
        .is_ok()
    });
    Ok((connection, seen))
}

/// A tracer that sends batches made before.
struct Sender {
    lane: Lane<HindsightServiceClient>,
    pool: Arc<Pool<(IngestRequest,)>>,
    /// The last round, of which each makes batches of other spans.
    round: AtomicU64,
    _connection: Connection,
}

impl Sender {
    /// Attaches; `number` tells its spans from those of other senders.
    async fn new(address: &str, batches: &[SpanBatch], number: u64) -> anyhow::Result<Self> {
        let connection = connect(address).await?;
        let lane: Lane<HindsightServiceClient> =
            open_lane(&connection, LaneOptions::default()).await?;
        let tracer_id = TracerId {
            high: 1,
            low: number,
        };
        let attach = AttachRequest {
            tracer_id,
            protocol_version: PROTOCOL_VERSION,
            ..AttachRequest::default()
        };
        lane.call(|client| client.attach(attach)).await?;
        let requests = batches.iter().map(|batch| {
            let request = IngestRequest {
                tracer_id,
                sequence: 0,
                batch: batch.clone(),
                accounts: TracerAccounts::default(),
            };
            (request,)
        });
        Ok(Self {
            pool: Pool::new(hindsight_service_service_descriptor(), "ingest", requests)?,
            lane,
            round: AtomicU64::new(number << 32),
            _connection: connection,
        })
    }

    /// Sends as fast as it goes; spans a second.
    async fn saturate(&self, lasting: Duration) -> anyhow::Result<f64> {
        saturate(lasting, BATCH_SPANS, |_| {
            let round = self.round.fetch_add(1, Ordering::Relaxed);
            let (pool, client) = (self.pool.clone(), self.lane.client().clone());
            async move {
                let renew = |(request,): &mut (IngestRequest,)| {
                    request.sequence = round & u64::from(u32::MAX);
                    renew(&mut request.batch, round);
                };
                pool.call::<IngestReply, HubError>(&client.caller, renew)
                    .await
            }
        })
        .await
    }
}

/// Sends until the hub evicts, so that what is measured then is a hub that takes and gives memory, not one that grows.
async fn fill(address: &str, batches: &[SpanBatch], patience: Duration) -> anyhow::Result<()> {
    const A_WHILE: Duration = Duration::from_secs(2);
    let sender = Sender::new(address, batches, 1).await?;
    let begun = Instant::now();
    while begun.elapsed() < patience {
        sender.saturate(A_WHILE).await?;
        if stats(&sender.lane).await?.store.evicted > 0 {
            return Ok(());
        }
    }
    anyhow::ensure!(patience.is_zero(), "the hub never evicts");
    Ok(())
}

async fn through_batches(
    batches: &[SpanBatch],
    filling: Duration,
    lasting: Duration,
) -> anyhow::Result<Ingested> {
    let hub = Played::start(Role::Hub)?;
    let address = hub.addresses.get(1).context("no address")?;
    fill(address, batches, filling).await?;
    let (_subscriber, _seen) = subscribe(address).await?;
    let sender = Sender::new(address, batches, 2).await?;
    let before = (cpu_time(std::process::id()), cpu_time(hub.pid()));
    let rate = sender.saturate(lasting).await?;
    let spans = rate * lasting.as_secs_f64();
    Ok(Ingested {
        rate,
        client_ns: per_span(std::process::id(), before.0, spans),
        hub_ns: per_span(hub.pid(), before.1, spans),
        dropped_share: 0.0,
    })
}

fn per_span(pid: u32, before: Duration, spans: f64) -> f64 {
    cpu_time(pid).saturating_sub(before).as_nanos() as f64 / spans
}

/// Sends a batch, again when the hub has no room.
pub(crate) async fn ingest(
    client: &HindsightServiceClient,
    request: IngestRequest,
) -> anyhow::Result<()> {
    loop {
        match client.ingest(request.clone()).await {
            Ok(_) => return Ok(()),
            Err(vox::VoxError::User(error)) if error.retry_after_ms > 0 => {
                tokio::time::sleep(Duration::from_millis(u64::from(error.retry_after_ms))).await;
            }
            Err(error) => anyhow::bail!("{error:?}"),
        }
    }
}

async fn through_tracer(
    batches: &[SpanBatch],
    filling: Duration,
    lasting: Duration,
) -> anyhow::Result<Ingested> {
    let hub = Played::start(Role::Hub)?;
    let address = hub.addresses.get(1).context("no address")?;
    fill(address, batches, filling).await?;
    let stored = received(address).await?;
    let (_subscriber, _seen) = subscribe(address).await?;
    let tracer = Tracer::builder()
        .endpoint(format!("tcp://{address}"))
        .service_name("bench")
        .connect()
        .await?;
    let before = (cpu_time(std::process::id()), cpu_time(hub.pid()));
    let begun = Instant::now();
    let producer = {
        let tracer = tracer.clone();
        tokio::task::spawn_blocking(move || produce(&tracer, lasting))
    };
    producer.await?;
    tracer.flush(PATIENCE).await;
    let elapsed = begun.elapsed();
    let cpu_client = cpu_time(std::process::id()).saturating_sub(before.0);
    let cpu_hub = cpu_time(hub.pid()).saturating_sub(before.1);
    let report = tracer.report().await;
    let received = (received(address).await? - stored) as f64;
    Ok(Ingested {
        rate: received / elapsed.as_secs_f64(),
        client_ns: cpu_client.as_nanos() as f64 / received,
        hub_ns: cpu_hub.as_nanos() as f64 / received,
        dropped_share: report.dropped as f64 / report.offered.max(1) as f64,
    })
}

/// Makes standard traces until the time is over: a span, and the others of its trace within. As fast as it goes
/// without loss: it waits while much is unsent.
fn produce(tracer: &Tracer, lasting: Duration) {
    let names: Vec<&'static str> = (0..NAMES)
        .map(|number| &*format!("operation.{number:03}").leak())
        .collect();
    let begun = Instant::now();
    let mut number = 0_u64;
    let mut looked = 0;
    for len in trace_lens(1) {
        let mut next = || {
            number += 1;
            let name = names[number as usize % names.len()];
            crate::hot_path::standard_span(tracer, name, number)
        };
        let root = next();
        for _ in 1..len {
            next().end();
        }
        root.end();
        if begun.elapsed() >= lasting {
            break;
        }
        if number - looked > LOOK_SPANS {
            looked = number;
            Handle::current().block_on(until_sent(tracer));
        }
    }
}

/// Waits while much is unsent.
async fn until_sent(tracer: &Tracer) {
    while tracer.report().await.unsent > UNSENT_MAX {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn received(address: &str) -> anyhow::Result<u64> {
    let connection = connect(address).await?;
    let lane: Lane<HindsightServiceClient> = open_lane(&connection, LaneOptions::default()).await?;
    Ok(stats(&lane).await?.ingest.received)
}

async fn stats(lane: &Lane<HindsightServiceClient>) -> anyhow::Result<StatsReply> {
    Ok(lane
        .call(|client| client.stats(StatsRequest::default()))
        .await?)
}
