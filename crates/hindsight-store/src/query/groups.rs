//! Values of a field by row: what spans are grouped by, ranked by, and summed.

use std::cell::RefCell;

use hashbrown::HashMap;
use hindsight_protocol::batch::{SpanRow, ValueRef};
use hindsight_protocol::hub::TraceSummary;
use hindsight_protocol::{SpanKind, SpanState, StatusCode, TraceId};
use hindsight_query::view::{Owner, SpanView};
use hindsight_query::{AttributeScope as Scope, Field};

use super::select::Rank;
use crate::Snapshot;
use crate::column::{AttributeScope, KeyReader, SegmentRows};

/// A value that groups are made by. Integer 1 and double 1.0 are the same, text "1" is not.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum GroupValue {
    Bool(bool),
    Integer(i128),
    /// Bits of a double that is not whole.
    Double(u64),
    Text(String),
    /// Bytes, an array or a map, as encoded.
    Encoded(Vec<u8>),
}

impl GroupValue {
    pub(super) fn of(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::String(text) => Self::Text(text.to_owned()),
            ValueRef::Bool(value) => Self::Bool(value),
            ValueRef::I64(number) => Self::Integer(i128::from(number)),
            ValueRef::F64(number) if number.fract() == 0.0 && number.abs() < 1e30 => {
                Self::Integer(number as i128)
            }
            ValueRef::F64(number) => Self::Double(number.to_bits()),
            ValueRef::Bytes(bytes) | ValueRef::Nested(_, bytes) => Self::Encoded(bytes.to_owned()),
            ValueRef::Unknown(_, bits) => Self::Encoded(bits.to_le_bytes().to_vec()),
        }
    }

    /// As people read it.
    pub(super) fn to_text(&self) -> String {
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Double(bits) => f64::from_bits(*bits).to_string(),
            Self::Text(text) => text.clone(),
            Self::Encoded(bytes) => format!("{} bytes", bytes.len()),
        }
    }
}

impl From<GroupValue> for Rank {
    fn from(value: GroupValue) -> Self {
        match value {
            GroupValue::Bool(value) => Self::Number(f64::from(u8::from(value))),
            GroupValue::Integer(number) => Self::Number(number as f64),
            GroupValue::Double(bits) => Self::Number(f64::from_bits(bits)),
            value => Self::Text(value.to_text()),
        }
    }
}

/// A number that stands for a value within one run, or the value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum LocalValue {
    Missing,
    Code(u64),
    Value(GroupValue),
}

/// The values of a field in one run.
pub(super) struct Values<'a> {
    rows: &'a SegmentRows,
    source: Source<'a>,
}

enum Source<'a> {
    Field(&'a Field),
    /// The first that has a value counts.
    Attribute(Vec<KeyReader>),
    Fact(&'a Field, Facts<'a>),
}

/// Facts of traces, each found once.
struct Facts<'a> {
    snapshot: Option<&'a Snapshot>,
    known: RefCell<HashMap<TraceId, Option<TraceSummary>>>,
}

/// The values of a field that is not of the whole trace.
pub(super) fn values_of<'a>(field: &'a Field, rows: &'a SegmentRows) -> Values<'a> {
    Values {
        rows,
        source: source(field, rows, None),
    }
}

/// The values of any field.
pub(super) fn values_in<'a>(
    field: &'a Field,
    rows: &'a SegmentRows,
    snapshot: &'a Snapshot,
) -> Values<'a> {
    Values {
        rows,
        source: source(field, rows, Some(snapshot)),
    }
}

fn source<'a>(
    field: &'a Field,
    rows: &'a SegmentRows,
    snapshot: Option<&'a Snapshot>,
) -> Source<'a> {
    match field {
        Field::Attribute(scope, key) => {
            let scopes: &[AttributeScope] = match scope {
                Scope::Any => &[AttributeScope::Span, AttributeScope::Resource],
                Scope::Span => &[AttributeScope::Span],
                Scope::Resource => &[AttributeScope::Resource],
                Scope::Scope => &[AttributeScope::Scope],
                Scope::Event => &[],
            };
            let readers = scopes.iter();
            Source::Attribute(readers.filter_map(|s| rows.key_reader(*s, key)).collect())
        }
        Field::TraceSpans
        | Field::TraceErrors
        | Field::TraceServices
        | Field::TraceRunning
        | Field::TraceDuration
        | Field::TraceStart
        | Field::RootName
        | Field::RootService => {
            let known = RefCell::default();
            Source::Fact(field, Facts { snapshot, known })
        }
        field => Source::Field(field),
    }
}

