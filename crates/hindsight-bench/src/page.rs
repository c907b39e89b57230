//! P10 and P11: the page in a real Chromium, against a hub of another process.
//!
//! P10 opens a trace, by its address and from the list, and moves in its picture with real wheel and
//! pointer events; its frames are those of the worker that draws. P11 is the way to the first list, what is loaded on it, and the
//! whole bundle. Where there is no Chromium only the bundle is weighed, and that is said.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use hindsight_connect::{Lane, LaneOptions, open_lane};
use hindsight_protocol::hub::{AttachRequest, IngestRequest, TracerAccounts};
use hindsight_protocol::{HindsightServiceClient, TraceId, TracerId};
use hindsight_testkit::large;
use hindsight_testkit::workload::Workload;
use serde_json::Value;

use crate::Scale;
use crate::chromium::Tab;
use crate::figure::{Figure, median, percentile};
use crate::ingest::{connect, ingest};
use crate::role::{Played, Role};

const TRACER: TracerId = TracerId { high: 1, low: 10 };
/// 2026-11-22T14:32:10Z.
const START_NS: u64 = 1_795_357_930_000_000_000;
/// How long a browser has run before it is given an address: in its first second it mostly starts itself.
const SETTLED: Duration = Duration::from_secs(2);
/// How long the page is there before a trace is opened from it.
const LOOKED_AT: Duration = Duration::from_secs(4);
/// Inputs of a way through the picture.
const STEPS: usize = 120;

/// Notes tasks of the page longer than 50 ms, and when the first row of a list is there.
const WATCH: &str = "
    window.tasks = [0];
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) window.tasks.push(entry.duration);
    }).observe({ type: 'longtask', buffered: true });
    const look = () => {
        if (document.querySelector('.traces tbody tr')) window.listed = performance.now();
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
";

/// Bytes of what was asked for until the first row was there, packed as it was sent.
const LOADED: &str = "
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .filter(entry => entry.startTime < window.listed)
        .reduce((bytes, entry) => bytes + entry.encodedBodySize, 0)
";

/// Begins to note how long frames take, on the page or in a worker.
const NOTE_FRAMES: &str = "
    (() => {
        self.frames = [];
        let before = 0;
        const note = now => {
            if (before > 0) self.frames.push(now - before);
            before = now;
            self.noting = requestAnimationFrame(note);
        };
        cancelAnimationFrame(self.noting);
        self.noting = requestAnimationFrame(note);
    })()
";

/// P10.
pub(crate) fn traces(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    with_chromium("P10", async || {
        let mut figures = Vec::new();
        let empty = empty_frame_ms().await?;
        let sizes = scale.pick(
            [(100_000, "100k"), (1_000_000, "1M")],
            [(1_000, "100k"), (2_000, "1M")],
        );
        for (spans, size) in sizes {
            figures.extend(trace(spans, size, empty, scale.pick(5, 1)).await?);
        }
        Ok(figures)
    })
}

/// P11.
pub(crate) fn bundle(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let mut figures = vec![Figure::new(
        "P11.bundle.all",
        bundle_bytes()? / 1e3,
        "kB brotli",
    )];
    figures.extend(with_chromium("P11.list", async || {
        let hub = Played::start(Role::Hub)?;
        let lane = attached(&hub).await?;
        let mut workload = Workload::new(1, START_NS);
        for sequence in 1..=4 {
            let request = IngestRequest {
                tracer_id: TRACER,
                sequence,
                batch: workload.batch(4096).into_batch(),
                accounts: TracerAccounts::default(),
            };
            ingest(lane.client(), request).await?;
        }
        let url = format!("http://{}/", hub.addresses.first().context("no address")?);
        let (mut loads, mut kilobytes) = (Vec::new(), Vec::new());
        for _ in 0..scale.pick(7, 1) {
            let mut tab = new_browser().await;
            tab.go(&url).await;
            tab.until("window.listed > 0").await;
            loads.push(number(&tab.evaluate("window.listed").await)?);
            kilobytes.push(number(&tab.evaluate(LOADED).await)? / 1e3);
        }
        Ok(vec![
            Figure::new("P11.bundle", median(kilobytes), "kB brotli").against(600.0, "the goal"),
            Figure::new("P11.list", median(loads), "ms")
                .against(500.0, "the goal of half a second"),
        ])
    })?);
    Ok(figures)
}

/// A browser with a new profile, where nothing is cached.
async fn new_browser() -> Tab {
    let mut tab = Tab::open("about:blank").await;
    tab.run_first(WATCH).await;
    tokio::time::sleep(SETTLED).await;
    tab
}

/// Milliseconds from a click in the list to the trace's picture.
async fn opened(url: &str) -> anyhow::Result<f64> {
    let mut tab = new_browser().await;
    tab.go(url).await;
    tab.until("window.listed > 0").await;
    tokio::time::sleep(LOOKED_AT).await;
    let opened = tab
        .evaluate(
            "new Promise(done => {
                const link = document.querySelector('.traces tbody tr a[href]');
                const begun = performance.now();
                new PerformanceObserver(list => {
                    const drawn = list.getEntriesByName('hindsight:trace-drawn')[0];
                    if (drawn) done(drawn.startTime - begun);
                }).observe({ type: 'mark' });
                link.click();
            })",
        )
        .await;
    number(&opened)
}

