//! Whether calls of one shape are an N+1.

use std::collections::HashSet;

use super::find::{Call, Calls};

/// Of 10 calls at least so many begin when the one before has ended.
const SEQUENTIAL_OF_10: usize = 8;
/// Of 10 calls at least so many have literals of their own.
const DISTINCT_OF_10: usize = 5;
/// Where no literals are shown, the usual pause is at most this, or as long as the usual call.
const PAUSE_NS: u64 = 1_000_000;

pub(super) fn is_n_plus_one(calls: &Calls, calls_min: usize) -> bool {
    let calls = &calls.calls;
    if calls.len() < calls_min.max(2) || calls.iter().any(|call| call.is_batch) {
        return false;
    }
    if !are_sequential(calls) || are_attempts(calls) {
        return false;
    }
    match calls.iter().all(Call::shows_literals) {
        true => are_distinct(calls) && !are_pages(calls),
        false => follow_closely(calls),
    }
}

/// A call may begin a little before the one before has ended: the work between may overlap.
fn are_sequential(calls: &[Call]) -> bool {
    let follows = |pair: &&[Call]| {
        let tolerance = pair[0].duration_ns().min(pair[1].duration_ns()) / 10;
        pair[1].start_ns.saturating_add(tolerance) >= pair[0].end_ns
    };
    let following = calls.windows(2).filter(follows).count();
    following * 10 >= (calls.len() - 1) * SEQUENTIAL_OF_10
}

/// All but the last have failed, or they say that they are attempts.
fn are_attempts(calls: &[Call]) -> bool {
    let before = &calls[..calls.len() - 1];
    let says_so = |call: &&Call| call.retry_of.is_some() || call.resends > Some(0);
    let attempts = calls.iter().filter(says_so).count();
    let all_failed = before.iter().all(|call| call.failed);
    (all_failed && !distinct_literals(calls)) || attempts * 2 > calls.len()
}

fn distinct_literals(calls: &[Call]) -> bool {
    calls.iter().all(Call::shows_literals) && are_distinct(calls)
}

fn are_distinct(calls: &[Call]) -> bool {
    let literals = |call: &Call| {
        let values = call.literals.iter().map(|literal| literal.value);
        (values.collect::<Vec<_>>(), call.arguments)
    };
    let distinct: HashSet<_> = calls.iter().map(literals).collect();
    distinct.len() * 10 >= calls.len() * DISTINCT_OF_10
}

/// The literals that differ move a window over one result.
fn are_pages(calls: &[Call]) -> bool {
    let first = &calls[0];
    let differs = |at: &usize| {
        let literal = first.literals[*at];
        calls
            .iter()
            .any(|call| call.literals.get(*at) != Some(&literal))
    };
    let mut differing = (0..first.literals.len()).filter(differs).peekable();
    differing.peek().is_some() && differing.all(|at| first.literals[at].is_paging)
}

fn follow_closely(calls: &[Call]) -> bool {
    let mut pauses: Vec<u64> = pauses_ns(calls).collect();
    let mut durations: Vec<u64> = calls.iter().map(Call::duration_ns).collect();
    median(&mut pauses) <= median(&mut durations).max(PAUSE_NS)
}

/// From each call's end to the next one's start.
pub(super) fn pauses_ns(calls: &[Call]) -> impl Iterator<Item = u64> {
    let pause = |pair: &[Call]| pair[1].start_ns.saturating_sub(pair[0].end_ns);
    calls.windows(2).map(pause)
}

pub(super) fn median(numbers: &mut [u64]) -> u64 {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}
