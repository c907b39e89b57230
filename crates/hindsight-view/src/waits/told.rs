//! What apps tell of calls and queries under way, made into spans that waits are drawn from.
//!
//! In: the answers of apps that were asked. Out: [`Told`]: a page of open spans, who waits for whom among
//! them, and why some never go on. Holds: what has a span keeps its ids, so that a report of the same span
//! and what is told of it become one node; what has none gets ids of its own, in no trace; the two ends of a
//! call are joined by the connection that both name, traced or not. Bounded: [`TOLD_MAX`] calls and queries
//! of one app.

use std::collections::HashMap;

use hindsight_protocol::hub::AppInfo;
use hindsight_protocol::introspection::picante::{self, ActiveQueries, ActiveQuery};
use hindsight_protocol::introspection::roam::{self, ActiveRpc, ActiveRpcs};
use hindsight_protocol::{
    BatchBuilder, CheckedBatch, KeyValue, OPEN_END_NS, Resource, Span, SpanId, SpanKind, SpanState,
    TraceId, Value,
};

use super::WaitReason;

/// Calls, and queries, of one app that are taken; what is beyond is left out.
pub const TOLD_MAX: usize = 5_000;

/// A span wherever it is.
pub(super) type Key = (TraceId, SpanId);

/// What one app answered.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The app.
    pub app: &'a AppInfo,
    /// Its calls, if it offers `RoamIntrospection` and answered.
    pub calls: Option<&'a ActiveRpcs>,
    /// Its queries, if it offers `PicanteIntrospection` and answered.
    pub queries: Option<&'a ActiveQueries>,
}

/// Why something never goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// It waits for a computation that nobody carries on.
    Orphaned,
    /// It waits for itself, by way of others.
    Cycle,
    /// As the app says.
    Other(String),
}

/// What apps told.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Open spans. Goes before the reports that the hub has.
    pub page: CheckedBatch,
    pub(super) waits: Vec<(Key, Key, WaitReason)>,
    pub(super) stuck: HashMap<Key, Stuck>,
    /// Queries, by what people call them.
    pub(super) queries: HashMap<Key, String>,
}

impl Told {
    /// What these apps told.
    pub fn new(answers: &[Answer<'_>]) -> Self {
        let mut gathering = Gathering::default();
        for (place, answer) in answers.iter().enumerate() {
            gathering.take(place as u64, answer);
        }
        gathering.finish()
    }

    /// Whether nothing is under way.
    pub fn is_empty(&self) -> bool {
        self.page.is_empty()
    }
}

/// The two ends of a call, by what both ends know of it.
#[derive(Default)]
struct Ends {
    caller: Option<Key>,
    callee: Option<Key>,
}

#[derive(Default)]
struct Gathering {
    builder: BatchBuilder,
    told: Told,
    /// Who asked for whom: said first, because it says more than that one waits.
    asked: Vec<(Key, Key)>,
    /// By link, lane and request.
    ends: HashMap<(u64, u64, u64), Ends>,
}

impl Gathering {
    fn take(&mut self, app: u64, answer: &Answer<'_>) {
        let resource = resource(answer.app);
        if let Some(rpcs) = answer.calls {
            for (number, call) in rpcs.calls.iter().take(TOLD_MAX).enumerate() {
                self.take_call(made_up(app, 1, number as u64), call, &resource);
            }
        }
        if let Some(queries) = answer.queries {
            let taken = &queries.queries[..queries.queries.len().min(TOLD_MAX)];
            let keys: HashMap<u64, Key> = taken
                .iter()
                .map(|query| (query.id, key(query.trace_id, query.span_id, app, query.id)))
                .collect();
            for query in taken {
                self.take_query(&keys, query, &resource);
            }
        }
    }

