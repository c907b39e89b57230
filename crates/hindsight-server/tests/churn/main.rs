//! A hundred clients come and go at random; nothing of them stays but what the hub may remember.
//!
//! A binary of its own, because it measures the memory of its process.

#[expect(
    dead_code,
    reason = "the harness of the other tests, of which this one needs a part"
)]
#[path = "../it/harness.rs"]
mod harness;
mod visit;

use std::time::Duration;

use futures_util::future::join_all;
use harness::{TestHub, eventually};
use hindsight_server::Config;
use hindsight_testkit::attack::Footprint;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use visit::Visit;

const CLIENTS: u64 = 100;
/// A client that comes every 15 s does so four times in a minute.
const VISITS_PER_MINUTE: u64 = 4;

/// What a second minute may add: 5 %, and what the allocator's fragments differ by. Of 24 MB, 17
/// second minutes added 1.1 MB on average and 2.2 MB at most, and later ones no more. A connection
/// holds 60 KB, so the 340 of a minute would add 20 MB if they stayed.
const GROWTH_PERCENT_MAX: usize = 5;
const FRAGMENTS_BYTES_MAX: usize = 4_000_000;

/// What the hub remembers is at its limit in the first minute: some 220 tracers come, and more
/// spans than there is room for.
fn small_memory(config: &mut Config) {
    config.discovery.apps_max = 150;
    config.retention.memory_limit_bytes = 1_000_000;
    config.retention.ttl = Duration::from_secs(1);
    // Subscribers that left are noticed soon. A machine that does much else cuts nobody.
    config.live.heartbeat_interval = Duration::from_millis(50);
    config.live.stall_timeout = Duration::from_secs(1);
    config.connections.handshake_timeout = Duration::from_secs(20);
    config.connections.idle_timeout = Duration::from_secs(600);
}

/// What this process holds beside memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    files: usize,
    tasks: usize,
    sockets: usize,
}

impl Held {
    fn now(hub: &TestHub) -> Self {
        let [tcp, http] = [hub.tcp(), hub.http()].map(|port| Footprint::now(port).unwrap());
        Self {
            files: std::fs::read_dir("/proc/self/fd").unwrap().count(),
            tasks: tcp.tasks,
            sockets: tcp.sockets + http.sockets,
        }
    }
}

/// Resident memory, without what the allocator keeps for later.
fn resident_bytes(hub: &TestHub) -> usize {
    #[cfg(target_env = "gnu")]
    // SAFETY: gives free memory back to the system; touches none that is in use.
    unsafe {
        libc::malloc_trim(0);
    }
    Footprint::now(hub.tcp()).unwrap().rss_bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_minute_of_comings_and_goings_adds_nothing() {
    let hub = TestHub::with(small_memory).await;
    let viewer = hub.client().await;
    viewer.stats().await;
    let before = Held::now(&hub);
    let mut resident = Vec::new();
    for minute in 0..2 {
        join_all((0..CLIENTS).map(|client| comes_and_goes(&hub, minute, client))).await;
        eventually("only the viewer is left", || async {
            let stats = viewer.stats().await;
            (stats.connections, stats.subscribers) == (1, 0)
        })
        .await;
        eventually("files, tasks and sockets are exactly back", || {
            std::future::ready(Held::now(&hub) == before)
        })
        .await;
        resident.push(resident_bytes(&hub));
        assert!(viewer.count_of("app_forgotten").await > 0, "room was made");
        assert!(viewer.count_of("tracers_forgotten").await > 0);
        assert!(!viewer.stats().await.removals.is_empty(), "room was made");
    }
    let [first, second] = resident[..] else {
        unreachable!("two minutes")
    };
    let most = first + first * GROWTH_PERCENT_MAX / 100 + FRAGMENTS_BYTES_MAX;
    assert!(second < most, "{first} bytes, a minute later {second}");
    assert_eq!(viewer.count_of("connection_violation").await, 0);
    hub.shutdown().await;
}

async fn comes_and_goes(hub: &TestHub, minute: u64, client: u64) {
    let seed = minute * CLIENTS + client;
    let mut random = SmallRng::seed_from_u64(seed);
    for visit in 0..VISITS_PER_MINUTE {
        let visit = Visit::at_random(&mut random, seed * VISITS_PER_MINUTE + visit);
        visit.pay(hub).await;
    }
}
