//! What changes made anew, by the dependencies that spans name.

use std::collections::{BTreeMap, HashMap};

use hindsight_protocol::introspection::dodeca::{ChangeExplanation, Rebuilt, attribute};
use hindsight_protocol::introspection::picante::{QueryRef, attribute as query_attribute, outcome};
use hindsight_protocol::{Span, SpanId, TraceId, Value};

use super::{flag, number, text};

/// Changes of one build that are told.
const CHANGES_MAX: usize = 16;

/// Changes that are told, newest first; of the first build, which loads everything, none.
pub(super) fn changes(spans: &[Span]) -> Vec<ChangeExplanation> {
    let mut traces: BTreeMap<(u64, TraceId), Vec<&Span>> = BTreeMap::new();
    for root in spans.iter().filter(|span| flag(span, attribute::BUILD)) {
        if number(root, attribute::GENERATION) > 1 {
            traces.insert((root.start_ns, root.trace_id), Vec::new());
        }
    }
    let of_trace: HashMap<TraceId, u64> = traces.keys().map(|(at, id)| (*id, *at)).collect();
    for span in spans {
        if let Some(at) = of_trace.get(&span.trace_id) {
            traces.entry((*at, span.trace_id)).or_default().push(span);
        }
    }
    traces.into_values().rev().flat_map(of_build).collect()
}

/// The changes of one build.
fn of_build(mut spans: Vec<&Span>) -> Vec<ChangeExplanation> {
    spans.sort_by_key(|span| (span.end().unwrap_or(u64::MAX), span.start_ns));
    let is_file = |span: &&&Span| {
        flag(span, query_attribute::INPUT) && text(span, attribute::SOURCE_PATH).is_some()
    };
    let mut below: HashMap<SpanId, Vec<SpanId>> = HashMap::new();
    for span in &spans {
        below.entry(span.parent_id).or_default().push(span.span_id);
    }
    let inputs = spans.iter().filter(is_file).rev().take(CHANGES_MAX);
    inputs
        .map(|input| of_input(input, &spans, &below))
        .collect()
}

fn of_input(
    input: &Span,
    spans: &[&Span],
    below: &HashMap<SpanId, Vec<SpanId>>,
) -> ChangeExplanation {
    let path = text(input, attribute::SOURCE_PATH).unwrap_or_default();
    let mut tree = Tree::default();
    let name = call(
        input,
        query_attribute::INPUT_KIND,
        query_attribute::INPUT_KEY,
    );
    let item = Rebuilt {
        query: name.clone(),
        outcome: outcome::SET.to_owned(),
        span_id: input.span_id,
        ..Rebuilt::default()
    };
    tree.add(item, input.span_id, true);
    for span in spans
        .iter()
        .filter(|span| flag(span, query_attribute::QUERY))
    {
        tree.query(
            span,
            below.get(&span.span_id).map_or(&[][..], Vec::as_slice),
        );
    }
    let computed = tree.items.len() - 1;
    ChangeExplanation {
        is_found: true,
        path: path.to_owned(),
        at_ns: input.start_ns,
        summary: match computed {
            0 => format!("{path} changed; no stored span is of what depends on it"),
            1 => format!("{path} changed: 1 query computed anew"),
            computed => format!("{path} changed: {computed} queries computed anew"),
        },
        items: tree.items,
        trace_id: input.trace_id,
        ..ChangeExplanation::default()
    }
}

/// Items found so far; spans come by their ends, so what a query asked for is before it.
#[derive(Default)]
struct Tree {
    items: Vec<Rebuilt>,
    changed_by_name: HashMap<String, u32>,
    changed_by_span: HashMap<SpanId, u32>,
}

impl Tree {
    fn add(&mut self, item: Rebuilt, span: SpanId, is_changed: bool) {
        let at = self.items.len() as u32;
        if is_changed {
            let name = format!("{}({})", item.query.kind, item.query.key);
            self.changed_by_name.insert(name, at);
            self.changed_by_span.insert(span, at);
        }
        self.items.push(item);
    }

    fn query(&mut self, span: &Span, below: &[SpanId]) {
        let outcome = text(span, query_attribute::OUTCOME).unwrap_or_default();
        let is_changed = outcome == outcome::COMPUTED_CHANGED;
        let is_computed =
            is_changed || matches!(outcome, outcome::COMPUTED_UNCHANGED | outcome::ERROR);
        let Some(because) = self.reason(span, below).filter(|_| is_computed) else {
            return;
        };
        let item = Rebuilt {
            query: call(
                span,
                query_attribute::QUERY_KIND,
                query_attribute::QUERY_KEY,
            ),
            phase: text(span, attribute::PHASE).unwrap_or_default().to_owned(),
            because,
            outcome: outcome.to_owned(),
            compute_ns: number(span, query_attribute::COMPUTE_NS),
            span_id: span.span_id,
        };
        self.add(item, span.span_id, is_changed);
    }

    /// A dependency that changed: among those that the span names, or a span beneath it, since a
    /// span names only some of many.
    fn reason(&self, span: &Span, below: &[SpanId]) -> Option<u32> {
        let named = match span.attribute(query_attribute::DEPENDENCIES) {
            Some(Value::Array(items)) => items.as_slice(),
            _ => &[],
        };
        let by_name = named.iter().find_map(|item| match item {
            Value::String(name) => self.changed_by_name.get(name).copied(),
            _ => None,
        });
        let is_changed = |span: &SpanId| self.changed_by_span.get(span).copied();
        by_name.or_else(|| below.iter().find_map(is_changed))
    }
}

fn call(span: &Span, kind: &str, key: &str) -> QueryRef {
    QueryRef {
        kind: text(span, kind).unwrap_or_default().to_owned(),
        key: text(span, key).unwrap_or_default().to_owned(),
        key_hash: 0,
    }
}
