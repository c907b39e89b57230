//! What is drawn of graphs of any size.

use std::collections::BTreeSet;
use std::time::Instant;

use proptest::prelude::*;

use hindsight_protocol::introspection::picante::QueryGraph;

use super::super::*;
use super::scene::{huge, query, site};
use crate::graph::{GraphEdge, GraphLayout, GraphNode, Size, Spacing};

fn queries(graph: QueryGraph) -> Queries {
    let mut builder = QueriesBuilder::default();
    builder.add(graph);
    builder.finish()
}

fn look(find: &str, mode: Mode, selected: Option<&str>) -> Look {
    Look {
        filter: Filter::parse(find),
        mode,
        selected: selected.map(query),
        ..Look::default()
    }
}

/// Names of the items, as a reader would see them.
fn named(graph: &Queries, shown: &Shown) -> Vec<String> {
    let name = |item: &Item| match item {
        Item::Query(index) => written_name(&graph.node(*index).query),
        Item::Kind(counts) => format!(
            "{} x {}{}",
            counts.queries,
            counts.kind,
            if counts.is_rest { " more" } else { "" }
        ),
        Item::More(counts, kinds) => format!("{} of {kinds} kinds", counts.queries),
    };
    shown.items.iter().map(name).collect()
}

#[test]
fn a_few_queries_are_drawn_one_by_one_and_many_as_a_box_a_kind() {
    let few = queries(site(2));
    let shown = Shown::new(&few, &Look::default());
    assert_eq!(shown.mode, Mode::Queries);
    assert_eq!(
        named(&few, &shown),
        [
            "outline(00000.md)",
            "outline(00001.md)",
            "parse_file(00000.md)",
            "parse_file(00001.md)",
            "site_index()"
        ]
    );
    let many = queries(site(500));
    let shown = Shown::new(&many, &Look::default());
    assert_eq!(shown.mode, Mode::Kinds);
    assert_eq!(
        named(&many, &shown),
        ["site_index()", "500 x outline", "500 x parse_file"]
    );
    let Item::Kind(outline) = &shown.items[1] else {
        panic!("a kind")
    };
    assert_eq!(
        outline.outcomes,
        [(Outcome::Unchanged, 1), (Outcome::Validated, 499)]
    );
    assert_eq!(
        shown
            .links
            .iter()
            .map(|link| link.edges)
            .collect::<Vec<_>>(),
        [500, 500]
    );
}

#[test]
fn an_opened_kind_shows_its_weightiest_queries_and_how_many_more_there_are() {
    let many = queries(site(500));
    let shown = Shown::new(
        &many,
        &Look {
            opened: BTreeSet::from(["parse_file".to_owned()]),
            ..Look::default()
        },
    );
    let names = named(&many, &shown);
    assert_eq!(names[0], "parse_file(00000.md)", "it was recomputed");
    assert_eq!(
        names
            .iter()
            .filter(|name| name.starts_with("parse_file("))
            .count(),
        140
    );
    assert!(
        names.contains(&"360 x parse_file more".to_owned()),
        "{names:?}"
    );
    // The others of the same weight: the longest computations.
    assert!(names.contains(&"parse_file(00499.md)".to_owned()));
}

#[test]
fn around_a_query_are_its_dependencies_and_dependents_and_uses_is_all_below_it() {
    let many = queries(site(500));
    let around = Shown::new(&many, &look("", Mode::Auto, Some("outline(00007.md)")));
    assert_eq!(around.mode, Mode::Around);
    assert_eq!(
        named(&many, &around),
        ["outline(00007.md)", "parse_file(00007.md)", "site_index()"]
    );
    assert_eq!(around.selected_item(), Some(0));
    let users = Shown::new(&many, &look("", Mode::Users, Some("parse_file(00007.md)")));
    assert_eq!(users.wanted, 3);
    let uses = Shown::new(
        &many,
        &look("is:recomputed", Mode::Uses, Some("site_index()")),
    );
    assert_eq!(
        named(&many, &uses),
        ["outline(00000.md)", "parse_file(00000.md)", "site_index()"],
        "why it was recomputed"
    );
}

