//! One tree of operations over two traces.

use std::collections::HashMap;

use hindsight_protocol::{SpanKind, StatusCode};

use super::attributes::{Keys, changes};
use super::{DiffNode, Measured, Side, TraceDiff};

/// What stands for the parent of roots.
const NO_PARENT: usize = usize::MAX;

/// Where an operation stands and what it is.
type Key<'a> = (usize, &'a str, &'a str, u8);

/// An operation while it is gathered.
struct Operation<'a> {
    key: Key<'a>,
    sides: [Side; 2],
    keys: [Keys<'a>; 2],
    /// The earliest start of its spans, since the start of their trace.
    after_ns: u64,
    children: Vec<usize>,
}

#[derive(Default)]
struct Merge<'a> {
    places: HashMap<Key<'a>, usize>,
    operations: Vec<Operation<'a>>,
    roots: Vec<usize>,
    /// Place of each span's operation, by node.
    of_nodes: [Vec<usize>; 2],
}

pub(super) fn merge<'a>(sides: &[Measured<'a>; 2]) -> TraceDiff<'a> {
    let mut merge = Merge::default();
    for (number, side) in sides.iter().enumerate() {
        merge.add(number, side);
    }
    merge.finish()
}

impl<'a> Merge<'a> {
    fn add(&mut self, number: usize, side: &Measured<'a>) {
        let tree = side.tree;
        let (start_ns, _) = side.timeline.bounds_ns();
        // Operation of each node; parents come first.
        let mut of_nodes: Vec<usize> = Vec::with_capacity(tree.len());
        for node in 0..tree.len() {
            let parent = tree
                .parent(node)
                .map_or(NO_PARENT, |parent| of_nodes[parent]);
            let kind = tree.kind(node) as u8;
            let place = self.place((parent, tree.service(node), tree.name(node), kind));
            of_nodes.push(place);
            let operation = &mut self.operations[place];
            let sums = &mut operation.sides[number];
            sums.spans += 1;
            sums.errors += u64::from(tree.status(node) == StatusCode::Error);
            let duration_ns = side.timeline.duration_ns(tree, node);
            sums.total_ns = sums.total_ns.saturating_add(duration_ns);
            sums.self_ns = sums.self_ns.saturating_add(side.self_times_ns[node]);
            operation.after_ns = operation.after_ns.min(tree.start_ns(node) - start_ns);
            if let Some(trace) = side.trace {
                operation.keys[number].add(trace.span(node));
            }
        }
        self.of_nodes[number] = of_nodes;
    }

    fn place(&mut self, key: Key<'a>) -> usize {
        let next = self.operations.len();
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.operations.push(Operation {
                key,
                sides: [Side::default(); 2],
                keys: Default::default(),
                after_ns: u64::MAX,
                children: Vec::new(),
            });
            match self.operations.get_mut(key.0) {
                Some(parent) => parent.children.push(place),
                None => self.roots.push(place),
            }
        }
        place
    }

    /// By what is the same whichever side comes first.
    fn in_order(&self, siblings: &[usize]) -> Vec<usize> {
        let mut ordered = siblings.to_vec();
        ordered.sort_by_key(|place| {
            let operation = &self.operations[*place];
            let (_, service, name, kind) = operation.key;
            (operation.after_ns, service, name, kind)
        });
        ordered
    }

    fn finish(self) -> TraceDiff<'a> {
        let mut nodes: Vec<DiffNode<'a>> = Vec::with_capacity(self.operations.len());
        let mut numbers = vec![0; self.operations.len()];
        let mut waiting: Vec<(usize, Option<usize>, bool)> = Vec::new();
        let push = |waiting: &mut Vec<_>, siblings: Vec<usize>, parent| {
            let last = siblings.last().copied();
            let rows = siblings.into_iter().rev();
            waiting.extend(rows.map(|place| (place, parent, Some(place) == last)));
        };
        push(&mut waiting, self.in_order(&self.roots), None);
        while let Some((place, parent, is_last)) = waiting.pop() {
            let operation = &self.operations[place];
            let (_, service, name, kind) = operation.key;
            let [a, b] = operation.sides;
            let attributes = match a.spans > 0 && b.spans > 0 {
                true => changes(&operation.keys[0], &operation.keys[1]),
                false => Vec::new(),
            };
            let node = DiffNode {
                service,
                name,
                kind: SpanKind::from_u8(kind),
                parent,
                depth: parent.map_or(0, |parent: usize| nodes[parent].depth + 1),
                is_last,
                leads_to_change: false,
                a,
                b,
                attributes,
            };
            push(
                &mut waiting,
                self.in_order(&operation.children),
                Some(nodes.len()),
            );
            numbers[place] = nodes.len();
            nodes.push(node);
        }
        for index in (0..nodes.len()).rev() {
            nodes[index].leads_to_change |= nodes[index].differs();
            if let (true, Some(parent)) = (nodes[index].leads_to_change, nodes[index].parent) {
                nodes[parent].leads_to_change = true;
            }
        }
        let numbered = |of_nodes: Vec<usize>| of_nodes.into_iter().map(|place| numbers[place]);
        let operations = self.of_nodes.map(|of_nodes| numbered(of_nodes).collect());
        TraceDiff { nodes, operations }
    }
}