/// Runs a measure that needs a browser; says so where there is none.
fn with_chromium(
    name: &str,
    measure: impl AsyncFnOnce() -> anyhow::Result<Vec<Figure>>,
) -> anyhow::Result<Vec<Figure>> {
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    let is_there = |name: &&str| {
        let mut version = Command::new(name);
        version.arg("--version").stdin(Stdio::null());
        version.stdout(Stdio::null()).stderr(Stdio::null());
        version.status().is_ok_and(|status| status.success())
    };
    if std::env::var_os("CHROME").is_none() && !names.iter().any(is_there) {
        eprintln!("{name} is left out: no Chromium on PATH, and CHROME names none");
        return Ok(Vec::new());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure())
}

async fn attached(hub: &Played) -> anyhow::Result<Lane<HindsightServiceClient>> {
    let address = hub.addresses.get(1).context("no address")?;
    let connection = connect(address).await?;
    let lane: Lane<HindsightServiceClient> = open_lane(&connection, LaneOptions::default()).await?;
    let attach = AttachRequest {
        tracer_id: TRACER,
        ..AttachRequest::default()
    };
    lane.call(|client| client.attach(attach)).await?;
    // It stays for as long as this process: the hub must not take its app for gone.
    std::mem::forget(connection);
    Ok(lane)
}

async fn trace(
    spans: u64,
    size: &str,
    empty_ms: f64,
    rounds: usize,
) -> anyhow::Result<Vec<Figure>> {
    let hub = Played::start(Role::Hub)?;
    let lane = attached(&hub).await?;
    let trace = TraceId::from_u128(0x10);
    for (sequence, batch) in (1..).zip(large::batches(trace, spans, START_NS)) {
        let request = IngestRequest {
            tracer_id: TRACER,
            sequence,
            batch: batch.into_batch(),
            accounts: TracerAccounts::default(),
        };
        ingest(lane.client(), request).await?;
    }
    let host = hub.addresses.first().context("no address")?;
    let url = format!("http://{host}/trace/{trace}");
    let (mut drawn, mut told, mut longest) = (Vec::new(), Vec::new(), Vec::new());
    let (mut frames, mut clicked) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        clicked.push(opened(&format!("http://{host}/")).await?);
        let mut tab = new_browser().await;
        tab.watch_workers().await;
        tab.go(&url).await;
        let mark =
            |name: &str| format!("performance.getEntriesByName('hindsight:{name}')[0].startTime");
        // Of a small trace all may be told before its first picture is drawn.
        for name in ["trace-told", "trace-drawn"] {
            tab.until(&format!("{} > 0", mark(name))).await;
        }
        drawn.push(number(&tab.evaluate(&mark("trace-drawn")).await)?);
        told.push(number(&tab.evaluate(&mark("trace-told")).await)?);
        let task = tab.evaluate("Math.max(...window.tasks)").await;
        longest.push(number(&task)?);
        if round == 0 {
            frames = moved(&mut tab).await?;
        }
    }
    let named = |what: &str| format!("P10.{what}.{size}");
    let goal = if size == "1M" { 1500.0 } else { 300.0 };
    Ok(vec![
        Figure::new(&named("drawn"), median(drawn), "ms").against(goal, "the goal"),
        Figure::new(&named("opened"), median(clicked), "ms").against(goal, "the goal"),
        Figure::new(&named("told"), median(told), "ms"),
        Figure::new(&named("task"), median(longest), "ms").against(50.0, "the goal"),
        Figure::new(&named("frame"), percentile(&mut frames, 0.95), "ms p95")
            .against(empty_ms, "frames of an empty canvas"),
    ])
}

/// Zooms and pans by wheel and pointer; the times of the worker's frames meanwhile.
async fn moved(tab: &mut Tab) -> anyhow::Result<Vec<f64>> {
    tab.evaluate_in_worker(NOTE_FRAMES).await;
    let at = |step: usize| (600.0 + (step % 40) as f64 * 8.0, 420.0);
    for step in 0..STEPS {
        let zoom = if step % 60 < 30 { -120.0 } else { 120.0 };
        tab.wheel(at(step), (0.0, zoom), true).await;
    }
    tab.wheel(at(0), (0.0, -2000.0), true).await;
    tab.mouse("mousePressed", at(0)).await;
    for step in 0..STEPS {
        tab.mouse("mouseMoved", at(step)).await;
    }
    tab.mouse("mouseReleased", at(0)).await;
    let frames = tab.evaluate_in_worker("self.frames").await;
    numbers(&frames)
}

/// What a frame takes at most in 95 of 100 cases where there is nothing to draw.
async fn empty_frame_ms() -> anyhow::Result<f64> {
    let mut tab = Tab::open("about:blank").await;
    tab.evaluate(
        "document.body.append(document.createElement('canvas')); \
         document.querySelector('canvas').getContext('2d').clearRect(0, 0, 9, 9)",
    )
    .await;
    tab.evaluate(NOTE_FRAMES).await;
    tab.until("self.frames.length > 120").await;
    let frames = tab.evaluate("self.frames").await;
    Ok(percentile(&mut numbers(&frames)?, 0.95))
}

fn number(value: &Value) -> anyhow::Result<f64> {
    value
        .as_f64()
        .with_context(|| format!("no number: {value}"))
}

fn numbers(value: &Value) -> anyhow::Result<Vec<f64>> {
    let values = value.as_array().context("no numbers")?;
    values.iter().map(number).collect()
}

/// All files of the bundle, as they are sent.
fn bundle_bytes() -> anyhow::Result<f64> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hindsight-web/dist");
    let mut bytes = 0;
    for entry in std::fs::read_dir(&folder).context("the bundle")? {
        let entry = entry?;
        if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "br")
        {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes as f64)
}

/// How long the browser may take for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
