//! What folds, and what is to be seen of it.

use hindsight_protocol::{Span, SpanState, StatusCode};
use proptest::prelude::*;

use super::*;
use crate::fixture::{START_NS, any_family, family, open, service, span, tree};
use crate::waterfall::{Glyphs, Waterfall};

const MS: u64 = 1_000_000;

fn grouping(tree: &TraceTree) -> Grouping {
    let timeline = Timeline::new(tree, START_NS + 100 * MS);
    Grouping::new(tree, &timeline, FoldLimits::default())
}

fn queries(ids: std::ops::Range<u64>, parent: u64) -> impl Iterator<Item = Span> {
    ids.map(move |id| Span {
        resource: service("db"),
        ..span(id, parent, "SELECT\u{1b}", id, id + 1 + id % 7)
    })
}

/// A root with 30 queries, one of which failed, a loop of calls, a chain of 8.
fn spans() -> Vec<Span> {
    let mut spans = vec![span(1, 0, "GET /", 0, 90)];
    spans.extend(queries(2..32, 1));
    spans[4].status = StatusCode::Error as u8;
    spans[5] = open(spans[5].clone(), SpanState::Running);
    spans.extend((40..44).map(|id| span(id, 1, "call", id, id + 3)));
    spans.extend((50..58).map(|id| {
        span(
            id,
            if id == 50 { 1 } else { id - 1 },
            "poll",
            id,
            99 - id / 2,
        )
    }));
    spans.extend([span(60, 57, "leaf", 60, 61), span(61, 57, "leaf", 61, 62)]);
    spans
}

fn draw(spans: &[Span], expansion: &Expansion) -> String {
    let tree = tree(spans);
    let grouping = grouping(&tree);
    let outline = Outline::new(&tree, &grouping, expansion);
    let waterfall = Waterfall::new(&tree, START_NS + 100 * MS, Glyphs::UNICODE);
    let waterfall = waterfall.folded(&grouping, &outline);
    let layout = waterfall.layout(Some(120));
    let lines = (0..waterfall.len()).map(|row| waterfall.line(row, &layout).to_plain());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn siblings_and_chains_are_drawn_folded() {
    insta::assert_snapshot!(draw(&spans(), &Expansion::default()));
}

#[test]
fn what_is_unfolded_is_drawn_below_its_fold_up_to_a_number() {
    let tree = tree(&spans());
    let grouping = grouping(&tree);
    let mut expansion = Expansion::default();
    expansion.show(grouping.groups()[0].key, 2);
    expansion.show(grouping.chains()[0].key, 1);
    let text = draw(&spans(), &expansion);
    insta::assert_snapshot!(text);
    // Keys outlive the tree: an earlier sibling arrives, the fold stays open.
    let mut grown = spans();
    grown.extend(queries(2..3, 1).map(|span| Span {
        span_id: hindsight_protocol::SpanId::from_u64(99),
        start_ns: span.start_ns - MS,
        ..span
    }));
    assert_eq!(draw(&grown, &expansion).matches("29 more").count(), 1);
    expansion.show(grouping.groups()[0].key, 0);
    assert_eq!(draw(&spans(), &expansion).matches("more").count(), 0);
}

#[test]
fn folds_read_as_one_line() {
    let tree = tree(&spans());
    let grouping = grouping(&tree);
    let group = group_line(&tree, &grouping.groups()[0]).to_plain();
    let chain = chain_line(&grouping.chains()[0]).to_plain();
    insta::assert_snapshot!(format!("{group}\n{chain}\n{}", more_line(1200).to_plain()));
}

#[test]
fn a_collapsed_span_hides_what_is_below() {
    let mut expansion = Expansion::default();
    let root = hindsight_protocol::SpanId::from_u64(1);
    expansion.set_collapsed(root, true);
    assert_eq!(draw(&spans(), &expansion).lines().count(), 1);
    expansion.set_collapsed(root, false);
    assert!(draw(&spans(), &expansion).lines().count() > 1);
}

#[test]
fn siblings_of_another_kind_service_or_parent_are_another_group() {
    let mut spans = vec![span(1, 0, "root", 0, 90), span(2, 0, "root", 0, 90)];
    spans.extend((10..18).map(|id| span(id, 1 + id % 2, "a", id, id)));
    assert_eq!(grouping(&tree(&spans)).groups(), []);
    spans.extend((20..23).map(|id| span(id, 1, "a", id, id)));
    let found = grouping(&tree(&spans));
    assert_eq!(found.groups().len(), 1);
    assert_eq!(found.groups()[0].len(), 7);
}

/// Each node's row, hidden ones as often as something hides them.
fn shown(outline: &Outline, nodes: usize) -> Vec<usize> {
    let mut shown = vec![0; nodes];
    for row in outline.rows() {
        if let Row::Span(index) = row.row {
            shown[index] += 1;
        }
    }
    shown
}

proptest! {
    #[test]
    fn unfolded_everything_is_seen_once_and_folded_nothing_twice(
        members in any_family(60, 60), fewest in 2usize..5,
    ) {
        let tree = tree(&family(&members));
        let timeline = Timeline::new(&tree, 50);
        let limits = FoldLimits { members_min: fewest, chain_min: fewest };
        let grouping = Grouping::new(&tree, &timeline, limits);
        for group in grouping.groups() {
            let nodes: Vec<_> = grouping.members(group).collect();
            prop_assert!(nodes.len() >= fewest && nodes.len() == group.len());
            prop_assert!(nodes.is_sorted() && nodes[0] == group.first);
            prop_assert!(nodes.iter().all(|node| tree.parent(*node) == tree.parent(nodes[0])));
        }
        for chain in grouping.chains() {
            prop_assert!((chain.first - 1..chain.tail()).all(|node| tree.child_count(node) == 1));
            prop_assert!(tree.child_count(chain.tail()) != 1 && chain.spans >= fewest);
        }
        let folded = Outline::new(&tree, &grouping, &Expansion::default());
        prop_assert!(shown(&folded, tree.len()).iter().all(|times| *times <= 1));
        let mut expansion = Expansion::default();
        let keys = grouping.groups().iter().map(|g| g.key).chain(grouping.chains().iter().map(|c| c.key));
        keys.for_each(|key| expansion.show(key, usize::MAX));
        let unfolded = Outline::new(&tree, &grouping, &expansion);
        prop_assert!(shown(&unfolded, tree.len()).iter().all(|times| *times == 1));
        let folds = grouping.groups().len() + grouping.chains().len();
        prop_assert_eq!(unfolded.rows().len(), tree.len() + folds);
        for outline in [folded, unfolded] {
            for (number, row) in outline.rows().iter().enumerate() {
                let above = row.parent().map(|parent| (parent, outline.rows()[parent]));
                prop_assert!(above.is_none_or(|(parent, above)| parent < number && above.level + 1 == row.level && above.has_children));
                prop_assert_eq!(above.is_none(), row.level == 0);
            }
        }
    }
}
