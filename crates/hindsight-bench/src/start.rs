//! P12: start and idle size of the hub.

use std::time::{Duration, Instant};

use crate::Scale;
use crate::figure::{Figure, median, resident_bytes};
use crate::role::{Played, Role};

pub(crate) fn run(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let times = scale.pick(20, 2);
    let hub = start_ms(Role::Hub, times)?;
    let nothing = start_ms(Role::Nothing, times)?;
    let idle = Played::start(Role::Hub)?;
    std::thread::park_timeout(scale.pick(Duration::from_secs(2), Duration::from_millis(50)));
    let megabytes = resident_bytes(idle.pid()) as f64 / 1e6;
    let empty = Played::start(Role::Drain)?;
    let empty_megabytes = resident_bytes(empty.pid()) as f64 / 1e6;
    Ok(vec![
        Figure::new("P12.start", hub, "ms").against(nothing, "starting an empty process"),
        Figure::new("P12.rss", megabytes, "MB")
            .against(empty_megabytes, "a process with an empty runtime"),
    ])
}

fn start_ms(role: Role, times: usize) -> anyhow::Result<f64> {
    let mut taken = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        let _played = Played::start(role)?;
        taken.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(median(taken))
}
