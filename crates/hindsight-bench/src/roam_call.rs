//! roam.call: what a roam call costs more with `hindsight-roam`, with its spans alone and with everything.
//!
//! Caller and callee are one thread on a link in memory, and that thread's CPU time is measured: what is
//! left is what roam and the wrappers do. Each round measures all three, so that they share the machine's
//! moods.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use hindsight::{Sampler, Tracer};
use hindsight_roam::CountingLink;
use vox::{ConnectionHandle, FromVoxLane};

use crate::Scale;
use crate::figure::{Figure, median};
use crate::hot_path::connected;
use crate::role::{Played, Role};

#[vox::service]
trait Adder {
    async fn add(&self, a: u32, b: u32) -> u32;
}

#[derive(Clone)]
struct Sums;

impl Adder for Sums {
    async fn add(&self, a: u32, b: u32) -> u32 {
        a.wrapping_add(b)
    }
}

/// What introspection should add to a call at most, in microseconds.
const INTROSPECTION_US: f64 = 3.0;
/// Calls of one burst.
const BURST: u32 = 2000;

pub(crate) fn run(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let hub = Played::start(Role::Hub)?;
    let spans = connected(&hub, Sampler::AlwaysOn)?;
    let all = connected(&hub, Sampler::AlwaysOn)?;
    let [plain, spans, all] = measure(scale.pick(40, 2), spans, all)?;
    let figure = |name, with: f64| {
        Figure::new(name, with - plain, "CPU us more").against(plain, "a plain roam call")
    };
    Ok(vec![
        figure("roam.call", all),
        figure("roam.call.spans", spans),
        Figure::new("roam.call.introspection", all - spans, "CPU us more")
            .against(INTROSPECTION_US, "the goal"),
    ])
}

/// CPU microseconds of a call: plain, with spans, and introspected as well.
fn measure(rounds: usize, spans: Tracer, all: Tracer) -> anyhow::Result<[f64; 3]> {
    hindsight_roam::introspect(&all);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let clients = [
            client(None, false).await?,
            client(Some(spans), false).await?,
            client(Some(all), true).await?,
        ];
        let mut taken = [const { Vec::new() }; 3];
        // The first round is not counted.
        for round in 0..=rounds {
            for (client, taken) in clients.iter().zip(&mut taken) {
                let begun = thread_cpu();
                for n in 0..BURST {
                    client
                        .add(n, n)
                        .await
                        .map_err(|error| anyhow!("{error:?}"))?;
                }
                let call = (thread_cpu() - begun).as_secs_f64() * 1e6 / f64::from(BURST);
                if round > 0 {
                    taken.push(call);
                }
                // Time for the exporter.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Ok(taken.map(median))
    })
}

/// A client of a service in this process, wrapped or not, over a link that is counted or not.
async fn client(tracer: Option<Tracer>, is_counted: bool) -> anyhow::Result<AdderClient> {
    let (here, there) = vox::memory_link_pair(64);
    let serving = tracer.clone();
    let acceptor = vox::lane_acceptor_fn(move |_, lane: vox::PendingLane| {
        let dispatcher = AdderDispatcher::new(Sums);
        match &serving {
            Some(tracer) => hindsight_roam::serve_with(tracer, lane, dispatcher),
            None => lane.handle_with(dispatcher),
        }
        Ok(())
    });
    let (here, there) = match is_counted {
        false => tokio::join!(
            vox::initiator_on(here).establish_connection(),
            vox::acceptor_on(there)
                .on_lane(acceptor)
                .establish_connection(),
        ),
        true => tokio::join!(
            vox::initiator_on(CountingLink::new(here)).establish_connection(),
            vox::acceptor_on(CountingLink::new(there))
                .on_lane(acceptor)
                .establish_connection(),
        ),
    };
    there.context("accepts")?;
    let connection = here.context("dials")?;
    match &tracer {
        Some(tracer) => {
            let install = AdderClient::with_middleware;
            Ok(hindsight_roam::open_lane_with(tracer, &connection, install).await?)
        }
        None => plain(&connection).await,
    }
}

async fn plain<C: FromVoxLane>(connection: &ConnectionHandle) -> anyhow::Result<C> {
    Ok(connection.open_lane().await?)
}

/// CPU time of this thread.
fn thread_cpu() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the clock exists on every Linux, and the pointer is valid.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    match result {
        0 => Duration::new(time.tv_sec as u64, time.tv_nsec as u32),
        _ => Duration::ZERO,
    }
}
