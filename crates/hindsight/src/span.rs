//! Spans as a program sees them: a builder and a handle.

use std::borrow::Cow;
use std::sync::Arc;

use hindsight_protocol::{Scope, SpanId, SpanKind, SpanState, StatusCode};

use crate::attribute::{Attribute, AttributeValue, Key};
use crate::buffer::{Buffer, EventRecord, LinkRecord, OpenKey, SpanRecord, cut};
use crate::context::{Context, Entered, Pushed, Scoped, push};
use crate::random;
use crate::tracer::Tracer;

/// What a span's parent is.
#[derive(Clone, Debug, Default)]
enum Parent {
    /// The current span, if there is one.
    #[default]
    Current,
    /// This one.
    Given(Context),
    /// None: the span is a root.
    Root,
}

/// A span about to start; made by [`Tracer::span`].
#[derive(Debug)]
#[must_use = "a span begins with start() or start_detached()"]
pub struct SpanBuilder<'t> {
    tracer: &'t Tracer,
    name: Cow<'static, str>,
    kind: SpanKind,
    parent: Parent,
    attributes: Vec<Attribute>,
    links: Vec<(Context, Vec<Attribute>)>,
    scope: Option<Arc<Scope>>,
    start_ns: Option<u64>,
}

impl<'t> SpanBuilder<'t> {
    pub(crate) fn new(tracer: &'t Tracer, name: Cow<'static, str>) -> Self {
        Self {
            tracer,
            name,
            kind: SpanKind::Internal,
            parent: Parent::Current,
            attributes: Vec::new(),
            links: Vec::new(),
            scope: None,
            start_ns: None,
        }
    }

    /// Adds an attribute; a later value of the same key replaces it.
    pub fn with_attribute(mut self, key: impl Into<Key>, value: impl Into<AttributeValue>) -> Self {
        if self.tracer.is_enabled() {
            self.attributes.push((key.into(), value.into()));
        }
        self
    }

    /// Sets the role; internal if not said.
    pub fn with_kind(mut self, kind: SpanKind) -> Self {
        self.kind = kind;
        self
    }

    /// Makes `parent` the parent, instead of the current span.
    pub fn with_parent(mut self, parent: Context) -> Self {
        self.parent = Parent::Given(parent);
        self
    }

    /// Begins a new trace, whatever is current.
    pub fn as_root(mut self) -> Self {
        self.parent = Parent::Root;
        self
    }

    /// Adds a link to another span.
    pub fn with_link(mut self, to: Context) -> Self {
        self.links.push((to, Vec::new()));
        self
    }

    /// Names the library that makes the span.
    pub fn with_scope(mut self, scope: Arc<Scope>) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Sets the start, nanoseconds since the Unix epoch; now if not said.
    pub fn with_start_ns(mut self, start_ns: u64) -> Self {
        self.start_ns = Some(start_ns);
        self
    }

    /// Starts the span and makes it current, for its task (outside a task: for its thread), until
    /// it ends.
    pub fn start(self) -> Span {
        let mut span = self.start_detached();
        if let Some(live) = &mut span.live {
            live.pushed = push(&live.context);
        }
        span
    }

    /// Starts the span without making it current.
    pub fn start_detached(self) -> Span {
        match self.tracer.is_enabled() && !crate::context::is_suppressed() {
            true => self.begin(),
            false => Span { live: None },
        }
    }

    fn begin(self) -> Span {
        let parent = match self.parent {
            Parent::Current => Context::current(),
            Parent::Given(ref parent) => Some(parent.clone()),
            Parent::Root => None,
        };
        let trace_id = match &parent {
            Some(parent) => parent.trace_id(),
            None => random::trace_id(),
        };
        let sampled = self.tracer.samples(trace_id, parent.as_ref());
        let ids = (trace_id, random::span_id());
        let context = Context::child_of(parent.as_ref(), ids, sampled);
        let recording = match sampled {
            true => self.record(&context, parent.as_ref()),
            false => None,
        };
        Span {
            live: Some(Live {
                context,
                recording,
                pushed: None,
            }),
        }
    }

