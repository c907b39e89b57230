//! What other versions sent must be readable for ever.

use facet::Facet;
use hindsight_protocol::hub::{HubError, IngestRequest, ListTracesRequest, QueryProblem};
use hindsight_protocol::{
    BatchBuilder, Event, KeyValue, Link, Resource, Scope, Span, SpanId, TraceId, TracerAccounts,
    TracerId, Value, hindsight_service_service_descriptor,
};

/// An `IngestRequest` as the first version encoded it: schema and payload, each after its length.
const FIRST_VERSION: &[u8] = include_bytes!("../data/ingest-request-v1.bin");

fn span() -> Span {
    Span {
        trace_id: TraceId::from_u128(0x4bf92f3577b34da6a3ce929d0e0e4736),
        span_id: SpanId::from_u64(0x00f067aa0ba902b7),
        parent_id: SpanId::from_u64(7),
        trace_state: "a=1".to_owned(),
        flags: 3,
        name: "GET /".to_owned(),
        kind: 1,
        start_ns: 1_750_000_000_000_000_000,
        end_ns: 1_750_000_000_005_000_000,
        state: 0,
        version: 2,
        status: 2,
        status_message: "no".to_owned(),
        attributes: vec![
            KeyValue::new("text", "ä"),
            KeyValue::new("flag", true),
            KeyValue::new("int", -5),
            KeyValue::new("float", 0.5),
            KeyValue::new("bytes", vec![1u8, 2]),
            KeyValue::new("list", vec![Value::from(1), Value::from("x")]),
            KeyValue::new("map", vec![KeyValue::new("k", "v")]),
        ],
        events: vec![Event {
            time_ns: 1_750_000_000_001_000_000,
            name: "started".to_owned(),
            attributes: vec![KeyValue::new("n", 1)],
            dropped_attributes: 1,
        }],
        links: vec![Link {
            trace_id: TraceId::from_u128(9),
            span_id: SpanId::from_u64(8),
            trace_state: String::new(),
            flags: 1,
            attributes: vec![KeyValue::new("why", "retry")],
            dropped_attributes: 0,
        }],
        resource: Resource {
            attributes: vec![KeyValue::new("service.name", "web")],
            dropped_attributes: 0,
        },
        scope: Scope {
            name: "axum".to_owned(),
            version: "0.8".to_owned(),
            attributes: Vec::new(),
            dropped_attributes: 0,
        },
        dropped_attributes: 1,
        dropped_events: 2,
        dropped_links: 3,
    }
}

fn request() -> IngestRequest {
    let mut builder = BatchBuilder::new();
    builder.push(&span());
    IngestRequest {
        tracer_id: TracerId { high: 1, low: 2 },
        sequence: 3,
        batch: builder.finish().into_batch(),
        accounts: TracerAccounts {
            offered: 4,
            dropped: 3,
            acknowledged_elsewhere: 2,
            reconnects: 1,
            cut: 0,
        },
    }
}

fn with_length(bytes: &[u8]) -> Vec<u8> {
    let mut out = (bytes.len() as u32).to_le_bytes().to_vec();
    out.extend(bytes);
    out
}

/// Takes a part written by [`with_length`] off the front.
fn take<'a>(bytes: &mut &'a [u8]) -> &'a [u8] {
    let (length, rest) = bytes.split_first_chunk::<4>().expect("length");
    let (part, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
    *bytes = rest;
    part
}

/// Encodes with this version's schema, as a peer would receive it.
fn encode(request: &IngestRequest) -> Vec<u8> {
    let schema = vox_phon::schema_bytes::<IngestRequest>().expect("schema");
    let payload = vox_phon::to_vec(request).expect("payload");
    [with_length(&schema), with_length(&payload)].concat()
}

fn decode(mut bytes: &[u8]) -> IngestRequest {
    let (schema, payload) = (take(&mut bytes), take(&mut bytes));
    let writer = vox_phon::parse_schema_bytes(schema).expect("schema");
    vox_phon::decode_compat(payload, &writer).expect("decodes")
}

#[test]
fn a_batch_of_the_first_version_decodes() {
    let decoded = decode(FIRST_VERSION);
    assert_eq!(decoded.sequence, 3);
    assert_eq!(decoded.accounts, request().accounts);
    let batch = decoded.batch.check().expect("sound");
    assert_eq!(batch.to_spans(), [span()]);
}

#[test]
fn a_batch_of_this_version_decodes() {
    assert_eq!(decode(&encode(&request())), request());
}

