//! Parts that do not hang together, each laid out by itself, side by side in rows.

use super::proper::Proper;
use super::route::{self, Placed};
use super::{Area, Canonical, EdgePath, Size, Spacing, order, place};

/// Width over height that the whole shall have, unless a part is wider.
const ASPECT: f64 = 1.6;

/// Everything in its place: the largest part first, then by the order of the nodes.
pub(super) fn pack(graph: &Canonical, spacing: Spacing) -> Placed {
    let mut parts = parts(graph);
    parts.sort_by_key(|part| std::cmp::Reverse(part.nodes.len()));
    let placed: Vec<Placed> = parts
        .iter()
        .map(|part| lay_out(graph, part, spacing))
        .collect();
    let grown = |size: Size| (size.width + spacing.parts) * (size.height + spacing.parts);
    let area: f64 = placed.iter().map(|part| grown(part.size)).sum();
    let widest = placed
        .iter()
        .map(|part| part.size.width)
        .fold(0.0, f64::max);
    let row_width = widest.max((area * ASPECT).sqrt());

    let mut nodes = vec![Area::default(); graph.sizes.len()];
    let mut edges = vec![EdgePath::default(); graph.edges.len()];
    let (mut x, mut y, mut row_height, mut size) = (0.0, 0.0, 0.0_f64, Size::default());
    for (part, mut placed) in parts.iter().zip(placed) {
        if x > 0.0 && x + placed.size.width > row_width {
            (x, y, row_height) = (0.0, y + row_height + spacing.parts, 0.0);
        }
        for (node, area) in part.nodes.iter().zip(&mut placed.nodes) {
            shift(area, x, y);
            nodes[*node as usize] = *area;
        }
        for (edge, mut path) in part.edges.iter().zip(placed.edges) {
            for point in &mut path.points {
                point.x += x;
                point.y += y;
            }
            if let Some(label) = &mut path.label {
                shift(label, x, y);
            }
            edges[*edge as usize] = path;
        }
        row_height = row_height.max(placed.size.height);
        size.width = size.width.max(x + placed.size.width);
        size.height = size.height.max(y + placed.size.height);
        x += placed.size.width + spacing.parts;
    }
    Placed { nodes, edges, size }
}

fn shift(area: &mut Area, x: f64, y: f64) {
    area.at.x += x;
    area.at.y += y;
}

/// Nodes that hang together, and their edges.
#[derive(Default)]
struct Part {
    nodes: Vec<u32>,
    edges: Vec<u32>,
}

/// By the first node of each.
fn parts(graph: &Canonical) -> Vec<Part> {
    let mut groups: Vec<u32> = (0..graph.sizes.len() as u32).collect();
    for (from, to) in &graph.edges {
        let (a, b) = (first(&mut groups, *from), first(&mut groups, *to));
        groups[a.max(b) as usize] = a.min(b);
    }
    let mut part_of = vec![usize::MAX; groups.len()];
    let mut parts: Vec<Part> = Vec::new();
    for node in 0..groups.len() as u32 {
        let first = first(&mut groups, node) as usize;
        if part_of[first] == usize::MAX {
            part_of[first] = parts.len();
            parts.push(Part::default());
        }
        part_of[node as usize] = part_of[first];
        parts[part_of[first]].nodes.push(node);
    }
    for (edge, (from, _)) in graph.edges.iter().enumerate() {
        parts[part_of[*from as usize]].edges.push(edge as u32);
    }
    parts
}

/// The first node of the group of `node`, with shorter ways for who asks next.
fn first(groups: &mut [u32], mut node: u32) -> u32 {
    while groups[node as usize] != node {
        let above = groups[groups[node as usize] as usize];
        groups[node as usize] = above;
        node = above;
    }
    node
}

fn lay_out(graph: &Canonical, part: &Part, spacing: Spacing) -> Placed {
    // The nodes of a part are sorted.
    let local = |node: u32| part.nodes.partition_point(|other| *other < node) as u32;
    let sizes: Vec<Size> = part
        .nodes
        .iter()
        .map(|node| graph.sizes[*node as usize])
        .collect();
    let edges = part.edges.iter().map(|edge| graph.edges[*edge as usize]);
    let edges: Vec<(u32, u32)> = edges.map(|(from, to)| (local(from), local(to))).collect();
    let labels: Vec<Size> = part
        .edges
        .iter()
        .map(|edge| graph.labels[*edge as usize])
        .collect();
    let proper = Proper::new(&sizes, &edges, &labels);
    let layers = order::order(&proper);
    let middles = place::place(&proper, &layers, spacing.nodes);
    route::route(&proper, &middles, spacing)
}
