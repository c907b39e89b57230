//! Overlaps, directions, and that order does not matter.

use proptest::prelude::*;

use super::*;

const SPACING: Spacing = Spacing {
    layers: 40.0,
    nodes: 12.0,
    parts: 30.0,
};

fn keys(nodes: usize) -> Vec<String> {
    (0..nodes).map(|node| format!("node {node:05}")).collect()
}

fn edges(pairs: &[(usize, usize)], label: Size) -> Vec<GraphEdge> {
    let edge = |(from, to): &(usize, usize)| GraphEdge {
        from: *from,
        to: *to,
        label,
    };
    pairs.iter().map(edge).collect()
}

fn lay_out(nodes: usize, pairs: &[(usize, usize)], label: Size) -> GraphLayout {
    let keys = keys(nodes);
    let size = |at: usize| Size::new(60.0 + (at % 7) as f64 * 10.0, 20.0 + (at % 3) as f64 * 8.0);
    let nodes: Vec<GraphNode<'_>> = keys
        .iter()
        .enumerate()
        .map(|(at, key)| GraphNode {
            key,
            size: size(at),
        })
        .collect();
    GraphLayout::new(&nodes, &edges(pairs, label), SPACING)
}

fn overlap(a: &Area, b: &Area) -> bool {
    let apart = |a_from: f64, a_to: f64, b_from: f64, b_to: f64| {
        a_to <= b_from + 1e-6 || b_to <= a_from + 1e-6
    };
    !apart(a.at.x, a.right(), b.at.x, b.right()) && !apart(a.at.y, a.bottom(), b.at.y, b.bottom())
}

/// What must hold of any layout.
fn check(layout: &GraphLayout, pairs: &[(usize, usize)]) {
    let labels = layout.edges.iter().filter_map(|edge| edge.label);
    let mut areas: Vec<Area> = layout.nodes.clone();
    // Edges from and to the same nodes share their label.
    let mut labels: Vec<Area> = labels.collect();
    labels.sort_by(|a, b| {
        (a.at.x, a.at.y)
            .partial_cmp(&(b.at.x, b.at.y))
            .expect("numbers")
    });
    labels.dedup();
    areas.extend(labels);
    for (at, a) in areas.iter().enumerate() {
        assert!(a.at.x >= -1e-6 && a.at.y >= -1e-6, "{a:?} is outside");
        assert!(a.right() <= layout.size.width + 1e-6 && a.bottom() <= layout.size.height + 1e-6);
        for b in &areas[..at] {
            assert!(!overlap(a, b), "{a:?} and {b:?} overlap");
        }
    }
    for (path, (from, to)) in layout.edges.iter().zip(pairs) {
        let (from, to) = (&layout.nodes[*from], &layout.nodes[*to]);
        let (first, last) = (path.points[0], path.points[path.points.len() - 1]);
        if path.is_loop {
            assert_eq!((first.y, last.y), (from.at.y, to.at.y));
        } else if path.is_reversed {
            assert!(to.right() < from.at.x, "a reversed edge leads back");
            assert_eq!((first.x, last.x), (from.at.x, to.right()));
        } else {
            assert!(from.right() < to.at.x, "an edge leads forward");
            assert_eq!((first.x, last.x), (from.right(), to.at.x));
            assert!(path.points.is_sorted_by(|a, b| a.x <= b.x));
        }
    }
}

#[test]
fn nothing_is_laid_out_as_nothing() {
    assert_eq!(GraphLayout::new(&[], &[], SPACING), GraphLayout::default());
}

#[test]
fn a_tree_of_calls_is_drawn_without_crossings_and_its_parents_in_the_middle() {
    let pairs = [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (2, 6)];
    let layout = lay_out(7, &pairs, Size::default());
    check(&layout, &pairs);
    let middle = |node: usize| layout.nodes[node].middle_y();
    assert!((middle(1) - (middle(3) + middle(4)) / 2.0).abs() < 4.0);
    assert!((middle(0) - (middle(1) + middle(2)) / 2.0).abs() < 4.0);
    assert!(middle(3) < middle(5) || middle(4) > middle(6));
}

#[test]
fn a_cycle_has_one_edge_that_leads_back_and_a_self_call_stands_above_its_node() {
    let pairs = [(0, 1), (1, 2), (2, 0), (1, 1)];
    let layout = lay_out(3, &pairs, Size::new(50.0, 14.0));
    check(&layout, &pairs);
    let reversed = layout.edges.iter().filter(|edge| edge.is_reversed);
    assert_eq!(reversed.count(), 1);
    assert!(layout.edges[3].is_loop);
    assert!(layout.nodes[1].at.y >= LOOP_HEIGHT);
}

#[test]
fn calls_both_ways_have_a_label_each() {
    let pairs = [(0, 1), (1, 0)];
    let layout = lay_out(2, &pairs, Size::new(50.0, 14.0));
    check(&layout, &pairs);
    let labels = layout.edges.iter().filter_map(|edge| edge.label);
    assert_eq!(labels.count(), 2);
}

