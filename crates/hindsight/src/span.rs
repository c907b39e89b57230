//! Spans as a program sees them: a builder and a handle.

mod builder;

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;

use hindsight_protocol::{SpanId, SpanState, StatusCode};

use crate::attribute::{Attribute, AttributeValue, Key};
use crate::buffer::{Buffer, Ending, EventRecord, LinkRecord, SpanRecord, cut_text, shorten};
use crate::context::{Context, Entered, Pushed, Scoped, ScopedPinned};

pub use builder::SpanBuilder;

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
    /// Where the span is in the buffer.
    place: u32,
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
        let Some(live) = &self.live else { return };
        if let Some(recording) = &live.recording {
            let span = live.context.span_id();
            recording.buffer.change(recording.place, span, change);
        }
    }

    /// Sets an attribute; a later value of the same key replaces it.
    pub fn set_attribute(&self, key: impl Into<Key>, value: impl Into<AttributeValue>) {
        if self.is_recording() {
            let (key, value) = (key.into(), value.into());
            self.change(|record| record.set_attribute(key, value));
        }
    }

    /// Gives the span another name.
    pub fn set_name(&self, name: impl Into<Cow<'static, str>>) {
        let name = name.into();
        self.change(|record| record.set_name(name));
    }

    /// Sets the outcome; `Ok` is final.
    pub fn set_status(&self, code: StatusCode, message: impl Into<Cow<'static, str>>) {
        let message = message.into();
        self.change(|record| record.set_status(code, message));
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
        self.event_at(tracer.clock.now().unix_ns, name.into(), attributes);
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
        let (dropped_attributes, cut_values) = shorten(&mut attributes, limits.attributes_max);
        let mut name = name.into();
        let is_cut = cut_text(&mut name);
        let event = EventRecord {
            time_ns,
            name,
            attributes,
            dropped_attributes,
            cut_values: cut_values + u32::from(is_cut),
        };
        self.change(|record| record.extra().push_event(&limits, event));
    }

    /// Adds a link to another span.
    pub fn add_link(&self, to: &Context, attributes: Vec<(Key, AttributeValue)>) {
        let Some(recording) = self.recording() else {
            return;
        };
        let limits = recording.buffer.tracer.limits;
        let link = LinkRecord::to(to, attributes, limits.attributes_max);
        self.change(|record| record.extra().push_link(&limits, link));
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

    /// [`Span::scope`] for a future that is pinned already: `span.scope_pinned(pin!(future)).await`. For
    /// large futures, which would be moved into a box otherwise.
    pub fn scope_pinned<'f, F: Future>(&self, future: Pin<&'f mut F>) -> ScopedPinned<'f, F> {
        ScopedPinned::maybe(self.context().cloned(), future)
    }

    /// Ends the span now.
    #[inline(always)]
    pub fn end(self) {
        self.end_with(None);
    }

    /// Ends the span at `end_ns`, nanoseconds since the Unix epoch.
    pub fn end_at(self, end_ns: u64) {
        self.end_with(Some(end_ns));
    }

    #[inline(always)]
    fn end_with(mut self, end_ns: Option<u64>) {
        if let Some(live) = &mut self.live {
            live.finish(SpanState::Ended, end_ns);
        }
        // It has given back what it held; to look again would be part of the price of every span,
        // and most of it where tracing is off.
        std::mem::forget(self);
    }
}

impl Live {
    /// Ends the span, the first time, and gives back whatever there is to drop.
    #[inline(never)]
    fn finish(&mut self, state: SpanState, end_ns: Option<u64>) {
        let span = self.context.span_id();
        if let Some(pushed) = &self.pushed {
            pushed.remove(span);
            self.pushed = None;
        }
        if let Some(recording) = &self.recording {
            recording.end(span, Ending { state, end_ns });
            self.recording = None;
        }
        self.context.release();
    }
}

impl Recording {
    // Apart from the rest, so that a span that is not recorded does not pay for it.
    #[inline(never)]
    fn end(&self, span: SpanId, ending: Ending) {
        if self.buffer.end(self.place, span, ending) {
            self.buffer.tracer.wake.notify_one();
        }
    }
}

impl Drop for Span {
    #[inline]
    fn drop(&mut self) {
        if let Some(live) = &mut self.live {
            live.finish(SpanState::EndedByDrop, None);
        }
    }
}
