//! Queries answered from columns against the query language's own evaluator, trace by trace.

use std::collections::BTreeMap;
use std::sync::Arc;

use hindsight_protocol::hub::{
    FindSpansRequest, ListTracesRequest, QueryRequest, ServiceMapRequest, TraceSummary,
};
use hindsight_protocol::{CheckedBatch, Span, SpanId, TraceId};
use hindsight_query::view::{RowsOfTrace, TraceView};
use hindsight_query::{Budget, Catalog, Field, Matcher, Query};
use proptest::prelude::*;

use super::{Prepared, QueryLimits};
use crate::column::tests::spans::{batch, batches};
use crate::{BatchSource, Snapshot, Store, StoreLimits};

const NOW_NS: u64 = 1_000_000_000;

const FILTERS: &[&str] = &[
    "*",
    "-*",
    "service:web",
    "service:W*",
    "service!=web",
    "-service:web",
    "service in (web, db)",
    "service not in (web)",
    "exists(service)",
    "name:\"name 1\"",
    "name ~ \"[23]$\"",
    "name!~\"[23]$\"",
    "name=\"name 1\" or name=\"name 2\"",
    "duration>100ns",
    "duration<=100ns and duration>=20ns",
    "duration=0ns",
    "exists(duration)",
    "-exists(duration)",
    "status:error",
    "status!=error",
    "kind:client",
    "state:open",
    "state:ended",
    "start>=\"1970-01-01T00:00:00.001002Z\"",
    "exists(end)",
    "exists(parent)",
    "id=0000000000000007",
    "parent=0000000000000001",
    "parent!=0000000000000001",
    "trace=00000000000000010000000000000002",
    "links>0",
    "exists(link.span)",
    "link.span!=0000000000000007",
    "link.span=0000000000000007",
    "link.trace=00000000000000010000000000000002",
    "events>=3",
    "event.name:retry",
    "event.name!=retry",
    "event.key=a",
    "scope.name:library",
    "scope.version=\"1.0\"",
    "status.message:no",
    "key=a",
    "key!=a",
    "-key=a",
    "key:A",
    "key:\"route *\"",
    "key~\"^[0-9a-f]{4}\"",
    "key>3",
    "key>=0.5 and key<20",
    "key in (1, 2, a, true)",
    "key=true",
    "key=7",
    "key<\"b\"",
    "exists(key)",
    "-exists(key)",
    "span.key=a",
    "resource.key=a",
    "resource.service.name=web",
    "scope.key:a",
    "exists(nothing.has.this)",
    "\"größer\"",
    "retry",
    "route 3 service:web",
    "service:web and (key=a or duration>200ns) and -status:error",
    "spans>20",
    "errors>0",
    "services>1 and service:web",
    "running>0",
    "root.name:\"name 2\"",
    "root.service:web or key=7",
    "trace.duration>5us",
    "lens:other",
    "-lens:other",
    "has(key=a)",
    "-has(status:error) and service:web",
    "parent(service:web)",
    "service:db and parent(service:web)",
    "child(key=a)",
    "ancestor(service:db) or descendant(status:error)",
    "sibling(key=7)",
    "-parent(*)",
    "parent(parent(*)) service:web",
    "child(sibling(service:db)) or ancestor(-child(*))",
    "descendant(spans>20 key=a)",
    "has(parent(service:web) status:error)",
    "-has(child(child(*)))",
    "ancestor(lens:other) -sibling(has(key=a))",
    "child(state:open) or parent(state:open)",
];

