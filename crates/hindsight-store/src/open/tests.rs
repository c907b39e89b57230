use std::collections::BTreeMap;

use hindsight_protocol::batch::RowCopier;
use hindsight_protocol::{BatchBuilder, CheckedBatch, Span, SpanId, SpanState, TraceId, TracerId};
use proptest::prelude::*;

use super::pieces::{BYTES_MAX, ROWS_MAX};
use super::{OpenCopier, OpenTable, SpanKey};

fn key(number: u64) -> SpanKey {
    let trace = TraceId {
        high: 7,
        low: number / 3 + 1,
    };
    (trace, SpanId::from_u64(number + 1))
}

fn report(number: u64, name: &str) -> CheckedBatch {
    let (trace_id, span_id) = key(number);
    let mut builder = BatchBuilder::new();
    builder.push(&Span {
        trace_id,
        span_id,
        name: name.to_owned(),
        start_ns: 1,
        state: SpanState::Running as u8,
        ..Span::default()
    });
    builder.finish()
}

fn insert(table: &mut OpenTable, number: u64, name: &str) -> u64 {
    let rows = report(number, name);
    let mut copier = OpenCopier::new(RowCopier::new(&rows));
    let row = (0, key(number), SpanState::Running);
    table.insert(&mut copier, row, None, 1)
}

/// Rows in all pieces, with those that count no more.
fn rows_held(table: &mut OpenTable) -> usize {
    let view = table.view();
    view.pieces().map(|piece| piece.batch().len()).sum()
}

#[test]
fn a_span_that_stays_open_does_not_keep_those_that_ended_beside_it() {
    let mut table = OpenTable::new(1);
    let mut others = Vec::new();
    for number in 0..20 * ROWS_MAX as u64 {
        let serial = insert(&mut table, number, "span");
        match number % 64 {
            0 => {}
            _ => others.push(serial),
        }
        if others.len() > 16 {
            table.remove(others.remove(0)).unwrap();
        }
    }
    let (open, held) = (table.len(), rows_held(&mut table));
    assert!(held <= 4 * open + 2 * ROWS_MAX, "{held} rows for {open}");
    for serial in others {
        table.remove(serial).unwrap();
    }
    let names: Vec<String> = table.view().rows().map(|row| row.name().into()).collect();
    assert_eq!(names, vec!["span"; 80]);
}

#[test]
fn a_large_report_does_not_stay_for_the_small_ones_before_it() {
    let mut table = OpenTable::new(1);
    for number in 0..100 {
        insert(&mut table, number, "small");
    }
    let large = insert(&mut table, 100, &"large".repeat(BYTES_MAX));
    let before = table.bytes();
    assert!(before > 5 * BYTES_MAX as u64, "{before}");
    table.remove(large).unwrap();
    let left = table.bytes();
    assert!(left < 2 * BYTES_MAX as u64, "{left} of {before}");
    assert_eq!(table.view().rows().count(), 100);
}