    fn record(self, context: &Context, parent: Option<&Context>) -> Option<Recording> {
        let buffer = self.tracer.buffer()?;
        let limits = buffer.tracer.limits;
        let monotonic_ns = buffer.tracer.clock.monotonic_ns();
        let start_ns = self
            .start_ns
            .unwrap_or(buffer.tracer.clock.unix_ns(monotonic_ns));
        let key = buffer.open(context.span_id(), |record| {
            record.trace_id = context.trace_id();
            record.parent_id = parent.map_or(SpanId::INVALID, Context::span_id);
            record.flags = context.flags().bits();
            if let Some(state) = context.trace_state() {
                record.trace_state = state.to_header();
            }
            record.name = self.name;
            record.kind = self.kind as u8;
            record.start_monotonic_ns = monotonic_ns;
            record.start_ns = start_ns;
            record.state = SpanState::Running;
            record.scope = self.scope;
            for attribute in self.attributes {
                record.set_attribute(attribute, limits.attributes_max);
            }
            record.dropped.2 = self.links.len().saturating_sub(limits.links_max) as u32;
            let links = self.links.into_iter().take(limits.links_max);
            let to = |(to, attributes)| LinkRecord::to(&to, attributes, limits.attributes_max);
            record.links.extend(links.map(to));
        })?;
        Some(Recording { buffer, key })
    }
}

/// A started span. It ends with [`Span::end`], or, marked as such, when dropped.
///
/// All methods are cheap and never block or panic; on a span that is not recorded they do nothing.
#[derive(Debug)]
pub struct Span {
    live: Option<Live>,
}

#[derive(Debug)]
struct Live {
    context: Context,
    recording: Option<Recording>,
    pushed: Option<Pushed>,
}

#[derive(Debug)]
struct Recording {
    buffer: Arc<Buffer>,
    key: OpenKey,
}

impl Span {
    /// A span that records nothing.
    pub fn none() -> Self {
        Self { live: None }
    }

    /// The span's context, to be carried elsewhere; none if tracing is off.
    pub fn context(&self) -> Option<&Context> {
        self.live.as_ref().map(|live| &live.context)
    }

    /// Whether what is set here goes anywhere.
    pub fn is_recording(&self) -> bool {
        self.recording().is_some()
    }

    fn recording(&self) -> Option<&Recording> {
        self.live.as_ref()?.recording.as_ref()
    }

    fn change(&self, change: impl FnOnce(&mut SpanRecord)) {
        if let Some(recording) = self.recording() {
            recording.buffer.change(recording.key, |record| {
                record.changed = true;
                change(record);
            });
        }
    }

    /// Sets an attribute; a later value of the same key replaces it.
    pub fn set_attribute(&self, key: impl Into<Key>, value: impl Into<AttributeValue>) {
        if let Some(recording) = self.recording() {
            let max = recording.buffer.tracer.limits.attributes_max;
            let attribute = (key.into(), value.into());
            recording
                .buffer
                .change(recording.key, |record| record.set_attribute(attribute, max));
        }
    }

    /// Gives the span another name.
    pub fn set_name(&self, name: impl Into<Cow<'static, str>>) {
        let name = name.into();
        self.change(|record| record.name = name);
    }

    /// Sets the outcome; `Ok` is final.
    pub fn set_status(&self, code: StatusCode, message: impl Into<Cow<'static, str>>) {
        let message = message.into();
        self.change(|record| {
            if record.status != StatusCode::Ok {
                record.status = code;
                record.status_message = match code {
                    StatusCode::Error => message,
                    _ => Cow::Borrowed(""),
                };
            }
        });
    }