fn parse(text: &str) -> Query {
    let parsed = hindsight_query::parse(text);
    parsed
        .into_result(text)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn prepared(text: &str) -> Prepared {
    Prepared::new(&parse(text), NOW_NS).expect("a query that the parser took")
}

const NEVER: &dyn Fn() -> bool = &|| false;

fn filled(batches: &[Vec<Span>], limits: StoreLimits) -> Store {
    let mut store = Store::new(limits);
    for (at, spans) in batches.iter().enumerate() {
        store.append(
            &Arc::new(batch(spans)),
            BatchSource::default(),
            at as u64 + 1,
        );
    }
    store
}

/// All traces by id with their spans, and as the list shows them.
struct Known {
    summaries: Vec<TraceSummary>,
    traces: BTreeMap<TraceId, CheckedBatch>,
}

impl Known {
    fn of(snapshot: &Snapshot) -> Self {
        let request = ListTracesRequest {
            limit: 10_000,
            ..ListTracesRequest::default()
        };
        let summaries = snapshot.list_traces(&request).traces;
        let page = |id| snapshot.trace_page(id, 0, 1_000_000).batch.check();
        let traces = summaries.iter().map(|summary| {
            let id = summary.trace_id;
            (id, page(id).expect("a page is sound"))
        });
        Self {
            traces: traces.collect(),
            summaries,
        }
    }

    /// Ids of the spans that match, by trace, earliest start first.
    fn matches(&self, matcher: &Matcher) -> BTreeMap<TraceId, Vec<u64>> {
        let mut found = BTreeMap::new();
        for (trace, batch) in &self.traces {
            let view = RowsOfTrace::new(batch.rows());
            let matched = matcher.search(&view, &mut Budget::unlimited());
            let mut spans: Vec<(u64, u64)> = matched
                .matches()
                .filter_map(|node| view.row(node))
                .map(|row| (row.start_ns(), row.span_id().bits))
                .collect();
            spans.sort_unstable();
            if !spans.is_empty() {
                found.insert(*trace, spans.into_iter().map(|(_, id)| id).collect());
            }
            assert!(view.len() <= batch.len());
        }
        found
    }
}

fn check(snapshot: &Snapshot, known: &Known, text: &str) {
    let query = prepared(text);
    let limits = QueryLimits::default();
    let expected = known.matches(query.matcher());
    let all: Vec<&TraceSummary> = known
        .summaries
        .iter()
        .filter(|summary| expected.contains_key(&summary.trace_id))
        .collect();
    for limit in [1, 3, 10_000] {
        let request = ListTracesRequest {
            limit,
            ..ListTracesRequest::default()
        };
        let reply = snapshot.list_matching(&request, &query, &limits, NEVER);
        let found: Vec<&TraceSummary> = reply.traces.iter().collect();
        let wanted = &all[..all.len().min(limit as usize)];
        assert_eq!(found, wanted, "{text} limit {limit}");
        assert_eq!(reply.cut, "", "{text}");
    }
    let total: usize = expected.values().map(Vec::len).sum();
    let request = QueryRequest {
        limit: 100_000,
        ..QueryRequest::default()
    };
    let reply = snapshot.query(&request, &query, &limits, NEVER);
    assert_eq!(reply.matched as usize, total, "{text}");
    let spans = reply.batch.check().expect("a sound batch").to_spans();
    assert!(
        spans.is_sorted_by_key(|span| std::cmp::Reverse(span.start_ns)),
        "{text}"
    );
    let mut found: Vec<_> = spans.iter().map(|s| (s.trace_id, s.span_id.bits)).collect();
    let ids = |(trace, ids): (&TraceId, &Vec<u64>)| -> Vec<(TraceId, u64)> {
        ids.iter().map(|id| (*trace, *id)).collect()
    };
    let mut wanted: Vec<_> = expected.iter().flat_map(ids).collect();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted, "{text}");
    for trace_id in known.traces.keys() {
        let request = FindSpansRequest {
            trace_id: *trace_id,
            ..FindSpansRequest::default()
        };
        let reply = snapshot.find_spans(&request, &query, &limits, NEVER);
        let wanted = expected.get(trace_id).cloned().unwrap_or_default();
        assert_eq!(reply.span_ids, wanted, "{text} in {trace_id}");
    }
}

