//! Spans for tests, with everything that does not matter filled in.
//!
//! ```
//! use hindsight_testkit::builder::{batch, span};
//! let child = span(1, 2).parent(1).named("query").service("db").lasting(10, 20).build();
//! assert_eq!(batch(&[child]).len(), 1);
//! ```

use hindsight_protocol::{
    BatchBuilder, CheckedBatch, Event, KeyValue, Link, OPEN_END_NS, Span, SpanId, SpanKind,
    SpanState, StatusCode, TraceId, Value,
};

/// A span under construction.
#[derive(Clone, Debug)]
pub struct SpanBuilder(Span);

/// A root span `span` of trace `trace`, from 1 to 2 ns, of no service.
pub fn span(trace: u64, span: u64) -> SpanBuilder {
    SpanBuilder(Span {
        trace_id: TraceId {
            high: 0,
            low: trace,
        },
        span_id: SpanId::from_u64(span),
        name: format!("span {span}"),
        start_ns: 1,
        end_ns: 2,
        ..Span::default()
    })
}

/// The spans as columns.
pub fn batch(spans: &[Span]) -> CheckedBatch {
    let mut builder = BatchBuilder::new();
    for span in spans {
        builder.push(span);
    }
    builder.finish()
}

impl SpanBuilder {
    /// Sets the parent's id.
    pub fn parent(mut self, parent: u64) -> Self {
        self.0.parent_id = SpanId::from_u64(parent);
        self
    }

    /// Sets the name.
    pub fn named(mut self, name: &str) -> Self {
        self.0.name = name.to_owned();
        self
    }

    /// Sets `service.name` of the resource.
    pub fn service(mut self, service: &str) -> Self {
        let name = KeyValue::new("service.name", service);
        self.0.resource.attributes = vec![name];
        self
    }

    /// Sets the start, nanoseconds since the Unix epoch.
    pub fn start(mut self, start_ns: u64) -> Self {
        self.0.start_ns = start_ns;
        self
    }

    /// Sets start and end.
    pub fn lasting(mut self, start_ns: u64, end_ns: u64) -> Self {
        self.0.start_ns = start_ns;
        self.0.end_ns = end_ns;
        self.0.state = SpanState::Ended as u8;
        self
    }

    /// Makes it a report of a running span with this number.
    pub fn running(mut self, version: u32) -> Self {
        self.0.end_ns = OPEN_END_NS;
        self.0.state = SpanState::Running as u8;
        self.0.version = version;
        self
    }

    /// Sets the state.
    pub fn state(mut self, state: SpanState) -> Self {
        self.0.state = state as u8;
        self
    }

    /// Sets the number of the report.
    pub fn version(mut self, version: u32) -> Self {
        self.0.version = version;
        self
    }

    /// Sets the role.
    pub fn kind(mut self, kind: SpanKind) -> Self {
        self.0.kind = kind as u8;
        self
    }

    /// Makes the outcome an error.
    pub fn failed(mut self, message: &str) -> Self {
        self.0.status = StatusCode::Error as u8;
        self.0.status_message = message.to_owned();
        self
    }

    /// Adds an attribute.
    pub fn attribute(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.attributes.push(KeyValue::new(key, value));
        self
    }

    /// Adds an event with one attribute.
    pub fn event(mut self, time_ns: u64, name: &str, key: &str, value: impl Into<Value>) -> Self {
        self.0.events.push(Event {
            time_ns,
            name: name.to_owned(),
            attributes: vec![KeyValue::new(key, value)],
            dropped_attributes: 0,
        });
        self
    }

    /// Adds a link.
    pub fn link(mut self, trace: u64, span: u64) -> Self {
        self.0.links.push(Link {
            trace_id: TraceId {
                high: 0,
                low: trace,
            },
            span_id: SpanId::from_u64(span),
            ..Link::default()
        });
        self
    }

    /// The span.
    pub fn build(self) -> Span {
        self.0
    }
}
