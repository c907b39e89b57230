use std::sync::Arc;

use hindsight_protocol::{BatchBuilder, Span};
use hindsight_store::BatchSource;
use tokio::sync::{Semaphore, oneshot};

use super::*;

/// A batch of `connection` that is told apart by its `number`.
fn append(connection: u64, number: u64) -> Append {
    let mut builder = BatchBuilder::new();
    builder.push(&Span {
        name: format!("{number}"),
        ..Span::default()
    });
    let room = || Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
    Append {
        connection: ConnectionId::of_test(connection),
        batch: Arc::new(builder.finish()),
        source: BatchSource {
            tracer: None,
            sequence: Some(number),
        },
        reply: oneshot::channel().0,
        _room: [room(), room()],
    }
}

fn queue(batches_max: usize, bytes_max: usize) -> FairQueue {
    FairQueue::new(QueueLimits {
        bytes_max,
        batches_max,
    })
}

fn numbers(appends: impl IntoIterator<Item = Append>) -> Vec<u64> {
    let numbers = appends.into_iter().filter_map(|a| a.source.sequence);
    numbers.collect()
}

#[test]
fn connections_take_turns_and_each_keeps_its_order() {
    let queue = queue(100, usize::MAX);
    for (connection, number) in [(1, 10), (1, 11), (1, 12), (2, 20), (3, 30), (2, 21)] {
        queue.push(append(connection, number)).unwrap();
    }
    let first = std::iter::from_fn(|| queue.pop()).take(3);
    assert_eq!(numbers(first), [10, 20, 30]);
    queue.push(append(3, 31)).unwrap();
    let rest = std::iter::from_fn(|| queue.pop());
    assert_eq!(numbers(rest), [11, 21, 31, 12]);
}

#[test]
fn a_connection_may_have_so_much_waiting_and_the_others_still_may() {
    let queue = queue(2, usize::MAX);
    queue.push(append(1, 10)).unwrap();
    queue.push(append(1, 11)).unwrap();
    assert_eq!(queue.push(append(1, 12)), Err(NotQueued::Full));
    queue.push(append(2, 20)).unwrap();
    assert_eq!(numbers(queue.pop()), [10]);
    queue.push(append(1, 13)).unwrap();
}

#[test]
fn bytes_are_bounded_but_for_one_batch() {
    let bytes = append(1, 10).batch.byte_len();
    let queue = queue(100, bytes * 3 / 2);
    queue.push(append(1, 10)).unwrap();
    assert_eq!(queue.push(append(1, 11)), Err(NotQueued::Full));
    queue.pop().unwrap();
    queue.push(append(1, 12)).unwrap();
    let narrow = self::queue(100, 1);
    narrow.push(append(1, 10)).unwrap();
}

#[test]
fn what_a_connection_has_waiting_can_be_taken_at_once() {
    let queue = queue(100, usize::MAX);
    for (connection, number) in [(1, 10), (2, 20), (1, 11)] {
        queue.push(append(connection, number)).unwrap();
    }
    let taken = queue.take(ConnectionId::of_test(1));
    assert_eq!(numbers(taken), [10, 11]);
    assert_eq!(numbers(std::iter::from_fn(|| queue.pop())), [20]);
    assert!(queue.take(ConnectionId::of_test(1)).is_empty());
}

#[test]
fn everything_that_waits_can_be_taken_in_the_order_of_turns() {
    let queue = queue(100, usize::MAX);
    for (connection, number) in [(1, 10), (1, 11), (2, 20), (1, 12)] {
        queue.push(append(connection, number)).unwrap();
    }
    assert_eq!(numbers(queue.take_all()), [10, 20, 11, 12]);
    assert!(queue.pop().is_none());
}

#[test]
fn a_closed_queue_drops_what_waits_and_takes_nothing() {
    let queue = queue(100, usize::MAX);
    queue.push(append(1, 10)).unwrap();
    queue.close();
    assert!(queue.pop().is_none());
    assert_eq!(queue.push(append(1, 11)), Err(NotQueued::Closed));
}
