//! Spans about to start.

use std::borrow::Cow;
use std::sync::Arc;

use hindsight_protocol::{Scope, SpanId, SpanKind};

use super::{Live, Recording, Span};
use crate::attribute::{AttributeValue, Key};
use crate::buffer::{LinkRecord, Parent, SpanRecord, pool};
use crate::context::{Begun, Context, Pushed, begin, is_suppressed};
use crate::random;
use crate::tracer::{Shared, Tracer};

/// A span about to start; made by [`Tracer::span`].
///
/// Two words, since every call on it moves it.
#[derive(Debug)]
#[must_use = "a span begins with start() or start_detached()"]
pub struct SpanBuilder<'t> {
    tracer: &'t Tracer,
    /// None: nothing is to be done at all.
    record: Option<Box<SpanRecord>>,
}

impl<'t> SpanBuilder<'t> {
    #[inline]
    pub(crate) fn new(tracer: &'t Tracer, name: impl Into<Cow<'static, str>>) -> Self {
        let shared = tracer.shared().filter(|_| !is_suppressed());
        let record = shared.map(|shared| {
            let mut record = pool::take();
            record.is_wanted = shared.may_record;
            if shared.may_record {
                record.attributes_max = shared.limits.attributes_max;
                record.set_name(name.into());
            }
            record
        });
        Self { tracer, record }
    }

    /// The record, unless whatever is put there will not be recorded.
    #[inline]
    fn wanted(&mut self) -> Option<&mut SpanRecord> {
        self.record.as_deref_mut().filter(|record| record.is_wanted)
    }

    /// Adds an attribute; a later value of the same key replaces it.
    #[inline]
    pub fn with_attribute(mut self, key: impl Into<Key>, value: impl Into<AttributeValue>) -> Self {
        if let Some(record) = self.wanted() {
            record.set_attribute(key.into(), value.into());
        }
        self
    }

    /// Sets the role; internal if not said.
    #[inline]
    pub fn with_kind(mut self, kind: SpanKind) -> Self {
        if let Some(record) = self.wanted() {
            record.head.kind = kind as u8;
        }
        self
    }

    /// Makes `parent` the parent, instead of the current span.
    #[inline]
    pub fn with_parent(mut self, parent: Context) -> Self {
        if let Some(record) = &mut self.record {
            record.parent = Parent::Given(parent);
        }
        self
    }

    /// Begins a new trace, whatever is current.
    #[inline]
    pub fn as_root(mut self) -> Self {
        if let Some(record) = &mut self.record {
            record.parent = Parent::Root;
        }
        self
    }

    /// Adds a link to another span.
    pub fn with_link(mut self, to: Context) -> Self {
        let limits = self.tracer.shared().map(|shared| shared.limits);
        if let (Some(record), Some(limits)) = (self.wanted(), limits) {
            let link = || LinkRecord::to(&to, Vec::new(), limits.attributes_max);
            record.extra().push_link(&limits, link);
        }
        self
    }

    /// Names the library that makes the span.
    pub fn with_scope(mut self, scope: Arc<Scope>) -> Self {
        if let Some(record) = self.wanted() {
            record.extra().scope = Some(scope);
        }
        self
    }

    /// Sets the start, nanoseconds since the Unix epoch; now if not said.
    #[inline]
    pub fn with_start_ns(mut self, start_ns: u64) -> Self {
        if let Some(record) = self.wanted() {
            record.head.start_ns = start_ns;
        }
        self
    }

    /// Starts the span and makes it current, for its task (outside a task: for its thread), until
    /// it ends.
    #[inline]
    pub fn start(self) -> Span {
        match self.record {
            Some(record) => start(self.tracer, record),
            None => Span::none(),
        }
    }

    /// Starts the span without making it current.
    #[inline]
    pub fn start_detached(self) -> Span {
        match self.record {
            Some(record) => start_detached(self.tracer, record),
            None => Span::none(),
        }
    }
}

fn start(tracer: &Tracer, record: Box<SpanRecord>) -> Span {
    let Some(tracer) = tracer.shared() else {
        return Span::none();
    };
    let parent = &record.parent;
    let (begun, pushed) = begin(|current| begun(tracer, parent.or(current)));
    live(tracer, begun, pushed, record)
}

fn start_detached(tracer: &Tracer, record: Box<SpanRecord>) -> Span {
    let Some(tracer) = tracer.shared() else {
        return Span::none();
    };
    let begun = match &record.parent {
        Parent::Current => begun(tracer, Context::current().as_ref()),
        given => begun(tracer, given.or(None)),
    };
    live(tracer, begun, None, record)
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
    record: Box<SpanRecord>,
) -> Span {
    let recording = match begun.context.is_sampled() {
        true => record_in(tracer, &begun, record),
        false => {
            pool::give(record);
            None
        }
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