#[test]
fn a_span_as_a_struct_survives_the_wire() {
    let schema = vox_phon::schema_bytes::<Span>().expect("schema");
    let writer = vox_phon::parse_schema_bytes(&schema).expect("schema");
    let payload = vox_phon::to_vec(&span()).expect("payload");
    let decoded: Span = vox_phon::decode_compat(&payload, &writer).expect("decodes");
    assert_eq!(decoded, span());
}

/// What a peer that knows nothing of queries sends and understands.
mod before_queries {
    use facet::Facet;

    #[derive(Debug, Default, PartialEq, Facet)]
    pub(super) struct ListTracesRequest {
        #[facet(default)]
        pub(super) limit: u32,
        #[facet(default)]
        pub(super) service: String,
        #[facet(default)]
        pub(super) before_ns: u64,
    }

    #[derive(Debug, Default, PartialEq, Facet)]
    pub(super) struct HubError {
        #[facet(default)]
        pub(super) code: u32,
        #[facet(default)]
        pub(super) message: String,
        #[facet(default)]
        pub(super) retry_after_ms: u32,
    }
}

/// What a receiver of type `R` makes of a sender's value.
fn received<S: for<'a> Facet<'a>, R: for<'a> Facet<'a>>(sent: &S) -> R {
    let schema = vox_phon::schema_bytes::<S>().expect("schema");
    let writer = vox_phon::parse_schema_bytes(&schema).expect("schema");
    let payload = vox_phon::to_vec(sent).expect("payload");
    vox_phon::decode_compat(&payload, &writer).expect("decodes")
}

#[test]
fn peers_without_queries_and_with_them_understand_each_other() {
    let old = before_queries::ListTracesRequest {
        limit: 5,
        service: "web".to_owned(),
        before_ns: 7,
    };
    let new = ListTracesRequest {
        limit: 5,
        service: "web".to_owned(),
        before_ns: 7,
        ..ListTracesRequest::default()
    };
    assert_eq!(received::<_, ListTracesRequest>(&old), new);
    assert_eq!(received::<_, before_queries::ListTracesRequest>(&new), old);
    let error = HubError {
        problems: vec![QueryProblem::default()],
        ..HubError::new(HubError::QUERY, "no")
    };
    let seen: before_queries::HubError = received(&error);
    assert_eq!((seen.code, seen.message.as_str()), (HubError::QUERY, "no"));
}

/// Peers find methods by these numbers, whatever a method's messages have become.
#[test]
fn methods_keep_their_ids() {
    let methods = hindsight_service_service_descriptor().methods.iter();
    let ids: Vec<_> = methods.map(|m| (m.method_name, m.id.0)).collect();
    let expected = [
        ("attach", 0x62b1_b93e_13b8_a3c4_u64),
        ("ingest", 0xad01_3e58_db6e_5314),
        ("ingest_spans", 0xe4b7_b2d3_b20a_662f),
        ("list_traces", 0x65ae_e34e_fac4_573b),
        ("get_trace", 0xb53e_5400_b6ba_07ad),
        ("open_spans", 0x9927_f0ed_1420_d429),
        ("query", 0xff0e_d332_1883_ab54),
        ("find_spans", 0xc1e9_a9b6_a5a0_e073),
        ("complete", 0x9e9b_70df_7a48_67f7),
        ("service_map", 0x6e3a_104c_2e65_2466),
        ("live", 0x27f2_ef78_226d_0fc3),
        ("list_apps", 0xa495_afbe_8cb6_ccda),
        ("stats", 0xe01a_8120_8761_a881),
        ("pin_trace", 0x8130_bc86_3bdf_41f8),
        ("unpin_trace", 0x1a0c_a3a8_ceda_c448),
        ("clear", 0xc7d3_ec47_c8ba_5c88),
        ("ping", 0x17f1_aea3_0844_e799),
        ("trace_structure", 0x1f24_4a67_4c0a_39a2),
        ("get_spans", 0x0099_061f_209c_fe77),
        ("watch_apps", 0x5273_424e_0c95_1872),
    ];
    assert_eq!(ids, expected);
}

/// Writes the data of a new format; run by hand with `WRITE_DATA=path`.
#[test]
fn data_of_this_version_can_be_written() {
    let encoded = encode(&request());
    if let Ok(path) = std::env::var("WRITE_DATA") {
        std::fs::write(path, &encoded).expect("written");
    }
    assert!(encoded.len() > 500, "{} bytes", encoded.len());
}
