//! A span, complete.

use hindsight_protocol::batch::{AttributeIter, EventRow, LinkRow, SpanRow};
use hindsight_protocol::{KeyValue, SpanId, TraceId, Value};
use hindsight_view::{Placement, format};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::hex;
use crate::cli::trace::Analysed;

/// One element of `trace`, of `query` without a pipeline, and of `tail`.
#[derive(Debug, Serialize)]
pub(crate) struct SpanJson<'a> {
    trace_id: String,
    span_id: String,
    parent_id: Option<String>,
    /// In `trace`.
    #[serde(flatten)]
    place: Option<PlaceJson>,
    /// In `trace --find`.
    #[serde(skip_serializing_if = "Option::is_none")]
    matches: Option<bool>,
    name: &'a str,
    service: &'a str,
    kind: &'static str,
    start_ns: u64,
    start: String,
    end_ns: Option<u64>,
    end: Option<String>,
    duration_ns: Option<u64>,
    state: &'static str,
    status: &'static str,
    status_message: &'a str,
    attributes: Attributes<'a>,
    events: Vec<EventJson<'a>>,
    links: Vec<LinkJson<'a>>,
    resource: Attributes<'a>,
    scope: ScopeJson<'a>,
    trace_state: &'a str,
    flags: u8,
    version: u32,
    dropped_attributes: u32,
    dropped_events: u32,
    dropped_links: u32,
    /// In `trace --span`.
    #[serde(skip_serializing_if = "Option::is_none")]
    linked_from: Option<Vec<SpanRefJson>>,
}

/// Where a span stands in its trace.
#[derive(Debug, Serialize)]
struct PlaceJson {
    /// Edges to the root.
    depth: u32,
    placement: &'static str,
    duplicates: u32,
    self_ns: u64,
    critical_ns: u64,
}

#[derive(Debug, Serialize)]
struct SpanRefJson {
    trace_id: String,
    span_id: String,
}

#[derive(Debug, Serialize)]
struct EventJson<'a> {
    time_ns: u64,
    time: String,
    name: &'a str,
    attributes: Attributes<'a>,
    dropped_attributes: u32,
}

#[derive(Debug, Serialize)]
struct LinkJson<'a> {
    trace_id: String,
    span_id: String,
    trace_state: &'a str,
    flags: u8,
    attributes: Attributes<'a>,
    dropped_attributes: u32,
}

#[derive(Debug, Serialize)]
struct ScopeJson<'a> {
    name: &'a str,
    version: &'a str,
    attributes: Attributes<'a>,
}

/// An object with the attributes in their order.
#[derive(Debug)]
pub(super) struct Attributes<'a>(pub(super) AttributeIter<'a>);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.0.clone() {
            map.serialize_entry(key, &ValueJson(&value.to_value()))?;
        }
        map.end()
    }
}

struct ValueJson<'a>(&'a Value);

impl Serialize for ValueJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::String(text) => serializer.serialize_str(text),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::I64(value) => serializer.serialize_i64(*value),
            Value::F64(value) if value.is_finite() => serializer.serialize_f64(*value),
            Value::F64(value) => serializer.collect_str(value),
            Value::Bytes(bytes) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("bytes", &hex(bytes))?;
                map.end()
            }
            Value::Array(values) => serializer.collect_seq(values.iter().map(ValueJson)),
            Value::Map(entries) => {
                let entries = entries.iter();
                serializer.collect_map(entries.map(|e: &KeyValue| (&e.key, ValueJson(&e.value))))
            }
        }
    }
}

