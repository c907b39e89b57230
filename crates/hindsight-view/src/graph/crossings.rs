//! How often the links between layers cross.

use super::proper::Proper;

/// Crossings of all links, given the vertices of each layer from top to bottom and their places.
pub(super) fn crossings(proper: &Proper, layers: &[Vec<u32>], places: &[u32]) -> u64 {
    let mut counted = Vec::new();
    let pairs = layers.windows(2);
    pairs
        .map(|pair| between(proper, &pair[0], pair[1].len(), places, &mut counted))
        .sum()
}

/// Two links cross where the upper one on the left is the lower one on the right: counts, from top
/// to bottom of the left layer, ends on the right that are below (in a Fenwick tree).
fn between(
    proper: &Proper,
    left: &[u32],
    right_len: usize,
    places: &[u32],
    tree: &mut Vec<u64>,
) -> u64 {
    tree.clear();
    tree.resize(right_len + 1, 0);
    let (mut seen, mut crossed) = (0, 0);
    for vertex in left {
        let ends = proper.right.of(*vertex);
        for end in ends {
            crossed += seen - up_to(tree, places[*end as usize] as usize + 1);
        }
        for end in ends {
            let mut at = places[*end as usize] as usize + 1;
            while at < tree.len() {
                tree[at] += 1;
                at += at & at.wrapping_neg();
            }
        }
        seen += ends.len() as u64;
    }
    crossed
}

fn up_to(tree: &[u64], mut at: usize) -> u64 {
    let mut sum = 0;
    while at > 0 {
        sum += tree[at];
        at &= at - 1;
    }
    sum
}
