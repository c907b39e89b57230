//! The two trace context headers together: what one makes of the other.
//!
//! In: all `traceparent` and `tracestate` values of a request. Out: a [`RemoteContext`], none, or
//! the reason why a new trace is to be started. A `tracestate` never counts without a valid
//! `traceparent`, and never spoils one.

use super::headers::{Extract, Inject, TRACEPARENT, TRACESTATE};
use super::{TraceParent, TraceParentError, TraceState, TraceStateError, trim_ows};

#[cfg(test)]
mod tests;

/// A span context of another process, as it came with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteContext {
    /// Trace, calling span and flags.
    pub parent: TraceParent,
    /// What tracing systems have written about the trace; empty if it had to be discarded.
    pub state: TraceState,
    /// Why the received `tracestate` was discarded, if it was.
    pub state_error: Option<TraceStateError>,
}

impl RemoteContext {
    /// Reads the headers of a request from its carrier; see [`from_headers`](Self::from_headers).
    pub fn extract(carrier: &(impl Extract + ?Sized)) -> Result<Option<Self>, RemoteContextError> {
        let (mut first, mut count) = (None, 0);
        carrier.visit_header(TRACEPARENT, &mut |value| {
            first.get_or_insert(value);
            count += 1;
        });
        match count {
            0 => Ok(None),
            1 => Self::from_headers(first, carrier.header_values(TRACESTATE)),
            count => Err(RemoteContextError::Repeated { count }),
        }
    }

    /// Reads all `traceparent` and all `tracestate` values of a request, each in order.
    ///
    /// `Ok(None)` if there is no `traceparent`; an error if there are several or the only one is
    /// invalid. Either way a new trace is to be started, and the `tracestate` is not looked at.
    pub fn from_headers<'a>(
        traceparents: impl IntoIterator<Item = &'a str>,
        tracestates: impl IntoIterator<Item = &'a str>,
    ) -> Result<Option<Self>, RemoteContextError> {
        // "If a `tracestate` header is received without an accompanying `traceparent` header, it
        // is invalid and MUST be discarded."
        let Some(parent) = only_parent(traceparents)? else {
            return Ok(None);
        };
        // "Failure to parse `tracestate` MUST NOT affect the parsing of `traceparent`."
        let (state, state_error) = match TraceState::parse_headers(tracestates) {
            Ok(state) => (state, None),
            Err(error) => (TraceState::default(), Some(error)),
        };
        Ok(Some(Self {
            parent,
            state,
            state_error,
        }))
    }
}

fn only_parent<'a>(
    traceparents: impl IntoIterator<Item = &'a str>,
) -> Result<Option<TraceParent>, RemoteContextError> {
    let mut values = traceparents.into_iter();
    let Some(first) = values.next() else {
        return Ok(None);
    };
    let others = values.count();
    if others > 0 {
        let count = others + 1;
        return Err(RemoteContextError::Repeated { count });
    }
    // RFC 9110, 5.5: "A field value does not include leading or trailing whitespace."
    Ok(Some(TraceParent::parse(trim_ows(first))?))
}

/// Writes the headers of a request, in place of those that `carrier` may have.
///
/// `parent` names the span that sends the request. An empty `state` is not sent; one that takes
/// more than 512 bytes is truncated ([`TraceState::truncate`]).
pub fn inject(carrier: &mut (impl Inject + ?Sized), parent: &TraceParent, state: &TraceState) {
    carrier.set_header(TRACEPARENT, parent.to_header());
    let tracestate = state.to_header();
    // "Vendors MUST accept empty `tracestate` headers but SHOULD avoid sending them."
    if tracestate.is_empty() {
        carrier.remove_header(TRACESTATE);
    } else {
        carrier.set_header(TRACESTATE, tracestate);
    }
}

/// Why a request's context is not used: its trace starts anew. The peer's fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemoteContextError {
    /// The header came more than once, and nothing says which one is right.
    #[error("{count} traceparent headers in one request")]
    Repeated {
        /// How many there are.
        count: usize,
    },
    /// The only `traceparent` is invalid.
    #[error(transparent)]
    Parent(#[from] TraceParentError),
}
