use super::*;

#[test]
fn pauses_double_up_to_the_longest_and_start_again_after_success() {
    let mut backoff = Backoff::default();
    let pauses: Vec<_> = (0..7).map(|_| backoff.next(0.0).as_millis()).collect();
    assert_eq!(pauses, [250, 500, 1000, 2000, 4000, 5000, 5000]);
    backoff.reset();
    assert_eq!(backoff.next(0.0), FIRST);
}

#[test]
fn chance_takes_up_to_a_quarter_off_whatever_it_is() {
    for (chance, millis) in [(0.5, 218), (1.0, 187), (7.0, 187), (-1.0, 250)] {
        assert_eq!(
            Backoff::default().next(chance).as_millis(),
            millis,
            "{chance}"
        );
    }
}

#[test]
fn any_number_of_failures_keeps_the_longest_pause() {
    let mut backoff = Backoff { failures: u32::MAX };
    assert_eq!(backoff.next(0.0), LONGEST);
    assert_eq!(backoff.next(0.0), LONGEST);
}
