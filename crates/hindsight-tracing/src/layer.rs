//! The layer: from `tracing`'s callbacks to spans of the tracer.
//!
//! A `tracing` span becomes a hindsight span when it is created; entering makes it current on the
//! thread, so that calls made through the tracer or through roam nest beneath it; closing ends it.
//! A root span of `tracing` is beneath whatever hindsight span is current. The span's state hangs on
//! the registry's extensions; nothing is kept elsewhere.

use std::cell::RefCell;

use hindsight::{Context, Entered, Span, SpanKind, StatusCode, Tracer};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context as LayerContext;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::fields::Fields;

/// Sends the spans and events of `tracing` to a hub.
#[derive(Clone, Debug, Default)]
pub struct HindsightLayer {
    tracer: Option<Tracer>,
}

/// A layer whose spans are made by `tracer`. Filter it like any other:
/// `layer(tracer).with_filter(LevelFilter::INFO)`.
pub fn layer(tracer: Tracer) -> HindsightLayer {
    HindsightLayer {
        tracer: Some(tracer),
    }
}

impl HindsightLayer {
    /// A layer whose spans are made by the process' tracer ([`Tracer::global`]).
    pub fn global() -> Self {
        Self::default()
    }

    fn begin<S>(&self, attributes: &Attributes<'_>, context: &LayerContext<'_, S>) -> Span
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        let tracer = self.tracer.clone().unwrap_or_else(Tracer::global);
        let metadata = attributes.metadata();
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let name = fields.take_text("otel.name");
        let mut builder = match name {
            Some(name) => tracer.span(name),
            None => tracer.span(metadata.name()),
        };
        if let Some(kind) = fields.take_text("otel.kind") {
            builder = builder.with_kind(kind_of(&kind));
        }
        builder = builder.with_attribute("level", level_of(metadata.level()));
        builder = builder.with_attribute("code.target", metadata.target());
        if let Some(module) = metadata.module_path() {
            builder = builder.with_attribute("code.namespace", module);
        }
        if let Some(file) = metadata.file() {
            builder = builder.with_attribute("code.filepath", file);
        }
        if let Some(line) = metadata.line() {
            builder = builder.with_attribute("code.lineno", line);
        }
        for (key, value) in fields.attributes.drain(..) {
            builder = builder.with_attribute(key, value);
        }
        if let Some(message) = fields.message {
            builder = builder.with_attribute("message", message);
        }
        match parent_of(attributes, context) {
            Parent::Span(parent) => builder.with_parent(parent).start_detached(),
            Parent::Current => builder.start_detached(),
            Parent::None => builder.as_root().start_detached(),
        }
    }
}

enum Parent {
    Span(Context),
    Current,
    None,
}

/// The parent that `tracing` gives; without one, what is current for hindsight, unless the program
/// asked for a root.
fn parent_of<S>(attributes: &Attributes<'_>, context: &LayerContext<'_, S>) -> Parent
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    if attributes.is_root() {
        return Parent::None;
    }
    if let Some(parent) = attributes.parent() {
        let explicit = context.span(parent).and_then(|span| context_of(&span));
        return explicit.map_or(Parent::Current, Parent::Span);
    }
    // Entering a span makes it hindsight's current one, so this covers spans of either kind.
    if Context::current().is_some() {
        return Parent::Current;
    }
    let entered = context.lookup_current().and_then(|span| context_of(&span));
    entered.map_or(Parent::Current, Parent::Span)
}

fn context_of<'s, R: LookupSpan<'s>>(span: &SpanRef<'s, R>) -> Option<Context> {
    let extensions = span.extensions();
    extensions.get::<Span>()?.context().cloned()
}

fn kind_of(text: &str) -> SpanKind {
    match text.to_ascii_lowercase().as_str() {
        "server" => SpanKind::Server,
        "client" => SpanKind::Client,
        "producer" => SpanKind::Producer,
        "consumer" => SpanKind::Consumer,
        _ => SpanKind::Internal,
    }
}

