//! What a hub could answer.

use hindsight_protocol::hub::{
    AppInfo, IngestCounters, ReasonCount, Removal, RunInfo, ServiceSpans, StatsReply,
    StoreCounters, TraceSummary, TracerAccounts,
};
use hindsight_protocol::introspection::{MethodInfo, ServiceInfo};
use hindsight_protocol::{
    BatchBuilder, CheckedBatch, Event, KeyValue, Link, OPEN_END_NS, Resource, Scope, Span, SpanId,
    SpanKind, SpanState, StatusCode, TraceId, TracerId, Value,
};
use hindsight_view::Trace;

use super::trace::Fetched;

pub(super) const TRACE: TraceId = TraceId {
    high: 0x4bf9_2f35_77b3_4da6,
    low: 0xa3ce_929d_0e0e_4736,
};

/// 2026-11-22T14:32:10Z.
pub(super) const START_NS: u64 = 1_795_357_930_000_000_000;

pub(super) const SECOND_NS: u64 = 1_000_000_000;

const MS: u64 = 1_000_000;

fn span(id: u64, parent: u64, service: &str, name: &str, start_ms: u64, end_ms: u64) -> Span {
    Span {
        trace_id: TRACE,
        span_id: SpanId::from_u64(id),
        parent_id: SpanId::from_u64(parent),
        name: name.into(),
        start_ns: START_NS + start_ms * MS,
        end_ns: START_NS + end_ms * MS,
        resource: Resource {
            attributes: vec![KeyValue::new("service.name", service)],
            dropped_attributes: 0,
        },
        ..Span::default()
    }
}

/// A trace with an error, an open span, details of every sort and a hostile text.
pub(super) fn batch() -> CheckedBatch {
    let failed = Span {
        status: StatusCode::Error as u8,
        status_message: "no such key".into(),
        attributes: vec![
            KeyValue::new("picante.key", "a\u{1b}[2Jb"),
            KeyValue::new("picante.size", 4096i64),
            KeyValue::new("list", vec![Value::from(1i64), Value::from("two")]),
        ],
        events: vec![Event {
            time_ns: START_NS + 7 * MS,
            name: "exception".into(),
            attributes: vec![KeyValue::new("exception.type", "KeyError")],
            dropped_attributes: 0,
        }],
        links: vec![Link {
            trace_id: TraceId::from_u128(7),
            span_id: SpanId::from_u64(9),
            ..Link::default()
        }],
        scope: Scope {
            name: "picante".into(),
            version: "3.0.0".into(),
            ..Scope::default()
        },
        dropped_events: 2,
        ..span(3, 2, "calculator", "picante: compute", 6, 41)
    };
    let running = Span {
        end_ns: OPEN_END_NS,
        state: SpanState::Running as u8,
        ..span(4, 1, "web", "format_response", 41, 0)
    };
    let mut builder = BatchBuilder::new();
    builder.push(&span(1, 0, "web", "handle_request", 0, 50));
    builder.push(&span(2, 1, "web", "RPC: calculate", 1, 41));
    builder.push(&failed);
    builder.push(&running);
    builder.finish()
}

