//! W3C Trace Context and W3C Baggage: header text in, values out, and back.
//!
//! In: the values of the `traceparent`, `tracestate` and `baggage` headers, or anything that
//! implements [`Extract`]. Out: [`RemoteContext`] and [`Baggage`], and the headers for the next hop.
//! What is held always obeys the grammar and the limits of the specification, so that what is
//! written is always valid. Everything is a pure function; work and memory are in proportion to
//! the text given, and the text an error quotes is cut to 80 characters.
//!
//! Sources: Trace Context level 1 (<https://www.w3.org/TR/trace-context-1/>), level 2 for the random
//! flag and the wider `tracestate` keys (<https://www.w3.org/TR/trace-context-2/>), and
//! <https://www.w3.org/TR/baggage/>.

pub mod baggage;
pub mod context;
pub mod headers;
pub mod traceparent;
pub mod tracestate;

pub use baggage::{Baggage, BaggageError, BaggageLoss, BaggageMember, BaggageProperty};
pub use context::{RemoteContext, RemoteContextError, inject};
pub use headers::{Extract, Inject};
pub use traceparent::{TraceFlags, TraceParent, TraceParentError};
pub use tracestate::{TraceState, TraceStateError};

/// As much of a peer's text as an error carries.
const EXCERPT_CHARS_MAX: usize = 80;

fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT_CHARS_MAX).collect()
}

/// Without the optional whitespace (RFC 9110, 5.6.3: `OWS = *( SP / HTAB )`) at both ends.
fn trim_ows(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
