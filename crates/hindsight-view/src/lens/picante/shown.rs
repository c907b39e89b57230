//! The part of a graph that is drawn, whatever its size: some queries one by one, the others as one
//! box a kind.
//!
//! In: [`Queries`] and a [`Look`]. Out: [`Shown`]: items and the links between them. Holds: every
//! query that is wanted is in exactly one item, so that nothing is hidden without being counted; the
//! selected one is always an item of its own; what is drawn does not depend on the order in which it
//! was told. Bounded: [`ALONE_MAX`] queries one by one, [`BOXES_MAX`] boxes, [`LINKS_MAX`] links;
//! what is beyond is counted. Cost: O((nodes + edges) log).

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use hindsight_protocol::introspection::picante::QueryRef;

use super::filter::{Filter, Outcomes};
use super::graph::Queries;
use super::outcome::Outcome;

/// Most boxes that are drawn.
pub const BOXES_MAX: usize = ALONE_MAX + KINDS_MAX + 1;
/// Most links that are drawn, those that stand for most edges first.
pub const LINKS_MAX: usize = 900;

/// Queries that are drawn one by one; the weightiest first.
const ALONE_MAX: usize = 140;
/// Kinds that are drawn as a box each, those with the most queries first.
const KINDS_MAX: usize = 100;

/// Which queries, and how they are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// What fits: few queries one by one, many by kind, the selected one with what is around it.
    #[default]
    Auto,
    /// One box a kind.
    Kinds,
    /// One by one, as many as can be drawn.
    Queries,
    /// The selected one, what it depends on and what depends on it, one step each way.
    Around,
    /// All that the selected one depends on.
    Uses,
    /// All that depends on the selected one: what its change reaches.
    Users,
}

impl Mode {
    /// All, in the order they are offered.
    pub const ALL: [Self; 6] = [
        Self::Auto,
        Self::Kinds,
        Self::Queries,
        Self::Around,
        Self::Uses,
        Self::Users,
    ];

    /// Its name in a URL.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "",
            Self::Kinds => "kinds",
            Self::Queries => "queries",
            Self::Around => "around",
            Self::Uses => "uses",
            Self::Users => "users",
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Auto => "what fits",
            Self::Kinds => "one box a kind",
            Self::Queries => "queries one by one",
            Self::Around => "around the selected one",
            Self::Uses => "what the selected one uses",
            Self::Users => "what uses the selected one",
        }
    }

    /// The mode of a name in a URL.
    pub fn of_word(text: &str) -> Self {
        let mode = Self::ALL.into_iter().find(|mode| mode.word() == text);
        mode.unwrap_or_default()
    }

    /// Whether it says nothing without a selected query.
    pub fn needs_selected(self) -> bool {
        matches!(self, Self::Around | Self::Uses | Self::Users)
    }
}

/// What the reader wants to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Only these.
    pub filter: Filter,
    /// Only with such an outcome.
    pub outcomes: Outcomes,
    /// How.
    pub mode: Mode,
    /// Kinds whose queries are drawn one by one though others are not.
    pub opened: BTreeSet<String>,
    /// The query that is looked at.
    pub selected: Option<QueryRef>,
}

/// A box.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A query, by its index.
    Query(u32),
    /// Queries of a kind that are not drawn one by one.
    Kind(KindCounts),
    /// Queries of kinds that are too many to be drawn: how many kinds.
    More(KindCounts, usize),
}

/// Queries that stand in one box.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KindCounts {
    /// The kind; empty for several.
    pub kind: String,
    /// How many.
    pub queries: u64,
    /// How many with each outcome, the weightiest first.
    pub outcomes: Vec<(Outcome, u64)>,
    /// Nanoseconds of their last computations, in sum.
    pub compute_ns: u64,
    /// Whether they are inputs.
    pub is_input: bool,
    /// Whether others of the kind are drawn one by one.
    pub is_rest: bool,
}

impl KindCounts {
    /// How many ran, or were set.
    pub fn recomputed(&self) -> u64 {
        let wanted = |(outcome, _): &&(Outcome, u64)| Outcomes::Recomputed.lets(*outcome);
        self.outcomes
            .iter()
            .filter(wanted)
            .map(|(_, count)| count)
            .sum()
    }

    fn add(&mut self, graph: &Queries, index: u32) {
        let node = graph.node(index);
        let outcome = graph.outcome(index);
        self.queries += 1;
        self.compute_ns = self.compute_ns.saturating_add(node.compute_ns);
        self.is_input |= node.is_input;
        match self
            .outcomes
            .iter_mut()
            .find(|(known, _)| *known == outcome)
        {
            Some((_, count)) => *count += 1,
            None => self.outcomes.push((outcome, 1)),
        }
    }
}

