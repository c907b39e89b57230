//! What can be tested: fields of the span, facts of its trace, attributes.

use hindsight_protocol::{SpanKind, SpanState, StatusCode};

/// Something a span or its trace has values of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// What the operation is called.
    Name,
    /// `service.name` of the resource.
    Service,
    /// End minus start; none while open.
    Duration,
    /// Outcome.
    Status,
    /// The outcome's description.
    StatusMessage,
    /// Role in a call.
    Kind,
    /// Running, ended, ...
    State,
    /// Start time.
    Start,
    /// End time; none while open.
    End,
    /// The span's id.
    Id,
    /// The parent's id; none for a root.
    Parent,
    /// The trace's id.
    Trace,
    /// Number of links stored.
    Links,
    /// Traces that the span's links lead to.
    LinkTrace,
    /// Spans that the span's links lead to.
    LinkSpan,
    /// Number of events stored.
    Events,
    /// Name of the instrumentation scope.
    ScopeName,
    /// Its version.
    ScopeVersion,
    /// Names of the span's events.
    EventName,
    /// Spans of the trace that are stored.
    TraceSpans,
    /// Those with status error.
    TraceErrors,
    /// Distinct services of its spans, the empty one not counted.
    TraceServices,
    /// Spans in state [`SpanState::Running`].
    TraceRunning,
    /// Earliest start to latest end.
    TraceDuration,
    /// Earliest start.
    TraceStart,
    /// Name of the root span.
    RootName,
    /// Service of the root span.
    RootService,
    /// An attribute.
    Attribute(AttributeScope, String),
}

/// Where an attribute is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AttributeScope {
    /// The span, and if it has none the resource.
    Any,
    /// The span.
    Span,
    /// The resource.
    Resource,
    /// The instrumentation scope.
    Scope,
    /// The events of the span, all of them.
    Event,
}

/// What kind of values a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// Text.
    Text,
    /// A whole number.
    Count,
    /// Nanoseconds.
    Duration,
    /// A point in time.
    Time,
    /// [`StatusCode`].
    Status,
    /// [`SpanKind`].
    Kind,
    /// [`SpanState`].
    State,
    /// The id of a trace.
    TraceId,
    /// The id of a span.
    SpanId,
    /// Anything: attributes.
    Any,
}

/// What a field belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldLevel {
    /// The span.
    Span,
    /// The span's trace.
    Trace,
}

use FieldType as T;

/// Every field with a name of its own: name, field, type, and a line for completion lists.
pub(crate) const NAMED: [(&str, Field, FieldType, &str); 27] = [
    ("name", Field::Name, T::Text, "what the operation is called"),
    (
        "service",
        Field::Service,
        T::Text,
        "service.name of the resource",
    ),
    ("duration", Field::Duration, T::Duration, "end minus start"),
    ("status", Field::Status, T::Status, "unset, ok or error"),
    (
        "status.message",
        Field::StatusMessage,
        T::Text,
        "description of the status",
    ),
    (
        "kind",
        Field::Kind,
        T::Kind,
        "internal, server, client, producer or consumer",
    ),
    (
        "state",
        Field::State,
        T::State,
        "ended, running, dropped, disconnected or aborted",
    ),
    ("start", Field::Start, T::Time, "start time"),
    ("end", Field::End, T::Time, "end time"),
    ("id", Field::Id, T::SpanId, "the span's id"),
    ("parent", Field::Parent, T::SpanId, "the parent's id"),
    (
        "trace",
        Field::Trace,
        T::TraceId,
        "the trace's id, in any form",
    ),
    ("links", Field::Links, T::Count, "number of links"),
    (
        "link.trace",
        Field::LinkTrace,
        T::TraceId,
        "traces that its links lead to",
    ),
    (
        "link.span",
        Field::LinkSpan,
        T::SpanId,
        "spans that its links lead to",
    ),
    ("events", Field::Events, T::Count, "number of events"),
    (
        "scope.name",
        Field::ScopeName,
        T::Text,
        "library that made the span",
    ),
    ("scope.version", Field::ScopeVersion, T::Text, "its version"),
    (
        "event.name",
        Field::EventName,
        T::Text,
        "names of the span's events",
    ),
    ("spans", Field::TraceSpans, T::Count, "spans of the trace"),
    (
        "errors",
        Field::TraceErrors,
        T::Count,
        "failed spans of the trace",
    ),
    (
        "services",
        Field::TraceServices,
        T::Count,
        "services of the trace",
    ),
    (
        "running",
        Field::TraceRunning,
        T::Count,
        "running spans of the trace",
    ),
    (
        "trace.duration",
        Field::TraceDuration,
        T::Duration,
        "earliest start to latest end",
    ),
    (
        "trace.start",
        Field::TraceStart,
        T::Time,
        "earliest start of the trace",
    ),
    (
        "root.name",
        Field::RootName,
        T::Text,
        "name of the root span",
    ),
    (
        "root.service",
        Field::RootService,
        T::Text,
        "service of the root span",
    ),
];