    /// Sets the status to error and records an `exception` event with the error's chain of causes.
    pub fn record_error(&self, error: &(dyn std::error::Error + 'static)) {
        if !self.is_recording() {
            return;
        }
        let message = error.to_string();
        let causes = std::iter::successors(error.source(), |cause| cause.source());
        let causes: Vec<String> = causes.take(16).map(ToString::to_string).collect();
        let mut attributes: Vec<Attribute> =
            vec![("exception.message".into(), message.clone().into())];
        if !causes.is_empty() {
            attributes.push((
                "exception.stacktrace".into(),
                causes.join("\ncaused by: ").into(),
            ));
        }
        self.event_with("exception", attributes);
        self.set_status(StatusCode::Error, message);
    }

    /// Records that something happened now.
    pub fn add_event(&self, name: impl Into<Cow<'static, str>>) {
        self.event_with(name, Vec::new());
    }

    /// Records that something happened now, with details.
    pub fn event_with(
        &self,
        name: impl Into<Cow<'static, str>>,
        attributes: Vec<(Key, AttributeValue)>,
    ) {
        let Some(recording) = self.recording() else {
            return;
        };
        let tracer = &recording.buffer.tracer;
        self.event_at(tracer.now_ns(), name.into(), attributes);
    }

    /// Records that something happened at `time_ns`, nanoseconds since the Unix epoch.
    pub fn event_at(
        &self,
        time_ns: u64,
        name: impl Into<Cow<'static, str>>,
        mut attributes: Vec<(Key, AttributeValue)>,
    ) {
        let Some(recording) = self.recording() else {
            return;
        };
        let limits = recording.buffer.tracer.limits;
        let dropped_attributes = cut(&mut attributes, limits.attributes_max);
        let name = name.into();
        self.change(|record| match record.events.len() < limits.events_max {
            true => record.events.push(EventRecord {
                time_ns,
                name,
                attributes,
                dropped_attributes,
            }),
            false => record.dropped.1 += 1,
        });
    }

    /// Adds a link to another span.
    pub fn add_link(&self, to: &Context, attributes: Vec<(Key, AttributeValue)>) {
        let Some(recording) = self.recording() else {
            return;
        };
        let limits = recording.buffer.tracer.limits;
        let link = LinkRecord::to(to, attributes, limits.attributes_max);
        self.change(|record| match record.links.len() < limits.links_max {
            true => record.links.push(link),
            false => record.dropped.2 += 1,
        });
    }

    /// Runs `work` with this span current.
    pub fn in_scope<T>(&self, work: impl FnOnce() -> T) -> T {
        let _entered = self.enter();
        work()
    }

    /// Makes this span current on this thread until the guard is dropped. Not to be held across an
    /// `await`: use [`Span::scope`] there.
    pub fn enter(&self) -> Option<Entered> {
        self.context().cloned().map(Context::enter)
    }

    /// Runs `future` with this span current, whatever task or thread polls it.
    pub fn scope<F: Future>(&self, future: F) -> Scoped<F> {
        Scoped::maybe(self.context().cloned(), future)
    }

    /// Ends the span now.
    pub fn end(mut self) {
        self.finish(SpanState::Ended, None);
    }

    /// Ends the span at `end_ns`, nanoseconds since the Unix epoch.
    pub fn end_at(mut self, end_ns: u64) {
        self.finish(SpanState::Ended, Some(end_ns));
    }

    fn finish(&mut self, state: SpanState, end_ns: Option<u64>) {
        let Some(live) = self.live.take() else { return };
        if let Some(pushed) = &live.pushed {
            pushed.remove(&live.context);
        }
        let Some(Recording { buffer, key }) = live.recording else {
            return;
        };
        let monotonic_ns = buffer.tracer.clock.monotonic_ns();
        let wake = buffer.end(key, |record| {
            let lasted_ns = monotonic_ns.saturating_sub(record.start_monotonic_ns);
            record.end_ns = Some(end_ns.unwrap_or(record.start_ns.saturating_add(lasted_ns)));
            record.state = state;
            record.version += 1;
        });
        if wake {
            buffer.tracer.wake.notify_one();
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        self.finish(SpanState::EndedByDrop, None);
    }
}
