//! The tracer of hindsight: makes spans and sends them to a hub over roam.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use hindsight::Tracer;
//!
//! let tracer = Tracer::connect_http("localhost:1990").await?;
//! let span = tracer.span("my_operation")
//!     .with_attribute("key", "value")
//!     .start();
//! // ... do work ...
//! span.end();
//! # Ok(())
//! # }
//! ```
//!
//! In: calls from any thread and task. Out: batches of spans, to one hub. Always: a call never
//! blocks, never panics, and what finds no room is counted and told to the hub. Bounded: buffers per
//! thread, the queue of batches, attributes, events and links of a span.
//!
//! # Environment
//!
//! | variable | meaning |
//! |---|---|
//! | `HINDSIGHT_ENDPOINT` | where the hub is: `host:port`, or a URL with a scheme |
//! | `HINDSIGHT_TOKEN` | the hub's token |
//! | `HINDSIGHT_SERVICE_NAME`, `OTEL_SERVICE_NAME` | `service.name` |
//! | `HINDSIGHT_REVISION`, `GIT_REVISION` | the revision that the program was built from, told with the run |
//! | `OTEL_RESOURCE_ATTRIBUTES` | further attributes of the resource |
//! | `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG` | which traces are recorded |
//! | `OTEL_SDK_DISABLED` | `true`: tracing is off |
//!
//! # In a browser
//!
//! Compiled for `wasm32-unknown-unknown`, the same functions send the spans of a page, over a WebSocket
//! ([`Tracer::connect_ws`]; an `http` endpoint is reached like this too). `crates/hindsight-web-example`
//! is such a page. What differs:
//!
//! - There is no environment; the service is called after the page's host unless it has a name. A hub
//!   takes spans of pages from localhost, and does not let them read.
//! - Nothing waits: dropping the last tracer and [`Tracer::flush_blocking`] ask the exporter and go on.
//!   When the page is left or hidden it sends what it can; what was not sent is lost, and the hub shows
//!   how much (`lost`), as far as it had been told of it.
//! - All tasks share one thread and, outside scopes, one stack of current spans: give each
//!   `spawn_local` a scope, `spawn_local(work.in_current_context())` ([`ScopeExt`]).
//! - Times are as fine as `performance.now()`: 100 µs in most pages.
//! - A hidden page's timers are held back to once a second, later once a minute. Spans are sent that
//!   much later, or when the hub asks, every 15 s at most; they are not lost.
//! - Only a window will do: roam's timers do not exist in workers.

mod attribute;
mod buffer;
mod clock;
mod context;
mod error;
mod export;
mod expose;
mod platform;
mod process;
mod propagation;
mod random;
mod sampler;
mod span;
mod tracer;

pub use attribute::{AttributeValue, Key};
pub use context::{Context, Entered, ScopeExt, Scoped, ScopedPinned};
pub use error::ConnectError;
pub use expose::Service;
pub use hindsight_protocol::hub::ReasonCount;
pub use hindsight_protocol::w3c::{Baggage, Extract, Inject, TraceState};
pub use hindsight_protocol::{KeyValue, Scope, SpanId, SpanKind, StatusCode, TraceId, Value};
pub use process::REDACTED;
pub use propagation::{HeaderExtractor, HeaderInjector};
pub use sampler::Sampler;
pub use span::{Span, SpanBuilder};
pub use tracer::{Reconnect, ShutdownReport, Tracer, TracerBuilder, WeakTracer};

/// Whether spans started on this thread are recorded: not on threads that export.
pub fn is_recording_thread() -> bool {
    !context::is_suppressed()
}