#[test]
fn readers_keep_what_they_saw() {
    let mut table = OpenTable::new(1);
    let serials: Vec<u64> = (0..600).map(|n| insert(&mut table, n, "before")).collect();
    let view = table.view();
    for serial in serials {
        table.restate(serial, SpanState::Disconnected);
        table.remove(serial).unwrap();
    }
    for number in 0..600 {
        insert(&mut table, number, "after");
    }
    let is_before = |row: hindsight_protocol::batch::SpanRow<'_>| {
        row.name() == "before" && row.state() == SpanState::Running
    };
    assert_eq!(view.rows().filter(|row| is_before(*row)).count(), 600);
    assert_eq!(view.of_trace(key(300).0).count(), 3);
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u64, usize),
    Remove(usize),
    Restate(usize),
    Renew(usize),
    View,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..2_000_u64, 0..40_usize).prop_map(|(n, kind)| {
            // Few are so large that they end their piece.
            let length = if kind == 0 { 3 * BYTES_MAX } else { kind };
            Step::Insert(n, length)
        }),
        5 => any::<usize>().prop_map(Step::Remove),
        1 => any::<usize>().prop_map(Step::Restate),
        1 => any::<usize>().prop_map(Step::Renew),
        1 => Just(Step::View),
    ];
    prop::collection::vec(step, 0..1_500)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_table_has_what_was_put_in_and_not_taken_out(steps in steps()) {
        let mut table = OpenTable::new(1);
        // Serial, length of the name, state; in the order of serials.
        let mut model: BTreeMap<u64, (u64, usize, SpanState)> = BTreeMap::new();
        let nth = |model: &BTreeMap<u64, _>, n: usize| {
            model.keys().nth(n % model.len().max(1)).copied()
        };
        for step in steps {
            match step {
                Step::Insert(number, length) => {
                    if model.values().all(|(known, ..)| *known != number) {
                        let serial = insert(&mut table, number, &"n".repeat(length));
                        model.insert(serial, (number, length, SpanState::Running));
                    }
                }
                Step::Remove(n) => {
                    if let Some(serial) = nth(&model, n) {
                        let (number, ..) = model.remove(&serial).unwrap();
                        prop_assert_eq!(table.remove(serial), Some(key(number)));
                    }
                }
                Step::Restate(n) => {
                    if let Some(serial) = nth(&model, n) {
                        table.restate(serial, SpanState::Disconnected);
                        model.get_mut(&serial).unwrap().2 = SpanState::Disconnected;
                    }
                }
                Step::Renew(n) => {
                    if let Some(serial) = nth(&model, n) {
                        let (known, renewed) = table.renew(serial, None).unwrap();
                        let span = model.remove(&serial).unwrap();
                        prop_assert_eq!(known, key(span.0));
                        model.insert(renewed, span);
                    }
                }
                Step::View => drop(table.view()),
            }
            prop_assert_eq!(table.first_to_go(), model.keys().next().copied());
        }
        for (serial, (_, _, state)) in &model {
            prop_assert_eq!(table.report(*serial).map(|report| report.0), Some(*state));
        }
        let order: Vec<u64> = table.to_go().map(|(serial, _)| serial).collect();
        prop_assert_eq!(order, model.keys().copied().collect::<Vec<_>>());
        let view = table.view();
        let mut found: Vec<_> = view.rows().map(|row| (row.span_id().bits, row.name().len(), row.state())).collect();
        found.sort_unstable_by_key(|row| row.0);
        let mut expected: Vec<_> = model.values().map(|(n, length, state)| (n + 1, *length, *state)).collect();
        expected.sort_unstable_by_key(|row| row.0);
        prop_assert_eq!(found, expected);
        let held: usize = view.pieces().map(|piece| piece.batch().len()).sum();
        prop_assert!(held <= 4 * model.len() + 2 * ROWS_MAX, "{held} rows for {}", model.len());
        for serial in model.keys() {
            table.remove(*serial);
        }
        prop_assert_eq!((table.bytes(), table.view().pieces().count()), (0, 0));
    }
}

#[test]
fn who_has_most_goes_first_and_of_those_the_oldest() {
    let mut table = OpenTable::new(1);
    let tracer = |low| Some(TracerId { high: 1, low });
    let mut serials = Vec::new();
    for (number, source) in [tracer(1), tracer(2), tracer(2), None]
        .into_iter()
        .enumerate()
    {
        let number = number as u64;
        let rows = report(number, "span");
        let mut copier = OpenCopier::new(RowCopier::new(&rows));
        let row = (0, key(number), SpanState::Running);
        serials.push(table.insert(&mut copier, row, source, 1));
    }
    let order: Vec<u64> = table.to_go().map(|(serial, _)| serial).collect();
    let expected = [1, 2, 0, 3].map(|at: usize| serials[at]);
    assert_eq!(order, expected);
    table.remove(serials[1]).unwrap();
    assert_eq!(table.first_to_go(), Some(serials[0]));
}
