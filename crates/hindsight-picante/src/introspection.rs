//! `PicanteIntrospection`: what the recorder knows, as viewers are told.
//!
//! In: requests of viewers, through the tracer's connection to the hub. Out: answers of bounded size, each of
//! which says what it left out. Answers are made where the exporter runs; of the program's own tasks they hold
//! up at most those that end an access meanwhile, for a few milliseconds in the largest case. Bounded:
//! [`graph::NODES_MAX`], [`graph::EDGES_MAX`], [`active::QUERIES_MAX`], [`explain::CAUSES_MAX`],
//! [`events::READERS_MAX`].

mod active;
mod current;
mod events;
mod explain;
mod graph;
mod stats;
mod trace;

use hindsight::{Service, Tracer};
use hindsight_protocol::introspection::picante::{
    ActiveQueries, ActiveQueriesRequest, CacheStats, CacheStatsRequest, CurrentGraphRequest,
    ExplainRequest, Explanation, PicanteIntrospection, PicanteIntrospectionDispatcher, QueryEvent,
    QueryGraph, QueryGraphRequest, picante_introspection_service_descriptor,
};
use hindsight_protocol::introspection::{StreamEnd, StreamRequest};

use crate::recorder::recorder;

/// The answers, of the whole process. [`crate::install`] offers them to the tracer's hub.
#[derive(Clone, Copy, Debug, Default)]
pub struct Introspection;

pub(crate) fn expose(tracer: &Tracer) {
    let dispatcher = PicanteIntrospectionDispatcher::new(Introspection);
    let descriptor = picante_introspection_service_descriptor();
    let methods = descriptor.methods.iter().map(|method| method.method_name);
    // Every method only reads.
    tracer.expose(Service::new(descriptor, dispatcher).read_only(methods));
}

impl PicanteIntrospection for Introspection {
    async fn get_query_graph(&self, request: QueryGraphRequest) -> QueryGraph {
        trace::graph(&request)
    }

    async fn get_current_graph(&self, request: CurrentGraphRequest) -> QueryGraph {
        current::graph(&request)
    }

    async fn get_active_queries(&self, request: ActiveQueriesRequest) -> ActiveQueries {
        active::active(&request)
    }

    async fn get_cache_stats(&self, _request: CacheStatsRequest) -> CacheStats {
        stats::stats()
    }

    async fn explain(&self, request: ExplainRequest) -> Explanation {
        explain::explain(&request)
    }

    async fn stream_query_events(
        &self,
        request: StreamRequest,
        events: vox::Tx<QueryEvent>,
    ) -> StreamEnd {
        events::stream(&request, events).await
    }
}

/// The name this process goes by.
fn process() -> String {
    let tracer = recorder().tracer();
    tracer.map_or_else(String::new, |tracer| tracer.service_name().to_owned())
}

/// A limit that a viewer asks for, where 0 is for as many as there may be.
fn limit(asked: u32, most: usize) -> usize {
    match asked as usize {
        0 => most,
        asked => asked.min(most),
    }
}
