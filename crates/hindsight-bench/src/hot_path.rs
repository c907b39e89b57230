//! P4 and P5: what a span costs the program.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hindsight::{Sampler, Span, Tracer};
use tracing_subscriber::layer::SubscriberExt;

use crate::Scale;
use crate::figure::{Figure, median};
use crate::role::{PATIENCE, Played, Role};

/// Spans in a row; well below what a thread may hold.
const BURST: u32 = 8192;
/// Time for the exporter between two bursts.
const PAUSE: Duration = Duration::from_millis(30);

/// A span with the eight attributes of the standard workload, started.
pub(crate) fn standard_span(tracer: &Tracer, name: &'static str, number: u64) -> Span {
    const REGIONS: [&str; 5] = [
        "eu-central-1",
        "eu-west-1-prod",
        "us-east-1",
        "ap-south-1",
        "local-dev",
    ];
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let span = tracer
        .span(name)
        .with_attribute("deployment.region", REGIONS[(mixed >> 8) as usize % 5])
        .with_display(
            "http.route.name",
            format_args!("/api/items/{:04}", mixed % 1000),
        )
        .with_display("request.unique.id", format_args!("{mixed:016x}"))
        .with_attribute("response.bytes", (mixed >> 32) as u32)
        .with_attribute("request.bytes", mixed as u32)
        .with_attribute("cache.hit.ratio", (mixed % 1000) as f64 / 1000.0)
        .with_attribute("cache.enabled", mixed & 1 == 0)
        .with_attribute("user.logged.in", mixed & 2 == 0)
        .start();
    if number.is_multiple_of(10) {
        span.event_with("checkpoint", vec![("step".into(), "half".into())]);
    }
    span
}

fn four_attributes(tracer: &Tracer) {
    let span = tracer
        .span("operation")
        .with_attribute("first.attribute", "value")
        .with_attribute("second.attribute", 2)
        .with_attribute("third.attribute", 3.5)
        .with_attribute("fourth.attribute", true)
        .start();
    black_box(&span);
    span.end();
}

/// Nanoseconds of one `work`, the median of bursts.
fn burst_ns(scale: &Scale, pause: Duration, mut work: impl FnMut()) -> f64 {
    let bursts = scale.pick(40, 3);
    let burst = || {
        let begun = Instant::now();
        for _ in 0..BURST {
            work();
        }
        let taken = begun.elapsed().as_nanos() as f64 / f64::from(BURST);
        std::thread::park_timeout(pause);
        taken
    };
    median(std::iter::repeat_with(burst).take(bursts).collect())
}

pub(crate) fn enabled(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let hub = Played::start(Role::Hub)?;
    let tracer = connected(&hub, Sampler::AlwaysOn)?;
    let own = burst_ns(scale, PAUSE, || four_attributes(&tracer));
    let elsewhere = ended_elsewhere(scale, &tracer)?;
    let (standard, exporter) = standard_ns(scale, &tracer);
    let fastrace = fastrace_ns(scale);
    let registry = registry_ns(scale);
    let figure = |name, value| Figure::new(name, value, "ns");
    Ok(vec![
        figure("P4", own).against(fastrace.0, "fastrace local span"),
        figure("P4.root", own).against(fastrace.1, "fastrace root span"),
        figure("P4.registry", own).against(registry, "tracing with the bare registry"),
        figure("P4.elsewhere", elsewhere).against(own, "ended on its own thread"),
        figure("P4.standard", standard).against(own, "a span with 4 attributes"),
        Figure::new("P4.exporter", exporter, "CPU ns/span").against(standard, "its own thread"),
    ])
}

pub(crate) fn connected(hub: &Played, sampler: Sampler) -> anyhow::Result<Tracer> {
    let address = hub.addresses.get(1).context("no address")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let builder = Tracer::builder()
        .endpoint(format!("tcp://{address}"))
        .sampler(sampler)
        .service_name("bench");
    Ok(runtime.block_on(builder.connect())?)
}