/// Edges between the queries of two boxes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Index of the item that depends.
    pub from: usize,
    /// Index of the item it depends on.
    pub to: usize,
    /// Edges.
    pub edges: u64,
    /// Of them, those that picante lost.
    pub lost: u64,
    /// Of them, those that nobody called.
    pub phantom: u64,
}

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// The boxes: queries by name, then kinds by name.
    pub items: Vec<Item>,
    /// The links between them, by their ends.
    pub links: Vec<Link>,
    /// Queries that are wanted.
    pub wanted: usize,
    /// Links that are too many to be drawn.
    pub links_left_out: usize,
    /// How they are put together, with what fits decided.
    pub mode: Mode,
    /// The selected query, if the graph has it.
    pub selected: Option<u32>,
}

impl Shown {
    /// The part of `graph` that is wanted.
    pub fn new(graph: &Queries, look: &Look) -> Self {
        let selected = look.selected.as_ref().and_then(|query| graph.find(query));
        let is_wanted = |index: &u32| {
            let node = graph.node(*index);
            look.outcomes.lets(graph.outcome(*index)) && look.filter.lets(node)
        };
        let all = 0..graph.nodes().len() as u32;
        let mut wanted: Vec<u32> = all.filter(is_wanted).collect();
        let mode = resolved(look.mode, wanted.len(), selected);
        if let (true, Some(selected)) = (mode.needs_selected(), selected) {
            let reached = reached(graph, selected, mode);
            wanted.retain(|index| reached[*index as usize]);
        }
        if let Some(selected) = selected
            && let Err(place) = wanted.binary_search(&selected)
        {
            wanted.insert(place, selected);
        }
        let alone = alone(graph, look, mode, selected, &wanted);
        let (items, item_of) = put_together(graph, &wanted, &alone);
        let (links, links_left_out) = links(graph, &item_of);
        Self {
            items,
            links,
            wanted: wanted.len(),
            links_left_out,
            mode,
            selected,
        }
    }

    /// The item of the selected query.
    pub fn selected_item(&self) -> Option<usize> {
        let selected = self.selected?;
        self.items
            .iter()
            .position(|item| *item == Item::Query(selected))
    }
}

fn resolved(mode: Mode, wanted: usize, selected: Option<u32>) -> Mode {
    match (mode, selected) {
        (Mode::Auto, _) if wanted <= ALONE_MAX => Mode::Queries,
        (Mode::Auto, Some(_)) => Mode::Around,
        (Mode::Auto, None) => Mode::Kinds,
        (mode, None) if mode.needs_selected() => resolved(Mode::Auto, wanted, None),
        (mode, _) => mode,
    }
}

/// What can be come to from `start`, itself included.
fn reached(graph: &Queries, start: u32, mode: Mode) -> Vec<bool> {
    let mut reached = vec![false; graph.nodes().len()];
    reached[start as usize] = true;
    let steps = if mode == Mode::Around { 1 } else { usize::MAX };
    let ways: &[fn(&Queries, u32) -> &[u32]] = match mode {
        Mode::Uses => &[Queries::uses],
        Mode::Users => &[Queries::users],
        _ => &[Queries::uses, Queries::users],
    };
    for way in ways {
        let mut waiting = VecDeque::from([(start, 0)]);
        let mut is_seen = vec![false; reached.len()];
        while let Some((index, step)) = waiting.pop_front() {
            if std::mem::replace(&mut is_seen[index as usize], true) || step > steps {
                continue;
            }
            reached[index as usize] = true;
            if step < steps {
                waiting.extend(way(graph, index).iter().map(|next| (*next, step + 1)));
            }
        }
    }
    reached
}

