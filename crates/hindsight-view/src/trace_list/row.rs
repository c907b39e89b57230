//! One trace as a row.

use hindsight_protocol::hub::TraceSummary;
use hindsight_protocol::{KeyValue, TraceId, Value};

use super::TraceColumn;
use crate::format::{self, Zone};
use crate::text::Role;

/// Longest name that is shown, in terminal cells.
const NAME_CELLS_MAX: usize = 160;

/// What a row says, escaped. Equal rows look the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceRow {
    /// The trace.
    pub id: TraceId,
    /// Name of its root, or what stands in for it.
    pub name: String,
    /// Service of the root; `?` where it has no name.
    pub service: String,
    /// The service's colour.
    pub service_role: Role,
    /// Services beside the root's.
    pub other_services: usize,
    /// `50.2 ms`; so far, while it runs.
    pub duration: String,
    /// `328`.
    pub spans: String,
    /// `2`, or nothing.
    pub errors: String,
    /// `14:32:10.123` of today, `2026-11-22 14:32` of other days.
    pub started: String,
    /// How many services.
    pub services: String,
    /// Key and value of the root's attributes, as far as the hub was asked for them.
    pub attributes: Vec<(String, String)>,
    /// What is unusual: running, aborted, without root, removed.
    pub notes: Vec<(Role, String)>,
}

impl TraceRow {
    /// The row of a trace as of `now_ns`.
    pub fn new(trace: &TraceSummary, now_ns: u64, zone: Zone) -> Self {
        let name = match trace.name.is_empty() {
            true => "(no name)".into(),
            false => format::escape(&trace.name),
        };
        let service = match trace.service.is_empty() {
            true => "?".into(),
            false => format::escape(&trace.service),
        };
        let is_other =
            |entry: &&hindsight_protocol::hub::ServiceSpans| entry.service != trace.service;
        Self {
            id: trace.trace_id,
            name: format::truncate(&name, NAME_CELLS_MAX).into(),
            service: format::truncate(&service, NAME_CELLS_MAX).into(),
            service_role: Role::of_service(&trace.service),
            other_services: trace.services.iter().filter(is_other).count(),
            duration: format::duration(trace.end_ns.saturating_sub(trace.start_ns)),
            spans: format::count(trace.spans),
            errors: match trace.errors {
                0 => String::new(),
                errors => format::count(errors),
            },
            started: started(trace.start_ns, now_ns, zone),
            services: format::count(trace.services.len() as u64),
            attributes: trace.attributes.iter().map(attribute).collect(),
            notes: notes(trace),
        }
    }
}

impl TraceRow {
    /// What stands in a column; nothing where the root has no such attribute.
    pub fn cell(&self, column: &TraceColumn) -> &str {
        match column {
            TraceColumn::Service => &self.service,
            TraceColumn::Duration => &self.duration,
            TraceColumn::Spans => &self.spans,
            TraceColumn::Errors => &self.errors,
            TraceColumn::Services => &self.services,
            TraceColumn::Start => &self.started,
            TraceColumn::Attribute(key) => {
                let mut all = self.attributes.iter();
                all.find(|(of, _)| of == key).map_or("", |(_, value)| value)
            }
        }
    }
}

fn attribute(attribute: &KeyValue) -> (String, String) {
    let value = match &attribute.value {
        // Bare: in a column of its own nothing has to be told from it.
        Value::String(text) => format::truncate(&format::escape(text), NAME_CELLS_MAX).into(),
        Value::Bool(value) => value.to_string(),
        Value::I64(number) => number.to_string(),
        Value::F64(number) => number.to_string(),
        // The hub tells no others.
        Value::Bytes(_) | Value::Array(_) | Value::Map(_) => String::new(),
    };
    (attribute.key.clone(), value)
}

fn started(ns: u64, now_ns: u64, zone: Zone) -> String {
    let day = format::date(ns, zone);
    let time = format::time_of_day(ns, zone);
    match day == format::date(now_ns, zone) {
        true => time,
        false => format!("{day} {}", &time[.."14:32".len()]),
    }
}

fn notes(trace: &TraceSummary) -> Vec<(Role, String)> {
    let counted = |number: u64, role, word: &str| {
        (number > 0).then(|| (role, format!("{} {word}", format::count(number))))
    };
    let found = [
        counted(trace.running, Role::Good, "running"),
        counted(trace.aborted, Role::Warning, "aborted"),
        (!trace.has_root).then(|| (Role::Warning, "no root".into())),
        counted(trace.removed_spans, Role::Warning, "removed"),
    ];
    found.into_iter().flatten().collect()
}