impl<'a> SpanJson<'a> {
    /// The span of a node, with its place in the trace and in the clock of the trace's tree.
    pub(crate) fn in_tree(analysed: &'a Analysed, node: usize) -> Self {
        let tree = analysed.trace.tree();
        let place = PlaceJson {
            depth: tree.depth(node),
            placement: match tree.placement(node) {
                Placement::Root => "root",
                Placement::Child => "child",
                Placement::Orphan(_) => "orphan",
                Placement::SelfParent => "self_parent",
                Placement::Cycle(_) => "cycle",
            },
            duplicates: tree.duplicates(node),
            self_ns: analysed.self_times_ns[node],
            critical_ns: analysed.critical_ns[node],
        };
        let span = Self::from(analysed.trace.span(node));
        let span = match analysed.trace.shift_ns(node) {
            0 => span,
            shift_ns => span.shifted(shift_ns),
        };
        Self {
            place: Some(place),
            ..span
        }
    }

    /// All times moved.
    fn shifted(mut self, shift_ns: i64) -> Self {
        self.start_ns = self.start_ns.saturating_add_signed(shift_ns);
        self.start = format::iso(self.start_ns);
        self.end_ns = self.end_ns.map(|end| end.saturating_add_signed(shift_ns));
        self.end = self.end_ns.map(format::iso);
        for event in &mut self.events {
            event.time_ns = event.time_ns.saturating_add_signed(shift_ns);
            event.time = format::iso(event.time_ns);
        }
        self
    }

    /// The same span, and what links to it.
    pub(crate) fn with_linked_from(self, spans: Vec<(TraceId, SpanId)>) -> Self {
        let shape = |(trace_id, span_id): (TraceId, SpanId)| SpanRefJson {
            trace_id: trace_id.to_string(),
            span_id: span_id.to_string(),
        };
        Self {
            linked_from: Some(spans.into_iter().map(shape).collect()),
            ..self
        }
    }

    /// The same span, and whether it matches what was looked for.
    pub(crate) fn matching(self, matches: Option<bool>) -> Self {
        Self { matches, ..self }
    }
}

impl<'a> From<SpanRow<'a>> for SpanJson<'a> {
    fn from(span: SpanRow<'a>) -> Self {
        let (dropped_attributes, dropped_events, dropped_links) = span.dropped();
        let end_ns = span.end_ns();
        Self {
            trace_id: span.trace_id().to_string(),
            span_id: span.span_id().to_string(),
            parent_id: span.parent_id().map(|id| id.to_string()),
            place: None,
            matches: None,
            name: span.name(),
            service: span.service(),
            kind: span.kind().as_str(),
            start_ns: span.start_ns(),
            start: format::iso(span.start_ns()),
            end_ns,
            end: end_ns.map(format::iso),
            duration_ns: end_ns.map(|end| end.saturating_sub(span.start_ns())),
            state: span.state().as_str(),
            status: span.status().as_str(),
            status_message: span.status_message(),
            attributes: Attributes(span.attributes()),
            events: span.events().map(EventJson::from).collect(),
            links: span.links().map(LinkJson::from).collect(),
            resource: Attributes(span.resource()),
            scope: ScopeJson {
                name: span.scope().name(),
                version: span.scope().version(),
                attributes: Attributes(span.scope().attributes()),
            },
            trace_state: span.trace_state(),
            flags: span.flags(),
            version: span.version(),
            dropped_attributes,
            dropped_events,
            dropped_links,
            linked_from: None,
        }
    }
}

impl<'a> From<EventRow<'a>> for EventJson<'a> {
    fn from(event: EventRow<'a>) -> Self {
        Self {
            time_ns: event.time_ns(),
            time: format::iso(event.time_ns()),
            name: event.name(),
            attributes: Attributes(event.attributes()),
            dropped_attributes: event.dropped_attributes(),
        }
    }
}

impl<'a> From<LinkRow<'a>> for LinkJson<'a> {
    fn from(link: LinkRow<'a>) -> Self {
        Self {
            trace_id: link.trace_id().to_string(),
            span_id: link.span_id().to_string(),
            trace_state: link.trace_state(),
            flags: link.flags(),
            attributes: Attributes(link.attributes()),
            dropped_attributes: link.dropped_attributes(),
        }
    }
}
