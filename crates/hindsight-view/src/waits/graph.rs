//! Edges from who waits to whom it waits for, and their cycles.

use std::collections::HashMap;

use hindsight_protocol::batch::{LinkRow, ValueRef};
use hindsight_protocol::{CheckedBatch, SpanId, SpanKind, TraceId};

use super::{OpenSpan, Told, WaitReason};

/// Edges of every span, by its place.
pub(super) struct Graph {
    /// Whom each waits for and why, the oldest first.
    pub(super) edges: Vec<Vec<(usize, WaitReason)>>,
}

impl Graph {
    pub(super) fn of(pages: &[CheckedBatch], spans: &[OpenSpan], told: Option<&Told>) -> Self {
        let valid = spans.iter().enumerate().filter(|(_, s)| s.key.1.is_valid());
        let places: HashMap<(TraceId, SpanId), usize> =
            valid.map(|(place, span)| (span.key, place)).collect();
        let mut graph = Self {
            edges: vec![Vec::new(); spans.len()],
        };
        let row = |span: &OpenSpan| pages[span.page as usize].row(span.row as usize);
        for (place, span) in spans.iter().enumerate() {
            let parent = places.get(&(span.key.0, span.parent));
            if let Some(parent) = parent.filter(|_| row(span).kind() != SpanKind::Consumer) {
                let reason = match spans[*parent].process == span.process {
                    true => WaitReason::Child,
                    false => WaitReason::Call,
                };
                graph.edges[*parent].push((place, reason));
            }
        }
        for (place, span) in spans.iter().enumerate() {
            for link in row(span).links().filter(|link| says_wait(*link)) {
                if let Some(target) = places.get(&(link.trace_id(), link.span_id())) {
                    graph.add(place, *target, WaitReason::Link);
                }
            }
        }
        for (from, to, reason) in told.into_iter().flat_map(|told| &told.waits) {
            if let (Some(from), Some(to)) = (places.get(from), places.get(to)) {
                graph.add(*from, *to, *reason);
            }
        }
        for edges in &mut graph.edges {
            edges.sort_unstable_by_key(|(place, _)| *place);
        }
        graph
    }

    /// A link to a child says nothing new.
    fn add(&mut self, from: usize, to: usize, reason: WaitReason) {
        let edges = &mut self.edges[from];
        if edges.iter().all(|(known, _)| *known != to) {
            edges.push((to, reason));
        }
    }

    /// The strongly connected components that hold a cycle, their places ascending (Tarjan's
    /// algorithm with its stack of calls as a vector).
    pub(super) fn cycles(&self) -> Vec<Vec<usize>> {
        let mut search = Search::new(self);
        for start in 0..self.edges.len() {
            search.from(start);
        }
        let mut cycles = search.cycles;
        cycles.sort_unstable();
        cycles
    }
}

/// An attribute of the link speaks of waiting.
fn says_wait(link: LinkRow<'_>) -> bool {
    let says_so = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("wait") || text.contains("block")
    };
    let mut attributes = link.attributes();
    attributes.any(|(key, value)| {
        says_so(key) || matches!(value, ValueRef::String(text) if says_so(text))
    })
}

const UNSEEN: usize = usize::MAX;

struct Search<'a> {
    graph: &'a Graph,
    order: Vec<usize>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    next: usize,
    cycles: Vec<Vec<usize>>,
}

impl<'a> Search<'a> {
    fn new(graph: &'a Graph) -> Self {
        let spans = graph.edges.len();
        Self {
            graph,
            order: vec![UNSEEN; spans],
            low: vec![UNSEEN; spans],
            on_stack: vec![false; spans],
            stack: Vec::new(),
            next: 0,
            cycles: Vec::new(),
        }
    }

    fn from(&mut self, start: usize) {
        if self.order[start] != UNSEEN {
            return;
        }
        self.visit(start);
        // Place and number of its edges that were followed.
        let mut path = vec![(start, 0)];
        while let Some((place, followed)) = path.last_mut() {
            let place = *place;
            let edge = self.graph.edges[place].get(*followed);
            *followed += 1;
            match edge {
                Some((to, _)) if self.order[*to] == UNSEEN => {
                    self.visit(*to);
                    path.push((*to, 0));
                }
                Some((to, _)) if self.on_stack[*to] => {
                    self.low[place] = self.low[place].min(self.order[*to]);
                }
                Some(_) => {}
                None => {
                    path.pop();
                    if let Some((above, _)) = path.last() {
                        self.low[*above] = self.low[*above].min(self.low[place]);
                    }
                    if self.low[place] == self.order[place] {
                        self.close(place);
                    }
                }
            }
        }
    }

    fn visit(&mut self, place: usize) {
        self.order[place] = self.next;
        self.low[place] = self.next;
        self.next += 1;
        self.stack.push(place);
        self.on_stack[place] = true;
    }

    /// Takes the component whose first place is `root` from the stack.
    fn close(&mut self, root: usize) {
        let mut component = Vec::new();
        while let Some(place) = self.stack.pop() {
            self.on_stack[place] = false;
            component.push(place);
            if place == root {
                break;
            }
        }
        let waits_for_itself = |place: usize| {
            let mut edges = self.graph.edges[place].iter();
            edges.any(|(to, _)| *to == place)
        };
        if component.len() > 1 || waits_for_itself(root) {
            component.sort_unstable();
            self.cycles.push(component);
        }
    }
}
