use hindsight_protocol::{Span, StatusCode};
use proptest::prelude::*;

use super::*;
use crate::fixture::{START_NS, any_family, family, service, span, tree};

fn of(name: &str, span: Span) -> Span {
    Span {
        resource: service(name),
        ..span
    }
}

fn before() -> Vec<Span> {
    vec![
        span(1, 0, "GET /users", 0, 20),
        of("db", span(2, 1, "query", 2, 4)),
        span(3, 1, "render\u{1b}[2J", 5, 9),
        span(4, 3, "template", 6, 7),
        of("cache", span(5, 1, "lookup", 1, 2)),
    ]
}

fn after() -> Vec<Span> {
    let mut spans = vec![
        span(11, 0, "GET /users", 0, 52),
        span(13, 11, "render\u{1b}[2J", 45, 49),
        span(14, 13, "template", 46, 47),
    ];
    for number in 0..14 {
        let from = 2 + number * 3;
        let query = of("db", span(20 + number, 11, "query", from, from + 2));
        let status = if number == 3 {
            StatusCode::Error
        } else {
            StatusCode::Unset
        };
        spans.push(Span {
            status: status as u8,
            ..query
        });
    }
    spans
}

fn compare(a: &[Span], b: &[Span]) -> Comparison {
    Comparison::new(tree(a), tree(b), START_NS + 1_000_000_000)
}

fn text(comparison: &Comparison, wanted: &Wanted) -> String {
    let rows = comparison.rows(wanted);
    let line = |row: &CompareRow| {
        let (total, own) = (&row.total, &row.self_time);
        let fold = match row.fold {
            None => ' ',
            Some(true) => '+',
            Some(false) => '-',
        };
        format!(
            "{fold}{}{} [{}] {} {} | {} {} | {} {} {} {} {} | {} {} {} {}",
            row.indent,
            row.name,
            row.service,
            row.above,
            row.words,
            row.spans.0,
            row.spans.1,
            total.a,
            total.b,
            total.change,
            total.ratio,
            total.per_mille,
            own.a,
            own.b,
            own.change,
            own.ratio
        )
    };
    let lines: Vec<String> = rows.rows.iter().map(line).collect();
    format!(
        "{}\nmore {}, alike {}\n",
        lines.join("\n"),
        rows.more,
        rows.alike
    )
}

fn wanted(order: CompareOrder) -> Wanted {
    Wanted {
        order,
        ..Wanted::default()
    }
}

#[test]
fn the_summary_says_first_how_much_longer_and_where() {
    let told = |a: &[Span], b: &[Span]| compare(a, b).summary().join(" ");
    insta::assert_snapshot!(
        [
            told(&before(), &after()),
            told(&after(), &before()),
            told(&before(), &before()),
            told(&[], &before()),
            told(&[], &[]),
        ]
        .join("\n")
    );
}

#[test]
fn rows_stand_below_what_called_them_and_say_in_words_what_is_different() {
    let comparison = compare(&before(), &after());
    insta::assert_snapshot!(
        [
            text(&comparison, &Wanted::default()),
            text(
                &comparison,
                &Wanted {
                    all: true,
                    ..Wanted::default()
                }
            ),
        ]
        .join("\n")
    );
}

#[test]
fn rows_stand_by_their_difference_with_the_way_that_leads_to_them() {
    let comparison = compare(&before(), &after());
    insta::assert_snapshot!(
        [
            text(&comparison, &wanted(CompareOrder::SelfTime)),
            text(&comparison, &wanted(CompareOrder::Spans)),
        ]
        .join("\n")
    );
}

#[test]
fn what_is_looked_for_is_shown_with_what_leads_to_it_even_if_it_is_folded() {
    let comparison = compare(&before(), &after());
    let mut wanted = Wanted {
        find: "LOOK".into(),
        ..Wanted::default()
    };
    wanted.toggled.insert(0);
    let names = |wanted: &Wanted| {
        let rows = comparison.rows(wanted).rows;
        rows.into_iter().map(|row| row.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&wanted), ["GET /users", "lookup"]);
    wanted.find = "db".into();
    wanted.order = CompareOrder::Total;
    assert_eq!(names(&wanted), ["query"]);
    wanted.find.clear();
    wanted.order = CompareOrder::Tree;
    assert_eq!(names(&wanted), ["GET /users"], "folded");
}

#[test]
fn rows_lead_to_the_longest_span_and_to_a_bounded_number_of_all() {
    let comparison = compare(&before(), &after());
    let rows = comparison.rows(&wanted(CompareOrder::Spans)).rows;
    let query = &rows[0];
    assert_eq!(query.name, "query");
    assert_eq!(query.longest[0], Some(SpanId::from_u64(2)));
    let ids = comparison.span_ids(query.operation, 1, 3);
    assert_eq!(ids, [20, 21, 22].map(SpanId::from_u64));
    assert_eq!(comparison.span_ids(query.operation, 0, 3).len(), 1);
}

#[test]
fn more_rows_than_are_shown_are_counted() {
    let many: Vec<Span> = (1..=ROWS_MAX as u64 + 7)
        .map(|id| span(id, 0, &format!("operation {id}"), id, id + 1))
        .collect();
    let rows = compare(&[], &many).rows(&Wanted::default());
    assert_eq!((rows.rows.len(), rows.more), (ROWS_MAX, 7));
}

#[test]
fn words_of_links_are_read_again() {
    for order in CompareOrder::ALL {
        assert_eq!(CompareOrder::parse(order.word()), Some(order));
    }
    assert_eq!(CompareOrder::parse("luck"), None);
}

proptest! {
    #[test]
    fn the_rows_of_all_orders_are_the_same_operations_and_all_spans_are_in_one(
        a in any_family(14, 1000),
        b in any_family(14, 1000),
    ) {
        let (a, b) = (family(&a), family(&b));
        let comparison = compare(&a, &b);
        let all = |order| {
            // Everything that is folded at first is opened.
            let closed = |index: &usize| !comparison.operations[*index].leads_to_notable;
            let toggled = (0..comparison.len()).filter(closed).collect();
            let rows = comparison.rows(&Wanted { order, all: true, toggled, ..Wanted::default() });
            let mut operations: Vec<usize> = rows.rows.iter().map(|row| row.operation).collect();
            operations.sort_unstable();
            operations
        };
        let expected: Vec<usize> = (0..comparison.len()).collect();
        for order in CompareOrder::ALL {
            prop_assert_eq!(all(order), expected.clone());
        }
        for (side, spans) in [(0, tree(&a).len()), (1, tree(&b).len())] {
            let ids = expected.iter().flat_map(|at| comparison.span_ids(*at, side, usize::MAX));
            prop_assert_eq!(ids.count(), spans);
        }
    }
}
