use super::*;

fn reading(hub_id: u64, now_ms: u64, received: u64, expired: u64) -> StatsReply {
    let mut stats = StatsReply {
        hub_id,
        now_ns: now_ms * 1_000_000,
        ..StatsReply::default()
    };
    stats.ingest.received = received;
    stats.store.expired = expired;
    stats.store.evicted = 7;
    stats
}

#[test]
fn a_rate_is_the_difference_by_the_time_between() {
    let (before, after) = (reading(1, 1_000, 100, 0), reading(1, 3_000, 341, 5));
    let rates = Rates::between(Some(&before), &after);
    assert_eq!((rates.received, rates.removed), (121, 3), "rounded");
}

#[test]
fn readings_that_do_not_follow_each_other_have_no_rate() {
    let after = reading(1, 1_000, 100, 5);
    for before in [
        None,
        Some(reading(2, 0, 0, 0)),
        Some(reading(1, 1_000, 0, 0)),
    ] {
        assert_eq!(Rates::between(before.as_ref(), &after), Rates::default());
    }
    let later_and_more = reading(1, 500, 900, 5);
    assert_eq!(Rates::between(Some(&later_and_more), &after).received, 0);
    let all = reading(1, 1_000, u64::MAX, 0);
    assert_eq!(
        Rates::between(Some(&reading(1, 999, 0, 0)), &all).received,
        u64::MAX
    );
}
