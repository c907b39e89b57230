//! Who calls whom: spans whose parents are of another service.
//!
//! A parent is looked for in the run of the span first; parents in other runs are found afterwards,
//! trace by trace. Spans whose parent is not stored belong to no call.

use std::cmp::Reverse;

use hashbrown::{HashMap, HashSet};
use hindsight_protocol::hub::{MapEdge, MapNode, ServiceMapReply};
use hindsight_protocol::{SpanId, StatusCode, TraceId};
use hindsight_query::heatmap::{BUCKETS, bucket, floor_ns};

use super::search::Search;
use crate::column::SegmentRows;
use crate::snapshot::run::{parts, runs};

/// Counts and durations of some spans.
#[derive(Clone, Debug)]
struct Tally {
    spans: u64,
    errors: u64,
    ended: u64,
    /// Ended spans by [`bucket`] of their duration.
    durations: Vec<u64>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            spans: 0,
            errors: 0,
            ended: 0,
            durations: vec![0; usize::from(BUCKETS)],
        }
    }
}

impl Tally {
    fn add(&mut self, call: Call) {
        self.spans += 1;
        self.errors += u64::from(call.is_error);
        if let Some(duration_ns) = call.duration_ns {
            self.ended += 1;
            self.durations[usize::from(bucket(duration_ns))] += 1;
        }
    }

    /// The least duration of the bucket that so many of a thousand do not exceed.
    fn percentile(&self, part: u64) -> u64 {
        let rank = (self.ended * part).div_ceil(1000).max(1);
        let mut below = 0;
        for (at, count) in self.durations.iter().enumerate() {
            below += count;
            if below >= rank {
                return floor_ns(at as u16);
            }
        }
        0
    }
}

#[derive(Clone, Copy)]
struct Call {
    is_error: bool,
    duration_ns: Option<u64>,
}

impl Call {
    fn of(rows: &SegmentRows, row: usize) -> Self {
        Self {
            is_error: rows.status(row) == StatusCode::Error,
            duration_ns: rows.duration_ns(row),
        }
    }
}

#[derive(Default)]
struct Map {
    nodes: HashMap<String, Tally>,
    edges: HashMap<(String, String), Tally>,
    first_ns: u64,
    last_ns: u64,
    /// Most nodes, and most edges.
    entries_max: usize,
    /// Whether there were more.
    is_cut: bool,
}

/// A call whose parent is in another run, if anywhere.
struct Distant {
    parent: SpanId,
    service: String,
    call: Call,
}

/// The map of the spans that match.
pub(super) fn service_map(search: &mut Search<'_>) -> ServiceMapReply {
    let snapshot = search.snapshot;
    let mut map = Map {
        first_ns: u64::MAX,
        entries_max: search.limits.groups_max,
        ..Map::default()
    };
    let mut distant: HashMap<TraceId, Vec<Distant>> = HashMap::new();
    for run in runs(snapshot) {
        let found = search.rows_of(run);
        if !found.is_empty() {
            let superseded = snapshot.superseded.rows_in(run).into_iter();
            let superseded = superseded.filter_map(|(_, at)| run.row_of(at)).collect();
            map.add_run(&run.rows, found.iter(), &superseded, &mut distant);
        }
    }
    for row in search.open_rows() {
        let call = Call {
            is_error: row.status() == StatusCode::Error,
            duration_ns: None,
        };
        map.saw(row.start_ns());
        map.add_node(row.service(), |tally| tally.add(call));
        if let Some(parent) = row.parent_id() {
            let service = row.service().to_owned();
            let all = distant.entry(row.trace_id()).or_default();
            all.push(Distant {
                parent,
                service,
                call,
            });
        }
    }
    for (trace, calls) in distant {
        if search.is_over() {
            break;
        }
        let parts = parts(snapshot, trace);
        let rows = parts.iter().flat_map(|part| part.rows());
        let services: HashMap<u64, &str> = rows
            .map(|row| (row.span_id().bits, row.service()))
            .collect();
        for Distant {
            parent,
            service,
            call,
        } in calls
        {
            if let Some(from) = services.get(&parent.bits) {
                map.add_edge(from, &service, call);
            }
        }
    }
    if map.is_cut {
        search.leave_out();
    }
    map.finish()
}

impl Map {
    fn add_node(&mut self, service: &str, add: impl FnOnce(&mut Tally)) {
        if self.nodes.len() >= self.entries_max && !self.nodes.contains_key(service) {
            self.is_cut = true;
            return;
        }
        add(self.nodes.entry_ref(service).or_default());
    }