fn natural(number: u64) -> Option<GroupValue> {
    Some(GroupValue::Integer(i128::from(number)))
}

fn text(text: &str) -> Option<GroupValue> {
    (!text.is_empty()).then(|| GroupValue::Text(text.to_owned()))
}

impl Values<'_> {
    /// The value of a row.
    pub(super) fn get(&self, row: usize) -> Option<GroupValue> {
        let rows = self.rows;
        let mut buffer = String::new();
        match &self.source {
            Source::Attribute(readers) => readers.iter().find_map(|reader| {
                let value = rows.attribute(row, *reader, &mut buffer)?;
                Some(GroupValue::of(value))
            }),
            Source::Fact(field, facts) => facts.get(field, rows.trace_id(row)),
            Source::Field(field) => match field {
                Field::Name => text(rows.name(row)),
                Field::Service => text(rows.service(row)),
                Field::Duration => rows.duration_ns(row).and_then(natural),
                Field::Status => text(status_text(rows.status(row))),
                Field::StatusMessage => text(rows.status_message(row, &mut buffer)),
                Field::Kind => text(kind_text(rows.kind(row))),
                Field::State => text(state_text(rows.state(row))),
                Field::Start => natural(rows.start_ns(row)),
                Field::End => rows.end_ns(row).and_then(natural),
                Field::Id => text(&rows.span_id(row).to_string()),
                Field::Parent => rows.parent_id(row).and_then(|id| text(&id.to_string())),
                Field::Trace => text(&rows.trace_id(row).to_string()),
                Field::Events => natural(rows.nested_counts(row).0),
                Field::Links => natural(rows.nested_counts(row).1),
                Field::ScopeName => text(rows.scope_text(row, 0, &mut buffer)),
                Field::ScopeVersion => text(rows.scope_text(row, 1, &mut buffer)),
                _ => None,
            },
        }
    }

    /// The same, cheaper where rows share a value by its code.
    pub(super) fn local(&self, row: usize) -> LocalValue {
        let code = match &self.source {
            Source::Attribute(readers) => {
                let first = readers.first();
                first.and_then(|reader| self.rows.attribute_code(row, *reader))
            }
            Source::Fact(..) => Some(u64::from(self.rows.traces().of_row(row))),
            Source::Field(Field::Name) => Some(u64::from(self.rows.name_code(row))),
            Source::Field(Field::Service) => Some(u64::from(self.rows.service_code(row))),
            Source::Field(Field::Status) => Some(self.rows.status(row) as u64),
            Source::Field(Field::Kind) => Some(self.rows.kind(row) as u64),
            Source::Field(Field::State) => Some(self.rows.state(row) as u64),
            Source::Field(_) => None,
        };
        match code {
            Some(code) => LocalValue::Code(code),
            None => self.get(row).map_or(LocalValue::Missing, LocalValue::Value),
        }
    }

    /// The number of a row, if its value is one.
    pub(super) fn number(&self, row: usize) -> Option<f64> {
        if let Source::Field(Field::Duration) = self.source {
            return self.rows.duration_ns(row).map(|ns| ns as f64);
        }
        if let Source::Attribute(readers) = &self.source {
            let mut buffer = String::new();
            return readers.iter().find_map(|reader| {
                let value = self.rows.attribute(row, *reader, &mut buffer)?;
                Some(number_of(value))
            })?;
        }
        match self.get(row)? {
            GroupValue::Integer(number) => Some(number as f64),
            GroupValue::Double(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }
}

fn number_of(value: ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::I64(number) => Some(number as f64),
        ValueRef::F64(number) => (!number.is_nan()).then_some(number),
        _ => None,
    }
}

