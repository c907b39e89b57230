//! `docs/limits.md` against the code: a limit that is added, removed or changed has its line.

use std::collections::BTreeMap;

use hindsight_store::StoreLimits;

use super::*;
use crate::telemetry::Reason;

const DOCUMENT: &str = include_str!("../../../../../docs/limits.md");

/// Names and values of the fields of a struct: all of them, or it does not compile.
macro_rules! fields {
    ($of:expr => $type:ident { $($field:ident),+ } $(but $left_out:ident)*) => {{
        let $type { $($field,)+ $($left_out: _,)* } = $of;
        vec![$((stringify!($field), $field as u64)),+]
    }};
}

fn in_code() -> BTreeMap<&'static str, u64> {
    let config = Config::default();
    let mut all = fields!(config.ingest => IngestLimits {
        batch_bytes_max, batch_spans_max, queue_bytes_max, queue_batches_max,
        queue_bytes_per_connection_max, queue_batches_per_connection_max
    } but retry_after);
    all.extend(fields!(config.reads => ReadLimits {
        list_traces_max, list_traces_default, open_spans_default, open_spans_bytes_max,
        concurrent_max
    } but open_spans_max));
    // The store has one of this name.
    all.push(("reads.open_spans_max", config.reads.open_spans_max as u64));
    all.extend(fields!(config.live => LiveLimits {
        subscribers_max, subscribers_per_connection_max, ring_bytes_max, ring_changes_max,
        event_bytes_max, event_whole_bytes_max, summaries_pending_max
    } but summary_interval but heartbeat_interval but stall_timeout));
    all.extend(fields!(config.discovery => DiscoveryLimits {
        apps_max, tracers_per_connection_max, services_max, text_bytes_max, arguments_max,
        offers_bytes_max, list_bytes_max, watchers_max, news_bytes_max
    } but probe_timeout but news_interval));
    all.extend(fields!(config.relay => RelayLimits {
        lanes_max, lanes_per_viewer_max, lanes_per_app_max, opens_per_app_burst,
        opens_per_app_per_sec
    } but open_timeout but stall_timeout));
    all.extend(fields!(StoreLimits::default() => StoreLimits {
        memory_bytes, ttl_ns, segment_spans_max, segment_bytes_max, chunk_spans_max,
        batch_kept_spans_min, batch_kept_bytes_min, segment_age_max_ns, open_spans_max, spans_per_trace_max,
        attributes_per_span_max, attributes_per_event_max, events_per_span_max,
        links_per_span_max, value_bytes_max, name_bytes_max, tracers_max,
        resend_window_batches, abort_grace_ns, pinned_traces_max, pinned_bytes_max,
        removals_kept, removal_filters_bytes_max, page_bytes_max
    } but seals_in_flight_max));
    let connections = config.connections;
    all.push(("connections_max", connections.connections_max as u64));
    all.push((
        "connections_per_ip_max",
        connections.connections_per_ip_max as u64,
    ));
    all.into_iter().collect()
}

/// Name, default and the last cell of each row.
fn in_document() -> Vec<(&'static str, u64, &'static str)> {
    let (_, rest) = DOCUMENT
        .split_once("<!-- limits of the hub -->")
        .expect("a table");
    let (table, _) = rest.split_once("<!-- end").expect("an end");
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let name = cells.next().expect("a name").trim_matches('`');
        let default = cells.next().expect("a default").replace(',', "");
        let default = default.parse().unwrap_or_else(|_| panic!("{row}"));
        (name, default, cells.next_back().expect("a last cell"))
    })
    .collect()
}

#[test]
fn every_limit_is_documented_with_its_default() {
    let documented = in_document();
    let by_name: BTreeMap<_, _> = documented.iter().map(|(name, n, _)| (*name, *n)).collect();
    assert_eq!(by_name, in_code());
    assert_eq!(documented.len(), by_name.len(), "a limit has two lines");
}

#[test]
fn every_name_that_the_document_counts_under_is_counted() {
    let own = Reason::ALL.iter().map(|reason| reason.as_str());
    let known: Vec<&str> = own.chain(hindsight_store::reason::ALL).collect();
    let names = |cell: &'static str| cell.split('`').skip(1).step_by(2);
    let removals = ["evicted", "expired"];
    for (limit, _, counted) in in_document() {
        for name in names(counted) {
            let is_known = known.contains(&name) || removals.contains(&name);
            assert!(is_known, "{limit} is counted as {name}");
        }
    }
    for name in hindsight_store::reason::ALL {
        assert!(
            DOCUMENT.contains(&format!("`{name}`")),
            "{name} is not documented"
        );
    }
}