/// Other words for named fields that the parser takes.
pub(crate) const ALIASES: [(&str, Field); 5] = [
    ("scope", Field::ScopeName),
    ("trace.id", Field::Trace),
    ("trace.spans", Field::TraceSpans),
    ("trace.errors", Field::TraceErrors),
    ("trace.services", Field::TraceServices),
];

impl Field {
    /// The field an unquoted word stands for: a named field, or an attribute. Never fails; the
    /// empty key of `span.` is for the parser to refuse.
    pub fn from_word(word: &str) -> Self {
        let named = NAMED.iter().find(|(name, ..)| *name == word);
        if let Some((_, field, ..)) = named {
            return field.clone();
        }
        if let Some((_, field)) = ALIASES.iter().find(|(name, _)| *name == word) {
            return field.clone();
        }
        let (scope, key) = AttributeScope::split(word);
        Self::Attribute(scope, key.to_owned())
    }

    /// The name in the language of a field that is not an attribute.
    pub fn name(&self) -> Option<&'static str> {
        let named = NAMED.iter().find(|(_, field, ..)| field == self);
        named.map(|(name, ..)| *name)
    }

    /// What kind of values it has.
    pub fn field_type(&self) -> FieldType {
        let named = NAMED.iter().find(|(_, field, ..)| field == self);
        named.map_or(FieldType::Any, |(_, _, kind, _)| *kind)
    }

    /// Whether it is of the span or of its trace. The trace's id is the span's.
    pub const fn level(&self) -> FieldLevel {
        match self {
            Self::TraceSpans
            | Self::TraceErrors
            | Self::TraceServices
            | Self::TraceRunning
            | Self::TraceDuration
            | Self::TraceStart
            | Self::RootName
            | Self::RootService => FieldLevel::Trace,
            _ => FieldLevel::Span,
        }
    }

    /// Whether a span can have several values of it: only what belongs to events and links.
    pub const fn has_many_values(&self) -> bool {
        self.each().is_some()
    }

    /// What of a span has a value each, if the span can have several values: a word for messages.
    pub const fn each(&self) -> Option<&'static str> {
        match self {
            Self::EventName | Self::Attribute(AttributeScope::Event, _) => Some("event"),
            Self::LinkTrace | Self::LinkSpan => Some("link"),
            _ => None,
        }
    }

    /// All named fields with their types, in the order of the documentation.
    pub fn named() -> impl Iterator<Item = (&'static str, Self, FieldType)> {
        NAMED
            .iter()
            .map(|(name, field, kind, _)| (*name, field.clone(), *kind))
    }
}

impl AttributeScope {
    /// The word before the dot, empty for [`Self::Any`].
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Span => "span",
            Self::Resource => "resource",
            Self::Scope => "scope",
            Self::Event => "event",
        }
    }

    /// All scopes that are written.
    pub const WRITTEN: [Self; 4] = [Self::Span, Self::Resource, Self::Scope, Self::Event];

    /// The scope a word names and the key that is left.
    pub fn split(word: &str) -> (Self, &str) {
        for scope in Self::WRITTEN {
            let rest = word.strip_prefix(scope.as_str());
            if let Some(key) = rest.and_then(|rest| rest.strip_prefix('.')) {
                return (scope, key);
            }
        }
        (Self::Any, word)
    }
}

impl FieldType {
    /// With its article, for messages.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Count => "a whole number",
            Self::Duration => "a duration",
            Self::Time => "a time",
            Self::Status => "a status",
            Self::Kind => "a kind",
            Self::State => "a state",
            Self::TraceId => "a trace id",
            Self::SpanId => "a span id",
            Self::Any => "any value",
        }
    }

    /// The words that are its values, for the types that have a closed set.
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Status => &STATUS_WORDS,
            Self::Kind => &KIND_WORDS,
            Self::State => &STATE_WORDS,
            _ => &[],
        }
    }
}

pub(crate) const STATUSES: [StatusCode; 3] = [StatusCode::Error, StatusCode::Ok, StatusCode::Unset];

pub(crate) const KINDS: [SpanKind; 5] = [
    SpanKind::Internal,
    SpanKind::Server,
    SpanKind::Client,
    SpanKind::Producer,
    SpanKind::Consumer,
];

pub(crate) const STATES: [SpanState; 5] = [
    SpanState::Ended,
    SpanState::Running,
    SpanState::EndedByDrop,
    SpanState::Disconnected,
    SpanState::Aborted,
];

const STATUS_WORDS: [&str; 3] = ["error", "ok", "unset"];
const KIND_WORDS: [&str; 5] = ["internal", "server", "client", "producer", "consumer"];
const STATE_WORDS: [&str; 6] = [
    "ended",
    "running",
    "dropped",
    "disconnected",
    "aborted",
    // Stands for running, disconnected and aborted.
    "open",
];

#[cfg(test)]
mod tests;
