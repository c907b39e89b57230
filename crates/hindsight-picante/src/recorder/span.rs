//! Spans of accesses.
//!
//! In: accesses. Out: a span for each that the program asked for itself, that computes, that has one of these
//! beneath it, or that failed; the others are counted by the one that asked. Its name is the query's.

use std::sync::{Arc, LazyLock};

use hindsight::{AttributeValue, Context, Scope, Span, SpanId, StatusCode, Value};
use hindsight_protocol::introspection::picante::attribute;
use parking_lot::Mutex;
use picante::RuntimeId;

use super::finish::Finished;
use super::recorder;
use super::running::Running;
use crate::adapter::adapter;
use crate::{Dependency, Outcome};

/// Dependencies that a span names.
pub(super) const NAMED_MAX: usize = 32;

static SCOPE: LazyLock<Arc<Scope>> = LazyLock::new(|| {
    Arc::new(Scope {
        name: "picante".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..Scope::default()
    })
});

/// A span of picante: of a query with this key, or of a change of an input.
pub(super) fn start(
    name: &'static str,
    key: &str,
    parent: Option<Context>,
    start_ns: u64,
    attributes: impl IntoIterator<Item = (&'static str, AttributeValue)>,
) -> Option<Span> {
    let tracer = recorder().tracer()?;
    let mut builder = tracer
        .span(name)
        .with_scope(SCOPE.clone())
        .with_start_ns(start_ns);
    for (key, value) in attributes {
        builder = builder.with_attribute(key, value);
    }
    if let Some(adapter) = adapter() {
        let mut added = Vec::new();
        recorder().guarded(|| added = adapter.attributes(name, key));
        for (key, value) in added {
            builder = builder.with_attribute(key, value);
        }
    }
    let builder = match parent {
        Some(parent) => builder.with_parent(parent),
        None => builder.as_root(),
    };
    Some(builder.start_detached())
}

impl Running {
    /// The context of its span, which is made if there is none yet; none without a tracer.
    pub(crate) fn context(&self) -> Option<Context> {
        {
            let inner = self.inner.lock();
            if inner.context.is_some() {
                return inner.context.clone();
            }
            if inner.is_finished {
                drop(inner);
                return self.context_above();
            }
        }
        let above = match (&self.given, &self.parent) {
            (Some(given), _) => Some(given.clone()),
            (None, Some(parent)) => parent.context(),
            (None, None) => None,
        };
        let attributes = [
            (attribute::QUERY, true.into()),
            (attribute::QUERY_KIND, self.kind.name.into()),
            (attribute::QUERY_KEY, self.text.to_string().into()),
            (attribute::OP, self.op.as_str().into()),
            (attribute::REVISION, self.revision.into()),
            (attribute::SCOPE, scope_text(self.scope).into()),
            (attribute::SNAPSHOT, self.is_snapshot.into()),
        ];
        let span = start(
            self.kind.name,
            &self.text,
            above,
            self.started_ns,
            attributes,
        );
        let inner = &mut *self.inner.lock();
        // A task of its own may have made it meanwhile; then this one ends at once.
        if inner.context.is_none() {
            inner.context = span.as_ref().and_then(|span| span.context().cloned());
            inner.span = span;
        }
        inner.context.clone()
    }

    /// It has ended: a span that was made is for the one that ends it, and no other is made.
    pub(super) fn finished(&self) -> Option<Span> {
        let inner = &mut *self.inner.lock();
        inner.is_finished = true;
        inner.span.take()
    }

    /// The id of its span, if that was made.
    pub(super) fn known_span_id(&self) -> Option<SpanId> {
        self.inner.lock().context.as_ref().map(Context::span_id)
    }

    /// The context of its span, if that was made.
    pub(crate) fn known_context(&self) -> Option<Context> {
        self.inner.lock().context.clone()
    }

    /// The context of its span, or of the nearest one above.
    pub(crate) fn context_above(&self) -> Option<Context> {
        let above = || self.parent.as_ref().and_then(|p| p.context_above());
        self.known_context()
            .or_else(|| self.given.clone())
            .or_else(above)
    }
}

/// Ends the span of an access.
pub(super) fn end(span: Span, finished: &Finished<'_>) {
    if !span.is_recording() {
        return span.end();
    }
    let state = &finished.state;
    span.set_attribute(attribute::OUTCOME, finished.outcome.as_str());
    if let Some(status) = finished.outcome.cache_status() {
        span.set_attribute(attribute::CACHE_STATUS, status);
    }
    if state.changed_at > 0 {
        span.set_attribute(attribute::CHANGED_AT, state.changed_at);
    }
    if finished.outcome.is_computed() || state.compute_ns > 0 {
        span.set_attribute(attribute::COMPUTE_NS, state.compute_ns);
    }
    if finished.dependency_count > 0 {
        span.set_attribute(attribute::DEPENDENCY_COUNT, finished.dependency_count);
        span.set_attribute(attribute::DEPENDENCIES, texts(&finished.dependencies));
    }
    if finished.hits > 0 {
        span.set_attribute(attribute::HITS, finished.hits);
    }
    if !finished.lost.is_empty() {
        span.set_attribute(attribute::LOST_DEPENDENCIES, texts(&finished.lost));
    }
    if !finished.phantom.is_empty() {
        span.set_attribute(attribute::PHANTOM_DEPENDENCIES, texts(&finished.phantom));
    }
    if let Some(leader) = finished
        .leader
        .as_ref()
        .filter(|_| finished.outcome == Outcome::Coalesced)
    {
        span.set_attribute(attribute::LEADER_SPAN, leader.span_id().to_string());
        span.add_link(leader, Vec::new());
    }
    if let Some(error) = &state.error {
        span.set_status(StatusCode::Error, error.to_string());
    }
    span.end_at(finished.ended_ns);
}

fn texts(dependencies: &[Dependency]) -> AttributeValue {
    let text = |dep: &Dependency| Value::String([dep.kind, "(", &dep.key, ")"].concat());
    dependencies.iter().map(text).collect::<Vec<_>>().into()
}

/// The number of a family: picante tells it only to people who debug, which is slow, so that the last is
/// remembered.
pub(crate) fn scope_text(scope: RuntimeId) -> String {
    static LAST: Mutex<Option<(RuntimeId, String)>> = Mutex::new(None);
    let last = &mut *LAST.lock();
    if let Some((known, text)) = last
        && *known == scope
    {
        return text.clone();
    }
    let mut text = format!("{scope:?}");
    text.retain(|c| c.is_ascii_digit());
    *last = Some((scope, text.clone()));
    text
}
