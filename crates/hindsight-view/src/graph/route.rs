//! The ways of edges between boxes that have their places.

use super::proper::Proper;
use super::{Area, EdgePath, LOOP_HEIGHT, Point, Size, Spacing};

/// How much of a box's height edges begin and end at.
const PORTS_PART: f64 = 0.7;
/// Furthest that two edges at a box are apart.
const PORT_GAP_MAX: f64 = 14.0;

/// Boxes and paths of a part that hangs together, from (0, 0).
pub(super) struct Placed {
    pub(super) nodes: Vec<Area>,
    pub(super) edges: Vec<EdgePath>,
    pub(super) size: Size,
}

/// Puts layers beside each other and leads edges through them.
pub(super) fn route(proper: &Proper, middles: &[f64], spacing: Spacing) -> Placed {
    let mut widths = vec![0.0_f64; proper.layers];
    for (vertex, layer) in proper.layer_of.iter().enumerate() {
        let width = &mut widths[*layer as usize];
        *width = width.max(proper.sizes[vertex].width);
    }
    let mut lefts = Vec::with_capacity(widths.len());
    let mut right = 0.0;
    for width in &widths {
        lefts.push(right);
        right += width + spacing.layers;
    }
    let area = |vertex: usize| {
        let (layer, size) = (proper.layer_of[vertex] as usize, proper.sizes[vertex]);
        let x = lefts[layer] + (widths[layer] - size.width) / 2.0;
        let y = middles[vertex] - size.height / 2.0;
        Area {
            at: Point { x, y },
            size,
        }
    };
    let nodes: Vec<Area> = (0..proper.nodes).map(area).collect();
    let ports = ports(proper, middles, &nodes);
    let path = |edge: usize| {
        let (from, to) = proper.edges[edge];
        let begin = Point {
            x: nodes[from as usize].right(),
            y: ports[edge].0,
        };
        let end = Point {
            x: nodes[to as usize].at.x,
            y: ports[edge].1,
        };
        let mut points = vec![begin];
        for bend in proper.bends[edge].clone() {
            let layer = proper.layer_of[bend as usize] as usize;
            let (x, y) = (lefts[layer], middles[bend as usize]);
            points.push(Point { x, y });
            if widths[layer] > 0.0 {
                points.push(Point {
                    x: x + widths[layer],
                    y,
                });
            }
        }
        points.push(end);
        let is_reversed = proper.is_reversed[edge];
        if is_reversed {
            points.reverse();
        }
        EdgePath {
            points,
            label: proper.labels[edge].map(|bend| area(bend as usize)),
            is_reversed,
            is_loop: false,
        }
    };
    let bottom = |vertex: usize| middles[vertex] + proper.sizes[vertex].height / 2.0;
    Placed {
        edges: (0..proper.edges.len()).map(path).collect(),
        nodes,
        size: Size {
            width: (right - spacing.layers).max(0.0),
            height: (0..middles.len()).map(bottom).fold(0.0, f64::max),
        },
    }
}

/// The heights at which each edge leaves its left box and meets its right one: edges of a box
/// stand in the order of where they lead, so that they do not cross before they must.
fn ports(proper: &Proper, middles: &[f64], nodes: &[Area]) -> Vec<(f64, f64)> {
    let mut ports = vec![(0.0, 0.0); proper.edges.len()];
    let mut out: Vec<Vec<(f64, usize)>> = vec![Vec::new(); nodes.len()];
    let mut into = out.clone();
    for (edge, (from, to)) in proper.edges.iter().enumerate() {
        let mut bends = proper.bends[edge].clone();
        let next = bends.next().unwrap_or(*to);
        let last = bends.next_back().or(Some(next).filter(|next| next != to));
        let last = last.unwrap_or(*from);
        out[*from as usize].push((middles[next as usize], edge));
        into[*to as usize].push((middles[last as usize], edge));
    }
    let spread = |area: &Area, edges: &mut Vec<(f64, usize)>| {
        edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let gaps = edges.len().saturating_sub(1) as f64;
        let gap = PORT_GAP_MAX.min(area.size.height * PORTS_PART / gaps.max(1.0));
        let top = area.middle_y() - gap * gaps / 2.0;
        let places = edges.iter().enumerate();
        places
            .map(|(at, (_, edge))| (*edge, top + gap * at as f64))
            .collect::<Vec<_>>()
    };
    for (node, area) in nodes.iter().enumerate() {
        for (edge, y) in spread(area, &mut out[node]) {
            ports[edge].0 = y;
        }
        for (edge, y) in spread(area, &mut into[node]) {
            ports[edge].1 = y;
        }
    }
    ports
}

/// A bow above the box.
pub(super) fn of_loop(area: &Area) -> EdgePath {
    let (top, quarter) = (area.at.y, area.size.width / 4.0);
    let at = |part: f64, up: f64| Point {
        x: area.at.x + quarter * part,
        y: top - up,
    };
    EdgePath {
        points: vec![
            at(3.0, 0.0),
            at(3.0, LOOP_HEIGHT),
            at(1.0, LOOP_HEIGHT),
            at(1.0, 0.0),
        ],
        label: None,
        is_reversed: false,
        is_loop: true,
    }
}
