//! The neighbours of every vertex, in one vector.

/// Neighbours by vertex, in the order of the pairs they were made from.
#[derive(Debug, Default)]
pub(super) struct Adjacency {
    starts: Vec<u32>,
    neighbours: Vec<u32>,
}

impl Adjacency {
    /// Of `vertices` vertices; each pair makes the second a neighbour of the first.
    pub(super) fn new(vertices: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut starts = vec![0_u32; vertices + 1];
        for (vertex, _) in pairs.clone() {
            starts[vertex as usize + 1] += 1;
        }
        for vertex in 0..vertices {
            starts[vertex + 1] += starts[vertex];
        }
        let mut next = starts.clone();
        let mut neighbours = vec![0; starts[vertices] as usize];
        for (vertex, neighbour) in pairs {
            let place = &mut next[vertex as usize];
            neighbours[*place as usize] = neighbour;
            *place += 1;
        }
        Self { starts, neighbours }
    }

    /// The neighbours of `vertex`.
    pub(super) fn of(&self, vertex: u32) -> &[u32] {
        let vertex = vertex as usize;
        &self.neighbours[self.starts[vertex] as usize..self.starts[vertex + 1] as usize]
    }

    /// How many it has.
    pub(super) fn degree(&self, vertex: u32) -> usize {
        self.of(vertex).len()
    }
}