/// Which of `wanted` are drawn one by one.
fn alone(
    graph: &Queries,
    look: &Look,
    mode: Mode,
    selected: Option<u32>,
    wanted: &[u32],
) -> BTreeSet<u32> {
    let is_opened = |index: &u32| look.opened.contains(&graph.node(*index).query.kind);
    let mut of_kind: HashMap<&str, usize> = HashMap::new();
    for index in wanted {
        *of_kind.entry(&graph.node(*index).query.kind).or_default() += 1;
    }
    // A box for one says less than that one.
    let is_only = |index: &u32| of_kind[graph.node(*index).query.kind.as_str()] == 1;
    let mut candidates: Vec<u32> = match mode {
        Mode::Kinds => {
            let drawn = wanted
                .iter()
                .filter(|index| is_opened(index) || is_only(index));
            drawn.copied().collect()
        }
        _ => wanted.to_vec(),
    };
    let weight = |index: &u32| {
        let is_selected = Some(*index) == selected;
        let node = graph.node(*index);
        (
            is_selected,
            is_opened(index),
            graph.outcome(*index),
            node.compute_ns,
        )
    };
    // Indices are by name, and the sort keeps their order where weights are the same.
    candidates.sort_by_key(|index| std::cmp::Reverse(weight(index)));
    candidates.truncate(ALONE_MAX);
    candidates.into_iter().chain(selected).collect()
}

/// The items, and the item of each wanted query.
fn put_together(
    graph: &Queries,
    wanted: &[u32],
    alone: &BTreeSet<u32>,
) -> (Vec<Item>, HashMap<u32, usize>) {
    let mut kinds: BTreeMap<&str, KindCounts> = BTreeMap::new();
    for index in wanted.iter().filter(|index| !alone.contains(index)) {
        let kind = graph.node(*index).query.kind.as_str();
        kinds.entry(kind).or_default().add(graph, *index);
    }
    let with_some_alone: BTreeSet<&str> = alone
        .iter()
        .map(|index| graph.node(*index).query.kind.as_str())
        .collect();
    let mut by_size: Vec<(&str, u64)> = kinds.iter().map(|(k, of)| (*k, of.queries)).collect();
    by_size.sort_by_key(|(_, queries)| std::cmp::Reverse(*queries));
    let drawn: BTreeSet<&str> = by_size
        .iter()
        .take(KINDS_MAX)
        .map(|(kind, _)| *kind)
        .collect();

    let mut items: Vec<Item> = alone.iter().copied().map(Item::Query).collect();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let (mut more, mut kinds_more) = (KindCounts::default(), 0);
    for (kind, mut counts) in kinds {
        counts
            .outcomes
            .sort_by_key(|(outcome, _)| std::cmp::Reverse(*outcome));
        if drawn.contains(kind) {
            counts.kind = kind.to_owned();
            counts.is_rest = with_some_alone.contains(kind);
            places.insert(kind, items.len());
            items.push(Item::Kind(counts));
        } else {
            kinds_more += 1;
            more.queries += counts.queries;
            more.compute_ns = more.compute_ns.saturating_add(counts.compute_ns);
            for (outcome, count) in counts.outcomes {
                match more
                    .outcomes
                    .iter_mut()
                    .find(|(known, _)| *known == outcome)
                {
                    Some((_, known)) => *known += count,
                    None => more.outcomes.push((outcome, count)),
                }
            }
        }
    }
    let last = items.len();
    if kinds_more > 0 {
        more.outcomes
            .sort_by_key(|(outcome, _)| std::cmp::Reverse(*outcome));
        items.push(Item::More(more, kinds_more));
    }
    let alone_places: HashMap<u32, usize> = alone.iter().copied().zip(0..).collect();
    let place = |index: &u32| match alone_places.get(index) {
        Some(place) => *place,
        None => {
            let kind = graph.node(*index).query.kind.as_str();
            places.get(kind).copied().unwrap_or(last)
        }
    };
    let item_of = wanted.iter().map(|index| (*index, place(index))).collect();
    (items, item_of)
}

fn links(graph: &Queries, item_of: &HashMap<u32, usize>) -> (Vec<Link>, usize) {
    let mut links: HashMap<(usize, usize), Link> = HashMap::new();
    for edge in graph.edges() {
        let (Some(from), Some(to)) = (item_of.get(&edge.from), item_of.get(&edge.to)) else {
            continue;
        };
        let link = links.entry((*from, *to)).or_insert(Link {
            from: *from,
            to: *to,
            ..Link::default()
        });
        link.edges += 1;
        link.lost += u64::from(edge.is_lost());
        link.phantom += u64::from(edge.is_phantom());
    }
    let mut links: Vec<Link> = links.into_values().collect();
    let left_out = links.len().saturating_sub(LINKS_MAX);
    if left_out > 0 {
        let weight = |link: &Link| (link.lost, link.phantom, link.edges);
        links.sort_by_key(|link| (std::cmp::Reverse(weight(link)), link.from, link.to));
        links.truncate(LINKS_MAX);
    }
    links.sort_by_key(|link| (link.from, link.to));
    (links, left_out)
}
