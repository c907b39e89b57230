use super::*;

#[test]
fn the_same_complaint_is_logged_once_an_interval_with_the_number_left_out() {
    let mut limiter = Limiter::new(Duration::from_secs(10));
    let start = Instant::now();
    let at = |secs| start + Duration::from_secs(secs);
    let mut check = |peer: &str, secs, expected| {
        let decision = limiter.decide(Reason::Overloaded, peer, at(secs));
        assert_eq!(decision, expected, "{peer} at {secs} s");
    };
    check("1.2.3.4:50", 0, Decision::Log { suppressed: 0 });
    check("1.2.3.4:51", 1, Decision::Suppress);
    check("1.2.3.4:52", 9, Decision::Suppress);
    check("5.6.7.8:50", 9, Decision::Log { suppressed: 0 });
    check("1.2.3.4:53", 11, Decision::Log { suppressed: 2 });
}

#[test]
fn the_limiter_forgets_before_it_grows() {
    let mut limiter = Limiter::new(Duration::from_secs(10));
    let start = Instant::now();
    for peer in 0..2_000 {
        limiter.decide(Reason::IdleTimeout, &format!("peer {peer}"), start);
    }
    let later = start + Duration::from_secs(11);
    let decision = limiter.decide(Reason::IdleTimeout, "new", later);
    assert_eq!(decision, Decision::Log { suppressed: 0 });
}

#[test]
fn every_reason_has_a_name_of_its_own_and_is_counted_under_it() {
    let telemetry = Telemetry::new(Duration::from_secs(10));
    for reason in Reason::ALL {
        telemetry.count(*reason, 2);
    }
    let counts = telemetry.counts();
    let names: std::collections::HashSet<_> = counts.iter().map(|c| &c.reason).collect();
    assert_eq!(names.len(), Reason::ALL.len());
    assert!(counts.iter().all(|c| c.count == 2));
}
