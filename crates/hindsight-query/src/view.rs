//! What evaluation needs to see of spans and traces.
//!
//! [`SpanView`] is one span; [`hindsight_protocol::batch::SpanRow`] is one already. [`TraceView`] is
//! the spans of one trace in tree order; [`RowsOfTrace`] makes one of rows, [`Alone`] of a span of
//! whose trace nothing else is known. Nothing here copies text.

mod row;
mod trace;

pub use trace::RowsOfTrace;

use hindsight_protocol::batch::ValueRef;
use hindsight_protocol::{SpanId, SpanKind, SpanState, StatusCode, TraceId};

/// Whose attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The span.
    Span,
    /// Its resource.
    Resource,
    /// Its instrumentation scope.
    Scope,
}

/// One span. Every method is expected to be cheap and to answer the same each time.
pub trait SpanView {
    /// One event of a span.
    type Event<'a>: EventView
    where
        Self: 'a;

    /// The trace.
    fn trace_id(&self) -> TraceId;
    /// The span's id.
    fn span_id(&self) -> SpanId;
    /// The parent's id as reported, none for a root.
    fn parent_id(&self) -> Option<SpanId>;
    /// What the operation is called.
    fn name(&self) -> &str;
    /// `service.name` of the resource, empty if none.
    fn service(&self) -> &str;
    /// Nanoseconds since the Unix epoch.
    fn start_ns(&self) -> u64;
    /// Nanoseconds since the Unix epoch; none while open.
    fn end_ns(&self) -> Option<u64>;
    /// Role in a call.
    fn kind(&self) -> SpanKind;
    /// Outcome.
    fn status(&self) -> StatusCode;
    /// Its description, empty if none.
    fn status_message(&self) -> &str;
    /// Running, ended, ...
    fn state(&self) -> SpanState;
    /// Name of the instrumentation scope.
    fn scope_name(&self) -> &str;
    /// Its version.
    fn scope_version(&self) -> &str;
    /// Number of links.
    fn link_count(&self) -> u64;
    /// What the span's links lead to, in order.
    fn links(&self) -> impl Iterator<Item = (TraceId, SpanId)>;
    /// Number of events.
    fn event_count(&self) -> u64;
    /// The owner's attributes in order.
    fn attributes(&self, owner: Owner) -> impl Iterator<Item = (&str, ValueRef<'_>)>;
    /// The span's events in order.
    fn events(&self) -> impl Iterator<Item = Self::Event<'_>>;

    /// The first attribute with this key.
    fn attribute(&self, owner: Owner, key: &str) -> Option<ValueRef<'_>> {
        let mut attributes = self.attributes(owner);
        attributes.find_map(|(name, value)| (name == key).then_some(value))
    }

    /// End minus start, 0 if the end lies before the start; none while open.
    fn duration_ns(&self) -> Option<u64> {
        let end = self.end_ns()?;
        Some(end.saturating_sub(self.start_ns()))
    }
}

/// One event of a span.
pub trait EventView {
    /// What happened.
    fn name(&self) -> &str;
    /// Details, in order.
    fn attributes(&self) -> impl Iterator<Item = (&str, ValueRef<'_>)>;
}

/// The spans of one trace, numbered in preorder: a span's descendants follow it directly, so a
/// parent's number is below its children's. The tree is the one described at the top of this crate.
pub trait TraceView {
    /// One span.
    type Span<'a>: SpanView
    where
        Self: 'a;

    /// Number of spans.
    fn len(&self) -> usize;
    /// Span `node`, below [`Self::len`].
    fn span(&self, node: usize) -> Self::Span<'_>;
    /// The parent in the tree.
    fn parent(&self, node: usize) -> Option<usize>;
    /// One past the last descendant; `node + 1` for a leaf.
    fn subtree_end(&self, node: usize) -> usize;
    /// What is known of the trace as a whole; none if nothing.
    fn facts(&self) -> Option<TraceFacts<'_>>;
    /// Whether an attribute key of a span of the trace begins with `family` and a dot; none if
    /// that is not known.
    fn has_family(&self, family: &str) -> Option<bool>;

    /// Whether all stored spans of the trace are here. If not, what is not found here may be
    /// elsewhere, and is unknown.
    fn is_complete(&self) -> bool {
        true
    }

    /// Whether there is no span.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Facts of a whole trace, as the trace list shows them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TraceFacts<'a> {
    /// Stored spans.
    pub spans: u64,
    /// Spans with status error.
    pub errors: u64,
    /// Distinct services, the empty one not counted.
    pub services: u64,
    /// Spans in state running.
    pub running: u64,
    /// Earliest start, nanoseconds since the Unix epoch.
    pub start_ns: u64,
    /// Earliest start to latest end (latest start while nothing has ended).
    pub duration_ns: u64,
    /// Name of the root, of the earliest span if there is none.
    pub root_name: &'a str,
    /// Service of that span, empty if none.
    pub root_service: &'a str,
}

/// One span of a trace of which nothing else is at hand: structure and facts are unknown.
#[derive(Clone, Copy, Debug)]
pub struct Alone<S>(pub S);

impl<S: SpanView + Copy> TraceView for Alone<S> {
    type Span<'a>
        = S
    where
        S: 'a;

    fn len(&self) -> usize {
        1
    }

    fn span(&self, _: usize) -> S {
        self.0
    }

    fn parent(&self, _: usize) -> Option<usize> {
        None
    }

    fn subtree_end(&self, _: usize) -> usize {
        1
    }

    fn facts(&self) -> Option<TraceFacts<'_>> {
        None
    }

    /// This span's own keys can say yes, never no.
    fn has_family(&self, family: &str) -> Option<bool> {
        has_family(&self.0, family).then_some(true)
    }

    fn is_complete(&self) -> bool {
        false
    }
}

/// Whether a key of the span's own attributes begins with `family` and a dot.
pub fn has_family(span: &impl SpanView, family: &str) -> bool {
    span.attributes(Owner::Span).any(|(key, _)| {
        key.strip_prefix(family)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

#[cfg(test)]
mod tests;
