//! One span as an access to a query, or as a change of an input.

use hindsight_protocol::batch::{SpanRow, ValueRef};
use hindsight_protocol::introspection::picante::{QueryRef, attribute};
use hindsight_protocol::{SpanId, StatusCode, TraceId, Value};

use crate::lens::picante::name::parse_name;
use crate::lens::picante::outcome::Outcome;

/// Dependencies of one span that are kept.
const DEPENDENCIES_MAX: usize = 4_096;

/// What a span is.
pub(super) enum Read {
    Execution(Box<Execution>),
    Change(Change),
}

/// An access to a query.
#[derive(Clone, Debug, Default)]
pub(super) struct Execution {
    pub(super) query: QueryRef,
    pub(super) outcome: Outcome,
    pub(super) outcome_word: String,
    pub(super) error: String,
    pub(super) revision: u64,
    pub(super) changed_at: u64,
    pub(super) compute_ns: u64,
    pub(super) hits: u64,
    pub(super) start_ns: u64,
    pub(super) end_ns: u64,
    pub(super) dependencies: Vec<QueryRef>,
    /// As counted, told or not.
    pub(super) dependency_count: u64,
    pub(super) lost: Vec<QueryRef>,
    pub(super) phantom: Vec<QueryRef>,
    pub(super) trace_id: TraceId,
    pub(super) span_id: SpanId,
    pub(super) parent: Option<SpanId>,
}

/// A change of an input.
#[derive(Clone, Debug, Default)]
pub(super) struct Change {
    pub(super) query: QueryRef,
    pub(super) is_removed: bool,
    /// The one that it made.
    pub(super) revision: u64,
    pub(super) at_ns: u64,
    pub(super) trace_id: TraceId,
    pub(super) span_id: SpanId,
}

/// What `row` is; nothing where it has nothing to do with queries.
pub(super) fn read(row: SpanRow<'_>) -> Option<Read> {
    let mut execution = Execution::default();
    let mut change = Change::default();
    let (mut is_query, mut is_input, mut cache_status) = (false, false, String::new());
    for (key, value) in row.attributes() {
        match key {
            attribute::QUERY => is_query = value == ValueRef::Bool(true),
            attribute::INPUT => is_input = value == ValueRef::Bool(true),
            attribute::QUERY_KIND => execution.query.kind = text(value),
            attribute::QUERY_KEY => execution.query.key = text(value),
            attribute::CACHE_STATUS => cache_status = text(value),
            attribute::OUTCOME => execution.outcome_word = text(value),
            attribute::REVISION => execution.revision = number(value),
            attribute::CHANGED_AT => execution.changed_at = number(value),
            attribute::COMPUTE_NS => execution.compute_ns = number(value),
            attribute::HITS => execution.hits = number(value),
            attribute::DEPENDENCY_COUNT => execution.dependency_count = number(value),
            attribute::DEPENDENCIES => execution.dependencies = names(value),
            attribute::LOST_DEPENDENCIES => execution.lost = names(value),
            attribute::PHANTOM_DEPENDENCIES => execution.phantom = names(value),
            attribute::INPUT_KIND => change.query.kind = text(value),
            attribute::INPUT_KEY => change.query.key = text(value),
            attribute::NEW_REVISION => change.revision = number(value),
            _ => {}
        }
    }
    let (trace_id, span_id, parent) = (row.trace_id(), row.span_id(), row.parent_id());
    let end_ns = row.end_ns().unwrap_or(row.start_ns());
    if is_query {
        if execution.outcome_word.is_empty() {
            execution.outcome_word = of_cache_status(&cache_status, row.status()).to_owned();
        }
        execution.outcome = Outcome::of_word(&execution.outcome_word);
        row.status_message().clone_into(&mut execution.error);
        let told = execution.dependencies.len() as u64;
        execution.dependency_count = execution.dependency_count.max(told);
        return Some(Read::Execution(Box::new(Execution {
            start_ns: row.start_ns(),
            end_ns,
            trace_id,
            span_id,
            parent,
            ..execution
        })));
    }
    is_input.then(|| {
        Read::Change(Change {
            // The span's name is all that says it.
            is_removed: row.name().contains("remove"),
            at_ns: end_ns,
            trace_id,
            span_id,
            ..change
        })
    })
}

/// The outcome that an adapter without that word means.
fn of_cache_status(status: &str, span: StatusCode) -> &'static str {
    match (status, span) {
        (_, StatusCode::Error) => "error",
        ("hit", _) => "hit",
        ("validated", _) => "validated",
        ("miss", _) => "computed_changed",
        _ => "",
    }
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::String(text) => text.to_owned(),
        _ => String::new(),
    }
}

fn number(value: ValueRef<'_>) -> u64 {
    match value {
        ValueRef::I64(number) => u64::try_from(number).unwrap_or_default(),
        _ => 0,
    }
}

fn names(value: ValueRef<'_>) -> Vec<QueryRef> {
    let Value::Array(values) = value.to_value() else {
        return Vec::new();
    };
    let names = values.into_iter().take(DEPENDENCIES_MAX);
    let names = names.filter_map(|value| match value {
        Value::String(text) => Some(parse_name(&text)),
        _ => None,
    });
    names.collect()
}
