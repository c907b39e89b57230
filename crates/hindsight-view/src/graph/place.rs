//! Heights: each vertex as near to its neighbours as its layer's order lets it be.
//!
//! Layer by layer the heights solve a least squares problem: the sum of the weighted squares of the
//! distances from where the neighbours stand, under the condition that each vertex stands below the
//! one before it, with the gap between them. With the gaps taken off that is isotonic regression,
//! which pooling adjacent violators solves in linear time.

use super::WORK_MAX;
use super::proper::Proper;

/// Passes over all layers, each from left to right or back.
const PASSES_MAX: usize = 16;

/// Weight of a link between two bends: long edges are straight before anything else is.
const STRAIGHT_WEIGHT: f64 = 8.0;
/// Weight of a link between a node and a bend.
const MIXED_WEIGHT: f64 = 2.0;
/// Weight of where a vertex without neighbours stands already.
const REST_WEIGHT: f64 = 0.01;

/// The height of the middle of each vertex; the least upper border is 0.
pub(super) fn place(proper: &Proper, layers: &[Vec<u32>], gap: f64) -> Vec<f64> {
    let mut middles = vec![0.0; proper.layer_of.len()];
    for layer in layers {
        let mut bottom = 0.0;
        for vertex in layer {
            let height = proper.sizes[*vertex as usize].height;
            middles[*vertex as usize] = bottom + height / 2.0;
            bottom += height + gap_below(proper, *vertex, gap);
        }
    }
    let size = proper.layer_of.len() + proper.links;
    // An even number ends from right to left: callers stand in the middle of what they call.
    let passes = (WORK_MAX / size.max(1)).clamp(4, PASSES_MAX) & !1;
    for pass in 0..passes {
        let to_right = pass % 2 == 0;
        let last = layers.len().saturating_sub(1);
        for step in 0..=last {
            let layer = if to_right { step } else { last - step };
            settle(proper, &layers[layer], gap, to_right, &mut middles);
        }
    }
    let top = |vertex: usize| middles[vertex] - proper.sizes[vertex].height / 2.0;
    let least = (0..middles.len()).map(top).fold(f64::INFINITY, f64::min);
    middles.iter_mut().for_each(|middle| *middle -= least);
    middles
}

/// Bends of edges stand closer than boxes do.
fn gap_below(proper: &Proper, vertex: u32, gap: f64) -> f64 {
    if proper.is_bend(vertex) {
        gap / 2.0
    } else {
        gap
    }
}

/// Vertices that touch each other and move as one.
struct Block {
    /// Sum of the weights, and of the weighted heights without gaps.
    weight: f64,
    sum: f64,
    members: usize,
}

fn settle(proper: &Proper, layer: &[u32], gap: f64, to_right: bool, middles: &mut [f64]) {
    let mut offsets = Vec::with_capacity(layer.len());
    let mut blocks: Vec<Block> = Vec::with_capacity(layer.len());
    let (mut offset, mut above): (f64, Option<u32>) = (0.0, None);
    for vertex in layer {
        let half = |vertex: u32| proper.sizes[vertex as usize].height / 2.0;
        if let Some(above) = above {
            offset += half(above) + gap_below(proper, above, gap) + half(*vertex);
        }
        above = Some(*vertex);
        offsets.push(offset);
        let (weight, wanted) = wanted(proper, *vertex, to_right, middles);
        let mut block = Block {
            weight,
            sum: weight * (wanted - offset),
            members: 1,
        };
        while let Some(before) = blocks.pop_if(|before| before.level() > block.level()) {
            block.weight += before.weight;
            block.sum += before.sum;
            block.members += before.members;
        }
        blocks.push(block);
    }
    let levels = blocks
        .iter()
        .flat_map(|block| std::iter::repeat_n(block.level(), block.members));
    for ((vertex, offset), level) in layer.iter().zip(offsets).zip(levels) {
        middles[*vertex as usize] = level + offset;
    }
}

impl Block {
    fn level(&self) -> f64 {
        self.sum / self.weight
    }
}

/// Where the neighbours of `vertex` on one side want it, and how much.
fn wanted(proper: &Proper, vertex: u32, to_right: bool, middles: &[f64]) -> (f64, f64) {
    let neighbours = if to_right {
        &proper.left
    } else {
        &proper.right
    };
    let (mut weight, mut sum) = (REST_WEIGHT, REST_WEIGHT * middles[vertex as usize]);
    for other in neighbours.of(vertex) {
        let link = match (is_inner(proper, vertex), is_inner(proper, *other)) {
            (true, true) => STRAIGHT_WEIGHT,
            (false, false) => 1.0,
            _ => MIXED_WEIGHT,
        };
        weight += link;
        sum += link * middles[*other as usize];
    }
    (weight, sum / weight)
}

fn is_inner(proper: &Proper, vertex: u32) -> bool {
    vertex as usize >= proper.nodes
}
