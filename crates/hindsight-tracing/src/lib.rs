//! hindsight for `tracing`: every span and event of an instrumented program, sent to the hub.
//!
//! One line attaches a program:
//!
//! ```no_run
//! let _hs = hindsight_tracing::init();
//! ```
//!
//! It installs a subscriber with [`HindsightLayer`] (and nothing else) and a tracer that connects when
//! it can. Programs with a subscriber of their own add the layer to it: [`layer`].
//!
//! What becomes what: a span's target, module, file and line are `code.namespace`, `code.filepath`,
//! `code.lineno`; its level `level`; fields keep their types; events are span events; `follows_from`
//! is a link. Three fields are read: `otel.name` names the span, `otel.kind` and `otel.status_code`
//! set what they say. Nothing that the exporter does is traced: its thread is suppressed.

mod fields;
mod init;
mod layer;

pub use init::{Guard, InitError, init, try_init};
pub use layer::{HindsightLayer, layer};