    fn add_to_edge(&mut self, edge: (String, String), add: impl FnOnce(&mut Tally)) {
        if self.edges.len() >= self.entries_max && !self.edges.contains_key(&edge) {
            self.is_cut = true;
            return;
        }
        add(self.edges.entry(edge).or_default());
    }

    fn saw(&mut self, start_ns: u64) {
        self.first_ns = self.first_ns.min(start_ns);
        self.last_ns = self.last_ns.max(start_ns);
    }

    fn add_edge(&mut self, from: &str, to: &str, call: Call) {
        if from != to {
            let edge = (from.to_owned(), to.to_owned());
            self.add_to_edge(edge, |tally| tally.add(call));
        }
    }

    fn add_run(
        &mut self,
        rows: &SegmentRows,
        found: impl Iterator<Item = usize>,
        superseded: &HashSet<usize>,
        distant: &mut HashMap<TraceId, Vec<Distant>>,
    ) {
        let services = rows.services().len();
        let mut nodes: Vec<Option<Tally>> = vec![None; services];
        let mut edges: HashMap<(u32, u32), Tally> = HashMap::new();
        // Found rows in order of their traces, so that each trace's spans are at hand once.
        let mut found: Vec<(u32, u32)> = found
            .map(|row| (rows.traces().of_row(row), row as u32))
            .collect();
        found.sort_unstable();
        let mut at_hand: HashMap<u64, u32> = HashMap::new();
        for of_trace in found.chunk_by(|a, b| a.0 == b.0) {
            let ordinal = of_trace[0].0;
            at_hand.clear();
            let all = rows.traces().rows_of(ordinal).map(|row| row as usize);
            let all = all.filter(|row| !superseded.contains(row));
            at_hand.extend(all.map(|row| (rows.span_id(row).bits, rows.service_code(row))));
            for (_, row) in of_trace {
                let row = *row as usize;
                let (to, call) = (rows.service_code(row), Call::of(rows, row));
                self.saw(rows.start_ns(row));
                nodes[to as usize].get_or_insert_default().add(call);
                let Some(parent) = rows.parent_id(row) else {
                    continue;
                };
                match at_hand.get(&parent.bits) {
                    Some(from) if *from == to => {}
                    Some(from) => edges.entry((*from, to)).or_default().add(call),
                    None => distant
                        .entry(rows.traces().id(ordinal))
                        .or_default()
                        .push(Distant {
                            parent,
                            service: rows.service(row).to_owned(),
                            call,
                        }),
                }
            }
        }
        let name = |code: u32| rows.services().text(code).to_owned();
        for (code, tally) in nodes.into_iter().enumerate() {
            if let Some(tally) = tally {
                self.add_node(&name(code as u32), |node| merge(node, &tally));
            }
        }
        for ((from, to), tally) in edges {
            merge(
                self.edges.entry((name(from), name(to))).or_default(),
                &tally,
            );
        }
    }

    fn finish(self) -> ServiceMapReply {
        let mut nodes: Vec<MapNode> = self
            .nodes
            .into_iter()
            .map(|(service, tally)| MapNode {
                service,
                spans: tally.spans,
                errors: tally.errors,
                p50_ns: tally.percentile(500),
                p99_ns: tally.percentile(990),
            })
            .collect();
        nodes.sort_by(|a, b| (Reverse(a.spans), &a.service).cmp(&(Reverse(b.spans), &b.service)));
        let mut edges: Vec<MapEdge> = self
            .edges
            .into_iter()
            .map(|((from, to), tally)| MapEdge {
                from,
                to,
                calls: tally.spans,
                errors: tally.errors,
                p50_ns: tally.percentile(500),
                p99_ns: tally.percentile(990),
            })
            .collect();
        edges.sort_by(|a, b| {
            (Reverse(a.calls), &a.from, &a.to).cmp(&(Reverse(b.calls), &b.from, &b.to))
        });
        ServiceMapReply {
            first_ns: if nodes.is_empty() { 0 } else { self.first_ns },
            last_ns: self.last_ns,
            nodes,
            edges,
            ..ServiceMapReply::default()
        }
    }
}

fn merge(into: &mut Tally, from: &Tally) {
    into.spans += from.spans;
    into.errors += from.errors;
    into.ended += from.ended;
    for (into, from) in into.durations.iter_mut().zip(&from.durations) {
        *into += from;
    }
}
