//! Sending what is buffered when a process is about to end: at exit, on a panic, on a signal.
//!
//! At exit (also `std::process::exit`) every tracer that is still alive gets at most 500 ms, unless
//! its hub is known to be away. A panic gets 200 ms, for a process that aborts on panic has no later
//! chance. Signals are opt-in.

use std::sync::{Arc, Once, Weak};
use std::time::Duration;

use parking_lot::Mutex;

use crate::tracer::Shared;

const EXIT_TIMEOUT: Duration = Duration::from_millis(500);
const PANIC_TIMEOUT: Duration = Duration::from_millis(200);

/// Tracers that are alive.
static TRACERS: Mutex<Vec<Registered>> = Mutex::new(Vec::new());

struct Registered {
    shared: Weak<Shared>,
    on_panic: bool,
}

/// Remembers a tracer, and installs what it needs for the whole process.
pub(crate) fn register(shared: &Arc<Shared>, on_panic: bool, on_signals: bool) {
    let mut tracers = TRACERS.lock();
    tracers.retain(|tracer| tracer.shared.strong_count() > 0);
    tracers.push(Registered {
        shared: Arc::downgrade(shared),
        on_panic,
    });
    drop(tracers);
    install_exit_hook();
    if on_panic {
        install_panic_hook();
    }
    if on_signals {
        install_signal_hook();
    }
}

fn alive(only_on_panic: bool) -> Vec<Arc<Shared>> {
    let tracers = TRACERS.lock();
    let chosen = tracers
        .iter()
        .filter(|tracer| tracer.on_panic || !only_on_panic);
    let alive = chosen.filter_map(|tracer| tracer.shared.upgrade());
    alive.filter(|shared| !shared.is_closed()).collect()
}

#[cfg(unix)]
fn install_exit_hook() {
    static ONCE: Once = Once::new();
    extern "C" fn at_exit() {
        for shared in alive(false) {
            shared.control.shutdown_blocking(&shared, EXIT_TIMEOUT);
        }
    }
    // SAFETY: `at_exit` has the required signature and, being a function, lives for ever. It does
    // not unwind: everything it calls returns normally.
    ONCE.call_once(|| match unsafe { libc::atexit(at_exit) } {
        0 => {}
        _ => crate::platform::warn("cannot flush at exit: no room for another exit handler"),
    });
}

#[cfg(not(unix))]
fn install_exit_hook() {}

fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            previous(info);
            for shared in alive(true) {
                shared.control.flush_blocking(&shared, PANIC_TIMEOUT);
            }
        }));
    });
}

#[cfg(unix)]
fn install_signal_hook() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let watched = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]);
        let started = watched.and_then(|mut signals| {
            let wait = move || {
                let Some(signal) = signals.forever().next() else {
                    return;
                };
                for shared in alive(false) {
                    shared.control.flush_blocking(&shared, EXIT_TIMEOUT);
                }
                if signal_hook::low_level::emulate_default_handler(signal).is_err() {
                    std::process::exit(128 + signal);
                }
            };
            let thread = std::thread::Builder::new().name("hindsight-signal".to_owned());
            thread.spawn(wait).map(drop)
        });
        if let Err(error) = started {
            crate::platform::warn(&format!("cannot flush on signals: {error}"));
        }
    });
}

#[cfg(not(unix))]
fn install_signal_hook() {}
