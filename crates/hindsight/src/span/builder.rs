//! Spans about to start.

use std::borrow::Cow;
use std::fmt;
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
    // Inlined where a program calls it: with tracing off nothing but a look at the tracer is left.
    #[inline(always)]
    pub(crate) fn new(tracer: &'t Tracer, name: impl Into<Cow<'static, str>>) -> Self {
        let record = match tracer.recorder() {
            Some(shared) => wanted_record(shared, name.into()),
            None => None,
        };
        Self { tracer, record }
    }

    /// The record, unless whatever is put there will not be recorded.
    #[inline(always)]
    fn wanted(&mut self) -> Option<&mut SpanRecord> {
        self.record.as_deref_mut().filter(|record| record.is_wanted)
    }

    /// The record, also where it will only tell of the parent; none where there is no span at all.
    #[inline]
    fn any(&mut self) -> Option<&mut SpanRecord> {
        if self.record.is_none() && !is_suppressed() {
            self.record = self.tracer.shared().map(pool::take);
        }
        self.record.as_deref_mut()
    }

    /// Adds an attribute; a later value of the same key replaces it.
    #[inline(always)]
    pub fn with_attribute(mut self, key: impl Into<Key>, value: impl Into<AttributeValue>) -> Self {
        if let Some(record) = self.wanted() {
            record.set_attribute(key.into(), value.into());
        }
        self
    }

    /// [`Self::with_attribute`] of a text that is written where it is kept, without a string of its
    /// own: `with_display("route", format_args!("/items/{id}"))`. Nothing is formatted where nothing
    /// is recorded.
    #[inline]
    pub fn with_display(mut self, key: impl Into<Key>, value: impl fmt::Display) -> Self {
        if let Some(record) = self.wanted() {
            record.set_display(key.into(), &value);
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
        if let Some(record) = self.any() {
            record.parent = Parent::Given(parent);
        }
        self
    }

    /// Begins a new trace, whatever is current.
    #[inline]
    pub fn as_root(mut self) -> Self {
        if let Some(record) = self.any() {
            record.parent = Parent::Root;
        }
        self
    }

    /// Adds a link to another span.
    pub fn with_link(mut self, to: Context) -> Self {
        let limits = self.tracer.shared().map(|shared| shared.limits);
        if let (Some(record), Some(limits)) = (self.wanted(), limits) {
            let link = LinkRecord::to(&to, Vec::new(), limits.attributes_max);
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
    #[inline(always)]
    pub fn start(self) -> Span {
        match (self.tracer.shared(), self.record) {
            (Some(tracer), Some(record)) => start(tracer, record),
            (Some(tracer), None) => start_unrecorded(tracer),
            (None, _) => Span::none(),
        }
    }

    /// Starts the span without making it current.
    #[inline(always)]
    pub fn start_detached(self) -> Span {
        match (self.tracer.shared(), self.record) {
            (Some(tracer), Some(record)) => start_detached(tracer, record),
            (Some(tracer), None) => start_detached_unrecorded(tracer),
            (None, _) => Span::none(),
        }
    }
}

#[inline(never)]
fn wanted_record(tracer: &Arc<Shared>, name: Cow<'static, str>) -> Option<Box<SpanRecord>> {
    if is_suppressed() {
        return None;
    }
    let mut record = pool::take(tracer);
    record.is_wanted = true;
    record.attributes_max = tracer.limits.attributes_max;
    record.set_name(name);
    Some(record)
}

#[inline(never)]
fn start(tracer: &Arc<Shared>, record: Box<SpanRecord>) -> Span {
    let parent = &record.parent;
    let (begun, pushed) = begin(|current| begun(tracer, parent.or(current)));
    live(tracer, begun, pushed, record)
}

#[inline(never)]
fn start_detached(tracer: &Arc<Shared>, record: Box<SpanRecord>) -> Span {
    let begun = match &record.parent {
        Parent::Current => begun(tracer, Context::current().as_ref()),
        given => begun(tracer, given.or(None)),
    };
    live(tracer, begun, None, record)
}

/// A span beneath the current one that is not recorded: no span of the tracer is.
#[inline(never)]
fn start_unrecorded(tracer: &Shared) -> Span {
    if is_suppressed() {
        return Span::none();
    }
    let (begun, pushed) = begin(|current| begun(tracer, current));
    propagating(begun, pushed)
}

#[inline(never)]
fn start_detached_unrecorded(tracer: &Shared) -> Span {
    if is_suppressed() {
        return Span::none();
    }
    propagating(begun(tracer, Context::current().as_ref()), None)
}

/// A span that only hands its context on.
#[inline]
fn propagating(begun: Begun, pushed: Option<Pushed>) -> Span {
    Span {
        live: Some(Live {
            context: begun.context,
            recording: None,
            pushed,
        }),
    }
}

/// The new span's ids, and whether it is recorded.
#[inline]
fn begun(tracer: &Shared, parent: Option<&Context>) -> Begun {
    let ids = match parent {
        Some(parent) => (parent.trace_id(), random::span_id()),
        None => random::root_ids(),
    };
    let sampled = tracer.may_record && tracer.sampler.samples(ids.0, parent);
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
    if !begun.context.is_sampled() {
        pool::give(record);
        return propagating(begun, pushed);
    }
    let recording = record_in(tracer, &begun, record);
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