/// A request that asks for each of nine users, a failed call of a process whose clock is ahead, an
/// orphan, a duplicate, an aborted span, a removal, and texts without end.
pub(super) fn busy() -> Fetched {
    let mut spans = vec![span(1, 0, "web", "GET /users", 0, 60)];
    for number in 0..9 {
        let query = format!("SELECT * FROM users WHERE id = {number}");
        let at = 2 + 3 * number;
        spans.push(Span {
            attributes: vec![KeyValue::new("db.query.text", query)],
            kind: SpanKind::Client as u8,
            ..span(10 + number, 1, "db", "query", at, at + 2)
        });
    }
    spans.push(Span {
        kind: SpanKind::Client as u8,
        ..span(30, 1, "web", &"a name that is long ".repeat(1000), 40, 55)
    });
    spans.push(Span {
        kind: SpanKind::Server as u8,
        status: StatusCode::Error as u8,
        status_message: "refused \u{1b}]0;owned\u{7} and said why at length".into(),
        attributes: vec![
            KeyValue::new("large", "x\u{1b}[2J ".repeat(100_000)),
            KeyValue::new("hebrew", "\u{202e}abc"),
        ],
        links: vec![Link {
            trace_id: TRACE,
            span_id: SpanId::from_u64(1),
            ..Link::default()
        }],
        ..span(31, 30, "calculator", "sum", 142, 150)
    });
    spans.push(span(40, 99, "web", "orphan", 5, 6));
    spans.push(span(40, 99, "web", "orphan", 5, 6));
    spans.push(Span {
        end_ns: OPEN_END_NS,
        state: SpanState::Aborted as u8,
        ..span(41, 1, "web", "killed", 57, 0)
    });
    let mut builder = BatchBuilder::new();
    spans.iter().for_each(|span| builder.push(span));
    Fetched {
        summary: Some(TraceSummary {
            name: "GET /users".into(),
            spans: 14,
            ..summary()
        }),
        trace: Trace::new(TRACE, vec![builder.finish()]),
        removals: vec![removal("evicted", 3)],
    }
}

/// Open spans: a request that waits for the disconnected process of a server, one by itself; and
/// what dead processes left open, in that trace and in another.
pub(super) fn waiting() -> (CheckedBatch, CheckedBatch) {
    let open = |state: SpanState, span: Span| Span {
        end_ns: OPEN_END_NS,
        state: state as u8,
        ..span
    };
    let of_process = |pid: i64, mut span: Span| {
        let pid = KeyValue::new("process.pid", pid);
        span.resource.attributes.push(pid);
        span
    };
    let spans = [
        (SpanState::Running, 10, span(1, 0, "web", "GET /", 0, 0)),
        (SpanState::Running, 10, span(2, 1, "web", "RPC: sum", 10, 0)),
        (
            SpanState::Disconnected,
            20,
            span(3, 2, "calculator", "sum\u{1b}[2J", 20, 0),
        ),
        (
            SpanState::Running,
            10,
            span(5, 1, "web", &"log ".repeat(100), 30, 0),
        ),
        (
            SpanState::Running,
            30,
            span(6, 0, "cron", "sweep", 11_000, 0),
        ),
    ];
    let mut builder = BatchBuilder::new();
    for (state, pid, span) in spans {
        builder.push(&of_process(pid, open(state, span)));
    }
    let alive = builder.finish();
    let elsewhere = Span {
        trace_id: TraceId::from_u128(9),
        ..span(7, 0, "batch", "import", 500, 0)
    };
    let mut builder = BatchBuilder::new();
    for span in [span(4, 3, "db", "query", 40, 0), elsewhere] {
        builder.push(&of_process(40, open(SpanState::Aborted, span)));
    }
    (alive, builder.finish())
}

pub(super) fn summary() -> TraceSummary {
    let service = |service: &str, spans| ServiceSpans {
        service: service.into(),
        spans,
    };
    TraceSummary {
        trace_id: TRACE,
        name: "handle_request".into(),
        service: "web".into(),
        has_root: true,
        start_ns: START_NS,
        end_ns: START_NS + 50 * MS,
        spans: 4,
        errors: 1,
        running: 1,
        aborted: 0,
        services: vec![service("web", 3), service("calculator", 1)],
        ..TraceSummary::default()
    }
}

pub(super) fn rootless() -> TraceSummary {
    TraceSummary {
        trace_id: TraceId::from_u128(0xfeed),
        name: String::new(),
        service: String::new(),
        has_root: false,
        start_ns: START_NS - 86_400 * SECOND_NS,
        end_ns: START_NS - 82_800 * SECOND_NS,
        spans: 12_345,
        errors: 0,
        running: 0,
        aborted: 3,
        services: vec![ServiceSpans {
            service: "red\u{1b}[31m".into(),
            spans: 12_345,
        }],
        removed_spans: 55,
        removed_at_ns: START_NS - 3_600 * SECOND_NS,
        removed_by: "evicted".into(),
        pinned: true,
        ..TraceSummary::default()
    }
}

