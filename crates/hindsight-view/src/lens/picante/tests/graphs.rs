//! Joining answers.

use proptest::prelude::*;

use hindsight_protocol::introspection::picante::{QueryEdge, QueryGraph};

use super::super::*;
use super::scene::{edge, node, query, site};

fn joined(graphs: impl IntoIterator<Item = QueryGraph>) -> Queries {
    let mut builder = QueriesBuilder::default();
    graphs.into_iter().for_each(|graph| builder.add(graph));
    builder.finish()
}

#[test]
fn a_node_that_two_answers_tell_is_one_node_as_the_later_answer_has_it() {
    let mut early = node("parse(a)", "computed_changed", 3);
    early.span_id = hindsight_protocol::SpanId::from_u64(7);
    early.computed = 2;
    let late = node("parse(a)", "hit", 4);
    let of = |node| QueryGraph {
        nodes: vec![node],
        ..QueryGraph::default()
    };
    for order in [[early.clone(), late.clone()], [late, early]] {
        let queries = joined(order.map(of));
        assert_eq!(queries.nodes().len(), 1);
        let node = queries.node(0);
        assert_eq!(queries.outcome(0), Outcome::Hit);
        // What the later answer does not tell is taken from the earlier one.
        assert_eq!((node.computed, node.span_id.bits), (2, 7));
    }
}

#[test]
fn keys_that_were_cut_to_the_same_text_are_told_apart_by_their_hash_which_spans_lack() {
    let hashed = |hash| {
        let mut node = node("parse(long)", "hit", 1);
        node.query.key_hash = hash;
        QueryGraph {
            nodes: vec![node],
            ..QueryGraph::default()
        }
    };
    assert_eq!(joined([hashed(1), hashed(2)]).nodes().len(), 2);
    assert_eq!(joined([hashed(1), hashed(0)]).nodes().len(), 1);
    let queries = joined([hashed(1), hashed(2)]);
    let mut second = query("parse(long)");
    second.key_hash = 2;
    assert_eq!(
        queries
            .find(&second)
            .map(|at| queries.node(at).query.key_hash),
        Some(2)
    );
    assert_eq!(queries.find(&query("parse(long)")), Some(0));
    assert_eq!(queries.find(&query("parse(other)")), None);
}

#[test]
fn an_edge_is_lost_or_phantom_only_where_calls_were_watched() {
    let flags = |is_recorded, is_observed, is_watched| Edge {
        is_recorded,
        is_observed,
        is_watched,
        ..Edge::default()
    };
    let judged = |edge: Edge| (edge.is_lost(), edge.is_phantom());
    assert_eq!(judged(flags(true, true, true)), (false, false));
    assert_eq!(judged(flags(false, true, true)), (true, false));
    assert_eq!(judged(flags(true, false, true)), (false, true));
    assert_eq!(judged(flags(true, false, false)), (false, false));
    assert_eq!(judged(flags(false, true, false)), (false, false));
}

#[test]
fn edges_to_nowhere_are_counted_and_left_out() {
    let mut graph = site(2);
    graph.edges.push(edge(0, 99));
    let queries = joined([graph]);
    assert_eq!(queries.edges().len(), 4);
    assert_eq!(
        queries.notes,
        ["1 dependency of what is not here were left out"]
    );
}

#[test]
fn a_graph_without_end_is_cut_and_says_so() {
    let key = "k".repeat(100_000);
    let nodes = (0..40_000).map(|at| node(&format!("kind({at} {key})"), "hit", 1));
    let mut builder = QueriesBuilder::default();
    for node in nodes {
        builder.add(QueryGraph {
            nodes: vec![node],
            ..QueryGraph::default()
        });
    }
    assert!(builder.is_full());
    let queries = builder.finish();
    let bytes: usize = queries
        .nodes()
        .iter()
        .map(|node| node.query.key.len())
        .sum();
    assert!(bytes <= TEXT_BYTES_MAX, "{bytes}");
    assert!(
        queries.notes[0].ends_with("more were left out: too many for a page"),
        "{:?}",
        queries.notes
    );
}

fn any_graph() -> impl Strategy<Value = QueryGraph> {
    let nodes = prop::collection::vec((0..3_u8, 0..6_u8, 0..10_usize, 0..9_u64), 0..12);
    let edges = prop::collection::vec((0..14_u32, 0..14_u32, 0..8_u8), 0..24);
    (nodes, edges).prop_map(|(nodes, edges)| QueryGraph {
        nodes: nodes
            .into_iter()
            .map(|(kind, key, outcome, at)| {
                let word = hindsight_protocol::introspection::picante::outcome::ALL;
                node(
                    &format!("k{kind}({key})"),
                    word.get(outcome).unwrap_or(&""),
                    at,
                )
            })
            .collect(),
        edges: edges
            .into_iter()
            .map(|(from, to, flags)| QueryEdge {
                from,
                to,
                is_recorded: flags & 1 > 0,
                is_observed: flags & 2 > 0,
                is_watched: flags & 4 > 0,
            })
            .collect(),
        ..QueryGraph::default()
    })
}

/// Names of both ends, whether it is lost, whether it is a phantom.
type EdgeText = (String, String, bool, bool);

/// Without the notes, which name each answer's own losses.
fn content(queries: &Queries) -> (Vec<String>, Vec<EdgeText>) {
    let nodes = queries.nodes().iter();
    let nodes = nodes.map(|node| {
        format!(
            "{} {} {}",
            written_name(&node.query),
            node.outcome,
            node.at_ns
        )
    });
    let name = |index: u32| written_name(&queries.node(index).query);
    let edges = queries.edges().iter();
    let edges = edges.map(|edge| {
        (
            name(edge.from),
            name(edge.to),
            edge.is_lost(),
            edge.is_phantom(),
        )
    });
    (nodes.collect(), edges.collect())
}

proptest! {
    #[test]
    fn joining_does_not_depend_on_the_order_and_not_on_how_often(a in any_graph(), b in any_graph()) {
        let once = joined([a.clone(), b.clone()]);
        prop_assert_eq!(content(&once), content(&joined([b.clone(), a.clone()])));
        prop_assert_eq!(content(&once), content(&joined([a.clone(), b.clone(), a, b])));
    }

    #[test]
    fn neighbours_are_those_of_the_edges(graph in any_graph()) {
        let queries = joined([graph]);
        for edge in queries.edges() {
            prop_assert!(queries.uses(edge.from).contains(&edge.to));
            prop_assert!(queries.users(edge.to).contains(&edge.from));
        }
        let uses: usize = (0..queries.nodes().len() as u32).map(|at| queries.uses(at).len()).sum();
        prop_assert_eq!(uses, queries.edges().len());
    }
}