impl Facts<'_> {
    fn get(&self, field: &Field, trace: TraceId) -> Option<GroupValue> {
        let mut known = self.known.borrow_mut();
        let find = || self.snapshot.and_then(|snapshot| snapshot.summary(trace));
        let summary = known.entry(trace).or_insert_with(find).as_ref()?;
        fact(field, summary)
    }
}

/// What a summary says of a field of the trace.
fn fact(field: &Field, summary: &TraceSummary) -> Option<GroupValue> {
    match field {
        Field::TraceSpans => natural(summary.spans),
        Field::TraceErrors => natural(summary.errors),
        Field::TraceServices => {
            let named = summary.services.iter().filter(|s| !s.service.is_empty());
            natural(named.count() as u64)
        }
        Field::TraceRunning => natural(summary.running),
        Field::TraceDuration => natural(summary.end_ns.saturating_sub(summary.start_ns)),
        Field::TraceStart => natural(summary.start_ns),
        Field::RootName => text(&summary.name),
        Field::RootService => text(&summary.service),
        _ => None,
    }
}

/// The value of a field of an open span.
pub(super) fn open_value(field: &Field, row: SpanRow<'_>) -> Option<GroupValue> {
    let first = |owner, key: &str| row.attribute(owner, key).map(GroupValue::of);
    match field {
        Field::Attribute(Scope::Any, key) => {
            first(Owner::Span, key).or_else(|| first(Owner::Resource, key))
        }
        Field::Attribute(Scope::Span, key) => first(Owner::Span, key),
        Field::Attribute(Scope::Resource, key) => first(Owner::Resource, key),
        Field::Attribute(Scope::Scope, key) => first(Owner::Scope, key),
        Field::Name => text(SpanRow::name(row)),
        Field::Service => text(SpanRow::service(row)),
        Field::Status => text(status_text(SpanRow::status(row))),
        Field::StatusMessage => text(SpanRow::status_message(row)),
        Field::Kind => text(kind_text(SpanRow::kind(row))),
        Field::State => text(state_text(SpanRow::state(row))),
        Field::Start => natural(SpanRow::start_ns(row)),
        Field::Id => text(&SpanRow::span_id(row).to_string()),
        Field::Parent => SpanRow::parent_id(row).and_then(|id| text(&id.to_string())),
        Field::Trace => text(&SpanRow::trace_id(row).to_string()),
        Field::Events => natural(SpanRow::events(row).len() as u64),
        Field::Links => natural(SpanRow::links(row).len() as u64),
        Field::ScopeName => text(SpanRow::scope(row).name()),
        Field::ScopeVersion => text(SpanRow::scope(row).version()),
        _ => None,
    }
}

/// The value of a field of an open span or of its trace.
pub(super) fn open_value_in(
    field: &Field,
    row: SpanRow<'_>,
    snapshot: &Snapshot,
) -> Option<GroupValue> {
    if let Some(value) = open_value(field, row) {
        return Some(value);
    }
    fact(field, &snapshot.summary(SpanRow::trace_id(row))?)
}

/// The number that a value is.
pub(super) fn as_number(value: &GroupValue) -> Option<f64> {
    match value {
        GroupValue::Integer(number) => Some(*number as f64),
        GroupValue::Double(bits) => Some(f64::from_bits(*bits)).filter(|n| !n.is_nan()),
        _ => None,
    }
}

fn status_text(status: StatusCode) -> &'static str {
    match status {
        StatusCode::Unset => "unset",
        StatusCode::Ok => "ok",
        StatusCode::Error => "error",
    }
}

fn kind_text(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Internal => "internal",
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        SpanKind::Producer => "producer",
        SpanKind::Consumer => "consumer",
    }
}

fn state_text(state: SpanState) -> &'static str {
    match state {
        SpanState::Ended => "ended",
        SpanState::Running => "running",
        SpanState::EndedByDrop => "dropped",
        SpanState::Disconnected => "disconnected",
        SpanState::Aborted => "aborted",
    }
}
