//! Changes of inputs.
//!
//! In: a call of `set` or `remove`. Out: a span if something changed, beneath the current one; who it was, for
//! explanations; events of the change and of each query that it makes doubtful, which picante tells on the
//! runtime's channel. Bounded by that channel: of more than 1,024 at once only the number is known.

use std::sync::Arc;

use hindsight::Context;
use hindsight_protocol::introspection::picante::{QueryEvent, QueryRef, attribute, event};
use picante::{Key, Revision, Runtime, RuntimeEvent};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

use super::executions::Execution;
use super::nodes::{NodeKey, Nodes, SetBy, State};
use super::running::root_context;
use super::{recorder, span, unix_now_ns};
use crate::adapter::{InputChange, adapter};
use crate::kind::Kind;
use crate::names::Names;

/// A change that is being made.
pub(crate) struct Change {
    events: Receiver<RuntimeEvent>,
    revision: Revision,
    started_ns: u64,
    is_removed: bool,
}

impl Change {
    pub(crate) fn begin(runtime: &Runtime, is_removed: bool) -> Self {
        Self {
            events: runtime.subscribe_events(),
            revision: runtime.current_revision(),
            started_ns: unix_now_ns(),
            is_removed,
        }
    }

    /// picante answered with this revision. Nothing is told if that is an old one: the value was the same.
    pub(crate) fn end(
        mut self,
        runtime: &Runtime,
        kind: &'static Kind,
        key: Key,
        revision: Revision,
        names: &dyn Names,
    ) {
        if revision <= self.revision {
            return;
        }
        let recorder = recorder();
        recorder.saw_revision(revision.0);
        kind.counts.was_set();
        let node = NodeKey {
            family: runtime.id(),
            kind: kind.id,
            key,
        };
        let text = {
            let mut nodes = recorder.nodes.lock();
            nodes.node(&node, kind, names).text.clone()
        };
        let told = self.invalidated(revision);
        let set = self.span(kind, &text, revision, told.count);
        let query = QueryRef {
            kind: kind.name.to_owned(),
            key: text.to_string(),
            key_hash: node.key.hash(),
        };
        self.tell(&query, &set, &told, runtime);
        if let Some(adapter) = adapter() {
            let change = InputChange {
                kind: kind.name,
                key: text,
                key_hash: query.key_hash,
                is_removed: self.is_removed,
                revision: set.revision,
                at_ns: set.at_ns,
                trace_id: set.trace_id,
                span_id: set.span_id,
            };
            recorder.guarded(|| adapter.input_changed(&change));
        }
        let mut nodes = recorder.nodes.lock();
        let at = nodes.node(&node, kind, names);
        let state = State {
            verified_at: revision.0,
            changed_at: revision.0,
            at_ns: set.at_ns,
            trace_id: set.trace_id,
            span_id: set.span_id,
            ..State::default()
        };
        at.state = state.clone();
        at.set = Some(set);
        drop(nodes);
        recorder.executions.lock().push(Execution {
            node,
            state,
            set: Some(self.is_removed),
        });
    }

    /// What picante told of this change.
    fn invalidated(&mut self, revision: Revision) -> Told {
        let mut told = Told::default();
        loop {
            match self.events.try_recv() {
                Ok(RuntimeEvent::QueryInvalidated {
                    revision: of,
                    kind,
                    key,
                    ..
                }) if of == revision => {
                    told.count += 1;
                    told.queries.push((kind, key));
                }
                Ok(_) => {}
                // The oldest are gone; at least those were of this change or of another at the same time.
                Err(TryRecvError::Lagged(missed)) => told.count += missed,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return told,
            }
        }
    }

    fn span(
        &self,
        kind: &'static Kind,
        text: &Arc<str>,
        revision: Revision,
        invalidated: u64,
    ) -> SetBy {
        let current = Context::current().or_else(|| root_context(kind));
        let name = current.as_ref().and_then(set_by);
        let attributes = [
            (attribute::INPUT, true.into()),
            (attribute::INPUT_KIND, kind.name.into()),
            (attribute::INPUT_KEY, text.to_string().into()),
            (
                attribute::OP,
                if self.is_removed { "remove" } else { "set" }.into(),
            ),
            (attribute::NEW_REVISION, revision.0.into()),
            (attribute::INVALIDATED, invalidated.into()),
        ];
        let span = span::start(kind.name, text, current, self.started_ns, attributes);
        let context = span.as_ref().and_then(|span| span.context().cloned());
        let at_ns = unix_now_ns().max(self.started_ns);
        if let Some(span) = span {
            span.end_at(at_ns);
        }
        SetBy {
            name: name.unwrap_or_default(),
            is_removed: self.is_removed,
            revision: revision.0,
            at_ns,
            trace_id: context.as_ref().map(Context::trace_id).unwrap_or_default(),
            span_id: context.as_ref().map(Context::span_id).unwrap_or_default(),
        }
    }

    fn tell(&self, query: &QueryRef, set: &SetBy, told: &Told, runtime: &Runtime) {
        let recorder = recorder();
        let event = |kind: &str| QueryEvent {
            at_ns: set.at_ns,
            kind: kind.to_owned(),
            query: query.clone(),
            revision: set.revision,
            trace_id: set.trace_id,
            span_id: set.span_id,
            ..QueryEvent::default()
        };
        recorder.tell(|| QueryEvent {
            query: QueryRef::default(),
            ..event(event::REVISION)
        });
        recorder.tell(|| {
            event(if self.is_removed {
                event::INPUT_REMOVED
            } else {
                event::INPUT_SET
            })
        });
        for (kind, key) in &told.queries {
            let node = NodeKey {
                family: runtime.id(),
                kind: *kind,
                key: key.clone(),
            };
            recorder.tell(|| QueryEvent {
                query: known(&recorder.nodes.lock(), &node),
                by: query.clone(),
                ..event(event::INVALIDATED)
            });
        }
    }
}

/// Queries that a change made doubtful.
#[derive(Default)]
struct Told {
    count: u64,
    queries: Vec<(picante::QueryKindId, Key)>,
}

fn known(nodes: &Nodes, key: &NodeKey) -> QueryRef {
    match nodes.get(key) {
        Some(node) => node.query(key),
        None => QueryRef {
            key_hash: key.key.hash(),
            ..QueryRef::default()
        },
    }
}

/// Name of the span in which an input is set.
fn set_by(current: &Context) -> Option<Arc<str>> {
    let named = tracing::Span::current()
        .metadata()
        .map(|of| of.name().into());
    named.or_else(|| recorder().tracer()?.open_span_name(current).map(Arc::from))
}
