//! Who calls whom.

use hindsight_protocol::hub::{MapEdge, ServiceMapReply};

use crate::format;
use crate::table::{Cell, Column, Table};
use crate::text::Role;

/// The calls between services, then services that neither call nor are called.
pub fn calls(map: &ServiceMapReply) -> Table {
    let mut table = Table::new(vec![
        Column::left("FROM").shrinking_to(8),
        Column::left("TO").shrinking_to(8),
        Column::right("CALLS"),
        Column::right("RATE"),
        Column::right("ERRORS"),
        Column::right("P50"),
        Column::right("P99"),
    ]);
    let seconds = map.last_ns.saturating_sub(map.first_ns) as f64 / 1e9;
    for edge in &map.edges {
        table.push(row((&edge.from, &edge.to), edge, seconds));
    }
    let is_alone = |service: &str| {
        let mut edges = map.edges.iter();
        !edges.any(|edge| edge.from == service || edge.to == service)
    };
    for node in map.nodes.iter().filter(|node| is_alone(&node.service)) {
        let spans = MapEdge {
            calls: node.spans,
            errors: node.errors,
            p50_ns: node.p50_ns,
            p99_ns: node.p99_ns,
            ..MapEdge::default()
        };
        table.push(row((&node.service, "-"), &spans, seconds));
    }
    table
}

fn row((from, to): (&str, &str), edge: &MapEdge, seconds: f64) -> Vec<Cell> {
    let plain = |text: String| Cell::new().with(Role::Plain, text);
    let rate = edge.calls as f64 / seconds.max(1.0);
    vec![
        service(from),
        service(to),
        plain(format::count(edge.calls)),
        plain(super::value(rate, "1/s")),
        super::red::errors(edge.errors, edge.calls),
        plain(format::duration(edge.p50_ns)),
        plain(format::duration(edge.p99_ns)),
    ]
}

fn service(service: &str) -> Cell {
    match service {
        "" => Cell::new().with(Role::Dim, "(none)"),
        "-" => Cell::new().with(Role::Dim, "-"),
        service => Cell::new().with(Role::of_service(service), service),
    }
}
