//! The vertices of each layer from top to bottom, so that few links cross.

use super::WORK_MAX;
use super::adjacency::Adjacency;
use super::crossings::crossings;
use super::proper::Proper;

/// Sweeps over all layers.
const SWEEPS_MAX: usize = 24;
/// Sweeps without a better order after which none is expected.
const SWEEPS_IN_VAIN_MAX: usize = 4;
/// Vertices up to which neighbours are also exchanged one by one.
const EXCHANGED_MAX: usize = 1_500;

/// The vertices of each layer.
pub(super) fn order(proper: &Proper) -> Vec<Vec<u32>> {
    let mut order = Order::begin(proper);
    let size = proper.layer_of.len() + proper.links;
    let sweeps = (WORK_MAX / size.max(1)).clamp(2, SWEEPS_MAX);
    let mut least = order.crossings();
    let (mut best, mut in_vain) = (order.layers.clone(), 0);
    for sweep in 0..sweeps {
        if least == 0 || in_vain >= SWEEPS_IN_VAIN_MAX {
            break;
        }
        order.sweep(sweep % 2 == 0);
        if proper.layer_of.len() <= EXCHANGED_MAX {
            order.exchange();
        }
        let crossings = order.crossings();
        in_vain += 1;
        if crossings < least {
            (least, in_vain) = (crossings, 0);
            best.clone_from(&order.layers);
        }
    }
    best
}

struct Order<'a> {
    proper: &'a Proper,
    layers: Vec<Vec<u32>>,
    /// The place of each vertex in its layer.
    places: Vec<u32>,
}

impl<'a> Order<'a> {
    /// Along the links, depth first, from the leftmost: trees have no crossing.
    fn begin(proper: &'a Proper) -> Self {
        let vertices = proper.layer_of.len();
        let mut order = Self {
            proper,
            layers: vec![Vec::new(); proper.layers],
            places: vec![0; vertices],
        };
        let mut is_seen = vec![false; vertices];
        let mut first: Vec<u32> = (0..vertices as u32).collect();
        first.sort_by_key(|vertex| proper.layer_of[*vertex as usize]);
        let mut waiting = Vec::new();
        for start in first {
            waiting.push(start);
            while let Some(vertex) = waiting.pop() {
                if std::mem::replace(&mut is_seen[vertex as usize], true) {
                    continue;
                }
                order.layers[proper.layer_of[vertex as usize] as usize].push(vertex);
                waiting.extend(proper.left.of(vertex).iter().rev());
                waiting.extend(proper.right.of(vertex).iter().rev());
            }
        }
        for layer in 0..order.layers.len() {
            order.number(layer);
        }
        order
    }

    fn number(&mut self, layer: usize) {
        for (place, vertex) in self.layers[layer].iter().enumerate() {
            self.places[*vertex as usize] = place as u32;
        }
    }

    fn crossings(&self) -> u64 {
        crossings(self.proper, &self.layers, &self.places)
    }

    /// Sorts each layer by where its neighbours in the layer before stand.
    fn sweep(&mut self, to_right: bool) {
        let proper = self.proper;
        let neighbours = if to_right {
            &proper.left
        } else {
            &proper.right
        };
        let last = self.layers.len().saturating_sub(1);
        for step in 0..=last {
            let layer = if to_right { step } else { last - step };
            let wanted = |vertex: &u32| self.barycenter(neighbours, *vertex);
            let mut sorted: Vec<(f64, u32)> = self.layers[layer]
                .iter()
                .map(|vertex| (wanted(vertex), *vertex))
                .collect();
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
            self.layers[layer] = sorted.into_iter().map(|(_, vertex)| vertex).collect();
            self.number(layer);
        }
    }

    fn barycenter(&self, neighbours: &Adjacency, vertex: u32) -> f64 {
        let neighbours = neighbours.of(vertex);
        if neighbours.is_empty() {
            return f64::from(self.places[vertex as usize]);
        }
        let places = neighbours.iter().map(|other| self.places[*other as usize]);
        places.map(f64::from).sum::<f64>() / neighbours.len() as f64
    }

    /// Exchanges vertices with the one below where that leaves fewer crossings.
    fn exchange(&mut self) {
        for layer in 0..self.layers.len() {
            for place in 1..self.layers[layer].len() {
                let (upper, lower) = (self.layers[layer][place - 1], self.layers[layer][place]);
                if self.crossed(lower, upper) < self.crossed(upper, lower) {
                    self.layers[layer].swap(place - 1, place);
                    self.places.swap(upper as usize, lower as usize);
                }
            }
        }
    }

    /// Crossings of the links of two vertices, `upper` above `lower`.
    fn crossed(&self, upper: u32, lower: u32) -> usize {
        let of = |neighbours: &Adjacency| {
            let below = |above: &u32| {
                let mine = self.places[*above as usize];
                let others = neighbours.of(lower).iter();
                others
                    .filter(|other| self.places[**other as usize] < mine)
                    .count()
            };
            neighbours.of(upper).iter().map(below).sum::<usize>()
        };
        of(&self.proper.left) + of(&self.proper.right)
    }
}
