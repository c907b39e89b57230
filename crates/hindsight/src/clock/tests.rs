use super::calibration::{Calibration, Line, Observation, STEP_NS};
use super::*;

/// Clocks of a machine whose counter runs at 2.5 GHz: nanoseconds, and what the wall clock is off.
fn at(monotonic_ns: u64, wall_off_ns: i64) -> Observation {
    Observation {
        ticks: 1_000_000 + monotonic_ns * 5 / 2,
        monotonic_ns,
        unix_ns: (1_750_000_000_000_000_000 + monotonic_ns).saturating_add_signed(wall_off_ns),
    }
}

const MS: u64 = 1_000_000;

#[test]
fn the_rate_is_known_after_ten_milliseconds_and_the_line_meets_the_wall_clock() {
    let mut calibration = Calibration::default();
    assert_eq!(calibration.observe(at(0, 0)), None);
    assert_eq!(calibration.observe(at(5 * MS, 0)), None);
    let line = calibration.observe(at(15 * MS, 0)).expect("known");
    for ms in [15, 16, 100, 1000] {
        let now = at(ms * MS, 0);
        let apart = line.unix_ns(now.ticks).abs_diff(now.unix_ns);
        assert!(apart < 1000, "{apart} ns apart after {ms} ms");
    }
}

#[test]
fn a_small_difference_is_bent_away_without_a_step_or_a_way_back() {
    for off in [3 * MS as i64, -3 * MS as i64] {
        let mut calibration = Calibration::default();
        let mut told = 0;
        for ms in (0..10_000).step_by(50) {
            // The wall clock is set a little after a second.
            let wall = if ms < 1000 { 0 } else { off };
            let now = at(ms * MS, wall);
            let before = calibration.line().map(|line| line.unix_ns(now.ticks));
            let line = calibration.observe(now);
            if let (Some(line), Some(before)) = (line, before) {
                assert_eq!(line.unix_ns(now.ticks), before, "no step at {ms} ms");
                assert!(before > told, "no way back at {ms} ms");
                told = before;
            }
        }
        let end = at(10_000 * MS, off);
        let line = calibration.line().expect("known");
        let apart = line.unix_ns(end.ticks).abs_diff(end.unix_ns);
        assert!(apart < 10_000, "{apart} ns apart in the end");
    }
}

#[test]
fn a_large_difference_is_a_step() {
    let mut calibration = Calibration::default();
    calibration.observe(at(0, 0));
    calibration.observe(at(50 * MS, 0));
    let set = at(100 * MS, 2 * STEP_NS as i64);
    let line = calibration.observe(set).expect("known");
    assert_eq!(line.unix_ns(set.ticks), set.unix_ns);
}

#[test]
fn a_counter_that_changed_its_pace_is_measured_anew() {
    let mut calibration = Calibration::default();
    calibration.observe(at(0, 0));
    assert!(calibration.observe(at(50 * MS, 0)).is_some());
    let slow = |ms: u64| Observation {
        ticks: at(50 * MS, 0).ticks + (ms - 50) * MS,
        ..at(ms * MS, 0)
    };
    assert_eq!(calibration.observe(slow(100)), None, "disturbed");
    let line = calibration.observe(slow(150)).expect("known again");
    assert_eq!(line.unix_ns(slow(200).ticks), slow(200).unix_ns);
    let back = Observation {
        ticks: 5,
        ..at(300 * MS, 0)
    };
    assert_eq!(calibration.observe(back), None, "the counter was reset");
}

fn clocks() -> [Clock; 2] {
    let monotonic = Ticks::Monotonic(Monotonic::now());
    [Clock::new(), Clock::of(monotonic)]
}

/// Keeps looking at the clock until the rate is known.
fn settle(clock: &Clock) {
    while clock.line.rate() == 0 {
        std::thread::yield_now();
        clock.calibrate();
    }
}

#[test]
fn readings_are_near_the_wall_clock_before_and_after_the_rate_is_known() {
    for clock in clocks() {
        let apart = |clock: &Clock| clock.now().unix_ns.abs_diff(unix_now_ns());
        // The machine may be busy between the two looks; one of some must do.
        let near = |clock: &Clock| (0..100).any(|_| apart(clock) < 1_000_000);
        assert!(near(&clock));
        settle(&clock);
        assert!(near(&clock));
    }
}

#[test]
fn no_span_is_shorter_than_nothing_while_the_line_is_renewed() {
    for clock in clocks() {
        std::thread::scope(|scope| {
            let renewing = scope.spawn(|| {
                settle(&clock);
                for _ in 0..20_000 {
                    clock.calibrate();
                }
            });
            let mut last = clock.now();
            while !renewing.is_finished() {
                let start = clock.now();
                let lasted = clock.elapsed_ns(start);
                assert!(lasted < 60_000_000_000, "{lasted} ns");
                assert!(start.ticks >= last.ticks);
                let apart = start.unix_ns.abs_diff(unix_now_ns());
                assert!(
                    apart < 10_000_000_000,
                    "half of one line and half of another"
                );
                last = start;
            }
        });
    }
}

#[test]
fn a_line_is_read_whole_or_not_at_all() {
    let shared = SharedLine::default();
    let line = |number: u64| Line {
        anchor_ticks: number,
        anchor_unix_ns: number,
        rate: number,
    };
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| (1..500_000).for_each(|n| shared.write(Some(line(n)))));
        let mut read = 0_u64;
        while !writing.is_finished() || read == 0 {
            if let Some(found) = shared.read() {
                assert_eq!(found, line(found.rate));
                read += 1;
            }
        }
    });
}

#[test]
fn ticks_ago_are_about_that_long_ago() {
    for clock in clocks() {
        assert_eq!(clock.ticks_ago(Duration::from_secs(3600)), 0);
        settle(&clock);
        let ago = Reading {
            ticks: clock.ticks_ago(Duration::from_millis(1)),
            unix_ns: 0,
        };
        let elapsed = clock.elapsed_ns(ago);
        // The machine may be busy, but not for a minute.
        assert!((999_000..60_000_000_000).contains(&elapsed), "{elapsed} ns");
    }
}

#[test]
fn a_page_believes_its_own_clock_until_it_stood_still() {
    let check = |by_page: f64, by_date: f64, expected: f64| {
        assert_eq!(wall_ms(by_page, by_date), expected, "{by_page} {by_date}");
    };
    check(1_000.4, 1_000.0, 1_000.4);
    check(1_000.4, 1_005.0, 1_000.4);
    check(1_000.4, 61_000.0, 61_000.0);
    check(9_000.0, 1_000.0, 1_000.0);
}
