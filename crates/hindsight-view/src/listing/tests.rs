use hindsight_protocol::{Span, SpanState, StatusCode};
use proptest::prelude::*;

use super::*;
use crate::Trace;
use crate::findings::{findings, structure_findings};
use crate::fixture::{START_NS, TRACE, any_family, family, open, page, service, span, tree};
use crate::format::Zone;
use crate::timeline::Timeline;

/// A request that asks a database twice, one time in vain, and something that still runs.
fn spans() -> Vec<Span> {
    let asked = |id, start, end| Span {
        resource: service("db"),
        ..span(id, 1, "SELECT", start, end)
    };
    vec![
        span(1, 0, "GET /", 0, 50),
        asked(2, 5, 25),
        Span {
            status: StatusCode::Error as u8,
            status_message: "no\nluck".into(),
            ..asked(3, 30, 45)
        },
        open(span(4, 1, "log", 46, 0), SpanState::Running),
    ]
}

fn explorer() -> Explorer {
    Explorer::new(tree(&spans()), START_NS + 60_000_000)
}

fn shown(listing: &Listing, explorer: &Explorer) -> String {
    let heads: Vec<_> = listing.heads().iter().map(|head| head.title).collect();
    let mut text = heads.join(" | ");
    for number in 0..listing.len() {
        let row = listing.row(explorer, number).expect("a row");
        assert_eq!(Some(row.span), listing.span(explorer, number));
        let cells: Vec<_> = row.cells.iter().map(Line::to_plain).collect();
        text += &format!("\n{}", cells.join(" | ").trim_end_matches([' ', '|']));
    }
    text
}

#[test]
fn spans_are_listed_by_self_time() {
    let explorer = explorer();
    let listing = Listing::Spans(SpanList::new(&explorer, false, "self"));
    insta::assert_snapshot!(shown(&listing, &explorer), @r#"
    start | duration | self time | service | name | status
    5.000 ms | 20.0 ms | 20.0 ms | db | SELECT
    30.000 ms | 15.0 ms | 15.0 ms | db | SELECT | error: no\nluck
    46.000 ms | 14.0 ms | 14.0 ms | web | log | running
    0.000 ms | 50.0 ms | 11.0 ms | web | GET /
    "#);
}

#[test]
fn operations_are_listed_by_any_column_and_the_other_way_round() {
    let explorer = explorer();
    let listing = Listing::Operations(OperationList::new(&explorer, "-count"));
    insta::assert_snapshot!(shown(&listing, &explorer), @r#"
    service | name | count | errors | total | self time | share | p50 | p99 | max
    web | GET / | 1 | - | 50.0 ms | 11.0 ms | 18.3 % | 50.0 ms | 50.0 ms | 50.0 ms
    web | log | 1, 1 open | - | - | 14.0 ms | 23.3 % | - | - | -
    db | SELECT | 2 | 1 | 35.0 ms | 35.0 ms | 58.3 % | 15.0 ms | 20.0 ms | 20.0 ms
    "#);
}

#[test]
fn the_path_is_listed_in_time_or_by_length() {
    let explorer = explorer();
    let listing = Listing::Path(PathList::new(&explorer, ""));
    insta::assert_snapshot!(shown(&listing, &explorer), @r#"
    at | time | share | service | name
    0.000 ms | 5.00 ms | 10 % | web | GET /
    5.000 ms | 20.0 ms | 40 % | db | SELECT
    25.000 ms | 5.00 ms | 10 % | web | GET /
    30.000 ms | 15.0 ms | 30 % | db | SELECT
    45.000 ms | 5.00 ms | 10 % | web | GET /
    "#);
    let longest = Listing::Path(PathList::new(&explorer, "time"));
    assert_eq!(longest.span(&explorer, 0).map(|span| span.bits), Some(2));
}

#[test]
fn findings_name_their_first_span() {
    let mut spans = spans();
    spans.push(span(9, 77, "orphan", 3, 4));
    let trace = Trace::new(TRACE, vec![page(&spans)]);
    let timeline = Timeline::new(trace.tree(), 0);
    let found = findings(&trace, &timeline, &[]);
    let list = FindingList::new(trace.tree(), &found, Zone::UTC);
    let explorer = Explorer::new(trace.tree().clone(), 0);
    let of_structure = structure_findings(trace.tree(), &timeline, &[]);
    assert_eq!(found, of_structure);
    let listing = Listing::Findings(list);
    insta::assert_snapshot!(shown(&listing, &explorer), @r#"
    spans | finding
    1 | missing: span 000000000000004d, parent of web orphan; it has not arrived: still open, dropped, not sampled, or of a process without a tracer
    "#);
    let orphan = hindsight_protocol::SpanId::from_u64(9);
    assert_eq!(listing.position(&explorer, orphan), Some(0));
}

#[test]
fn a_search_leaves_what_it_found() {
    let mut explorer = explorer();
    explorer.set_matches(vec![hindsight_protocol::SpanId::from_u64(3)]);
    let list = SpanList::new(&explorer, true, "name");
    assert_eq!(
        (list.len(), list.node(0)),
        (1, explorer.matches().first().map(|n| *n as usize))
    );
}

#[test]
fn words_of_links_name_columns_and_others_the_default() {
    let heads = Listing::Findings(FindingList::default()).heads();
    assert_eq!(SortBy::of_word(heads, "", "self"), SortBy::default());
    let by = |word| SortBy::of_word(super::spans::HEADS, word, "start");
    let reversed = SortBy {
        column: 2,
        is_reversed: true,
    };
    assert_eq!(by("-self"), reversed);
    for word in ["", "-", "nothing", "--self", "Self"] {
        assert_eq!(by(word), SortBy::default(), "{word}");
    }
}

proptest! {
    #[test]
    fn any_column_sorts_as_comparing_would(members in any_family(30, 40), column in 0..3_usize, reversed: bool) {
        let explorer = Explorer::new(tree(&family(&members)), 100);
        let head = super::spans::HEADS[column].key;
        let word = format!("{}{head}", if reversed { "-" } else { "" });
        let list = SpanList::new(&explorer, false, &word);
        let (tree, timeline) = (explorer.tree(), explorer.timeline());
        let own = crate::self_time::self_times_ns(tree, timeline);
        let mut naive: Vec<usize> = (0..tree.len()).collect();
        match column {
            0 => naive.sort_by_key(|node| tree.start_ns(*node)),
            1 => naive.sort_by_key(|node| std::cmp::Reverse(timeline.duration_ns(tree, *node))),
            _ => naive.sort_by_key(|node| std::cmp::Reverse(own[*node])),
        }
        if reversed {
            naive.reverse();
        }
        let found: Vec<usize> = (0..list.len()).filter_map(|number| list.node(number)).collect();
        prop_assert_eq!(found, naive);
    }
}