pub(super) fn removal(reason: &str, spans: u64) -> Removal {
    Removal {
        reason: reason.into(),
        at_ns: START_NS + 60 * SECOND_NS,
        spans,
        probably: false,
    }
}

pub(super) fn stats() -> StatsReply {
    StatsReply {
        hub_id: 0xabc,
        version: "0.1.0".into(),
        started_ns: START_NS,
        now_ns: START_NS + 125 * SECOND_NS,
        addresses: vec![
            "http://127.0.0.1:1990".into(),
            "tcp://127.0.0.1:1991".into(),
        ],
        revision: 12,
        traces: 3,
        ingest: IngestCounters {
            received: 1_300,
            inserted: 1_200,
            updated: 60,
            duplicate: 30,
            rejected: 10,
            resent: 4,
        },
        accounts: TracerAccounts {
            offered: 1_305,
            dropped: 5,
            acknowledged_elsewhere: 0,
            reconnects: 1,
            cut: 2,
        },
        store: StoreCounters {
            live: 1_000,
            sampled_out: 0,
            expired: 150,
            evicted: 50,
            cleared: 0,
        },
        open_spans: 2,
        memory_bytes: 51_200_000,
        memory_limit_bytes: 512_000_000,
        ttl_ms: 3_600_000,
        pinned_traces: 1,
        pinned_bytes: 1_500_000,
        segments: 2,
        connections: 4,
        subscribers: 1,
        reasons: vec![ReasonCount {
            reason: "batch_malformed".into(),
            count: 10,
        }],
        relayed_lanes: 2,
        relayed_lanes_total: 5,
        removals: vec![removal("expired", 150), removal("evicted", 50)],
    }
}

fn offers() -> Vec<ServiceInfo> {
    let method = |name: &str, doc: &str, callable| MethodInfo {
        name: name.into(),
        id: 0xabc,
        doc: doc.into(),
        argument_names: vec!["request".into()],
        callable,
        ..MethodInfo::default()
    };
    let catalog = ServiceInfo {
        name: "Catalog".into(),
        doc: "What there is to buy.".into(),
        methods: vec![
            method("look_up", "One thing by its number.", true),
            method(
                "remove",
                "Takes a thing out of the catalog, \u{1b}[31mfor ever.",
                false,
            ),
        ],
    };
    let roam = ServiceInfo {
        name: "RoamIntrospection".into(),
        ..ServiceInfo::default()
    };
    vec![catalog, roam]
}

pub(super) fn apps() -> Vec<AppInfo> {
    let connected = AppInfo {
        tracer_id: TracerId { high: 1, low: 2 },
        run: RunInfo {
            service_name: "web".into(),
            service_version: "1.2.3".into(),
            pid: 4711,
            revision: "0123456789abcdef0123456789abcdef01234567".into(),
            ..RunInfo::default()
        },
        state: "connected".into(),
        transport: "tcp 127.0.0.1:40000".into(),
        attached_ns: START_NS,
        services: vec!["Catalog".into(), "RoamIntrospection".into()],
        offers: offers(),
        offers_ns: START_NS,
        counters: IngestCounters {
            received: 12_345,
            ..IngestCounters::default()
        },
        reasons: vec![ReasonCount {
            reason: "value_bytes".into(),
            count: 1_234,
        }],
        ..AppInfo::default()
    };
    let gone = AppInfo {
        run: RunInfo::default(),
        state: "gone".into(),
        detached_ns: START_NS + 30 * SECOND_NS,
        accounts: TracerAccounts {
            offered: 12_355,
            dropped: 7,
            ..TracerAccounts::default()
        },
        services: Vec::new(),
        reasons: Vec::new(),
        transport: "unix".into(),
        ..connected.clone()
    };
    vec![connected, gone]
}
