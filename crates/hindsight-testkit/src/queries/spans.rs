//! The spans of one request: the index, and below it what it asked for.

use hindsight::{Context, SpanBuilder, Tracer};
use hindsight_protocol::Value;
use hindsight_protocol::introspection::picante::{attribute, outcome};

use super::{Script, Traced};

/// Files whose queries have spans; those of the others are hits without one.
const FILES_MAX: u32 = 2_000;

/// Makes the spans of a round; the trace, and each query with its span.
pub(super) fn round(tracer: &Tracer, script: &Script, round: u64) -> Traced {
    let mut told = Vec::new();
    let revision = round + 3;
    let request = tracer.span("GET /").as_root().start_detached();
    let root = request.context().cloned().expect("spans are recorded");
    let input = tracer.span("input.set").with_parent(root.clone());
    input
        .with_attribute(attribute::INPUT, true)
        .with_attribute(attribute::INPUT_KIND, "SourceFile::data")
        .with_attribute(attribute::INPUT_KEY, "00000.md")
        .with_attribute(attribute::NEW_REVISION, revision as i64)
        .start_detached()
        .end();
    let files = script.files.min(FILES_MAX);
    let outlines: Vec<String> = (0..files)
        .map(|file| format!("outline({file:05}.md)"))
        .collect();
    let mut query =
        |parent: &Context, kind: &'static str, key: String, word: &'static str, deps: &[String]| {
            let names = deps.iter().map(|name| Value::String(name.clone()));
            let changed_at = if word == outcome::VALIDATED {
                4
            } else {
                revision
            };
            let span: SpanBuilder<'_> = tracer.span(kind).with_parent(parent.clone());
            let span = span
                .with_attribute(attribute::QUERY, true)
                .with_attribute(attribute::QUERY_KIND, kind)
                .with_attribute(attribute::QUERY_KEY, key.clone())
                .with_attribute(attribute::OUTCOME, word)
                .with_attribute(attribute::OP, "get")
                .with_attribute(attribute::REVISION, revision as i64)
                .with_attribute(attribute::CHANGED_AT, changed_at as i64)
                .with_attribute(attribute::COMPUTE_NS, 1_250_000_i64)
                .with_attribute(attribute::DEPENDENCY_COUNT, deps.len() as i64)
                .with_attribute(attribute::DEPENDENCIES, Value::Array(names.collect()))
                .start_detached();
            let context = span.context().cloned().expect("spans are recorded");
            told.push((format!("{kind}({key})"), context.span_id()));
            (span, context)
        };
    let is_first = round == 1;
    let (index, below) = query(
        &root,
        "site_index",
        String::new(),
        outcome::COMPUTED_CHANGED,
        &outlines,
    );
    for file in 0..files {
        let key = format!("{file:05}.md");
        let word = if is_first || file == 0 {
            outcome::COMPUTED_CHANGED
        } else {
            outcome::VALIDATED
        };
        let parse_name = [format!("parse_file({key})")];
        let (outline, within) = query(&below, "outline", key.clone(), word, &parse_name);
        let data = [format!("SourceFile::data({key})")];
        let (parse, _) = query(&within, "parse_file", key, word, &data);
        parse.end();
        outline.end();
    }
    index.end();
    request.end();
    (root.trace_id(), told)
}
