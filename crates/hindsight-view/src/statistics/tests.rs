//! Statistics of small traces and against a model.

use hindsight_protocol::{Span, SpanState, StatusCode};
use proptest::prelude::*;

use super::*;
use crate::fixture::{any_family, family, open, service, span, tree};
use crate::self_time::self_times_ns;

fn spans() -> Vec<Span> {
    let mut spans = vec![
        span(1, 0, "GET /", 0, 100),
        open(span(2, 1, "poll\u{202e}", 5, 0), SpanState::Running),
        Span {
            status: StatusCode::Error as u8,
            resource: service("db"),
            ..span(3, 1, "SELECT", 10, 20)
        },
    ];
    spans.extend((4..104).map(|id| Span {
        resource: service("db"),
        ..span(id, 1, "SELECT", 20 + id / 2, 20 + id / 2 + id % 10)
    }));
    spans
}

#[test]
fn the_table_has_a_row_for_each_service_and_name() {
    let tree = tree(&spans());
    let timeline = Timeline::new(&tree, crate::fixture::START_NS + 60_000_000);
    let statistics = statistics(&tree, &timeline, &self_times_ns(&tree, &timeline));
    let lines = statistics_table(&tree, &statistics, 10).lines(Some(140));
    let plain: Vec<_> = lines.iter().map(crate::Line::to_plain).collect();
    insta::assert_snapshot!(plain.join("\n"));
}

#[test]
fn any_key_makes_groups() {
    let tree = tree(&spans());
    let timeline = Timeline::new(&tree, 0);
    let own = self_times_ns(&tree, &timeline);
    let by_depth = statistics_by(&tree, &timeline, &own, |index| tree.depth(index));
    let counts: Vec<_> = by_depth.iter().map(|s| (s.key, s.spans, s.open)).collect();
    assert_eq!(counts, [(1, 102, 1), (0, 1, 0)]);
    assert_eq!(statistics_by_kind(&tree, &timeline, &own).len(), 1);
}

#[test]
fn percentiles_are_of_the_nearest_rank() {
    let mut hundred: Vec<u64> = (1..=100).rev().collect();
    let durations = Durations::of(&mut hundred);
    let spread = (durations.min_ns, durations.p50_ns, durations.p90_ns);
    assert_eq!(spread, (1, 50, 90));
    assert_eq!((durations.p99_ns, durations.max_ns), (99, 100));
    assert_eq!((durations.total_ns, durations.mean_ns()), (5050, 50));
    assert_eq!(Durations::of(&mut [7]).p99_ns, 7);
    assert_eq!(Durations::of(&mut []), Durations::default());
}

proptest! {
    #[test]
    fn every_span_is_in_one_group_with_its_times(members in any_family(40, 60)) {
        let tree = tree(&family(&members));
        let timeline = Timeline::new(&tree, 50);
        let own = self_times_ns(&tree, &timeline);
        let key = |index: usize| index % 3;
        for statistic in statistics_by(&tree, &timeline, &own, key) {
            let all: Vec<_> = (0..tree.len()).filter(|i| key(*i) == statistic.key).collect();
            let ended: Vec<_> = all.iter().filter(|i| tree.end_ns(**i).is_some()).collect();
            let mut durations: Vec<_> = ended.iter().map(|i| timeline.duration_ns(&tree, **i)).collect();
            prop_assert_eq!(statistic.first, all[0]);
            prop_assert_eq!(statistic.spans, all.len() as u64);
            prop_assert_eq!(statistic.open as usize, all.len() - ended.len());
            prop_assert_eq!(statistic.self_total_ns, all.iter().map(|i| own[*i]).sum::<u64>());
            prop_assert_eq!(statistic.durations, Durations::of(&mut durations));
        }
    }
}
