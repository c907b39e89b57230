//! Columns against what a program would expect: spans as structs, kept one by one.

use std::borrow::Cow;

use hindsight_protocol::{Event, KeyValue};
use proptest::prelude::*;

use super::*;
use crate::attribute::{AttributeValue, Key};

#[derive(Clone, Debug)]
enum Step {
    Start {
        name: &'static str,
    },
    Attribute {
        span: usize,
        key: Key,
        value: AttributeValue,
    },
    Rename {
        span: usize,
        name: String,
    },
    Event {
        span: usize,
        name: String,
    },
    End {
        span: usize,
    },
    Take,
}

fn keys() -> impl Strategy<Value = Key> {
    let literals = prop::sample::select(vec!["a", "b", "c", "http.route", ""]);
    prop_oneof![
        literals.clone().prop_map(Cow::Borrowed),
        literals.prop_map(|text| Cow::Owned(text.to_owned())),
        "[a-e]{0,2}".prop_map(Cow::Owned),
    ]
}

fn values() -> impl Strategy<Value = AttributeValue> {
    prop_oneof![
        prop::sample::select(vec!["value", "x", ""]).prop_map(AttributeValue::from),
        "[a-zä]{0,12}".prop_map(AttributeValue::from),
        any::<i64>().prop_map(AttributeValue::from),
        any::<bool>().prop_map(AttributeValue::from),
        (-1e9..1e9).prop_map(AttributeValue::from),
        prop::collection::vec(any::<u8>(), 0..5).prop_map(AttributeValue::from),
        any::<i64>().prop_map(|n| AttributeValue::from(vec![Value::from(n), Value::from("in")])),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => prop::sample::select(vec!["one", "two", "three"]).prop_map(|name| Step::Start { name }),
        6 => (0..6_usize, keys(), values())
            .prop_map(|(span, key, value)| Step::Attribute { span, key, value }),
        1 => (0..6_usize, "[a-c]{1,3}").prop_map(|(span, name)| Step::Event { span, name }),
        1 => (0..6_usize, "[a-c]{0,3}").prop_map(|(span, name)| Step::Rename { span, name }),
        2 => (0..6_usize).prop_map(|span| Step::End { span }),
        1 => Just(Step::Take),
    ];
    prop::collection::vec(step, 0..120)
}

const ATTRIBUTES_MAX: usize = 3;

fn to_value(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::String(text) => Value::String(text.clone().into_owned()),
        AttributeValue::Bool(value) => Value::Bool(*value),
        AttributeValue::I64(value) => Value::I64(*value),
        AttributeValue::F64(value) => Value::F64(*value),
        AttributeValue::Other(value) => (**value).clone(),
    }
}

/// Sets an attribute as one would by hand.
fn set(span: &mut Span, key: &str, value: Value) {
    if let Some(old) = span.attributes.iter_mut().find(|a| a.key == key) {
        old.value = value;
    } else if span.attributes.len() < ATTRIBUTES_MAX {
        span.attributes.push(KeyValue::new(key, value));
    } else {
        span.dropped_attributes += 1;
    }
}

/// The open spans of both sides, and what has come out of each.
struct Both {
    buffer: Buffer,
    open: Vec<(Opened, Span)>,
    expected: Vec<Span>,
    found: Vec<Span>,
    started: u64,
}

impl Both {
    fn start(&mut self, name: &'static str) {
        self.started += 1;
        let mut record = pool::take(&self.buffer.tracer);
        record.head.span_id = SpanId::from_u64(self.started);
        record.attributes_max = ATTRIBUTES_MAX;
        record.is_wanted = true;
        record.set_name(Cow::Borrowed(name));
        record.head.start_ns = self.started;
        let naive = Span {
            span_id: record.head.span_id,
            name: name.to_owned(),
            start_ns: self.started,
            version: 1,
            ..Span::default()
        };
        if let Some(key) = open_record(&self.buffer, record) {
            self.open.push((key, naive));
        }
    }

    fn end(&mut self, at: usize) {
        let ((place, id), mut span) = self.open.remove(at);
        span.end_ns = span.start_ns + 7;
        let ending = Ending {
            state: SpanState::Ended,
            end_ns: Some(span.end_ns),
        };
        self.buffer.end(place, id, ending);
        self.expected.push(span);
    }

    fn take(&mut self) {
        self.found.extend(take(&self.buffer));
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Start { name } => self.start(name),
            Step::Attribute { span, key, value } if span < self.open.len() => {
                let ((place, id), naive) = &mut self.open[span];
                set(naive, &key, to_value(&value));
                let change = |record: &mut SpanRecord| record.set_attribute(key, value);
                self.buffer.change(*place, *id, change);
            }
            Step::Rename { span, name } if span < self.open.len() => {
                let ((place, id), naive) = &mut self.open[span];
                naive.name.clone_from(&name);
                let change = |record: &mut SpanRecord| record.set_name(name.into());
                self.buffer.change(*place, *id, change);
            }
            Step::Event { span, name } if span < self.open.len() => {
                let ((place, id), naive) = &mut self.open[span];
                naive.events.push(Event {
                    time_ns: 3,
                    name: name.clone(),
                    ..Event::default()
                });
                let event = EventRecord {
                    time_ns: 3,
                    name: name.into(),
                    attributes: Vec::new(),
                    dropped_attributes: 0,
                    cut_values: 0,
                };
                let limits = self.buffer.tracer.limits;
                let change = |record: &mut SpanRecord| {
                    record.extra().push_event(&limits, event);
                };
                self.buffer.change(*place, *id, change);
            }
            Step::End { span } if span < self.open.len() => self.end(span),
            Step::Take => self.take(),
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn what_comes_out_is_what_was_set(steps in steps()) {
        let mut both = Both {
            buffer: buffer_with(BufferLimits {
                ended_spans_max: 1000,
                open_spans_max: 6,
                attributes_max: ATTRIBUTES_MAX,
                events_max: 1000,
                ..limits()
            }),
            open: Vec::new(),
            expected: Vec::new(),
            found: Vec::new(),
            started: 0,
        };
        for step in steps {
            both.step(step);
        }
        both.take();
        prop_assert_eq!(both.found, both.expected);
    }
}