#[test]
fn an_edge_of_a_node_that_is_not_there_has_no_path() {
    let layout = lay_out(1, &[(0, 7)], Size::default());
    assert_eq!(layout.edges, [EdgePath::default()]);
}

#[test]
fn a_chain_is_straight() {
    let pairs: Vec<(usize, usize)> = (1..20).map(|node| (node - 1, node)).collect();
    let layout = lay_out(20, &pairs, Size::new(30.0, 12.0));
    check(&layout, &pairs);
    let first = layout.nodes[0].middle_y();
    assert!(
        layout
            .nodes
            .iter()
            .all(|node| (node.middle_y() - first).abs() < 0.5)
    );
}

#[test]
fn paths_are_drawn_as_level_curves_with_a_head_where_they_end() {
    let pairs = [(0, 1), (1, 0), (0, 0)];
    let layout = lay_out(2, &pairs, Size::default());
    let data = |edge: usize| {
        let edge = &layout.edges[edge];
        format!("{}  {}", edge.line_data(), edge.head_data())
    };
    insta::assert_snapshot!(format!("{}\n{}\n{}", data(0), data(1), data(2)));
    assert_eq!(EdgePath::default().line_data(), "");
    assert_eq!(EdgePath::default().head_data(), "");
}

/// A xorshift generator: the same graph on every machine.
fn random_pairs(nodes: usize, edges: usize, reach: usize) -> Vec<(usize, usize)> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let mut pair = || {
        let from = next(nodes - 1);
        (from, (from + 1 + next(reach)).min(nodes - 1))
    };
    (0..edges).map(|_| pair()).collect()
}

#[test]
fn a_graph_of_ten_thousand_nodes_is_laid_out_within_its_bounds() {
    let pairs = random_pairs(10_000, 30_000, 2_000);
    let layout = lay_out(10_000, &pairs, Size::default());
    let bends: usize = layout.edges.iter().map(|edge| edge.points.len()).sum();
    assert!(bends <= BENDS_MAX + 3 * pairs.len());
    let forward = layout.edges.iter().all(|edge| !edge.is_reversed);
    assert!(forward, "an acyclic graph has nothing to turn around");
    // Only neighbours from top to bottom can overlap: sorted by layer, then height.
    let mut nodes = layout.nodes.clone();
    let layer = |area: &Area| (area.at.x + area.size.width / 2.0).round() as i64;
    nodes.sort_by(|a, b| layer(a).cmp(&layer(b)).then(a.at.y.total_cmp(&b.at.y)));
    assert!(nodes.windows(2).all(|pair| !overlap(&pair[0], &pair[1])));
}

proptest! {
    #[test]
    fn boxes_and_labels_never_overlap_and_edges_lead_forward(
        nodes in 1..24_usize,
        pairs in prop::collection::vec((0..24_usize, 0..24_usize), 0..40),
        has_labels: bool,
    ) {
        let pairs: Vec<_> = pairs.into_iter().map(|(a, b)| (a % nodes, b % nodes)).collect();
        let label = if has_labels { Size::new(70.0, 26.0) } else { Size::default() };
        check(&lay_out(nodes, &pairs, label), &pairs);
    }

    #[test]
    fn an_acyclic_graph_has_no_reversed_edge(
        pairs in prop::collection::vec((0..30_usize, 0..30_usize), 0..60),
    ) {
        // Numbers mixed up, so that the order of keys is no order of calls.
        let mixed = |node: usize| node * 17 % 31;
        let pairs = pairs.into_iter().filter(|(a, b)| a < b);
        let pairs: Vec<_> = pairs.map(|(a, b)| (mixed(a), mixed(b))).collect();
        let layout = lay_out(31, &pairs, Size::default());
        prop_assert!(layout.edges.iter().all(|edge| !edge.is_reversed));
    }

    #[test]
    fn the_order_of_nodes_and_edges_does_not_matter(
        pairs in prop::collection::vec((0..12_usize, 0..12_usize), 0..30),
        shuffled in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
        rotation in 0..30_usize,
    ) {
        let keys = keys(12);
        let node = |at: usize| GraphNode { key: &keys[at], size: Size::new(50.0 + at as f64, 20.0) };
        let label = Size::new(40.0, 12.0);
        let nodes: Vec<_> = (0..12).map(node).collect();
        let straight = GraphLayout::new(&nodes, &edges(&pairs, label), SPACING);

        // `shuffled[new]` is the old number.
        let nodes: Vec<_> = shuffled.iter().map(|old| node(*old)).collect();
        let new_of = |old: usize| shuffled.iter().position(|at| *at == old).expect("there");
        let mut turned: Vec<_> = pairs.iter().map(|(a, b)| (new_of(*a), new_of(*b))).collect();
        let by = rotation % turned.len().max(1);
        turned.rotate_left(by);
        let mixed = GraphLayout::new(&nodes, &edges(&turned, label), SPACING);

        prop_assert_eq!(straight.size, mixed.size);
        for (new, old) in shuffled.iter().enumerate() {
            prop_assert_eq!(straight.nodes[*old], mixed.nodes[new]);
        }
        let mut paths = mixed.edges;
        paths.rotate_right(by);
        prop_assert_eq!(straight.edges, paths);
    }
}
