//! The span as a struct: the form for edges, tests and the simple ingest call.
//!
//! Everything that moves many spans uses columns instead ([`crate::batch`]).

use facet::Facet;

use crate::{KeyValue, SpanId, TraceId};

/// One span: an operation with a start, perhaps an end, and what is known about it.
///
/// Identity is (`trace_id`, `span_id`).
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Span {
    /// The trace it belongs to.
    #[facet(default)]
    pub trace_id: TraceId,
    /// Its id within the trace.
    #[facet(default)]
    pub span_id: SpanId,
    /// The parent's id; [`SpanId::INVALID`] for a root.
    #[facet(default)]
    pub parent_id: SpanId,
    /// W3C `tracestate` as received, empty if none.
    #[facet(default)]
    pub trace_state: String,
    /// W3C trace flags (bit 0 sampled, bit 1 random).
    #[facet(default)]
    pub flags: u8,
    /// What the operation is called.
    #[facet(default)]
    pub name: String,
    /// The span's role, a [`SpanKind`] as number.
    #[facet(default)]
    pub kind: u8,
    /// Nanoseconds since the Unix epoch.
    #[facet(default)]
    pub start_ns: u64,
    /// Nanoseconds since the Unix epoch; [`OPEN_END_NS`] while the span has not ended.
    #[facet(default = OPEN_END_NS)]
    pub end_ns: u64,
    /// How the span stands, a [`SpanState`] as number.
    #[facet(default)]
    pub state: u8,
    /// Number of this report of the span; of two final reports the higher wins.
    #[facet(default)]
    pub version: u32,
    /// Outcome, a [`StatusCode`] as number.
    #[facet(default)]
    pub status: u8,
    /// The status' description, empty if none.
    #[facet(default)]
    pub status_message: String,
    /// Attributes in the order they were set.
    #[facet(default)]
    pub attributes: Vec<KeyValue>,
    /// Events in the order they were recorded.
    #[facet(default)]
    pub events: Vec<Event>,
    /// Links to other spans.
    #[facet(default)]
    pub links: Vec<Link>,
    /// Who made the span: attributes of the process.
    #[facet(default)]
    pub resource: Resource,
    /// The instrumentation that made the span.
    #[facet(default)]
    pub scope: Scope,
    /// Attributes left out by a limit.
    #[facet(default)]
    pub dropped_attributes: u32,
    /// Events left out by a limit.
    #[facet(default)]
    pub dropped_events: u32,
    /// Links left out by a limit.
    #[facet(default)]
    pub dropped_links: u32,
}

/// [`Span::end_ns`] of a span that has not ended.
pub const OPEN_END_NS: u64 = u64::MAX;

impl Span {
    /// The end, if there is one.
    pub fn end(&self) -> Option<u64> {
        (self.end_ns != OPEN_END_NS).then_some(self.end_ns)
    }

    /// The value of the attribute `key`, the first if there are several.
    pub fn attribute(&self, key: &str) -> Option<&crate::Value> {
        self.attributes
            .iter()
            .find(|attribute| attribute.key == key)
            .map(|attribute| &attribute.value)
    }
}

/// Something that happened at one time within a span.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Event {
    /// Nanoseconds since the Unix epoch.
    #[facet(default)]
    pub time_ns: u64,
    /// What happened.
    #[facet(default)]
    pub name: String,
    /// Details.
    #[facet(default)]
    pub attributes: Vec<KeyValue>,
    /// Attributes left out by a limit.
    #[facet(default)]
    pub dropped_attributes: u32,
}

/// A causal reference to another span.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Link {
    /// The other span's trace.
    #[facet(default)]
    pub trace_id: TraceId,
    /// The other span.
    #[facet(default)]
    pub span_id: SpanId,
    /// The other span's `tracestate`, empty if none.
    #[facet(default)]
    pub trace_state: String,
    /// The other span's trace flags.
    #[facet(default)]
    pub flags: u8,
    /// What the link means.
    #[facet(default)]
    pub attributes: Vec<KeyValue>,
    /// Attributes left out by a limit.
    #[facet(default)]
    pub dropped_attributes: u32,
}

/// The process (or device) that makes spans, as OpenTelemetry resource attributes.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Resource {
    /// E.g. `service.name`, `process.pid`.
    #[facet(default)]
    pub attributes: Vec<KeyValue>,
    /// Attributes left out by a limit.
    #[facet(default)]
    pub dropped_attributes: u32,
}

/// The library that made a span.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Scope {
    /// Name of the library, e.g. a crate's.
    #[facet(default)]
    pub name: String,
    /// Its version.
    #[facet(default)]
    pub version: String,
    /// Further attributes.
    #[facet(default)]
    pub attributes: Vec<KeyValue>,
    /// Attributes left out by a limit.
    #[facet(default)]
    pub dropped_attributes: u32,
}

macro_rules! byte_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $number:literal $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name {
            $($(#[$vdoc])* $variant = $number,)+
        }

        impl $name {
            /// The variant with this number; an unknown number reads as the default.
            pub const fn from_u8(number: u8) -> Self {
                match number {
                    $($number => Self::$variant,)+
                    _ => Self::from_unknown(),
                }
            }

            /// The word users read and write.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

byte_enum! {
    /// The role of a span in a call, numbered as in OTLP minus one.
    SpanKind {
        /// Work within a process.
        #[default]
        Internal = 0 "internal",
        /// Handles a request.
        Server = 1 "server",
        /// Makes a request.
        Client = 2 "client",
        /// Sends a message.
        Producer = 3 "producer",
        /// Handles a message.
        Consumer = 4 "consumer",
    }
}

byte_enum! {
    /// The outcome of a span, numbered as in OTLP.
    StatusCode {
        /// Nobody said.
        #[default]
        Unset = 0 "unset",
        /// Declared good.
        Ok = 1 "ok",
        /// Failed.
        Error = 2 "error",
    }
}

byte_enum! {
    /// How a span stands.
    SpanState {
        /// Ended by its program.
        #[default]
        Ended = 0 "ended",
        /// Not ended yet.
        Running = 1 "running",
        /// Ended when its handle was dropped without `end()`.
        EndedByDrop = 2 "dropped",
        /// Not ended, and its process' connection is gone for the moment.
        Disconnected = 3 "disconnected",
        /// Not ended, and its process stayed away: these are its last words.
        Aborted = 4 "aborted",
    }
}

impl SpanKind {
    const fn from_unknown() -> Self {
        Self::Internal
    }
}

impl StatusCode {
    const fn from_unknown() -> Self {
        Self::Unset
    }
}

impl SpanState {
    const fn from_unknown() -> Self {
        Self::Ended
    }

    /// Whether the span has no end: running, disconnected or aborted.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Running | Self::Disconnected | Self::Aborted)
    }
}
