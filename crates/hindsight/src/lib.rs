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
//! | `OTEL_RESOURCE_ATTRIBUTES` | further attributes of the resource |
//! | `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG` | which traces are recorded |
//! | `OTEL_SDK_DISABLED` | `true`: tracing is off |

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
pub use context::{Context, Entered, ScopeExt, Scoped};
pub use error::ConnectError;
pub use expose::Service;
pub use hindsight_protocol::hub::ReasonCount;
pub use hindsight_protocol::w3c::{Baggage, Extract, Inject, TraceState};
pub use hindsight_protocol::{KeyValue, Scope, SpanId, SpanKind, StatusCode, TraceId, Value};
pub use process::REDACTED;
pub use propagation::{HeaderExtractor, HeaderInjector};
pub use sampler::Sampler;
pub use span::{Span, SpanBuilder};
pub use tracer::{Reconnect, ShutdownReport, Tracer, TracerBuilder};

/// Whether spans started on this thread are recorded: not on threads that export.
pub fn is_recording_thread() -> bool {
    !context::is_suppressed()
}
