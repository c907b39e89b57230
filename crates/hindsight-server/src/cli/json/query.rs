//! Answers to queries.

use std::collections::HashMap;

use hindsight_protocol::hub::{MapEdge, MapNode, QueryHeatmap, QueryTable, ServiceMapReply};
use hindsight_view::format;
use hindsight_view::query_table::{RedRow, Row};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// An object with its entries in order.
#[derive(Debug)]
struct Entries<'a, T>(Vec<(&'a str, T)>);

impl<T: Serialize> Serialize for Entries<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

fn entries<'a, T>(keys: &'a [impl AsRef<str>], values: impl Iterator<Item = T>) -> Entries<'a, T> {
    Entries(keys.iter().map(AsRef::as_ref).zip(values).collect())
}

/// One row of `query` with aggregates.
#[derive(Debug, Serialize)]
pub(crate) struct QueryRowJson<'a> {
    by: Entries<'a, &'a str>,
    start_ns: Option<u64>,
    start: Option<String>,
    values: Entries<'a, Option<f64>>,
}

impl<'a> QueryRowJson<'a> {
    pub(crate) fn new(table: &'a QueryTable, row: &Row<'a>) -> Self {
        let columns = table.columns.iter().map(|column| column.name.as_str());
        let values = row
            .values
            .iter()
            .map(|v| Some(*v).filter(|v| v.is_finite()));
        Self {
            by: entries(&table.by, row.keys.iter().map(String::as_str)),
            start_ns: row.start_ns,
            start: row.start_ns.map(format::iso),
            values: Entries(columns.zip(values).collect()),
        }
    }
}

/// One row of `stats --by`.
#[derive(Debug, Serialize)]
pub(crate) struct RedJson<'a> {
    by: Entries<'a, &'a str>,
    spans: u64,
    rate: f64,
    errors: u64,
    p50_ns: Option<f64>,
    p90_ns: Option<f64>,
    p99_ns: Option<f64>,
}

impl<'a> RedJson<'a> {
    pub(crate) fn new(by: &'a [String], row: &RedRow<'a>) -> Self {
        Self {
            by: entries(by, row.keys.iter().map(String::as_str)),
            spans: row.spans,
            rate: row.rate,
            errors: row.errors,
            p50_ns: row.p50_ns,
            p90_ns: row.p90_ns,
            p99_ns: row.p99_ns,
        }
    }
}

/// `heatmap`.
#[derive(Debug, Serialize)]
pub(crate) struct HeatmapJson<'a> {
    step_ns: u64,
    starts_ns: &'a [u64],
    floors_ns: &'a [u64],
    cells: Vec<HeatCellJson>,
}

#[derive(Debug, Serialize)]
struct HeatCellJson {
    start_ns: u64,
    floor_ns: u64,
    count: u64,
    errors: u64,
    trace_id: Option<String>,
    span_id: Option<String>,
    duration_ns: Option<u64>,
}

impl<'a> From<&'a QueryHeatmap> for HeatmapJson<'a> {
    fn from(map: &'a QueryHeatmap) -> Self {
        let exemplars = map.exemplars.iter();
        let exemplars: HashMap<usize, _> = exemplars.map(|e| (e.bucket as usize, e)).collect();
        let cell = |(at, count): (usize, &u64)| {
            let rows = map.floors_ns.len();
            let exemplar = exemplars.get(&at);
            (*count > 0).then_some(HeatCellJson {
                start_ns: *map.starts_ns.get(at.checked_div(rows)?)?,
                floor_ns: *map.floors_ns.get(at % rows)?,
                count: *count,
                errors: map.errors.get(at).copied().unwrap_or(0),
                trace_id: exemplar.map(|e| e.trace_id.to_string()),
                span_id: exemplar.map(|e| e.span_id.to_string()),
                duration_ns: exemplar.map(|e| e.duration_ns),
            })
        };
        Self {
            step_ns: map.step_ns,
            starts_ns: &map.starts_ns,
            floors_ns: &map.floors_ns,
            cells: map.counts.iter().enumerate().filter_map(cell).collect(),
        }
    }
}

/// `map`.
#[derive(Debug, Serialize)]
pub(crate) struct MapJson<'a> {
    first_ns: u64,
    last_ns: u64,
    nodes: Vec<NodeJson<'a>>,
    edges: Vec<EdgeJson<'a>>,
}

#[derive(Debug, Serialize)]
struct NodeJson<'a> {
    service: &'a str,
    spans: u64,
    errors: u64,
    p50_ns: u64,
    p99_ns: u64,
}

#[derive(Debug, Serialize)]
struct EdgeJson<'a> {
    from: &'a str,
    to: &'a str,
    calls: u64,
    errors: u64,
    p50_ns: u64,
    p99_ns: u64,
}

impl<'a> From<&'a ServiceMapReply> for MapJson<'a> {
    fn from(map: &'a ServiceMapReply) -> Self {
        let node = |node: &'a MapNode| NodeJson {
            service: &node.service,
            spans: node.spans,
            errors: node.errors,
            p50_ns: node.p50_ns,
            p99_ns: node.p99_ns,
        };
        let edge = |edge: &'a MapEdge| EdgeJson {
            from: &edge.from,
            to: &edge.to,
            calls: edge.calls,
            errors: edge.errors,
            p50_ns: edge.p50_ns,
            p99_ns: edge.p99_ns,
        };
        Self {
            first_ns: map.first_ns,
            last_ns: map.last_ns,
            nodes: map.nodes.iter().map(node).collect(),
            edges: map.edges.iter().map(edge).collect(),
        }
    }
}
