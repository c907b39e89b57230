//! What the adapter of a framework adds: the trace that work without one belongs to, and attributes of its own.

use std::sync::Arc;

use hindsight::{AttributeValue, Context, Key};
use hindsight_protocol::{SpanId, TraceId};
use parking_lot::RwLock;

/// A change of an input.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InputChange {
    /// Name of the input.
    pub kind: &'static str,
    /// Its key, readable.
    pub key: Arc<str>,
    /// Hash of the whole key; 0 where not known.
    pub key_hash: u64,
    /// It was removed, not set.
    pub is_removed: bool,
    /// The revision that the change made.
    pub revision: u64,
    /// When, nanoseconds since the Unix epoch.
    pub at_ns: u64,
    /// Its trace; all zero where there is none.
    pub trace_id: TraceId,
    /// Its span; all zero where it has none.
    pub span_id: SpanId,
}

/// Asked by this crate, in the task that makes the access or the change. Each answer delays that.
pub trait Adapter: Send + Sync + 'static {
    /// The parent for the span of an access, or of a change of an input, that no access asked for and that
    /// begins where no span is current. None makes it the root of a trace.
    fn root_context(&self, kind: &'static str, is_input: bool) -> Option<Context> {
        let _ = (kind, is_input);
        None
    }

    /// An input has another value now.
    fn input_changed(&self, change: &InputChange) {
        let _ = change;
    }

    /// Attributes to add to the span of a query or of a change of an input; only asked where there is a span.
    fn attributes(&self, kind: &'static str, key: &str) -> Vec<(Key, AttributeValue)> {
        let _ = (kind, key);
        Vec::new()
    }
}

static ADAPTER: RwLock<Option<Arc<dyn Adapter>>> = RwLock::new(None);

/// Lets `adapter` be asked from now on, in place of an earlier one.
pub fn adapt(adapter: impl Adapter) {
    *ADAPTER.write() = Some(Arc::new(adapter));
}

/// The adapter of the process.
pub(crate) fn adapter() -> Option<Arc<dyn Adapter>> {
    ADAPTER.read().clone()
}
