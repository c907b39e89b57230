//! Which query stands in which box, and the links between boxes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::graph::Queries;
use super::{ALONE_MAX, Item, KINDS_MAX, KindCounts, LINKS_MAX, Link, Look, Mode};

/// Which of `wanted` are drawn one by one.
pub(super) fn alone(
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
pub(super) fn put_together(
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

/// Links by their ends, and how many are too many.
pub(super) fn links(graph: &Queries, item_of: &HashMap<u32, usize>) -> (Vec<Link>, usize) {
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