#[test]
fn a_filter_looks_at_kind_key_and_error_and_any_text_is_one() {
    let few = queries(site(3));
    let check = |find: &str, count: usize| {
        assert_eq!(
            Shown::new(&few, &look(find, Mode::Auto, None)).wanted,
            count,
            "{find}"
        );
    };
    check("", 7);
    check("OUTLINE", 3);
    check("kind:outline 00001", 1);
    check("outcome:validated", 4);
    check("is:recomputed", 3);
    check("is:input", 0);
    check("\"no such", 0);
    check("kind: is: outcome:", 7);
    let only = Look {
        outcomes: Outcomes::Only(Outcome::Changed),
        ..Look::default()
    };
    assert_eq!(Shown::new(&few, &only).wanted, 2);
}

#[test]
fn more_kinds_than_can_be_drawn_are_one_box() {
    let nodes = (0..300).map(|kind| super::scene::node(&format!("kind_{kind:03}(x)"), "hit", 1));
    let graph = queries(QueryGraph {
        nodes: nodes.collect(),
        ..QueryGraph::default()
    });
    let shown = Shown::new(&graph, &look("", Mode::Kinds, None));
    assert_eq!(shown.items.len(), 241);
    assert_eq!(named(&graph, &shown)[240], "60 of 60 kinds");
}

#[test]
fn outcomes_that_change_leave_every_box_where_it_is() {
    let before = queries(site(3));
    let mut graph = site(3);
    graph.nodes.reverse();
    let last = graph.nodes.len() as u32 - 1;
    for edge in &mut graph.edges {
        (edge.from, edge.to) = (last - edge.from, last - edge.to);
    }
    graph
        .nodes
        .iter_mut()
        .for_each(|node| node.outcome = "hit".into());
    let after = queries(graph);
    let structure =
        |queries: &Queries| Structure::new(queries, &Shown::new(queries, &Look::default()));
    assert_eq!(structure(&before), structure(&after));
    assert_ne!(structure(&before), structure(&queries(site(4))));
}

/// What is drawn of ten thousand queries with thirty thousand edges takes a fraction of a frame's
/// patience; the bound here is for a debug build on a busy machine.
#[test]
fn ten_thousand_queries_are_drawn_in_time() {
    let graph = queries(huge(10_000, 12, 3));
    assert_eq!(graph.nodes().len(), 10_000);
    let hub = written_name(&graph.node(9_990).query);
    for (mode, selected) in [
        (Mode::Auto, None),
        (Mode::Queries, None),
        (Mode::Around, Some(hub.as_str())),
        (Mode::Uses, Some("kind_00(key 0)")),
        (Mode::Users, Some(hub.as_str())),
    ] {
        let began = Instant::now();
        let shown = Shown::new(&graph, &look("", mode, selected));
        let chosen = began.elapsed();
        let picture = Picture::new(&Structure::new(&graph, &shown));
        println!(
            "{mode:?}: {} boxes, {} links of {} queries; chosen in {chosen:?}, laid out in {:?}",
            shown.items.len(),
            shown.links.len(),
            shown.wanted,
            began.elapsed() - chosen
        );
        assert!(shown.items.len() <= BOXES_MAX && shown.links.len() <= LINKS_MAX);
        assert_eq!(picture.boxes.len(), shown.items.len());
        assert!(began.elapsed().as_secs() < 20, "{mode:?}");
    }
    let keys: Vec<String> = graph
        .nodes()
        .iter()
        .map(|node| written_name(&node.query))
        .collect();
    let nodes: Vec<GraphNode<'_>> = keys
        .iter()
        .map(|key| GraphNode {
            key,
            size: Size::new(196.0, 50.0),
        })
        .collect();
    let edge = |edge: &Edge| GraphEdge {
        from: edge.from as usize,
        to: edge.to as usize,
        label: Size::default(),
    };
    let edges: Vec<GraphEdge> = graph.edges().iter().map(edge).collect();
    let began = Instant::now();
    let layout = GraphLayout::new(
        &nodes,
        &edges,
        Spacing {
            layers: 56.0,
            nodes: 12.0,
            parts: 32.0,
        },
    );
    println!(
        "all of it, {} edges: {:?}, {:?}",
        edges.len(),
        began.elapsed(),
        layout.size
    );
}

