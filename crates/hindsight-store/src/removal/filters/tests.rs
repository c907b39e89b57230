use super::*;

const MINUTE_NS: u64 = 60 * 1_000_000_000;

fn note(low: u64, cause: Cause, at_ns: u64) -> Note {
    Note {
        trace: TraceId { high: 5, low },
        at_ns,
        spans: 1,
        cause,
    }
}

fn found(filters: &Filters, low: u64) -> [Option<u64>; 3] {
    Cause::ALL.map(|cause| filters.find(TraceId { high: 5, low }, cause))
}

#[test]
fn a_trace_is_found_by_cause_with_the_newest_time() {
    let mut filters = Filters::new(1 << 20);
    filters.add(vec![note(1, Cause::Expired, 7), note(2, Cause::Evicted, 9)]);
    filters.add(vec![note(1, Cause::Expired, 20)]);
    assert_eq!(found(&filters, 1), [Some(20), None, None]);
    assert_eq!(found(&filters, 2), [None, Some(9), None]);
    assert_eq!(found(&filters, 3), [None; 3]);
}

#[test]
fn removals_within_a_minute_share_a_filter_and_others_keep_their_times() {
    let mut filters = Filters::new(1 << 20);
    let at = [0, MINUTE_NS, MINUTE_NS + 1, 5 * MINUTE_NS];
    let notes = at
        .iter()
        .zip(1..)
        .map(|(at, low)| note(low, Cause::Expired, *at));
    filters.add(notes.collect());
    assert_eq!(filters.filters.len(), 3);
    let times = [1, 2, 3, 4].map(|low| found(&filters, low)[0]);
    assert_eq!(times, [at[1], at[1], at[2], at[3]].map(Some));
}

#[test]
fn removals_that_trickle_make_few_filters() {
    let mut filters = Filters::new(1 << 20);
    let notes = (0..4000).map(|n| note(n, Cause::Evicted, n * 10 * MINUTE_NS));
    filters.add(notes.collect());
    assert!(filters.filters.len() <= 17, "{}", filters.filters.len());
    assert!((0..4000).all(|low| found(&filters, low)[1] >= Some(low * 10 * MINUTE_NS)));
}

#[test]
fn the_oldest_are_forgotten_and_counted() {
    let mut filters = Filters::new(3000);
    let mut forgotten = 0;
    for n in 0..10_u64 {
        let traces = n * 400..(n + 1) * 400;
        let notes = traces.map(|low| note(low, Cause::Expired, n));
        forgotten += filters.add(notes.collect());
    }
    assert!(filters.bytes <= 3000);
    assert_eq!(forgotten, 3600 - 400 * (filters.filters.len() as u64 - 1));
    assert!((forgotten..4000).all(|low| found(&filters, low)[0].is_some()));
    let wrong = (0..forgotten).filter(|low| found(&filters, *low)[0].is_some());
    assert!(wrong.count() < 20);
}

#[test]
fn there_are_at_most_512_filters() {
    let mut filters = Filters::new(1 << 20);
    for n in 0..600 {
        let forgotten = filters.add(vec![note(n, Cause::Expired, n * 2 * MINUTE_NS)]);
        assert_eq!(forgotten, u64::from(n >= FILTERS_MAX as u64));
    }
}
