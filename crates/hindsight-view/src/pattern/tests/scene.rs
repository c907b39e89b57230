//! Building a handler that makes calls.

use hindsight_protocol::{KeyValue, Link, Span, SpanId, SpanKind, StatusCode, Value};

use crate::Trace;
use crate::fixture::{START_NS, TRACE, page, service, span};

/// A small generator (splitmix64): the same numbers everywhere.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn within(&mut self, range: std::ops::Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    /// Some microseconds, in nanoseconds.
    pub(super) fn us(&mut self, range: std::ops::Range<u64>) -> u64 {
        self.within(range.start * 1_000..range.end * 1_000)
    }

    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.within(0..100) < percent
    }
}

/// A call of the scene, by place.
#[derive(Clone, Copy)]
pub(super) struct CallId(usize);

/// A handler and its calls, one after the other unless told otherwise.
pub(super) struct Scene {
    spans: Vec<Span>,
    at_ns: u64,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self {
            spans: vec![span(1, 0, "GET /orders", 0, 0)],
            at_ns: START_NS + 100_000,
        }
    }

    /// A client's call from now on; the time moves to its end.
    pub(super) fn call(&mut self, name: &str, duration_ns: u64) -> CallId {
        let id = self.spans.len() as u64 + 1;
        self.spans.push(Span {
            kind: SpanKind::Client as u8,
            resource: service("db"),
            start_ns: self.at_ns,
            end_ns: self.at_ns + duration_ns,
            ..span(id, 1, name, 0, 0)
        });
        self.at_ns += duration_ns;
        CallId(self.spans.len() - 1)
    }

    /// Moves the time on.
    pub(super) fn pause(&mut self, ns: u64) {
        self.at_ns += ns;
    }

    /// Moves the time back.
    pub(super) fn rewind(&mut self, ns: u64) {
        self.at_ns -= ns;
    }

    pub(super) fn statement(&mut self, call: CallId, key: &str, text: &str) {
        self.attribute(call, key, text);
    }

    pub(super) fn attribute(&mut self, call: CallId, key: &str, value: impl Into<Value>) {
        let attributes = &mut self.spans[call.0].attributes;
        attributes.push(KeyValue::new(key, value));
    }

    pub(super) fn failed(&mut self, call: CallId, failed: bool) {
        let status = if failed {
            StatusCode::Error
        } else {
            StatusCode::Unset
        };
        self.spans[call.0].status = status as u8;
    }

    pub(super) fn kind(&mut self, call: CallId, kind: SpanKind) {
        self.spans[call.0].kind = kind as u8;
    }

    pub(super) fn link(&mut self, call: CallId, to: CallId, meaning: &str) {
        let to = self.spans[to.0].span_id;
        self.spans[call.0].links.push(Link {
            trace_id: TRACE,
            span_id: to,
            attributes: vec![KeyValue::new("link.kind", meaning)],
            ..Link::default()
        });
    }

    /// Puts an internal span of that name around the call.
    pub(super) fn wrap(&mut self, call: CallId, name: &str) {
        let id = self.spans.len() as u64 + 1;
        let inner = &mut self.spans[call.0];
        inner.parent_id = SpanId::from_u64(id);
        let wrapper = Span {
            start_ns: inner.start_ns - 5_000,
            end_ns: inner.end_ns + 5_000,
            ..span(id, 1, name, 0, 0)
        };
        self.spans.push(wrapper);
        self.at_ns += 12_000;
    }

    pub(super) fn finish(mut self) -> Trace {
        let ends = self.spans.iter().map(|span| span.end_ns);
        self.spans[0].end_ns = ends.max().unwrap_or_default() + 100_000;
        Trace::new(TRACE, vec![page(&self.spans)])
    }
}
