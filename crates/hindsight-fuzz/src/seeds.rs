//! Inputs to start from: sound ones of each kind. The corpus of `fuzz/` has what was found since.

use hindsight_protocol::hub::{AttachRequest, QueryRequest};
use hindsight_protocol::{SpanBatch, Value};
use hindsight_testkit::workload::Workload;
use hindsight_testkit::{builder, hostile};

/// Sound inputs of a target; none for a name that is no target's.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "batch" => batches().iter().map(encoded).collect(),
        "message" => messages(),
        "query" => texts(QUERIES),
        "schema" => schemas(),
        "trace_id" => texts(IDS),
        "w3c" => texts(HEADERS),
        _ => Vec::new(),
    }
}

fn texts(all: &[&str]) -> Vec<Vec<u8>> {
    all.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn encoded(batch: &SpanBatch) -> Vec<u8> {
    vox_phon::to_vec(batch).expect("a batch can be written")
}

fn batches() -> [SpanBatch; 5] {
    let rich = builder::span(1, 1)
        .service("web")
        .attribute("bytes", vec![0_u8, 255])
        .attribute("list", vec![Value::from(1), Value::from("two")])
        .event(1, "event", "count", 3)
        .link(4, 5)
        .failed("no")
        .build();
    [
        SpanBatch::default(),
        builder::batch(&[rich, builder::span(1, 2).parent(1).running(3).build()]).into_batch(),
        Workload::new(1, 1).batch(3).into_batch(),
        hostile::absurd_times(1, 5),
        hostile::malformed(),
    ]
}

fn schemas() -> Vec<Vec<u8>> {
    let with = |schema: Vec<u8>, value: Vec<u8>| {
        let length = (schema.len() as u16).to_le_bytes();
        [length.to_vec(), schema, value].concat()
    };
    let attach = vox_phon::schema_bytes::<AttachRequest>().expect("has a schema");
    let value = vox_phon::to_vec(&AttachRequest::default()).expect("can be written");
    let pair = vox_phon::schema_bytes::<(Option<Option<u16>>, Vec<(String, f64)>)>();
    let pair = pair.expect("has a schema");
    vec![
        with(attach.clone(), value),
        with(attach, Vec::new()),
        with(pair.clone(), br#"[{"Some":null},[["a",1.5]]]"#.to_vec()),
        with(pair, vec![1, 1, 7, 0]),
        with(Vec::new(), br#"{"a":[1,-2.5e3,"\u00e9",null]}"#.to_vec()),
    ]
}

fn messages() -> Vec<Vec<u8>> {
    let with = |choice: u8, bytes: Vec<u8>| [vec![choice], bytes].concat();
    let written = "can be written";
    let query = QueryRequest {
        query: "status:error | count() by service".to_owned(),
        ..QueryRequest::default()
    };
    let schema = vox_phon::schema_bytes::<AttachRequest>().expect("has a schema");
    let mut all: Vec<_> = (0..19).map(|choice| vec![choice; 40]).collect();
    all.push(with(
        0,
        vox_phon::to_vec(&AttachRequest::default()).expect(written),
    ));
    all.push(with(9, vox_phon::to_vec(&query).expect(written)));
    all.push(with(19, schema));
    all
}

const QUERIES: &[&str] = &[
    "*",
    "service:web status:error",
    "duration>100ms and http.status_code>=500",
    "(a=1 or b=2) -c:x* | count(), rate(), p99(duration) by service, name | sort count() desc | limit 7",
    "name ~ \"^GET /.*[0-9]$\" \"free text\"",
    "service in (web, db) and exists(http.route)",
    "has(service:db) parent(name:x) descendant(status:error)",
    "\"my key\"=\"a \\\"quoted\\\" value\"",
    "start>2025-06-15T12:00:00Z since:1h",
    "trace:4bf92f3577b34da6a3ce929d0e0e4736",
];

const IDS: &[&str] = &[
    "4BF92F3577B34DA6A3CE929D0E0E4736",
    "a3ce929d0e0e4736",
    "http://localhost:1990/trace/4bf92f3577b34da6a3ce929d0e0e4736?span=00f067aa0ba902b7",
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "trace_id=4bf92f35-77b3-4da6-a3ce-929d0e0e4736 done",
    "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
];

const HEADERS: &[&str] = &[
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be",
    "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
    "fw529a3039@dt=FfAD,, a=b ,",
    "userId=alice,serverNode=DF%2028;p=1;q,isProduction=false",
    "a=%E4%B8%AD\r\nb=c;d = e",
];
