use hindsight_protocol::hub::Exemplar;
use hindsight_protocol::{SpanId, TraceId};
use proptest::prelude::*;

use super::*;
use crate::fixture::START_NS;
use crate::format::Zone;
use crate::text::Line;

const SECOND_NS: u64 = 1_000_000_000;
const COLUMNS: usize = 60;
const ROWS: usize = 12;

/// A band of short calls, and from the middle on a second one of slow calls that fail at the end.
fn answer() -> QueryHeatmap {
    let mut map = QueryHeatmap {
        starts_ns: (0..COLUMNS as u64)
            .map(|at| START_NS + at * SECOND_NS)
            .collect(),
        step_ns: SECOND_NS,
        floors_ns: (0..ROWS as u32).map(|at| 500_000 << at).collect(),
        counts: vec![0; COLUMNS * ROWS],
        errors: vec![0; COLUMNS * ROWS],
        exemplars: Vec::new(),
    };
    for column in 0..COLUMNS {
        let mut add = |row: usize, count: u64, errors: u64| {
            let bucket = column * ROWS + row;
            map.counts[bucket] = count;
            map.errors[bucket] = errors;
            map.exemplars.push(Exemplar {
                bucket: bucket as u32,
                trace_id: TraceId::from_u128(bucket as u128 + 1),
                span_id: SpanId::from_u64(bucket as u64 + 1),
                duration_ns: (500_000 << row) + column as u64,
            });
        };
        add(1, 900, 0);
        add(2, 80, 0);
        add(3, 7, u64::from(column == 5));
        if column > 30 {
            add(9, 30, if column > 50 { 20 } else { 0 });
            add(11, 1, 0);
        }
    }
    map
}

fn drawn(map: &Heatmap, glyphs: &HeatGlyphs) -> String {
    let lines: Vec<_> = lines(map, Zone::UTC, glyphs)
        .iter()
        .map(Line::to_plain)
        .collect();
    lines.join("\n")
}

#[test]
fn cells_are_shaded_by_count_and_marked_by_errors() {
    let map = Heatmap::new(&answer(), 100, 20);
    let ascii = drawn(&map, &HeatGlyphs::ASCII);
    insta::assert_snapshot!(format!("{}\n{ascii}", drawn(&map, &HeatGlyphs::UNICODE)));
}

#[test]
fn a_narrow_terminal_gets_coarser_cells() {
    let map = Heatmap::new(&answer(), 25, 6);
    assert_eq!((map.starts_ns.len(), map.floors_ns.len()), (20, 6));
    insta::assert_snapshot!(drawn(&map, &HeatGlyphs::ASCII));
}

#[test]
fn shades_are_logarithmic_and_one_span_shows() {
    let mut answer = answer();
    answer.counts[0] = 10_000;
    let map = Heatmap::new(&answer, 100, 20);
    let levels = [0, 1, 9, 30, 300, 9_999, 10_000].map(|count| map.level(count));
    assert_eq!(levels, [0, 1, 1, 2, 2, 3, 4]);
    let single = QueryHeatmap {
        starts_ns: vec![1],
        floors_ns: vec![1],
        counts: vec![1],
        ..QueryHeatmap::default()
    };
    assert_eq!(Heatmap::new(&single, 1, 1).level(1), LEVELS);
}

#[test]
fn the_slowest_the_failed_and_the_busiest_are_picked_each_once() {
    let found = picks(&answer(), 2);
    let shown: Vec<_> = found
        .iter()
        .map(|p| (p.why, p.exemplar.bucket as usize % ROWS, p.count, p.errors))
        .collect();
    assert_eq!(
        shown,
        [
            (Why::Slowest, 11, 1, 0),
            (Why::Slowest, 11, 1, 0),
            (Why::Errors, 9, 30, 20),
            (Why::Errors, 9, 30, 20),
            (Why::Busiest, 1, 900, 0),
            (Why::Busiest, 1, 900, 0),
        ]
    );
    assert_eq!(found[0].start_ns, START_NS + 59 * SECOND_NS);
    assert_eq!(picks(&QueryHeatmap::default(), 3), []);
}

#[test]
fn nothing_is_drawn_of_nothing() {
    let map = Heatmap::new(&QueryHeatmap::default(), 80, 20);
    assert_eq!((map.count_max, map.total), (0, HeatCell::default()));
    assert_eq!(lines(&map, Zone::UTC, &HeatGlyphs::ASCII).len(), 2);
}

proptest! {
    #[test]
    fn no_span_is_lost_or_counted_twice(
        columns in 0usize..30, rows in 0usize..30,
        columns_max in 0usize..40, rows_max in 0usize..40,
        counts in proptest::collection::vec(0u64..1000, 900),
    ) {
        let answer = QueryHeatmap {
            starts_ns: (0..columns as u64).collect(),
            floors_ns: (0..rows as u64).collect(),
            errors: counts.iter().take(columns * rows).map(|c| c / 2).collect(),
            counts: counts[..columns * rows].to_vec(),
            ..QueryHeatmap::default()
        };
        let map = Heatmap::new(&answer, columns_max, rows_max);
        prop_assert!(map.starts_ns.len() <= columns_max.max(1));
        prop_assert!(map.floors_ns.len() <= rows_max.max(1));
        let all = (0..map.starts_ns.len()).flat_map(|c| (0..map.floors_ns.len()).map(move |r| (c, r)));
        let cells: Vec<_> = all.map(|(c, r)| map.cell(c, r)).collect();
        let sum = |of: fn(&HeatCell) -> u64| cells.iter().map(of).sum::<u64>();
        prop_assert_eq!(sum(|c| c.count), answer.counts.iter().sum::<u64>());
        prop_assert_eq!(sum(|c| c.errors), answer.errors.iter().sum::<u64>());
        prop_assert_eq!(map.total.count, sum(|c| c.count));
    }

    #[test]
    fn an_answer_that_is_not_as_it_says_is_no_fault(
        columns in 0usize..5, rows in 0usize..5,
        counts in proptest::collection::vec(0u64..9, 0..40),
        bucket: u32,
    ) {
        let answer = QueryHeatmap {
            starts_ns: vec![7; columns],
            floors_ns: vec![7; rows],
            step_ns: u64::MAX,
            exemplars: vec![Exemplar { bucket, ..Exemplar::default() }],
            counts,
            ..QueryHeatmap::default()
        };
        let map = Heatmap::new(&answer, 3, 3);
        lines(&map, Zone::UTC, &HeatGlyphs::UNICODE);
        picks(&answer, 3);
    }
}

#[test]
fn a_cell_leads_to_its_longest_span_and_is_told_in_words() {
    let answer = answer();
    let map = Heatmap::new(&answer, 20, 12);
    // Three columns of the answer in one here: of its last one is the longest.
    let exemplar = map.exemplar(1, 1).expect("a span");
    assert_eq!(exemplar.bucket, 5 * ROWS as u32 + 1);
    assert_eq!(map.exemplar(1, 8), None);
    assert_eq!(map.exemplar(1, 99), None);
    let brush = brush::Brush::between((0, 1), (1, 3));
    insta::assert_snapshot!(
        format!(
            "{}\n{}\n{}",
            map.described(Zone::UTC),
            map.described_part(&brush, Zone::UTC),
            Heatmap::default().described(Zone::UTC),
        ),
        @"
    60,119 spans from 14:32:10 to 14:33:10, of 1.00 ms to 1.02 s and longer; 181 errors.
    14:32:10.000 to 14:32:16.000, 1.00 ms to 8.00 ms: 5,922 spans, 1 error
    No span that has ended matches.
    "
    );
}
