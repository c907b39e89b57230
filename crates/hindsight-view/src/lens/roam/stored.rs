//! Calls as stored spans tell them, for when no app can be asked: services, methods, who calls whom.
//!
//! The graph is that of the map of services, with [`stored_query`] as its filter.

use hindsight_protocol::hub::{QueryReply, ServiceMapReply};

use super::{Edge, Node, Process, Rows, Topology, method};
use crate::format;
use crate::lens::Lens;

/// Groups that the hub is asked for.
const GROUPS_MAX: usize = 500;

/// A method of a service of a process, as spans tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRow {
    /// Whose spans they are.
    pub process: Process,
    /// `calls` or `answers`.
    pub does: &'static str,
    /// `Catalog.list`, escaped.
    pub name: String,
    /// Its spans.
    pub spans: u64,
    /// `1.20 ms`
    pub p50: String,
    /// `1.20 ms`
    pub p99: String,
}

/// The query for [`stored_rows`].
pub fn stored_query() -> String {
    format!(
        "{} | count(), p50(duration), p99(duration) by service, kind, span.rpc.service, span.rpc.method \
         | sort count() | limit {GROUPS_MAX}",
        Lens::Roam.stored_query()
    )
}

/// The methods that stored spans are of, most spans first. An answer of another shape has no rows.
pub fn stored_rows(reply: &QueryReply) -> Rows<StoredRow> {
    let table = &reply.table;
    let (keys, values) = (table.keys.chunks_exact(4), table.values.chunks_exact(3));
    let rows = keys.zip(values).filter_map(|(keys, values)| {
        let ([service, kind, of, called], [spans, p50, p99]) = (keys, values) else {
            return None;
        };
        let duration = |ns: &f64| match ns.is_finite() {
            true => format::duration(*ns as u64),
            false => String::new(),
        };
        Some(StoredRow {
            process: Process::named(service),
            does: match kind.as_str() {
                "server" => "answers",
                _ => "calls",
            },
            name: method(of, called),
            spans: *spans as u64,
            p50: duration(p50),
            p99: duration(p99),
        })
    });
    let rows: Vec<StoredRow> = rows.collect();
    let cut = table.groups_total.saturating_sub(rows.len() as u64);
    Rows::new(rows, cut)
}

impl Topology {
    /// Who calls whom, by spans.
    pub fn of_spans(map: &ServiceMapReply) -> Self {
        let mut names: Vec<&str> = map.nodes.iter().map(|node| node.service.as_str()).collect();
        names.extend(
            map.edges
                .iter()
                .flat_map(|edge| [edge.from.as_str(), edge.to.as_str()]),
        );
        names.sort_unstable();
        names.dedup();
        let cut = names.len().saturating_sub(super::PROCESSES_MAX) as u64;
        names.truncate(super::PROCESSES_MAX);
        let place = |name: &str| names.binary_search(&name).ok();
        let edges = map.edges.iter().filter_map(|edge| {
            Some(Edge {
                from: place(&edge.from)?,
                to: place(&edge.to)?,
                services: Vec::new(),
                active: 0,
                ended: edge.calls,
                failed: edge.errors,
                is_open: true,
                is_whole: true,
            })
        });
        Self {
            edges: edges.collect(),
            nodes: names
                .iter()
                .map(|name| Node {
                    key: format!("name {name}"),
                    process: Process::named(name),
                    app: None,
                    about: "by its spans".to_owned(),
                })
                .collect(),
            cut,
        }
    }
}
