use super::*;

fn limits(removals_kept: usize) -> StoreLimits {
    StoreLimits {
        removals_kept,
        ..StoreLimits::default()
    }
}

fn trace(low: u64) -> TraceId {
    TraceId { high: 1, low }
}

fn removal(cause: Cause, at_ns: u64, spans: u64) -> Removal {
    Removal {
        reason: cause.name().to_owned(),
        at_ns,
        spans,
        probably: false,
    }
}

#[test]
fn what_a_trace_lost_is_summed_by_cause_while_a_part_of_it_is_stored_and_after() {
    let mut removals = Removals::new(&limits(100));
    removals.add(Cause::Expired, 1, &[(trace(1), 2)], |_| true);
    removals.add(Cause::Evicted, 2, &[(trace(1), 3)], |_| true);
    removals.add(Cause::Expired, 3, &[(trace(1), 4)], |_| true);
    let expected = [removal(Cause::Expired, 3, 6), removal(Cause::Evicted, 2, 3)];
    assert_eq!(removals.of_trace(trace(1), false), expected);
    assert_eq!(removals.partial.len(), 1);
    removals.add(Cause::Evicted, 9, &[(trace(1), 1)], |_| false);
    let expected = [removal(Cause::Expired, 3, 6), removal(Cause::Evicted, 9, 4)];
    assert_eq!(removals.of_trace(trace(1), false), expected);
    assert_eq!(removals.partial.len(), 0);
}

#[test]
fn a_note_beyond_the_limit_is_remembered_as_probable() {
    let mut removals = Removals::new(&limits(0));
    removals.add(Cause::Expired, 5, &[(trace(1), 2)], |_| false);
    let expected = Removal {
        probably: true,
        ..removal(Cause::Expired, 5, 0)
    };
    assert_eq!(removals.of_trace(trace(1), true), [expected]);
    assert_eq!(removals.of_trace(trace(1), false), []);
    assert_eq!(removals.newest(9), [removal(Cause::Expired, 5, 2)]);
}

#[test]
fn the_sums_of_a_trace_that_came_again_stay_exact_however_many_others_go() {
    let mut removals = Removals::new(&limits(10));
    removals.add(Cause::Expired, 1, &[(trace(1), 2)], |_| false);
    for low in 10..30_000 {
        removals.add(Cause::Expired, low, &[(trace(low), 1)], |id| id == trace(1));
    }
    let expected = removal(Cause::Expired, 1, 2);
    assert_eq!(removals.of_trace(trace(1), false), [expected]);
    let filtered = removals.of_trace(trace(29_900), true);
    assert!(filtered[0].probably && filtered[0].at_ns >= 29_900);
}