/// Start here, end on another thread: nanoseconds of both together.
fn ended_elsewhere(scale: &Scale, tracer: &Tracer) -> anyhow::Result<f64> {
    let bursts = scale.pick(40, 3);
    let mut taken = Vec::new();
    for _ in 0..bursts {
        let begun = Instant::now();
        let spans: Vec<hindsight::Span> = (0..BURST)
            .map(|number| {
                tracer
                    .span("operation")
                    .with_attribute("first.attribute", "value")
                    .with_attribute("second.attribute", number)
                    .with_attribute("third.attribute", 3.5)
                    .with_attribute("fourth.attribute", true)
                    .start_detached()
            })
            .collect();
        let starting = begun.elapsed();
        let ending = std::thread::spawn(move || {
            let begun = Instant::now();
            spans.into_iter().for_each(hindsight::Span::end);
            begun.elapsed()
        });
        let ending = ending
            .join()
            .map_err(|_| anyhow::anyhow!("the other thread panicked"))?;
        taken.push((starting + ending).as_nanos() as f64 / f64::from(BURST));
        std::thread::park_timeout(PAUSE);
    }
    Ok(median(taken))
}

/// Standard spans: nanoseconds of the thread that makes them, and CPU time of the exporter, each for
/// a span.
fn standard_ns(scale: &Scale, tracer: &Tracer) -> (f64, f64) {
    tracer.flush_blocking(PATIENCE);
    let before = exporter_cpu();
    let mut number = 0;
    let own = burst_ns(scale, PAUSE, || {
        number += 1;
        standard_span(tracer, "standard_operation", number).end();
    });
    tracer.flush_blocking(PATIENCE);
    let exporting = exporter_cpu().saturating_sub(before);
    (own, exporting.as_nanos() as f64 / number as f64)
}

/// CPU time of the exporters' threads of this process; zero where the system does not tell.
fn exporter_cpu() -> Duration {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else {
        return Duration::ZERO;
    };
    let read = |path: std::path::PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    let paths = threads.flatten().map(|thread| thread.path());
    // The kernel keeps fifteen bytes of a thread's name.
    let exporters = paths.filter(|path| read(path.join("comm")).starts_with("hindsight-expor"));
    let nanos = exporters.filter_map(|path| {
        let times = read(path.join("schedstat"));
        times.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

/// A local span beneath a root, and a root span.
fn fastrace_ns(scale: &Scale) -> (f64, f64) {
    use fastrace::collector::{Config, Reporter, SpanContext, SpanRecord};
    struct Forget;
    impl Reporter for Forget {
        fn report(&mut self, spans: Vec<SpanRecord>) {
            black_box(spans);
        }
    }
    fastrace::set_reporter(Forget, Config::default());
    let properties = || {
        [
            ("first.attribute", "value"),
            ("second.attribute", "2"),
            ("third.attribute", "3.5"),
            ("fourth.attribute", "true"),
        ]
    };
    let root = burst_ns(scale, PAUSE, || {
        let span =
            fastrace::Span::root("operation", SpanContext::random()).with_properties(properties);
        black_box(&span);
    });
    let bursts = scale.pick(40, 3);
    let burst = || {
        let root = fastrace::Span::root("root", SpanContext::random());
        let _guard = root.set_local_parent();
        // A parent holds a limited number of local spans; the burst is as long as for the others,
        // in parts of a hundred.
        let begun = Instant::now();
        for _ in 0..100 {
            let span = fastrace::local::LocalSpan::enter_with_local_parent("operation")
                .with_properties(properties);
            black_box(&span);
        }
        begun.elapsed().as_nanos() as f64 / 100.0
    };
    let local = median(std::iter::repeat_with(burst).take(bursts * 50).collect());
    fastrace::flush();
    (local, root)
}

fn registry_ns(scale: &Scale) -> f64 {
    let subscriber = tracing_subscriber::registry();
    tracing::subscriber::with_default(subscriber.with(NoLayer), || {
        burst_ns(scale, Duration::ZERO, || {
            let span = tracing::info_span!(
                "operation",
                first = "value",
                second = 2,
                third = 3.5,
                fourth = true
            );
            let entered = span.enter();
            black_box(&entered);
        })
    })
}

/// A layer that looks at nothing, as a registry alone is disabled.
struct NoLayer;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for NoLayer {}

pub(crate) fn disabled(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let hub = Played::start(Role::Hub)?;
    let off = Tracer::disabled();
    let unsampled = connected(&hub, Sampler::AlwaysOff)?;
    let call = burst_ns(scale, Duration::ZERO, empty_call);
    let off = burst_ns(scale, Duration::ZERO, || four_attributes(&off));
    let unsampled = burst_ns(scale, Duration::ZERO, || four_attributes(&unsampled));
    Ok(vec![
        Figure::new("P5.off", off, "ns").against(call, "an empty function call"),
        Figure::new("P5.unsampled", unsampled, "ns").against(call, "an empty function call"),
    ])
}

#[inline(never)]
fn empty_call() {
    black_box(());
}
