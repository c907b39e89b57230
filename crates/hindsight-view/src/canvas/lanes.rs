//! Lanes of the flame graph: spans below their parents, none over another.

use hindsight_protocol::StatusCode;

use crate::timeline::Timeline;
use crate::tree::TraceTree;

/// Most lanes: what is deeper or has more at the same time shares the last one.
const LANES_MAX: usize = 4_096;

/// How many lanes below its parent's a span may be put to find room.
const SEARCH_MAX: usize = 512;

/// Spans in lanes, from the top.
///
/// Holds: a span's lane is below its parent's; in a lane spans stand by start and do not overlap,
/// but for the last lane and where more than 512 run at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lanes {
    lanes: Vec<Vec<u32>>,
    /// Those of each lane that failed.
    errors: Vec<Vec<u32>>,
    lane_of: Vec<u16>,
}

impl Lanes {
    /// Puts every span of the tree into a lane: parents before their children, then by start.
    pub fn new(tree: &TraceTree, timeline: &Timeline) -> Self {
        let mut lane_of = vec![0_u16; tree.len()];
        let mut lanes: Vec<Vec<u32>> = Vec::new();
        let mut errors: Vec<Vec<u32>> = Vec::new();
        // Until when each lane is taken, for the spans of one level in order of their starts.
        let mut taken_ns: Vec<u64> = Vec::new();
        for node in by_start(tree) {
            let index = node as usize;
            let (start, end) = (tree.start_ns(index), timeline.end_ns(index));
            let least = match tree.parent(index) {
                Some(parent) => usize::from(lane_of[parent]) + 1,
                None => 0,
            };
            let lane = free_lane(&taken_ns, least, start).min(LANES_MAX - 1);
            if lane >= lanes.len() {
                lanes.resize_with(lane + 1, Vec::new);
                errors.resize_with(lane + 1, Vec::new);
                taken_ns.resize(lane + 1, 0);
            }
            taken_ns[lane] = taken_ns[lane].max(end.max(start.saturating_add(1)));
            lanes[lane].push(node);
            if tree.status(index) == StatusCode::Error {
                errors[lane].push(node);
            }
            lane_of[index] = lane as u16;
        }
        Self {
            lanes,
            errors,
            lane_of,
        }
    }

    /// Number of lanes.
    pub fn len(&self) -> usize {
        self.lanes.len()
    }

    /// Whether there is no lane.
    pub fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// The spans of a lane, by start.
    pub fn lane(&self, lane: usize) -> &[u32] {
        self.lanes.get(lane).map(Vec::as_slice).unwrap_or_default()
    }

    /// Those of a lane that failed, by start.
    pub fn errors(&self, lane: usize) -> &[u32] {
        self.errors.get(lane).map(Vec::as_slice).unwrap_or_default()
    }

    /// The lane of a node.
    pub fn lane_of(&self, node: usize) -> usize {
        self.lane_of.get(node).copied().unwrap_or_default().into()
    }
}

/// Nodes by start; of those that start together, parents first, as in the tree. A child that
/// begins before its parent (clocks differ) comes right after it.
fn by_start(tree: &TraceTree) -> Vec<u32> {
    let mut effective: Vec<(u64, u32)> = Vec::with_capacity(tree.len());
    for index in 0..tree.len() {
        let own = tree.start_ns(index);
        let start = match tree.parent(index) {
            Some(parent) => own.max(effective[parent].0),
            None => own,
        };
        effective.push((start, index as u32));
    }
    effective.sort_unstable();
    effective.into_iter().map(|(_, node)| node).collect()
}

fn free_lane(taken_ns: &[u64], least: usize, start_ns: u64) -> usize {
    let candidates = taken_ns.iter().enumerate().skip(least).take(SEARCH_MAX);
    let mut free = candidates.filter(|(_, taken)| **taken <= start_ns);
    match free.next() {
        Some((lane, _)) => lane,
        None => taken_ns.len().min(least + SEARCH_MAX).max(least),
    }
}
