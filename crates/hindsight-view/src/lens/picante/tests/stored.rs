//! What spans tell, and that it fits what an app would tell.

use hindsight_protocol::introspection::picante::{ExplainRequest, attribute};
use hindsight_protocol::{KeyValue, Value};

use super::super::*;
use super::scene::{Ran, history, query};
use crate::fixture::{TRACE, page, span};
use crate::format::Zone;

fn stored(spans: &[hindsight_protocol::Span]) -> Stored {
    let mut stored = Stored::default();
    stored.add(&page(spans));
    stored
}

fn explained(stored: &Stored, name: &str) -> String {
    let query = query(name);
    let request = ExplainRequest {
        kind: query.kind,
        key: query.key,
        limit: 0,
    };
    let why = Why::new(&stored.explain(&request), Zone::UTC);
    let lines: Vec<String> = why.lines().iter().map(crate::Line::to_plain).collect();
    lines.join("\n")
}

fn graph(stored: &Stored) -> Queries {
    let mut builder = QueriesBuilder::default();
    builder.add(stored.graph(Some(TRACE)));
    builder.finish()
}

#[test]
fn the_graph_of_spans_has_dependencies_without_spans_and_the_weightiest_outcome() {
    let graph = graph(&stored(&history()));
    let told: Vec<String> = graph
        .nodes()
        .iter()
        .enumerate()
        .map(|(at, node)| {
            let uses: Vec<String> = graph
                .uses(at as u32)
                .iter()
                .map(|to| written_name(&graph.node(*to).query))
                .collect();
            format!(
                "{} {} -> {}",
                written_name(&node.query),
                graph.outcome(at as u32).label(),
                uses.join(" ")
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    SourceFile::data(a.md) set -> 
    SourceFile::data(b.md) set -> 
    SourceRegistry::data() not seen -> 
    outline(a.md) recomputed -> parse_file(a.md)
    outline(b.md) recomputed -> parse_file(b.md)
    parse_file(a.md) recomputed -> SourceFile::data(a.md)
    parse_file(b.md) recomputed -> SourceFile::data(b.md)
    site_index() recomputed -> SourceRegistry::data() outline(a.md) outline(b.md)
    ");
    assert_eq!(graph.revision, 5);
    assert!(graph.notes[0].starts_with("Told by stored spans"));
}

#[test]
fn an_explanation_from_spans_goes_down_to_the_input_that_was_set() {
    let stored = stored(&history());
    insta::assert_snapshot!(explained(&stored, "site_index()"), @r"
    site_index() was computed in revision 4, because something that it uses changed after revision 3.
      site_index(): computed anew in revision 4 in 4.00 ms: another value, at 14:32:10.427  span 0000000000000014 in 4bf92f3577b34da6a3ce929d0e0e4736
        because outline(a.md): computed anew in revision 4 in 4.00 ms: another value, at 14:32:10.428  span 0000000000000015 in 4bf92f3577b34da6a3ce929d0e0e4736
          because parse_file(a.md): computed anew in revision 4 in 4.00 ms: another value, at 14:32:10.429  span 0000000000000016 in 4bf92f3577b34da6a3ce929d0e0e4736
            because SourceFile::data(a.md): set, which made revision 4, at 14:32:10.401  span 0000000000000003 in 4bf92f3577b34da6a3ce929d0e0e4736
    ");
    insta::assert_snapshot!(explained(&stored, "outline(b.md)"), @r"
    outline(b.md) was computed in revision 5, because something that it uses changed after revision 4.
      outline(b.md): computed anew in revision 5: the same value, at 14:32:10.540  span 0000000000000021 in 4bf92f3577b34da6a3ce929d0e0e4736
        because parse_file(b.md): computed anew in revision 5 in 4.00 ms: another value, at 14:32:10.541  span 0000000000000022 in 4bf92f3577b34da6a3ce929d0e0e4736
          because SourceFile::data(b.md): set, which made revision 5, at 14:32:10.501  span 0000000000000004 in 4bf92f3577b34da6a3ce929d0e0e4736
    ");
    insta::assert_snapshot!(explained(&stored, "SourceFile::data(a.md)"), @r"
    It is an input: it is set from outside.
      SourceFile::data(a.md): set, which made revision 4, at 14:32:10.401  span 0000000000000003 in 4bf92f3577b34da6a3ce929d0e0e4736
    ");
}

#[test]
fn a_first_computation_and_a_query_that_is_not_there_are_said_to_be_so() {
    let first = Ran {
        id: 1,
        parent: 0,
        name: "parse_file(a.md)",
        outcome: "computed_changed",
        revision: 3,
        changed_at: 3,
        dependencies: &["SourceFile::data(a.md)"],
    };
    let stored = stored(&[first.span()]);
    assert!(explained(&stored, "parse_file(a.md)").contains("may have been the first"));
    assert_eq!(
        explained(&stored, "parse_file(z.md)"),
        "No stored span is of such a query."
    );
}

#[test]
fn a_part_of_a_key_is_enough_where_only_one_key_has_it() {
    let stored = stored(&history());
    assert!(explained(&stored, "outline(b").starts_with("outline(b.md) was computed"));
    let request = ExplainRequest {
        kind: "outline".into(),
        key: ".md".into(),
        limit: 0,
    };
    let answer = stored.explain(&request);
    assert!(!answer.is_found);
    let names: Vec<String> = answer.candidates.iter().map(written_name).collect();
    assert_eq!(names, ["outline(a.md)", "outline(b.md)"]);
}

#[test]
fn dependencies_in_a_circle_are_explained_once_each() {
    let ran = |id, name, revision, dependencies: &[&str]| {
        Ran {
            id,
            parent: 0,
            name,
            outcome: "computed_changed",
            revision,
            changed_at: revision,
            dependencies,
        }
        .span()
    };
    let spans = [
        ran(1, "a()", 1, &["b()"]),
        ran(2, "b()", 1, &["a()"]),
        ran(3, "a()", 2, &["b()"]),
        ran(4, "b()", 2, &["a()", "b()"]),
    ];
    assert_eq!(explained(&stored(&spans), "a()").lines().count(), 3);
}

#[test]
fn lost_and_phantom_dependencies_are_edges_of_their_own() {
    let mut span = Ran {
        id: 1,
        parent: 0,
        name: "joined()",
        outcome: "computed_changed",
        revision: 1,
        changed_at: 1,
        dependencies: &["outline(a)", "outline(c)"],
    }
    .span();
    let names = |name: &str| Value::Array(vec![Value::String(name.into())]);
    span.attributes.push(KeyValue::new(
        attribute::LOST_DEPENDENCIES,
        names("outline(b)"),
    ));
    span.attributes.push(KeyValue::new(
        attribute::PHANTOM_DEPENDENCIES,
        names("outline(c)"),
    ));
    let stored = stored(&[span]);
    let graph = graph(&stored);
    let odd: Vec<(String, bool, bool)> = graph
        .edges()
        .iter()
        .map(|edge| {
            (
                written_name(&graph.node(edge.to).query),
                edge.is_lost(),
                edge.is_phantom(),
            )
        })
        .collect();
    let edge = |name: &str, lost, phantom| (name.to_owned(), lost, phantom);
    assert_eq!(
        odd,
        [
            edge("outline(a)", false, false),
            edge("outline(b)", true, false),
            edge("outline(c)", false, true)
        ]
    );
    assert_eq!(graph.suspicious(), (1, 1));
    assert_eq!(stored.cache_stats().lost_dependencies, 1);
}

#[test]
fn a_later_version_of_a_span_takes_the_place_of_the_earlier_one() {
    let spans = history();
    let mut stored = stored(&spans);
    let count = stored.len();
    let mut again = spans[3].clone();
    again.version += 1;
    stored.add(&page(&[
        again,
        spans[4].clone(),
        span(77, 0, "no query", 0, 1),
    ]));
    assert_eq!(stored.len(), count);
}

#[test]
fn spans_with_attributes_of_other_types_are_read_as_far_as_they_can_be() {
    let mut span = span(1, 0, "odd", 0, 1);
    span.attributes = vec![
        KeyValue::new(attribute::QUERY, true),
        KeyValue::new(attribute::QUERY_KIND, 5_i64),
        KeyValue::new(attribute::DEPENDENCIES, "no list"),
        KeyValue::new(attribute::REVISION, -3_i64),
        KeyValue::new(attribute::DEPENDENCY_COUNT, 1_000_000_i64),
        KeyValue::new(attribute::CACHE_STATUS, "validated"),
    ];
    let stored = stored(&[span]);
    let graph = graph(&stored);
    assert_eq!(graph.outcome(0), Outcome::Validated);
    assert!(
        graph.notes[1].starts_with("1,000,000 dependencies are counted on spans"),
        "{:?}",
        graph.notes
    );
}