fn limits() -> impl Strategy<Value = StoreLimits> {
    (1_u32..200, 1_usize..60, 1_usize..50).prop_map(|(segment, kept, chunk)| StoreLimits {
        segment_spans_max: segment,
        batch_kept_spans_min: kept,
        chunk_spans_max: chunk,
        ..StoreLimits::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_filter_finds_what_its_evaluator_says(batches in batches(), limits in limits()) {
        let mut store = filled(&batches, limits);
        let snapshot = store.snapshot();
        let known = Known::of(&snapshot);
        for text in FILTERS {
            check(&snapshot, &known, text);
        }
    }

    #[test]
    fn counts_by_a_field_are_those_of_the_spans(batches in batches(), limits in limits()) {
        let mut store = filled(&batches, limits);
        let snapshot = store.snapshot();
        let known = Known::of(&snapshot);
        let spans: Vec<Span> = known.traces.values().flat_map(CheckedBatch::to_spans).collect();
        let mut expected: BTreeMap<String, (u64, Vec<u64>)> = BTreeMap::new();
        for span in &spans {
            let counts = expected.entry(span.name.clone()).or_default();
            counts.0 += 1;
            counts.1.extend(span.end().map(|end| end.saturating_sub(span.start_ns)));
        }
        let query = prepared("* | count(), max(duration), p50(duration) by name | limit 10000");
        let reply = snapshot.query(&QueryRequest::default(), &query, &QueryLimits::default(), NEVER);
        let table = reply.table;
        prop_assert_eq!(table.keys.len(), expected.len());
        for (key, values) in table.keys.iter().zip(table.values.chunks(3)) {
            let (count, durations) = expected.get_mut(key).expect("a known name");
            prop_assert_eq!(values[0] as u64, *count);
            durations.sort_unstable();
            match durations.last() {
                None => prop_assert!(values[1].is_nan() && values[2].is_nan()),
                Some(max) => {
                    prop_assert_eq!(values[1], *max as f64);
                    let median = durations[durations.len().div_ceil(2) - 1];
                    prop_assert_eq!(values[2], median as f64);
                }
            }
        }
    }

    #[test]
    fn the_map_has_an_edge_for_each_parent_of_another_service(
        batches in batches(),
        limits in limits(),
    ) {
        let mut store = filled(&batches, limits);
        let snapshot = store.snapshot();
        let known = Known::of(&snapshot);
        let mut expected: BTreeMap<(String, String), u64> = BTreeMap::new();
        for batch in known.traces.values() {
            let services: BTreeMap<SpanId, &str> =
                batch.rows().map(|row| (row.span_id(), row.service())).collect();
            for row in batch.rows() {
                if let Some(from) = row.parent_id().and_then(|id| services.get(&id))
                    && *from != row.service()
                {
                    let edge = ((*from).to_owned(), row.service().to_owned());
                    *expected.entry(edge).or_default() += 1;
                }
            }
        }
        let request = ServiceMapRequest::default();
        let map = snapshot.service_map(&request, None, &QueryLimits::default(), NEVER);
        let found: BTreeMap<(String, String), u64> =
            map.edges.into_iter().map(|edge| ((edge.from, edge.to), edge.calls)).collect();
        prop_assert_eq!(found, expected);
        let spans: u64 = map.nodes.iter().map(|node| node.spans).sum();
        prop_assert_eq!(spans, snapshot.stored().live);
    }

    #[test]
    fn a_heatmap_counts_every_ended_span_once(batches in batches(), limits in limits()) {
        // Times without bounds have no sensible stretches; `varied` spans have them.
        let mut store = filled(&batches, limits);
        let snapshot = store.snapshot();
        let query = prepared("start<\"1970-01-02\" | heatmap()");
        let limits = QueryLimits::default();
        let reply = snapshot.query(&QueryRequest::default(), &query, &limits, NEVER);
        let map = reply.heatmap;
        prop_assert_eq!(map.counts.iter().sum::<u64>(), reply.matched);
        prop_assert_eq!(map.counts.len(), map.starts_ns.len() * map.floors_ns.len());
        let ended = prepared("start<\"1970-01-02\" exists(duration) | count()");
        let counted = snapshot.query(&QueryRequest::default(), &ended, &limits, NEVER);
        prop_assert_eq!(counted.matched, reply.matched);
        for exemplar in &map.exemplars {
            let bucket = exemplar.bucket as usize;
            prop_assert!(map.counts[bucket] > 0);
            let floor = map.floors_ns[bucket % map.floors_ns.len()];
            prop_assert!(exemplar.duration_ns >= floor);
        }
    }
}

#[test]
fn runs_that_dictionaries_rule_out_are_skipped_and_told() {
    let mut workload = hindsight_testkit::workload::Workload::new(3, 1_000_000);
    let mut store = Store::new(StoreLimits {
        segment_spans_max: 1_000,
        ..StoreLimits::default()
    });
    for at in 1..=10 {
        store.append(&Arc::new(workload.batch(1_000)), BatchSource::default(), at);
    }
    let snapshot = store.snapshot();
    let list = |text: &str| {
        let request = ListTracesRequest::default();
        snapshot.list_matching(&request, &prepared(text), &QueryLimits::default(), NEVER)
    };
    let nothing = list("service:web exists(no.such.key)");
    assert_eq!(nothing.traces, []);
    assert_eq!(
        (nothing.explain.runs, nothing.explain.runs_skipped),
        (10, 10)
    );
    let some = list("cloud.region=ap-south");
    assert!(some.explain.runs_unread > 0, "{:?}", some.explain);
}

/// Spans apart by what filters look at; each tenth is in a segment of its own.
#[test]
fn runs_whose_columns_exclude_the_filter_are_skipped_and_no_others() {
    let mut store = Store::new(StoreLimits {
        segment_spans_max: 10,
        ..StoreLimits::default()
    });
    for run in 0..4_u64 {
        let spans = (0..10).map(|at| {
            let start_ns = 1_000 * (run + 1) + at;
            let mut span = hindsight_testkit::builder::span(1, run * 10 + at + 1)
                .lasting(start_ns, start_ns + 100 * run + at)
                .attribute("whole", run as i64 * 10 + at as i64)
                .attribute("real", run as f64 + at as f64 / 10.0)
                .attribute("text", if run == 2 { "rare" } else { "common" })
                .attribute("yes", run == 1)
                .build();
            let is_odd = run == 3 && at == 7;
            span.status = u8::from(is_odd) * 2;
            // One that runs and one that ends before it starts, which last nothing.
            if run == 0 && at == 0 {
                span.end_ns = hindsight_protocol::OPEN_END_NS;
                span.state = hindsight_protocol::SpanState::Aborted as u8;
            }
            if run == 0 && at == 1 {
                span.end_ns = span.start_ns - 500;
            }
            if run == 1 {
                span.events.push(hindsight_protocol::Event::default());
            }
            span
        });
        let spans: Vec<Span> = spans.collect();
        store.append(&Arc::new(batch(&spans)), BatchSource::default(), run + 1);
    }
    let snapshot = store.snapshot();
    // Filter, runs that are looked at, spans found.
    let table = [
        ("*", 4, 40),
        ("status:error", 1, 1),
        ("-status:error", 4, 39),
        ("status!=error", 4, 39),
        ("duration>300ns", 1, 9),
        ("duration>309ns", 0, 0),
        ("duration<100ns", 1, 9),
        ("duration=0ns", 1, 1),
        ("exists(duration)", 4, 39),
        ("start>=\"1970-01-01T00:00:00.000004Z\"", 1, 10),
        ("end<\"1970-01-01T00:00:00.000001Z\"", 1, 1),
        ("whole>=37", 1, 3),
        ("whole>37 or whole<2", 2, 4),
        ("whole>39", 0, 0),
        ("whole=12", 1, 1),
        ("whole!=12", 4, 39),
        ("-whole=12", 4, 39),
        ("real>3.85", 1, 1),
        ("real<0", 0, 0),
        ("span.real>=3", 1, 10),
        ("text=rare", 1, 10),
        ("text=common", 3, 30),
        ("text=none", 0, 0),
        ("yes=true", 1, 10),
        ("yes=false", 3, 30),
        ("events>0", 1, 10),
        ("events=0", 4, 30),
        ("links>0", 0, 0),
        ("link.span=0000000000000007", 0, 0),
        ("status:error whole<30", 0, 0),
        ("has(status:error)", 4, 40),
    ];
    for (text, looked_at, matched) in table {
        let request = QueryRequest::default();
        let reply = snapshot.query(&request, &prepared(text), &QueryLimits::default(), NEVER);
        let explain = &reply.explain;
        let found = (explain.runs - explain.runs_skipped, reply.matched);
        assert_eq!(found, (looked_at, matched), "{text}: {explain:?}");
    }
}

#[test]
fn a_query_that_is_interrupted_or_too_dear_says_so() {
    let mut workload = hindsight_testkit::workload::Workload::new(3, 1_000_000);
    let mut store = Store::new(StoreLimits::default());
    store.append(&Arc::new(workload.batch(5_000)), BatchSource::default(), 1);
    let snapshot = store.snapshot();
    let request = QueryRequest::default();
    let limits = QueryLimits::default();
    let reply = snapshot.query(&request, &prepared("service:*"), &limits, &|| true);
    assert_eq!((reply.cut.as_str(), reply.matched), ("deadline", 0));
    let few = QueryLimits {
        spans_read_max: 100,
        ..limits.clone()
    };
    let reply = snapshot.query(&request, &prepared("parent(service:*)"), &few, NEVER);
    assert_eq!(reply.cut, "budget");
    let few = QueryLimits {
        groups_max: 3,
        ..limits
    };
    let reply = snapshot.query(&request, &prepared("* | count() by name"), &few, NEVER);
    assert_eq!((reply.cut.as_str(), reply.table.keys.len()), ("budget", 3));
}

#[test]
fn a_wrong_clock_does_not_spoil_a_heatmap_and_many_cells_are_cut() {
    let mut workload = hindsight_testkit::workload::Workload::new(3, 1_000_000_000_000);
    let mut store = Store::new(StoreLimits::default());
    let mut spans = workload.batch(5_000).to_spans();
    spans[7].start_ns = 1;
    spans[8].start_ns = i64::MAX as u64;
    store.append(&Arc::new(batch(&spans)), BatchSource::default(), 1);
    let snapshot = store.snapshot();
    let ask = |text: &str| {
        let limits = QueryLimits::default();
        snapshot.query(&QueryRequest::default(), &prepared(text), &limits, NEVER)
    };
    let map = ask("* | heatmap()").heatmap;
    assert!(map.starts_ns.len() > 10, "{:?}", map.starts_ns.len());
    assert!(map.counts.iter().sum::<u64>() >= 4_998);
    let reply = ask("* | count() by id over 1ns | limit 100000");
    assert!(
        reply.table.values.len() <= 1 << 20,
        "{}",
        reply.table.values.len()
    );
    assert_eq!(reply.table.groups_total, 5_000);
}

#[test]
fn a_stretch_without_spans_counts_none_and_says_nothing_else() {
    let mut store = Store::new(StoreLimits::default());
    let span = |id, start_ns, name: &str| {
        let span = hindsight_testkit::builder::span(1, id).named(name);
        let span = span.lasting(start_ns, start_ns).attribute("size", 0);
        span.build()
    };
    let spans = [span(1, 10, "a"), span(2, 35, "a"), span(3, 20, "b")];
    store.append(&Arc::new(batch(&spans)), BatchSource::default(), 1);
    let snapshot = store.snapshot();
    let text = "| count(), rate(), sum(size), max(duration) by name over 10ns | sort name asc";
    let (request, limits) = (QueryRequest::default(), QueryLimits::default());
    let reply = snapshot.query(&request, &prepared(text), &limits, NEVER);
    assert_eq!(reply.table.starts_ns, [10, 20, 30]);
    let values = reply.table.values.chunks(4).map(|values| {
        let is_told = values.iter().map(|value| value.is_finite());
        (values[0], values[1], is_told.collect::<Vec<bool>>())
    });
    let values: Vec<(f64, f64, Vec<bool>)> = values.collect();
    let some = (1.0, 1e8, vec![true; 4]);
    let none = (0.0, 0.0, vec![true, true, false, false]);
    let (a, b) = values.split_at(3);
    assert_eq!(a, [some.clone(), none.clone(), some.clone()]);
    assert_eq!(b, [none.clone(), some, none]);
}

#[test]
fn completion_knows_keys_and_values_with_their_counts() {
    let mut workload = hindsight_testkit::workload::Workload::new(3, 1_000_000);
    let mut store = Store::new(StoreLimits::default());
    store.append(&Arc::new(workload.batch(5_000)), BatchSource::default(), 1);
    let snapshot = store.snapshot();
    let catalog = snapshot.catalog(&|| false);
    let mut keys = Vec::new();
    catalog.keys("reg", 10, &mut |key| {
        keys.push((key.key.to_owned(), key.count))
    });
    assert_eq!(keys, [("cloud.region".to_owned(), 5_000)]);
    let mut values = Vec::new();
    let field = Field::from_word("cloud.region");
    catalog.values(&field, "", 10, &mut |value| values.push(value.count));
    assert_eq!((values.len(), values.iter().sum::<u64>()), (5, 5_000));
    let mut services = 0;
    catalog.values(&Field::Service, "", 100, &mut |value| {
        services += value.count
    });
    assert_eq!(services, 5_000);
}

#[test]
fn completion_of_more_keys_than_it_counts_says_so() {
    let mut store = Store::new(StoreLimits::default());
    for part in 0..70_u64 {
        let mut builder = hindsight_protocol::BatchBuilder::new();
        builder.push(
            &(0..1_000)
                .fold(
                    hindsight_testkit::builder::span(1, part + 1),
                    |span, key| span.attribute(&format!("key.{part}.{key}"), 1),
                )
                .build(),
        );
        store.append(&Arc::new(builder.finish()), BatchSource::default(), 1);
    }
    let snapshot = store.snapshot();
    let catalog = snapshot.catalog(&|| false);
    let mut offered = 0;
    catalog.keys("", 100, &mut |_| offered += 1);
    assert_eq!((offered, catalog.cut()), (100, "budget"));
    let narrow = snapshot.catalog(&|| false);
    offered = 0;
    narrow.keys("key.69.99", 100, &mut |_| offered += 1);
    assert_eq!((offered, narrow.cut()), (11, ""));
    let late = snapshot.catalog(&|| true);
    late.keys("", 100, &mut |_| panic!("nothing was looked at"));
    assert_eq!(late.cut(), "deadline");
}
