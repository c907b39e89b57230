//! Rows of a batch as spans.

use hindsight_protocol::batch::{EventRow, SpanRow, ValueRef};
use hindsight_protocol::{SpanId, SpanKind, SpanState, StatusCode, TraceId};

use super::{EventView, Owner, SpanView};

impl<'b> SpanView for SpanRow<'b> {
    type Event<'a>
        = EventRow<'b>
    where
        Self: 'a;

    fn trace_id(&self) -> TraceId {
        (*self).trace_id()
    }

    fn span_id(&self) -> SpanId {
        (*self).span_id()
    }

    fn parent_id(&self) -> Option<SpanId> {
        (*self).parent_id()
    }

    fn name(&self) -> &str {
        (*self).name()
    }

    fn service(&self) -> &str {
        (*self).service()
    }

    fn start_ns(&self) -> u64 {
        (*self).start_ns()
    }

    fn end_ns(&self) -> Option<u64> {
        (*self).end_ns()
    }

    fn kind(&self) -> SpanKind {
        (*self).kind()
    }

    fn status(&self) -> StatusCode {
        (*self).status()
    }

    fn status_message(&self) -> &str {
        (*self).status_message()
    }

    fn state(&self) -> SpanState {
        (*self).state()
    }

    fn scope_name(&self) -> &str {
        self.scope().name()
    }

    fn scope_version(&self) -> &str {
        self.scope().version()
    }

    fn link_count(&self) -> u64 {
        self.links().len() as u64
    }

    fn event_count(&self) -> u64 {
        (*self).events().len() as u64
    }

    fn attributes(&self, owner: Owner) -> impl Iterator<Item = (&str, ValueRef<'_>)> {
        match owner {
            Owner::Span => (*self).attributes(),
            Owner::Resource => self.resource(),
            Owner::Scope => self.scope().attributes(),
        }
    }

    fn events(&self) -> impl Iterator<Item = EventRow<'b>> {
        (*self).events()
    }
}

impl EventView for EventRow<'_> {
    fn name(&self) -> &str {
        (*self).name()
    }

    fn attributes(&self) -> impl Iterator<Item = (&str, ValueRef<'_>)> {
        (*self).attributes()
    }
}
