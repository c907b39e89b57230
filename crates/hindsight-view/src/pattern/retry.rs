//! Which calls of one shape are attempts at the same thing.

use std::ops::Range;

use super::find::Call;
use super::n_plus_one::{median, pauses_ns};

/// Runs of at least two attempts, by place in `calls`.
pub(super) fn attempts(calls: &[Call]) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut from = 0;
    for at in 1..=calls.len() {
        let goes_on = at < calls.len() && is_next_attempt(&calls[at - 1], &calls[at]);
        if !goes_on {
            if at - from > 1 {
                runs.push(from..at);
            }
            from = at;
        }
    }
    runs.retain(|run| is_convincing(calls, run));
    runs
}

/// Whether `next` may repeat `call`, which has failed.
fn is_next_attempt(call: &Call, next: &Call) -> bool {
    let tolerance = call.duration_ns() / 10;
    let after = next.start_ns.saturating_add(tolerance) >= call.end_ns;
    let says_so = says_so(call, next);
    after && call.same_literals(next) && (call.failed || says_so)
}

/// It numbers the attempt, or links to the one before.
fn says_so(call: &Call, next: &Call) -> bool {
    let before = call.resends.unwrap_or_default();
    next.resends.is_some_and(|resends| resends == before + 1) || next.retry_of == Some(call.id)
}

/// With literals, numbers or links there is no doubt. Without, a loop over items that fail looks
/// alike: but attempts are alone of their shape, and pause or end with a success.
fn is_convincing(calls: &[Call], run: &Range<usize>) -> bool {
    let attempts = &calls[run.clone()];
    let all_say_so = attempts.windows(2).all(|pair| says_so(&pair[0], &pair[1]));
    if all_say_so || attempts.iter().all(Call::shows_literals) {
        return true;
    }
    let alone = run.len() == calls.len();
    let succeeded = attempts.last().is_some_and(|call| !call.failed);
    alone && (succeeded || pauses(attempts))
}

/// The usual pause is at least a quarter of the usual attempt.
fn pauses(attempts: &[Call]) -> bool {
    let mut pauses: Vec<u64> = pauses_ns(attempts).collect();
    let mut durations: Vec<u64> = attempts.iter().map(Call::duration_ns).collect();
    median(&mut pauses) >= (median(&mut durations) / 4).max(1)
}

/// Whether each pause is longer than the one before.
pub(super) fn backs_off(attempts: &[Call]) -> bool {
    let pauses: Vec<u64> = pauses_ns(attempts).collect();
    pauses.len() >= 2 && pauses.windows(2).all(|pair| pair[0] < pair[1])
}
