use super::*;

/// Ids as tracers make them: random, the same in every run.
fn ids(seed: u64, count: u64) -> impl ExactSizeIterator<Item = TraceId> {
    let id = |n: u64| TraceId {
        high: n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17),
        low: n.wrapping_mul(0xd134_2543_de82_ef95) ^ n >> 7,
    };
    (0..count as usize).map(move |n| id(seed + n as u64))
}

#[test]
fn each_trace_of_a_set_is_found() {
    for len in [0, 1, 2, 3, 63, 64, 65, 255, 256, 257, 1000, 4096, 65_536] {
        let set = Fingerprints::of(ids(1 << 40, len));
        assert_eq!(set.len() as u64, len);
        assert!(ids(1 << 40, len).all(|id| set.contains(id)), "{len}");
    }
}

#[test]
fn ids_that_count_up_are_found_as_well() {
    let counting = || (1..=5000).map(|n: usize| TraceId::from_u128(n as u128));
    let set = Fingerprints::of(counting().collect::<Vec<_>>().into_iter());
    assert!(counting().all(|id| set.contains(id)));
}

#[test]
fn one_of_8192_strangers_is_taken_for_a_member() {
    let strangers = 2_000_000;
    for len in [10, 1_000, 60_000] {
        let set = Fingerprints::of(ids(1 << 40, len));
        let errors = ids(1 << 50, strangers)
            .filter(|id| set.contains(*id))
            .count();
        let expected = strangers as f64 / STRANGERS_PER_ERROR as f64;
        // Five standard deviations of a Poisson distribution.
        let tolerated = 5.0 * expected.sqrt();
        let distance = (errors as f64 - expected).abs();
        assert!(distance < tolerated, "{errors} of {strangers} with {len}");
    }
}

#[test]
fn a_trace_takes_less_than_16_bits() {
    for len in [1_000, 10_000, 65_536] {
        let bits = Fingerprints::of(ids(7, len)).bytes() * 8;
        assert!(bits < 16 * len, "{bits} bits for {len}");
    }
}