    fn take_call(&mut self, made_up: SpanId, call: &ActiveRpc, resource: &Resource) {
        let is_caller = call.direction != roam::direction::INCOMING;
        let own = match call.span_id.is_valid() && call.trace_id.is_valid() {
            true => (call.trace_id, call.span_id),
            false => (TraceId::default(), made_up),
        };
        let kind = match is_caller {
            true => SpanKind::Client,
            false => SpanKind::Server,
        };
        self.builder.push(&Span {
            trace_id: own.0,
            span_id: own.1,
            name: format!("{}.{}", call.service, call.method),
            kind: kind as u8,
            start_ns: call.started_ns,
            end_ns: OPEN_END_NS,
            state: SpanState::Running as u8,
            resource: resource.clone(),
            ..Span::default()
        });
        if call.link_id != 0 && call.request != 0 {
            let ends = self.ends.entry((call.link_id, call.lane, call.request));
            let ends = ends.or_default();
            match is_caller {
                true => ends.caller = Some(own),
                false => ends.callee = Some(own),
            }
        }
    }

    fn take_query(&mut self, keys: &HashMap<u64, Key>, query: &ActiveQuery, resource: &Resource) {
        let Some(own) = keys.get(&query.id).copied() else {
            return;
        };
        let parent = match keys.get(&query.parent) {
            Some(parent) => {
                self.asked.push((*parent, own));
                SpanId::default()
            }
            None => query.parent_span_id,
        };
        for awaited in query.waits_for.iter().filter_map(|id| keys.get(id)) {
            self.told.waits.push((own, *awaited, WaitReason::Link));
        }
        let stuck = match query.state.as_str() {
            picante::state::ORPHANED => Some(Stuck::Orphaned),
            picante::state::CYCLE => Some(Stuck::Cycle),
            _ if !query.note.is_empty() => Some(Stuck::Other(query.note.clone())),
            _ => None,
        };
        if let Some(stuck) = stuck {
            self.told.stuck.insert(own, stuck);
        }
        let name = match query.query.key.as_str() {
            "" => query.query.kind.clone(),
            key => format!("{}[{key}]", query.query.kind),
        };
        self.told.queries.insert(own, name.clone());
        self.builder.push(&Span {
            trace_id: own.0,
            span_id: own.1,
            parent_id: parent,
            name,
            start_ns: query.started_ns,
            end_ns: OPEN_END_NS,
            state: SpanState::Running as u8,
            resource: resource.clone(),
            ..Span::default()
        });
    }

    fn finish(mut self) -> Told {
        let mut joined: Vec<_> = self.ends.into_iter().collect();
        joined.sort_unstable_by_key(|(at, _)| *at);
        for (_, ends) in joined {
            if let (Some(caller), Some(callee)) = (ends.caller, ends.callee) {
                self.told.waits.push((caller, callee, WaitReason::Call));
            }
        }
        let asked = self.asked.into_iter();
        let asked = asked.map(|(from, to)| (from, to, WaitReason::Child));
        self.told.waits.splice(..0, asked);
        self.told.page = self.builder.finish();
        self.told
    }
}

/// The ids of a query under way, its own where it has a span.
fn key(trace: TraceId, span: SpanId, app: u64, id: u64) -> Key {
    match trace.is_valid() && span.is_valid() {
        true => (trace, span),
        false => (TraceId::default(), made_up(app, 2, id)),
    }
}

/// An id in no trace: never zero, and different for different apps, kinds and numbers.
fn made_up(app: u64, kind: u64, number: u64) -> SpanId {
    SpanId::from_u64(app << 48 | kind << 44 | (number & ((1 << 44) - 1)))
}

/// What the app's own spans say of their process, as far as the hub knows.
fn resource(app: &AppInfo) -> Resource {
    let run = &app.run;
    let mut attributes = vec![KeyValue::new("service.name", run.service_name.as_str())];
    if !run.host.is_empty() {
        attributes.push(KeyValue::new("host.name", run.host.as_str()));
    }
    if run.pid != 0 {
        attributes.push(KeyValue::new("process.pid", Value::I64(i64::from(run.pid))));
    }
    Resource {
        attributes,
        dropped_attributes: 0,
    }
}
