//! Connections with their lanes.

use hindsight_protocol::introspection::roam::{ConnectionInfo, LaneInfo, Topology};

use super::active::is_open;
use crate::counting;
use crate::registry::{Lane, Registry, Seen};

pub(super) fn topology(registry: &Registry) -> Topology {
    let (connections, connections_cut) = registry.connections();
    Topology {
        process: registry.process.clone(),
        at_ns: registry.feed.now_ns(),
        connections: connections.iter().map(connection).collect(),
        connections_cut,
    }
}

fn connection(seen: &Seen) -> ConnectionInfo {
    let counts = seen.task.and_then(counting::read_by);
    let named = |name: fn(&counting::Counts) -> &str| {
        let counts = counts.as_deref();
        counts.map_or_else(String::new, |counts| name(counts).to_owned())
    };
    ConnectionInfo {
        id: seen.id,
        link_id: seen.link,
        peer: seen.peer.clone(),
        address: named(|counts| &counts.address),
        transport: named(|counts| &counts.transport),
        is_dialed: seen.is_dialed,
        opened_ns: seen.opened_ns,
        closed_ns: seen.closed_ns,
        lanes: seen.lanes.iter().map(|lane| lane_info(lane)).collect(),
        lanes_cut: seen.lanes_cut,
    }
}

fn lane_info(lane: &Lane) -> LaneInfo {
    let snapshot = lane.snapshot();
    let channels = snapshot.iter().flat_map(|s| &s.open_channels);
    let channels_open = channels.filter(|channel| is_open(channel)).count() as u64;
    let calls = lane.calls.lock();
    LaneInfo {
        id: lane.id(),
        service: lane.service.to_owned(),
        direction: lane.direction.word().to_owned(),
        opened_ns: lane.opened_ns,
        closed_ns: lane.closed_ns(),
        calls_active: calls.active_count(),
        calls_ended: calls.ended,
        calls_failed: calls.failed,
        channels_open,
    }
}
