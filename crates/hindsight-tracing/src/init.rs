//! The one line that attaches a program.

use std::time::Duration;

use hindsight::Tracer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, Layer, registry};

use crate::layer;

/// Keeps the tracer; dropping it sends what is buffered. Keep it until the end of `main`.
#[derive(Debug)]
#[must_use = "dropping the guard ends the tracing of the program"]
pub struct Guard {
    tracer: Tracer,
}

impl Guard {
    /// The tracer, for spans of one's own.
    pub fn tracer(&self) -> &Tracer {
        &self.tracer
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // The layer keeps the tracer alive, so its last drop would not come.
        self.tracer.flush_blocking(Duration::from_millis(500));
    }
}

/// Why [`try_init`] failed: the program has installed a subscriber already. Add [`layer`] to it.
#[derive(Debug)]
pub struct InitError(tracing_core::dispatcher::SetGlobalDefaultError);

impl std::fmt::Display for InitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}; add hindsight_tracing::layer(tracer) to the subscriber that is installed",
            self.0
        )
    }
}

impl std::error::Error for InitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// Sends all spans and events of this program to the hub that `HINDSIGHT_ENDPOINT` names, or to
/// `localhost:1990`. `RUST_LOG` filters; default: `debug`, less the transport's own.
///
/// Never fails: when the program has a subscriber already, that is told once on standard error and
/// nothing changes.
pub fn init() -> Guard {
    match try_init() {
        Ok(guard) => guard,
        Err(error) => {
            eprintln!("hindsight: not attached: {error}");
            Guard {
                tracer: Tracer::disabled(),
            }
        }
    }
}

/// [`init`] that says when there is a subscriber already.
pub fn try_init() -> Result<Guard, InitError> {
    let tracer = Tracer::builder().lazy();
    let subscriber = registry().with(layer(tracer.clone()).with_filter(filter()));
    tracing::subscriber::set_global_default(subscriber).map_err(InitError)?;
    Ok(Guard { tracer })
}

/// `RUST_LOG`, else everything from debug on but the transport's own.
fn filter() -> EnvFilter {
    let default = "debug,vox=warn,vox_core=error,vox_types=warn,hyper=info,h2=info,mio=info";
    match std::env::var("RUST_LOG") {
        Ok(text) if !text.trim().is_empty() => EnvFilter::new(text),
        _ => EnvFilter::new(default),
    }
}
