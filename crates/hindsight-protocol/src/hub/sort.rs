//! The order of a list of traces, the same for the hub that picks and for the viewer that shows.
//!
//! In: words such as `-duration` or `span.http.route`. Out: an order of summaries. Holds: what has
//! no value comes last, whichever way; of equals the one that began later comes first.

use std::cmp::{Ordering, Reverse};
use std::fmt;

use super::TraceSummary;
use crate::Value;

/// Most attributes that a list tells of each trace ([`TraceSummary::attributes`]).
pub const TRACE_COLUMNS_MAX: usize = 8;
/// Longest key of such an attribute, in bytes; longer texts as values are cut at the same length.
pub const TRACE_COLUMN_BYTES_MAX: usize = 256;

/// What traces are ordered by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TraceSortKey {
    /// `start`: earliest start.
    Start,
    /// `duration`: latest end minus earliest start.
    Duration,
    /// `spans`: stored spans.
    Spans,
    /// `errors`: spans whose status is error.
    Errors,
    /// `services`: how many.
    Services,
    /// `name`: of the root.
    Name,
    /// `service`: of the root.
    Service,
    /// `span.KEY`: an attribute of the root, among [`TraceSummary::attributes`]. Numbers come before
    /// texts.
    Attribute(String),
}

/// An order of traces.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraceSort {
    /// By what.
    pub by: TraceSortKey,
    /// Greatest first: written `-` before the rest.
    pub is_descending: bool,
}

impl TraceSort {
    /// The order that a text names; none for what names none.
    pub fn read(text: &str) -> Option<Self> {
        let (is_descending, word) = match text.strip_prefix('-') {
            Some(word) => (true, word),
            None => (false, text),
        };
        let by = match word {
            "start" => TraceSortKey::Start,
            "duration" => TraceSortKey::Duration,
            "spans" => TraceSortKey::Spans,
            "errors" => TraceSortKey::Errors,
            "services" => TraceSortKey::Services,
            "name" => TraceSortKey::Name,
            "service" => TraceSortKey::Service,
            word => {
                let key = word.strip_prefix("span.")?;
                let is_key = !key.is_empty() && key.len() <= TRACE_COLUMN_BYTES_MAX;
                TraceSortKey::Attribute(is_key.then(|| key.to_owned())?)
            }
        };
        Some(Self { by, is_descending })
    }

    /// Which of two traces stands before the other.
    pub fn compare(&self, a: &TraceSummary, b: &TraceSummary) -> Ordering {
        let duration = |trace: &TraceSummary| trace.end_ns.saturating_sub(trace.start_ns);
        let by_key = match &self.by {
            TraceSortKey::Start => self.way(a.start_ns.cmp(&b.start_ns)),
            TraceSortKey::Duration => self.way(duration(a).cmp(&duration(b))),
            TraceSortKey::Spans => self.way(a.spans.cmp(&b.spans)),
            TraceSortKey::Errors => self.way(a.errors.cmp(&b.errors)),
            TraceSortKey::Services => self.way(a.services.len().cmp(&b.services.len())),
            TraceSortKey::Name => self.way(a.name.cmp(&b.name)),
            TraceSortKey::Service => self.way(a.service.cmp(&b.service)),
            TraceSortKey::Attribute(key) => match (a.attribute(key), b.attribute(key)) {
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some(a), Some(b)) => self.way(compare_values(a, b)),
            },
        };
        let rest = |trace: &TraceSummary| (Reverse(trace.start_ns), trace.trace_id);
        by_key.then_with(|| rest(a).cmp(&rest(b)))
    }

    fn way(&self, order: Ordering) -> Ordering {
        match self.is_descending {
            true => order.reverse(),
            false => order,
        }
    }
}

impl fmt::Display for TraceSort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_descending {
            f.write_str("-")?;
        }
        f.write_str(match &self.by {
            TraceSortKey::Start => "start",
            TraceSortKey::Duration => "duration",
            TraceSortKey::Spans => "spans",
            TraceSortKey::Errors => "errors",
            TraceSortKey::Services => "services",
            TraceSortKey::Name => "name",
            TraceSortKey::Service => "service",
            TraceSortKey::Attribute(key) => return write!(f, "span.{key}"),
        })
    }
}

impl TraceSummary {
    /// The value of an attribute of the root, of those that the request named.
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        let mut attributes = self.attributes.iter();
        attributes
            .find(|attribute| attribute.key == key)
            .map(|attribute| &attribute.value)
    }
}

fn compare_values(a: &Value, b: &Value) -> Ordering {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.as_str().cmp(&b.as_str()),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::I64(value) => Some(*value as f64),
        Value::F64(value) => Some(*value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyValue, TraceId};

    #[test]
    fn orders_are_written_as_they_are_read() {
        for text in [
            "start",
            "-start",
            "duration",
            "-duration",
            "spans",
            "errors",
            "services",
            "name",
            "-service",
            "span.http.route",
            "-span.-x",
        ] {
            let sort = TraceSort::read(text).expect(text);
            assert_eq!(sort.to_string(), text);
        }
        for text in ["", "-", "--start", "colour", "span.", "http.route"] {
            assert_eq!(TraceSort::read(text), None, "{text}");
        }
        let long = format!("span.{}", "k".repeat(TRACE_COLUMN_BYTES_MAX + 1));
        assert_eq!(TraceSort::read(&long), None);
    }

    #[test]
    fn what_has_no_value_comes_last_whichever_way() {
        let trace = |id: u128, value: Option<Value>| TraceSummary {
            trace_id: TraceId::from_u128(id),
            attributes: value
                .map(|value| KeyValue::new("k", value))
                .into_iter()
                .collect(),
            ..TraceSummary::default()
        };
        let mut traces = [
            trace(1, None),
            trace(2, Some(Value::I64(10))),
            trace(3, Some(Value::String("a".into()))),
            trace(4, Some(Value::F64(9.5))),
        ];
        let mut sorted = |text: &str| {
            let sort = TraceSort::read(text).expect("an order");
            traces.sort_by(|a, b| sort.compare(a, b));
            traces.each_ref().map(|trace| trace.trace_id.as_u128())
        };
        assert_eq!(sorted("span.k"), [4, 2, 3, 1]);
        assert_eq!(sorted("-span.k"), [3, 2, 4, 1]);
    }

    #[test]
    fn of_equals_the_one_that_began_later_comes_first() {
        let trace = |id: u128, start_ns| TraceSummary {
            trace_id: TraceId::from_u128(id),
            start_ns,
            end_ns: start_ns + 5,
            ..TraceSummary::default()
        };
        let mut traces = [trace(1, 10), trace(2, 30), trace(3, 20)];
        let sort = TraceSort::read("duration").expect("an order");
        traces.sort_by(|a, b| sort.compare(a, b));
        assert_eq!(traces.map(|trace| trace.start_ns), [30, 20, 10]);
    }
}
