//! `RoamIntrospection` for any app: what the registry knows, as viewers are told.
//!
//! In: requests of viewers, through the tracer's connection to the hub. Out: answers of bounded size.
//! Answers are made where the exporter runs, so an app's own threads do not pay for them.

mod active;
mod metrics;
mod stream;
mod topology;

use std::sync::Arc;

use hindsight::{Service, Tracer};
use hindsight_protocol::introspection::roam::{
    ActiveRpcs, ActiveRpcsRequest, RoamIntrospection, RoamIntrospectionDispatcher, RpcEvent,
    Topology, TopologyRequest, TransportMetrics, TransportMetricsRequest,
    roam_introspection_service_descriptor,
};
use hindsight_protocol::introspection::{StreamEnd, StreamRequest};

use crate::registry::Registry;

/// Lets viewers see this process' roam connections: calls under way, lanes, channels, how calls went, and
/// a stream of events. Idempotent; does nothing where tracing is off.
///
/// Seen is what goes through this crate: [`open_lane`](crate::open_lane), [`serve`](crate::serve),
/// [`Traced`](crate::Traced), [`TraceCalls`](crate::TraceCalls), before and after this is called. The last
/// two see calls but not channels, unless a lane is accepted with [`Traced::serve`](crate::Traced::serve).
/// Bytes and frames are counted on links that are wrapped in a [`CountingLink`](crate::CountingLink).
///
/// What viewers ask, and the tracer's own connection, are not part of the answers. Costs well below a
/// microsecond a call.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let tracer = hindsight::Tracer::connect_http("localhost:1990").await?;
/// hindsight_roam::introspect(&tracer);
/// # Ok(())
/// # }
/// ```
pub fn introspect(tracer: &Tracer) {
    let Some(registry) = Registry::of(tracer) else {
        return;
    };
    if registry.feed.turn_on() {
        let dispatcher = RoamIntrospectionDispatcher::new(Introspection { registry });
        let descriptor = roam_introspection_service_descriptor();
        let methods = descriptor.methods.iter().map(|method| method.method_name);
        // Every method only reads.
        tracer.expose(Service::new(descriptor, dispatcher).read_only(methods));
    }
}

#[derive(Clone)]
struct Introspection {
    registry: Arc<Registry>,
}

impl RoamIntrospection for Introspection {
    async fn get_topology(&self, _request: TopologyRequest) -> Topology {
        topology::topology(&self.registry)
    }

    async fn get_transport_metrics(&self, _request: TransportMetricsRequest) -> TransportMetrics {
        metrics::metrics(&self.registry)
    }

    async fn get_active_rpcs(&self, request: ActiveRpcsRequest) -> ActiveRpcs {
        active::active(&self.registry, &request)
    }

    async fn stream_rpc_events(
        &self,
        request: StreamRequest,
        events: vox::Tx<RpcEvent>,
    ) -> StreamEnd {
        stream::stream(&self.registry, &request, events).await
    }
}
