//! What a program that sends nonsense costs the others.
//!
//! A well-behaved program sends one batch of standard spans every 20 ms, reads one of its traces and
//! the newest traces, and follows its own spans live, on a connection for each of these; it does so
//! alone, and while another connection sends one kind of bad input as fast as the hub answers.
//! The hub is a process of its own with a memory limit of [`HUB_BYTES`].

mod attack;
mod huge;
mod victim;

use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context as _;

use crate::Scale;
use crate::figure::{Figure, resident_peak_bytes};
use crate::role::{Played, Role};

pub(crate) use attack::Kind;
use victim::Seen;

/// The hub's memory limit.
pub(crate) const HUB_BYTES: u64 = 256_000_000;

/// What the well-behaved program sees without another, measured once.
static ALONE: OnceLock<Seen> = OnceLock::new();

pub(crate) fn run(scale: &Scale, kind: Kind) -> anyhow::Result<Vec<Figure>> {
    runtime()?.block_on(async {
        let alone = alone(scale).await?;
        let (seen, peak) = against(Some(kind), lasting(scale)).await?;
        Ok(compared(kind.name(), &seen, &alone, peak))
    })
}

pub(crate) fn huge(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    runtime()?.block_on(async {
        let alone = alone(scale).await?;
        huge::measure(scale, &alone).await
    })
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
}

fn lasting(scale: &Scale) -> Duration {
    scale.pick(Duration::from_secs(10), Duration::from_secs(1))
}

async fn alone(scale: &Scale) -> anyhow::Result<Seen> {
    if let Some(alone) = ALONE.get() {
        return Ok(*alone);
    }
    let (alone, _) = against(None, lasting(scale)).await?;
    Ok(*ALONE.get_or_init(|| alone))
}

fn compared(kind: &str, seen: &Seen, alone: &Seen, peak_bytes: u64) -> Vec<Figure> {
    let figure = |what: &str, value, reference, unit| {
        let name = format!("hostile.{kind}.{what}");
        Figure::new(&name, value, unit).against(reference, "the same without the hostile program")
    };
    let peak = peak_bytes as f64 / 1e6;
    vec![
        figure("ingest", seen.rate, alone.rate, "spans/s"),
        figure("get", seen.get_ms, alone.get_ms, "ms p99"),
        figure("list", seen.list_ms, alone.list_ms, "ms p95"),
        figure("live", seen.live_ms, alone.live_ms, "ms p99"),
        Figure::new(&format!("hostile.{kind}.rss"), peak, "MB")
            .against(HUB_BYTES as f64 / 1e6, "the hub's memory limit"),
    ]
}

/// What the well-behaved program sees, and the hub's largest resident size.
async fn against(kind: Option<Kind>, lasting: Duration) -> anyhow::Result<(Seen, u64)> {
    let hub = Played::start(Role::SmallHub)?;
    let address = hub.addresses.get(1).context("no address")?;
    let attack = match kind {
        Some(kind) => Some(attack::start(kind, address).await?),
        None => None,
    };
    let seen = victim::run(address, lasting).await;
    let seen = seen.with_context(|| format!("beside {:?}", kind.map(Kind::name)))?;
    let peak = resident_peak_bytes(hub.pid());
    if let Some(attack) = attack {
        anyhow::ensure!(attack.stop(), "the hostile program was cut off");
    }
    Ok((seen, peak))
}