fn level_of(level: &Level) -> &'static str {
    match *level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

thread_local! {
    /// The spans entered on this thread, innermost last, each with its guard.
    static ENTERED: RefCell<Vec<(Id, Option<Entered>)>> = const { RefCell::new(Vec::new()) };
}

impl<S> Layer<S> for HindsightLayer
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: LayerContext<'_, S>) {
        if !hindsight::is_recording_thread() {
            return;
        }
        let span = self.begin(attributes, &context);
        if let Some(place) = context.span(id) {
            place.extensions_mut().insert(span);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: LayerContext<'_, S>) {
        let Some(place) = context.span(id) else {
            return;
        };
        let extensions = place.extensions();
        let Some(span) = extensions.get::<Span>() else {
            return;
        };
        let mut fields = Fields::default();
        values.record(&mut fields);
        apply(span, fields);
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, context: LayerContext<'_, S>) {
        let Some(to) = context.span(follows).and_then(|span| context_of(&span)) else {
            return;
        };
        let Some(place) = context.span(id) else {
            return;
        };
        if let Some(span) = place.extensions().get::<Span>() {
            let meaning = ("opentracing.ref_type".into(), "follows_from".into());
            span.add_link(&to, vec![meaning]);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: LayerContext<'_, S>) {
        let Some(place) = context.event_span(event) else {
            return;
        };
        let extensions = place.extensions();
        let Some(span) = extensions.get::<Span>() else {
            return;
        };
        let metadata = event.metadata();
        let mut fields = Fields::default();
        event.record(&mut fields);
        if *metadata.level() == Level::ERROR {
            let text = fields
                .message
                .clone()
                .unwrap_or_else(|| metadata.name().to_owned());
            span.set_status(StatusCode::Error, text);
        }
        let name = fields.message.take();
        let mut attributes = fields.attributes;
        attributes.push(("level".into(), level_of(metadata.level()).into()));
        attributes.push(("code.target".into(), metadata.target().into()));
        span.event_with(name.unwrap_or_else(|| event_name(metadata)), attributes);
    }

    fn on_enter(&self, id: &Id, context: LayerContext<'_, S>) {
        let entered = context
            .span(id)
            .and_then(|span| context_of(&span))
            .map(Context::enter);
        ENTERED.with(|spans| spans.borrow_mut().push((id.clone(), entered)));
    }

    fn on_exit(&self, id: &Id, _context: LayerContext<'_, S>) {
        // The thread may be ending; its scopes end with it.
        let left = ENTERED.try_with(|spans| {
            let mut spans = spans.borrow_mut();
            let at = spans.iter().rposition(|(other, _)| other == id);
            at.map(|at| spans.remove(at))
        });
        drop(left);
    }

    fn on_close(&self, id: Id, context: LayerContext<'_, S>) {
        let Some(place) = context.span(&id) else {
            return;
        };
        let span = place.extensions_mut().remove::<Span>();
        if let Some(span) = span {
            span.end();
        }
    }
}

/// Applies fields recorded late.
fn apply(span: &Span, mut fields: Fields) {
    if let Some(name) = fields.take_text("otel.name") {
        span.set_name(name);
    }
    if let Some(code) = fields.take_text("otel.status_code") {
        match code.to_ascii_lowercase().as_str() {
            "error" => span.set_status(StatusCode::Error, ""),
            "ok" => span.set_status(StatusCode::Ok, ""),
            _ => {}
        }
    }
    for (key, value) in fields.attributes {
        span.set_attribute(key, value);
    }
    if let Some(message) = fields.message {
        span.set_attribute("message", message);
    }
}

/// The name of an event without a message: its place in the source, without folders.
fn event_name(metadata: &Metadata<'_>) -> String {
    let Some(file) = metadata.file() else {
        return metadata.name().to_owned();
    };
    let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
    match metadata.line() {
        Some(line) => format!("event {file}:{line}"),
        None => format!("event {file}"),
    }
}
