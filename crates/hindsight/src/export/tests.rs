use hindsight_protocol::{SpanBatch, TracerAccounts, TracerId};

use super::queue::{Pending, Queue};

fn batch(spans: usize) -> SpanBatch {
    SpanBatch {
        span_ids: vec![1; spans],
        ..SpanBatch::default()
    }
}

fn settle(queue: &mut Queue, sequence: u64) -> Option<u64> {
    queue.settle(sequence).map(|settled| settled.records)
}

#[test]
fn a_full_queue_drops_the_oldest_batch_that_is_not_in_flight() {
    let one = batch(10).byte_len();
    let mut queue = Queue::new(TracerId::default(), 2 * one);
    queue.push(batch(10));
    let in_flight = queue.send_next().map(|pending| pending.sequence);
    assert_eq!(in_flight, Some(1));
    queue.push(batch(10));
    queue.push(batch(10));
    assert_eq!(queue.dropped, 10, "batch 2 went");
    assert_eq!(queue.oldest_sequence(), Some(1));
    assert_eq!(queue.send_next().map(|pending| pending.sequence), Some(3));
}

#[test]
fn what_is_not_acknowledged_is_sent_again_under_its_number() {
    let mut queue = Queue::new(TracerId::default(), 1 << 20);
    queue.push(batch(1));
    queue.push(batch(2));
    assert!(queue.send_next().is_some() && queue.send_next().is_some());
    assert!(queue.send_next().is_none());
    assert_eq!(settle(&mut queue, 1), Some(1));
    assert_eq!(settle(&mut queue, 1), None, "settled once");
    queue.unsend_all();
    assert_eq!(queue.send_next().map(|pending| pending.sequence), Some(2));
    assert_eq!(settle(&mut queue, 2), Some(2));
    assert!(queue.is_empty());
    assert_eq!(queue.last_sequence(), 2);
}

#[test]
fn a_batch_is_shared_with_its_call_and_comes_back_when_both_are_done() {
    let mut queue = Queue::new(TracerId::default(), 1 << 20);
    queue.push(batch(3));
    let accounts = |offered| TracerAccounts {
        offered,
        ..TracerAccounts::default()
    };
    let first = queue.send_next().map(|p| p.arguments(accounts(3)));
    let first = first.expect("a batch");
    let rows = first.0.batch.span_ids.as_ptr();
    assert_eq!((first.0.sequence, first.0.accounts.offered), (1, 3));
    drop(first);
    queue.unsend_all();
    let again = queue.send_next().map(|p| p.arguments(accounts(5)));
    let again = again.expect("the batch");
    assert_eq!((again.0.sequence, again.0.accounts.offered), (1, 5));
    assert_eq!(again.0.batch.span_ids.as_ptr(), rows, "not copied");
    drop(again);
    let settled = queue.settle(1).and_then(Pending::into_batch);
    assert_eq!(settled, Some(batch(3)));
}
