//! Bytes, frames and queues of connections, and how calls went.

use hindsight_protocol::introspection::roam::{ConnectionMetrics, TransportMetrics};

use crate::counting;
use crate::registry::{Registry, Seen};

/// Methods in one answer.
const METHODS_MAX: usize = 1000;

pub(super) fn metrics(registry: &Registry) -> TransportMetrics {
    let (connections, _) = registry.connections();
    let (sums, mut methods_cut) = registry.methods();
    let mut methods: Vec<_> = sums
        .into_iter()
        .map(|((_, _, direction), (names, stats))| stats.told(names, direction))
        .collect();
    methods.sort_by(|a, b| {
        let names = |m: &'_ hindsight_protocol::introspection::roam::MethodMetrics| {
            (m.service.clone(), m.method.clone(), m.direction.clone())
        };
        b.ended.cmp(&a.ended).then_with(|| names(a).cmp(&names(b)))
    });
    methods_cut += methods.len().saturating_sub(METHODS_MAX) as u64;
    methods.truncate(METHODS_MAX);
    TransportMetrics {
        at_ns: registry.feed.now_ns(),
        connections: connections.iter().map(connection).collect(),
        methods,
        methods_cut,
    }
}

fn connection(seen: &Seen) -> ConnectionMetrics {
    let counts = seen.task.and_then(counting::read_by);
    let [bytes_in, bytes_out, frames_in, frames_out] = counts
        .as_ref()
        .map(|counts| counts.read())
        .unwrap_or_default();
    // Each lane's snapshot tells of the whole connection's queue, and of what came to itself.
    let snapshots: Vec<_> = seen
        .lanes
        .iter()
        .filter_map(|lane| lane.snapshot())
        .collect();
    let queue = |depth: fn(&vox::LaneDebugSnapshot) -> Option<usize>| {
        let depths = snapshots.iter().filter_map(|snapshot| depth(snapshot));
        depths.max().unwrap_or(0) as u64
    };
    let heard = snapshots.iter().filter_map(|s| s.last_inbound_message_at);
    let silent_ns = match counts.as_ref().and_then(|counts| counts.silent_ns()) {
        Some(silent_ns) => Some(silent_ns),
        None => heard.max().map(|at| at.elapsed().as_nanos() as u64),
    };
    ConnectionMetrics {
        connection: seen.id,
        is_counted: counts.is_some(),
        bytes_in,
        bytes_out,
        frames_in,
        frames_out,
        queue: queue(|snapshot| snapshot.outbound_queue_depth),
        queue_max: queue(|snapshot| snapshot.outbound_queue_capacity),
        silent_ns: silent_ns.unwrap_or(u64::MAX),
        decode_errors: seen.undecodable,
    }
}
