use hindsight_protocol::{Event, KeyValue, Link, Span};

use super::*;
use crate::fixture::{START_NS, TRACE, page, span};

#[test]
fn a_traceparent_is_of_valid_ids() {
    let header = traceparent(TRACE, SpanId::from_u64(0x00f0_67aa_0ba9_02b7));
    assert_eq!(
        header,
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    );
    assert_eq!(traceparent(TRACE, SpanId::INVALID), "");
}

#[test]
fn a_span_is_copied_as_json_with_everything_recorded() {
    let span = Span {
        attributes: vec![
            KeyValue::new("http.route", "/a\"b\\\u{1b}\n\u{2028}é"),
            KeyValue::new("share", Value::F64(1.0)),
            KeyValue::new("none", Value::F64(f64::NAN)),
            KeyValue::new("raw", Value::Bytes(vec![0, 255])),
            KeyValue::new(
                "list",
                Value::Array(vec![
                    Value::I64(-1),
                    Value::Map(vec![KeyValue::new("k", true)]),
                ]),
            ),
        ],
        events: vec![Event {
            time_ns: START_NS,
            name: "retry".into(),
            ..Event::default()
        }],
        links: vec![Link {
            trace_id: TRACE,
            span_id: SpanId::from_u64(3),
            ..Link::default()
        }],
        ..span(1, 0, "GET /", 0, 5)
    };
    let batch = page(&[span]);
    insta::assert_snapshot!(span_json(batch.row(0)), @r#"
    {
      "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
      "span_id": "0000000000000001",
      "parent_id": null,
      "name": "GET /",
      "service": "web",
      "kind": "internal",
      "start_ns": 1795357930000000000,
      "end_ns": 1795357930005000000,
      "state": "ended",
      "status": "unset",
      "status_message": "",
      "attributes": {
        "http.route": "/a\"b\\\u001b\n\u2028é",
        "share": 1.0,
        "none": "NaN",
        "raw": {"bytes": "00ff"},
        "list": [-1, {"k": true}]
      },
      "events": [
        {
          "time_ns": 1795357930000000000,
          "name": "retry",
          "attributes": {}
        }
      ],
      "links": [
        {
          "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
          "span_id": "0000000000000003",
          "attributes": {}
        }
      ],
      "resource": {
        "service.name": "web"
      },
      "scope": {
        "name": "",
        "version": ""
      }
    }
    "#);
}
