//! A small incremental program: two sources, an outline of each, an index of both.

use hindsight_protocol::introspection::picante::{
    QueryEdge, QueryGraph, QueryNode, QueryRef, attribute,
};
use hindsight_protocol::{KeyValue, Span, Value};

use super::super::name::parse_name;
use crate::fixture;

pub(super) fn query(name: &str) -> QueryRef {
    parse_name(name)
}

/// A node of that name and outcome, found right in `revision`.
pub(super) fn node(name: &str, outcome: &str, revision: u64) -> QueryNode {
    QueryNode {
        query: query(name),
        outcome: outcome.into(),
        verified_at: revision,
        at_ns: revision,
        ..QueryNode::default()
    }
}

/// A recorded dependency that was seen to be called.
pub(super) fn edge(from: u32, to: u32) -> QueryEdge {
    QueryEdge {
        from,
        to,
        is_recorded: true,
        is_observed: true,
        is_watched: true,
    }
}

/// `index -> outline x files -> parse x files`, the first file just edited.
pub(super) fn site(files: u32) -> QueryGraph {
    let mut graph = QueryGraph {
        revision: 5,
        nodes: vec![node("site_index()", "computed_changed", 5)],
        ..QueryGraph::default()
    };
    for file in 0..files {
        let (outline, parse) = (2 * file + 1, 2 * file + 2);
        let is_edited = file == 0;
        let (first, second) = match is_edited {
            true => ("computed_unchanged", "computed_changed"),
            false => ("validated", "validated"),
        };
        graph
            .nodes
            .push(node(&format!("outline({file:05}.md)"), first, 5));
        graph.nodes.push(QueryNode {
            compute_ns: u64::from(file) * 1_000,
            ..node(&format!("parse_file({file:05}.md)"), second, 5)
        });
        graph.edges.push(edge(0, outline));
        graph.edges.push(edge(outline, parse));
    }
    graph.nodes_total = graph.nodes.len() as u64;
    graph
}

/// `queries` in `kinds`, each depending on `fan` others of later kinds, seeded.
pub(super) fn huge(queries: u32, kinds: u32, fan: u32) -> QueryGraph {
    let outcomes = [
        "validated",
        "hit",
        "computed_changed",
        "computed_unchanged",
        "error",
    ];
    let mut seed = 12_345_u64;
    let mut random = move |below: u32| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((seed >> 33) % u64::from(below.max(1))) as u32
    };
    let mut graph = QueryGraph::default();
    for index in 0..queries {
        let kind = index * kinds / queries;
        let outcome = if random(20) == 0 {
            2 + random(3)
        } else {
            random(2)
        };
        graph.nodes.push(node(
            &format!("kind_{kind:02}(key {index})"),
            outcomes[outcome as usize],
            u64::from(random(9)) + 1,
        ));
        for _ in 0..fan {
            let rest = queries - index - 1;
            if rest > 0 {
                graph.edges.push(edge(index, index + 1 + random(rest)));
            }
        }
    }
    graph.nodes_total = u64::from(queries);
    graph
}

/// What a span of a query says.
pub(super) struct Ran<'a> {
    pub(super) id: u64,
    pub(super) parent: u64,
    pub(super) name: &'a str,
    pub(super) outcome: &'a str,
    pub(super) revision: u64,
    pub(super) changed_at: u64,
    pub(super) dependencies: &'a [&'a str],
}

impl Ran<'_> {
    /// The span.
    pub(super) fn span(&self) -> Span {
        let query = query(self.name);
        let mut span = fixture::span(
            self.id,
            self.parent,
            &query.kind,
            self.revision * 100 + self.id,
            self.revision * 100 + self.id + 7,
        );
        let names = |names: &[&str]| {
            Value::Array(
                names
                    .iter()
                    .map(|name| Value::String((*name).into()))
                    .collect(),
            )
        };
        span.attributes = vec![
            KeyValue::new(attribute::QUERY, true),
            KeyValue::new(attribute::QUERY_KIND, query.kind.as_str()),
            KeyValue::new(attribute::QUERY_KEY, query.key.as_str()),
            KeyValue::new(attribute::OUTCOME, self.outcome),
            KeyValue::new(attribute::REVISION, self.revision as i64),
            KeyValue::new(attribute::CHANGED_AT, self.changed_at as i64),
            KeyValue::new(attribute::COMPUTE_NS, 4_000_000_i64),
            KeyValue::new(attribute::DEPENDENCY_COUNT, self.dependencies.len() as i64),
            KeyValue::new(attribute::DEPENDENCIES, names(self.dependencies)),
        ];
        span
    }
}

/// The span of an input that was set, making `revision`.
pub(super) fn set(id: u64, name: &str, revision: u64) -> Span {
    let query = query(name);
    let mut span = fixture::span(id, 0, "input.set", revision * 100, revision * 100 + 1);
    span.attributes = vec![
        KeyValue::new(attribute::INPUT, true),
        KeyValue::new(attribute::INPUT_KIND, query.kind.as_str()),
        KeyValue::new(attribute::INPUT_KEY, query.key.as_str()),
        KeyValue::new(attribute::NEW_REVISION, revision as i64),
    ];
    span
}

/// Three rounds: cold, a heading of a.md edited, a body of b.md edited.
pub(super) fn history() -> Vec<Span> {
    let index = ["SourceRegistry::data()", "outline(a.md)", "outline(b.md)"];
    let ran = |id, parent, name, outcome, (revision, changed_at), dependencies: &[&str]| {
        Ran {
            id,
            parent,
            name,
            outcome,
            revision,
            changed_at,
            dependencies,
        }
        .span()
    };
    let parse = |file: &str| format!("parse_file({file})");
    let data = |file: &str| format!("SourceFile::data({file})");
    let (a, b) = (parse("a.md"), parse("b.md"));
    let (data_a, data_b) = (data("a.md"), data("b.md"));
    vec![
        set(1, &data_a, 1),
        set(2, &data_b, 2),
        ran(10, 0, "site_index()", "computed_changed", (3, 3), &index),
        ran(11, 10, "outline(a.md)", "computed_changed", (3, 3), &[&a]),
        ran(12, 11, &a, "computed_changed", (3, 3), &[&data_a]),
        ran(13, 10, "outline(b.md)", "computed_changed", (3, 3), &[&b]),
        ran(14, 13, &b, "computed_changed", (3, 3), &[&data_b]),
        set(3, &data_a, 4),
        ran(20, 0, "site_index()", "computed_changed", (4, 4), &index),
        ran(21, 20, "outline(a.md)", "computed_changed", (4, 4), &[&a]),
        ran(22, 21, &a, "computed_changed", (4, 4), &[&data_a]),
        ran(23, 20, "outline(b.md)", "validated", (4, 3), &[&b]),
        ran(24, 23, &b, "validated", (4, 3), &[&data_b]),
        set(4, &data_b, 5),
        ran(30, 0, "site_index()", "validated", (5, 4), &index),
        ran(33, 30, "outline(b.md)", "computed_unchanged", (5, 3), &[&b]),
        ran(34, 33, &b, "computed_changed", (5, 5), &[&data_b]),
    ]
}
