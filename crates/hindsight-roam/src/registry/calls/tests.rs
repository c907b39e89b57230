use proptest::prelude::*;

use super::*;

fn call(id: u64) -> Active {
    Active {
        names: Names::new(
            "Service",
            crate::names::kept(&format!("m{id}")).unwrap_or(OTHER),
        ),
        id: MethodId(id),
        request: id,
        started_ns: id,
        trace_id: TraceId::default(),
        span_id: SpanId::default(),
        parent_id: SpanId::default(),
        channels: 0,
    }
}

proptest! {
    #[test]
    fn the_list_is_that_of_a_naive_one(steps in proptest::collection::vec((any::<bool>(), 0_usize..64, 0_u64..8), 0..400)) {
        let mut calls = Calls::default();
        let mut naive: Vec<(Slot, Active)> = Vec::new();
        let mut ended = 0;
        for (begins, which, id) in steps {
            if begins {
                let call = call(id);
                naive.push((calls.begin(call), call));
            } else if !naive.is_empty() {
                let (slot, call) = naive.swap_remove(which % naive.len());
                calls.end(slot, &call, 1, call.id.0 == 3);
                ended += 1;
            }
            let mut listed: Vec<u64> = calls.active().map(|call| call.request).collect();
            let mut expected: Vec<u64> = naive.iter().map(|(_, call)| call.request).collect();
            listed.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(listed, expected);
            prop_assert_eq!(calls.active_count(), naive.len() as u64);
            prop_assert_eq!(calls.ended, ended);
        }
    }
}

#[test]
fn calls_beyond_the_limit_are_counted_and_not_listed() {
    let mut calls = Calls::default();
    let many: Vec<Slot> = (0..ACTIVE_MAX as u64 + 3)
        .map(|n| calls.begin(call(n % 9)))
        .collect();
    assert_eq!(calls.active().count(), ACTIVE_MAX);
    assert_eq!(calls.unlisted(), 3);
    for (n, slot) in many.into_iter().enumerate() {
        calls.end(slot, &call(n as u64 % 9), 1, false);
    }
    assert_eq!((calls.active_count(), calls.unlisted()), (0, 0));
    assert_eq!(calls.ended, ACTIVE_MAX as u64 + 3);
}

#[test]
fn methods_beyond_the_limit_are_counted_together() {
    let mut calls = Calls::default();
    for id in 0..1000 {
        let call = call(id);
        let slot = calls.begin(call);
        calls.end(slot, &call, 1, false);
    }
    let methods: Vec<_> = calls.methods().collect();
    assert_eq!(methods.len(), METHODS_MAX);
    assert_eq!(methods.last().map(|(names, _)| names.method), Some(OTHER));
    assert_eq!(calls.ended, 1000);
}
