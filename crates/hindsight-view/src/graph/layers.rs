//! The layer of each node: right of all it is called from.

use super::adjacency::Adjacency;

/// Passes in which nodes are moved closer to their neighbours.
const PASSES_MAX: usize = 8;

/// The layer of each node of an acyclic graph. Each edge spans at least `lengths` of it.
pub(super) fn layers(nodes: usize, edges: &[(u32, u32)], lengths: &[u32]) -> Vec<u32> {
    let numbered = edges.iter().zip(0_u32..);
    let out = Adjacency::new(nodes, numbered.clone().map(|((from, _), at)| (*from, at)));
    let into = Adjacency::new(nodes, numbered.map(|((_, to), at)| (*to, at)));
    let order = topological(nodes, edges, &out, &into);
    let mut layers = vec![0_u32; nodes];
    for node in &order {
        layers[*node as usize] = lower(*node, &layers, edges, lengths, &into).unwrap_or(0);
    }
    // An edge is as long as the layers it spans; moving a node within its bounds towards the side
    // where it has more edges makes all of them shorter in sum.
    for pass in 0..PASSES_MAX {
        let mut has_moved = false;
        let mut shorten = |node: u32| {
            let lower = lower(node, &layers, edges, lengths, &into);
            let upper = upper(node, &layers, edges, lengths, &out);
            let better = match out.degree(node).cmp(&into.degree(node)) {
                std::cmp::Ordering::Greater => upper,
                std::cmp::Ordering::Less => lower,
                std::cmp::Ordering::Equal => None,
            };
            if let Some(better) = better.filter(|better| *better != layers[node as usize]) {
                layers[node as usize] = better;
                has_moved = true;
            }
        };
        match pass % 2 {
            0 => order.iter().rev().copied().for_each(&mut shorten),
            _ => order.iter().copied().for_each(&mut shorten),
        }
        if !has_moved {
            break;
        }
    }
    let first = layers.iter().copied().min().unwrap_or(0);
    layers.iter_mut().for_each(|layer| *layer -= first);
    layers
}

/// The first layer right of everything that leads to `node`.
fn lower(
    node: u32,
    layers: &[u32],
    edges: &[(u32, u32)],
    lengths: &[u32],
    into: &Adjacency,
) -> Option<u32> {
    let bounds = into.of(node).iter().map(|edge| {
        let edge = *edge as usize;
        layers[edges[edge].0 as usize] + lengths[edge]
    });
    bounds.max()
}

/// The last layer left of everything that `node` leads to.
fn upper(
    node: u32,
    layers: &[u32],
    edges: &[(u32, u32)],
    lengths: &[u32],
    out: &Adjacency,
) -> Option<u32> {
    let bounds = out.of(node).iter().map(|edge| {
        let edge = *edge as usize;
        layers[edges[edge].1 as usize].saturating_sub(lengths[edge])
    });
    bounds.min()
}

/// Nodes so that every edge leads forward.
fn topological(nodes: usize, edges: &[(u32, u32)], out: &Adjacency, into: &Adjacency) -> Vec<u32> {
    let all = 0..nodes as u32;
    let mut missing: Vec<usize> = all.clone().map(|node| into.degree(node)).collect();
    let mut order: Vec<u32> = all.filter(|node| missing[*node as usize] == 0).collect();
    let mut next = 0;
    while let Some(node) = order.get(next).copied() {
        next += 1;
        for edge in out.of(node) {
            let to = edges[*edge as usize].1;
            missing[to as usize] -= 1;
            if missing[to as usize] == 0 {
                order.push(to);
            }
        }
    }
    order
}
