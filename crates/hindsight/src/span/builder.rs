//! Spans about to start.

use std::borrow::Cow;
use std::sync::Arc;

use hindsight_protocol::{Scope, SpanId, SpanKind};

use super::{Live, Recording, Span};
use crate::attribute::{AttributeValue, Key};
use crate::buffer::{LinkRecord, SpanRecord, pool};
use crate::context::{Begun, Context, Pushed, begin, is_suppressed};
use crate::random;
use crate::tracer::{Shared, Tracer};

/// What a span's parent is. Small: a builder is moved by every call on it.
#[derive(Debug)]
enum Parent {
    /// The current span, if there is one.
    Current,
    /// None: the span is a root.
    Root,
    /// The one in the record.
    InRecord,
    /// This one; there is no record.
    Given(Box<Context>),
}

/// A span about to start; made by [`Tracer::span`].
#[derive(Debug)]
#[must_use = "a span begins with start() or start_detached()"]
pub struct SpanBuilder<'t> {
    /// None: nothing is to be done at all.
    tracer: Option<&'t Arc<Shared>>,
    parent: Parent,
    /// None: whatever its parent, the span will not be recorded.
    record: Option<Box<SpanRecord>>,
}

impl<'t> SpanBuilder<'t> {
    #[inline]
    pub(crate) fn new(tracer: &'t Tracer, name: impl Into<Cow<'static, str>>) -> Self {
        let tracer = tracer.shared().filter(|_| !is_suppressed());
        let record = tracer.filter(|tracer| tracer.may_record).map(|_| {
            let mut record = pool::take();
            record.set_name(name.into());
            record
        });
        Self {
            tracer,
            parent: Parent::Current,
            record,
        }
    }

    /// Adds an attribute; a later value of the same key replaces it.
    #[inline]
    pub fn with_attribute(mut self, key: impl Into<Key>, value: impl Into<AttributeValue>) -> Self {
        if let (Some(record), Some(tracer)) = (&mut self.record, self.tracer) {
            record.set_attribute(key.into(), value.into(), tracer.limits.attributes_max);
        }
        self
    }

    /// Sets the role; internal if not said.
    #[inline]
    pub fn with_kind(mut self, kind: SpanKind) -> Self {
        if let Some(record) = &mut self.record {
            record.head.kind = kind as u8;
        }
        self
    }

    /// Makes `parent` the parent, instead of the current span.
    #[inline]
    pub fn with_parent(mut self, parent: Context) -> Self {
        self.parent = match &mut self.record {
            Some(record) => {
                record.parent = Some(parent);
                Parent::InRecord
            }
            None => Parent::Given(Box::new(parent)),
        };
        self
    }

    /// Begins a new trace, whatever is current.
    #[inline]
    pub fn as_root(mut self) -> Self {
        self.parent = Parent::Root;
        self
    }

    /// Adds a link to another span.
    pub fn with_link(mut self, to: Context) -> Self {
        if let (Some(record), Some(tracer)) = (&mut self.record, self.tracer) {
            let limits = &tracer.limits;
            record
                .extra()
                .push_link(limits, || LinkRecord::to(&to, Vec::new(), limits.attributes_max));
        }
        self
    }

    /// Names the library that makes the span.
    pub fn with_scope(mut self, scope: Arc<Scope>) -> Self {
        if let Some(record) = &mut self.record {
            record.extra().scope = Some(scope);
        }
        self
    }

    /// Sets the start, nanoseconds since the Unix epoch; now if not said.
    #[inline]
    pub fn with_start_ns(mut self, start_ns: u64) -> Self {
        if let Some(record) = &mut self.record {
            record.head.start_ns = start_ns;
        }
        self
    }

    /// Starts the span and makes it current, for its task (outside a task: for its thread), until
    /// it ends.
    #[inline]
    pub fn start(self) -> Span {
        let Some(tracer) = self.tracer else {
            return Span::none();
        };
        let given = self.given();
        let make = |current: Option<&Context>| match given {
            Some(parent) => begun(tracer, parent),
            None => begun(tracer, current),
        };
        let (begun, pushed) = begin(make);
        live(tracer, begun, pushed, self.record)
    }

    /// Starts the span without making it current.
    #[inline]
    pub fn start_detached(self) -> Span {
        let Some(tracer) = self.tracer else {
            return Span::none();
        };
        let begun = match self.given() {
            Some(parent) => begun(tracer, parent),
            None => begun(tracer, Context::current().as_ref()),
        };
        live(tracer, begun, None, self.record)
    }

    /// The parent, if it is not the current span.
    #[inline]
    fn given(&self) -> Option<Option<&Context>> {
        match &self.parent {
            Parent::Current => None,
            Parent::Root => Some(None),
            Parent::InRecord => Some(self.record.as_ref().and_then(|r| r.parent.as_ref())),
            Parent::Given(parent) => Some(Some(parent)),
        }
    }
}

/// The new span's ids, and whether it is recorded.
#[inline]
fn begun(tracer: &Shared, parent: Option<&Context>) -> Begun {
    let ids = match parent {
        Some(parent) => (parent.trace_id(), random::span_id()),
        None => random::root_ids(),
    };
    let sampled = tracer.sampler.samples(ids.0, parent);
    Begun {
        context: Context::child_of(parent, ids, sampled),
        parent_id: parent.map_or(SpanId::INVALID, Context::span_id),
    }
}

#[inline]
fn live(
    tracer: &Arc<Shared>,
    begun: Begun,
    pushed: Option<Pushed>,
    record: Option<Box<SpanRecord>>,
) -> Span {
    let recording = match record {
        Some(record) if begun.context.is_sampled() => record_in(tracer, &begun, record),
        Some(record) => {
            pool::give(record);
            None
        }
        None => None,
    };
    Span {
        live: Some(Live {
            context: begun.context,
            recording,
            pushed,
        }),
    }
}

#[inline]
fn record_in(
    tracer: &Arc<Shared>,
    begun: &Begun,
    mut record: Box<SpanRecord>,
) -> Option<Recording> {
    let buffer = tracer.thread_buffer()?;
    let (context, head) = (&begun.context, &mut record.head);
    head.trace_id = context.trace_id();
    head.span_id = context.span_id();
    head.parent_id = begun.parent_id;
    head.flags = context.flags().bits();
    record.opened = tracer.clock.now();
    if head.start_ns == 0 {
        head.start_ns = record.opened.unix_ns;
    }
    if let Some(state) = context.trace_state() {
        record.extra().trace_state = state.to_header();
    }
    let place = buffer.open(record)?;
    Some(Recording { buffer, place })
}