#[test]
fn a_box_says_what_happened_in_texts_that_fit_it_and_in_a_sentence() {
    let mut graph = site(500);
    graph.nodes[1].query.key = format!("{}\u{202e}", "测".repeat(400));
    let graph = queries(graph);
    let texts = |look: &Look| {
        let shown = Shown::new(&graph, look);
        let texts = shown.items.iter().map(|item| BoxText::new(&graph, item));
        texts.collect::<Vec<_>>()
    };
    let kinds = texts(&Look::default());
    let sentences: Vec<&str> = kinds.iter().map(|text| text.sentence.as_str()).collect();
    insta::assert_snapshot!(sentences.join("\n"), @r"
    site_index(): recomputed, right in revision 5
    outline: all 500 queries, 1 recomputed (same), 499 validated
    parse_file: all 500 queries, 1 recomputed, 499 validated
    ");
    assert_eq!(
        kinds[1].label(),
        "outline 500 queries 1 recomputed (same): outline: all 500 queries, 1 recomputed (same), \
         499 validated"
    );
    let look = look("", Mode::Queries, None);
    for text in texts(&look) {
        assert!(crate::format::width(&text.title) <= 22 && crate::format::width(&text.key) <= 28);
        assert!(!text.key.contains('\u{202e}'));
    }
}

#[test]
fn arrow_keys_go_to_the_nearest_box_that_way_and_reach_every_box_of_a_layer() {
    let graph = queries(site(4));
    let shown = Shown::new(&graph, &Look::default());
    let picture = Picture::new(&Structure::new(&graph, &shown));
    let index = shown.items.len() - 1;
    let outline = picture
        .next_box(index, (1, 0))
        .expect("something to the right");
    assert_eq!(picture.next_box(outline, (-1, 0)), Some(index));
    assert_eq!(picture.next_box(index, (-1, 0)), None);
    let mut top = outline;
    while let Some(above) = picture.next_box(top, (0, -1)) {
        top = above;
    }
    let mut seen = BTreeSet::from([top]);
    while let Some(below) = picture.next_box(top, (0, 1)) {
        assert!(seen.insert(below), "it goes down");
        top = below;
    }
    assert!(seen.len() >= 4, "{seen:?}");
    assert_eq!(picture.next_box(99, (1, 0)), None);
}

proptest! {
    #[test]
    fn every_wanted_query_is_in_exactly_one_box(
        size in 1..400_u32,
        kinds in 1..130_u32,
        mode in 0..6_usize,
        selected in prop::option::of(0..400_u32),
        find in prop_oneof![Just(""), Just("is:recomputed"), Just("key 1"), Just("kind:kind_00")],
        opened in prop::option::of(0..130_u32),
    ) {
        let graph = queries(huge(size, kinds, 2));
        let selected = selected.and_then(|at| graph.nodes().get(at as usize)).map(|node| node.query.clone());
        let look = Look {
            filter: Filter::parse(find),
            mode: Mode::ALL[mode],
            opened: opened.map(|kind| format!("kind_{kind:02}")).into_iter().collect(),
            selected: selected.clone(),
            ..Look::default()
        };
        let shown = Shown::new(&graph, &look);
        let count = |item: &Item| match item {
            Item::Query(_) => 1,
            Item::Kind(counts) | Item::More(counts, _) => {
                let by_outcome: u64 = counts.outcomes.iter().map(|(_, count)| count).sum();
                assert_eq!(by_outcome, counts.queries);
                counts.queries
            }
        };
        prop_assert_eq!(shown.items.iter().map(count).sum::<u64>(), shown.wanted as u64);
        prop_assert!(shown.items.len() <= BOXES_MAX);
        prop_assert_eq!(shown.selected_item().is_some(), selected.is_some());
        let edges: u64 = shown.links.iter().map(|link| link.edges).sum();
        if shown.wanted == graph.nodes().len() && shown.links_left_out == 0 {
            prop_assert_eq!(edges, graph.edges().len() as u64);
        }
        let ends = shown.links.iter().all(|link| link.from.max(link.to) < shown.items.len());
        prop_assert!(ends);
    }
}
