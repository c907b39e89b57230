//! A process.

mod facts;
mod flush;

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::context::suppress_this_thread;

pub(crate) use facts::{
    age, attributes, default_service_name, executable, host_name, id, revision,
};
pub(crate) use flush::register as flush_before_end;

/// Whether a thread may wait for the exporter, which has its own.
pub(crate) const CAN_WAIT: bool = true;

/// Whether timers may be late by a minute.
pub(crate) const TIMERS_ARE_HELD_BACK: bool = false;

/// A clock that nobody sets.
pub(crate) type Monotonic = std::time::Instant;

/// The wall clock, nanoseconds since the Unix epoch; 0 for times before it.
pub(crate) fn unix_now_ns() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() as u64)
}

/// Runs the exporter on a thread with a runtime of its own, where nothing makes spans.
pub(crate) fn run_exporter<F>(exporter: impl FnOnce() -> F + Send + 'static) -> io::Result<()>
where
    F: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let run = move || {
        suppress_this_thread();
        runtime.block_on(exporter());
    };
    let thread = std::thread::Builder::new().name("hindsight-export".to_owned());
    thread.spawn(run).map(drop)
}

/// Tells the person who runs the program, once for each cause: a library has no better place.
pub(crate) fn warn(text: &str) {
    eprintln!("hindsight: {text}");
}
