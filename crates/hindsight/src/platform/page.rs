//! A page in a browser: one thread, which must never wait, and timers that the browser may hold back.

mod facts;
mod flush;

use std::io;
use std::time::Duration;

use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use web_sys::Performance;

use crate::clock::wall_ms;
use crate::context::Suppressed;

pub(crate) use facts::{
    age, attributes, default_service_name, executable, host_name, id, revision,
};
pub(crate) use flush::flush_before_end;

/// Whether a thread may wait for the exporter: here it runs on the only one.
pub(crate) const CAN_WAIT: bool = false;

/// Whether timers may be late by a minute, as those of a hidden page are.
pub(crate) const TIMERS_ARE_HELD_BACK: bool = true;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = warn)]
    fn console_warn(text: &str);
}

fn performance() -> Option<Performance> {
    web_sys::window()?.performance()
}

/// Milliseconds since the page began; 0 where no window is, as in a worker.
fn page_ms() -> f64 {
    performance().map_or(0.0, |performance| performance.now())
}

/// A clock that nobody sets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Monotonic {
    since_ms: f64,
}

impl Monotonic {
    pub(crate) fn now() -> Self {
        Self {
            since_ms: page_ms(),
        }
    }

    pub(crate) fn elapsed(self) -> Duration {
        // The browser's clock does not run backwards.
        Duration::from_nanos(((page_ms() - self.since_ms).max(0.0) * 1e6) as u64)
    }
}

/// The wall clock, nanoseconds since the Unix epoch.
pub(crate) fn unix_now_ns() -> u64 {
    let by_page = performance().map_or(0.0, |clock| clock.time_origin() + clock.now());
    let ms = wall_ms(by_page, js_sys::Date::now());
    // A float of this size counts in quarters of a microsecond; whole milliseconds are exact.
    ms.trunc() as u64 * 1_000_000 + (ms.fract() * 1e6) as u64
}

/// Runs the exporter as a task of the page; while it is polled nothing makes spans.
pub(crate) fn run_exporter<F>(exporter: impl FnOnce() -> F + 'static) -> io::Result<()>
where
    F: Future<Output = ()> + 'static,
{
    spawn_local(Suppressed::new(exporter()));
    Ok(())
}

/// Tells whoever looks at the browser's console, once for each cause.
pub(crate) fn warn(text: &str) {
    console_warn(&format!("hindsight: {text}"));
}
