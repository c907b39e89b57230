//! An app with a scripted graph of queries, which it tells as `hindsight-picante` would, or worse.
//!
//! In: a [`Script`]. Out: spans of queries ([`QueryApp::run`]), and `PicanteIntrospection` behind a
//! tracer. The graph is of [`Script::files`] sources, a parse and an outline each, and an index of
//! all; one round edits the first source. Panics when anything fails: this is for tests.

mod graph;
mod spans;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hindsight::{Service, Tracer};
use hindsight_protocol::introspection::picante::{
    ActiveQueries, ActiveQueriesRequest, ActiveQuery, CacheStats, CacheStatsRequest,
    CurrentGraphRequest, ExplainRequest, Explanation, QueryEvent, QueryGraph, QueryGraphRequest,
    event, outcome, state,
};
use hindsight_protocol::introspection::{StreamEnd, StreamRequest};
use hindsight_protocol::picante_introspection_service_descriptor;
use hindsight_protocol::{PicanteIntrospection, PicanteIntrospectionDispatcher, SpanId, TraceId};

/// What the app does.
#[derive(Clone, Debug)]
pub struct Script {
    /// Sources; each makes three queries and an input.
    pub files: u32,
    /// Time before each answer.
    pub latency: Duration,
    /// Bytes of a key in the graph, beside what tells it from others.
    pub key_bytes: usize,
    /// Nodes of a page of the graph.
    pub page: u32,
    /// Events that are told as fast as they are taken, once somebody listens; then one each 50 ms.
    pub flood: u64,
    /// Texts as nobody should send them.
    pub is_hostile: bool,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            files: 3,
            latency: Duration::ZERO,
            key_bytes: 0,
            page: 2_000,
            flood: 0,
            is_hostile: false,
        }
    }
}

/// The app. Copies are the same.
#[derive(Clone, Debug)]
pub struct QueryApp {
    shared: Arc<Shared>,
}

/// A trace, and each query of it with its span.
type Traced = (TraceId, Vec<(String, SpanId)>);

#[derive(Debug)]
struct Shared {
    script: Script,
    graph: QueryGraph,
    rounds: AtomicU64,
    traces: Mutex<Vec<Traced>>,
}

impl QueryApp {
    /// An app that has run nothing yet.
    pub fn new(script: Script) -> Self {
        let shared = Shared {
            graph: graph::site(&script),
            script,
            rounds: AtomicU64::new(0),
            traces: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Offers `PicanteIntrospection` on a tracer; all of it only reads.
    pub fn offer_on(&self, tracer: &Tracer) {
        let dispatcher = PicanteIntrospectionDispatcher::new(self.clone());
        let descriptor = picante_introspection_service_descriptor();
        let methods = descriptor.methods.iter().map(|method| method.method_name);
        tracer.expose(Service::new(descriptor, dispatcher).read_only(methods));
    }

    /// Makes the spans of one more request: the first edits the first source and computes all, each
    /// further one edits it again. The trace they are of.
    pub fn run(&self, tracer: &Tracer) -> TraceId {
        let round = self.shared.rounds.fetch_add(1, Ordering::Relaxed) + 1;
        let (trace, spans) = spans::round(tracer, &self.shared.script, round);
        self.shared
            .traces
            .lock()
            .expect("no panic")
            .push((trace, spans));
        trace
    }

    /// How many nodes the graph has.
    pub fn nodes(&self) -> usize {
        self.shared.graph.nodes.len()
    }

    async fn wait(&self) {
        tokio::time::sleep(self.shared.script.latency).await;
    }
}

impl PicanteIntrospection for QueryApp {
    async fn get_query_graph(&self, request: QueryGraphRequest) -> QueryGraph {
        self.wait().await;
        let traces = self.shared.traces.lock().expect("no panic");
        let Some((_, spans)) = traces.iter().find(|(trace, _)| *trace == request.trace_id) else {
            return QueryGraph {
                notes: vec!["the trace is not remembered".into()],
                ..QueryGraph::default()
            };
        };
        let mut graph = self.shared.graph.clone();
        for node in &mut graph.nodes {
            let name = format!("{}({})", node.query.kind, node.query.key);
            let span = spans.iter().find(|(known, _)| *known == name);
            if let Some((_, span)) = span {
                (node.trace_id, node.span_id) = (request.trace_id, *span);
            }
        }
        let mut page = graph::page_of_trace(&graph, &request, self.shared.script.page);
        page.notes = vec!["told by the app".into()];
        page
    }

    async fn get_current_graph(&self, request: CurrentGraphRequest) -> QueryGraph {
        self.wait().await;
        graph::page(&self.shared.graph, &request, self.shared.script.page)
    }

    async fn get_active_queries(&self, _request: ActiveQueriesRequest) -> ActiveQueries {
        self.wait().await;
        let active =
            |id: u64, parent, (kind, key): (&str, &str), state: &str, waits_for: &[u64]| {
                ActiveQuery {
                    id,
                    parent,
                    query: graph::query(kind, key),
                    age_ns: 42_000_000_000 - id * 1_000_000_000,
                    state: state.into(),
                    waits_for: waits_for.to_vec(),
                    ..ActiveQuery::default()
                }
            };
        ActiveQueries {
            process: "site".into(),
            at_ns: now_ns(),
            queries: vec![
                active(1, 0, ("site_index", ""), state::WAITING_ON_DEPENDENCY, &[2]),
                active(
                    2,
                    1,
                    ("outline", "00001.md"),
                    state::WAITING_ON_DEPENDENCY,
                    &[3],
                ),
                active(3, 2, ("parse_file", "00001.md"), state::ORPHANED, &[]),
                active(
                    4,
                    0,
                    ("check_links", "https://example.org"),
                    state::COMPUTING,
                    &[],
                ),
            ],
            cut: 0,
        }
    }

    async fn get_cache_stats(&self, _request: CacheStatsRequest) -> CacheStats {
        self.wait().await;
        graph::stats(&self.shared.graph)
    }

    async fn explain(&self, request: ExplainRequest) -> Explanation {
        self.wait().await;
        let traces = self.shared.traces.lock().expect("no panic");
        graph::explain(&self.shared.graph, &request, traces.last())
    }

    async fn stream_query_events(
        &self,
        _request: StreamRequest,
        events: vox::Tx<QueryEvent>,
    ) -> StreamEnd {
        let mut told = 0;
        loop {
            told += 1;
            let file = told % u64::from(self.shared.script.files.max(1));
            let what = QueryEvent {
                sequence: told,
                at_ns: now_ns(),
                kind: event::QUERY_ENDED.into(),
                query: graph::query("parse_file", &format!("{file:05}.md")),
                outcome: outcome::ALL[(told % 8) as usize].into(),
                revision: 5,
                compute_ns: 1_250_000,
                ..QueryEvent::default()
            };
            if events.send(what).await.is_err() {
                return StreamEnd {
                    told,
                    reason: "the reader closed the stream".into(),
                    ..StreamEnd::default()
                };
            }
            if told > self.shared.script.flood {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("it is after 1970").as_nanos() as u64
}
