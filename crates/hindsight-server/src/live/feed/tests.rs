use hindsight_protocol::TraceId;

use super::*;

fn change(revision: u64) -> Arc<Change> {
    let removed_from = vec![TraceId::from_u128(1)];
    Arc::new(Change::new(revision, Arc::default(), removed_from, false))
}

fn feed(changes_max: usize, bytes_max: usize) -> Arc<Feed> {
    Feed::new(&LiveLimits {
        ring_changes_max: changes_max,
        ring_bytes_max: bytes_max,
        subscribers_max: 2,
        ..LiveLimits::default()
    })
}

fn revisions(ticket: &mut Ticket) -> Vec<u64> {
    ticket
        .changes()
        .iter()
        .map(|change| change.revision)
        .collect()
}

#[test]
fn each_subscriber_gets_every_change_after_it_came() {
    let feed = feed(100, 1 << 20);
    let mut early = feed.subscribe().unwrap();
    feed.publish(change(1));
    let mut late = feed.subscribe().unwrap();
    feed.publish(change(2));
    assert_eq!(revisions(&mut early), [1, 2]);
    assert_eq!(revisions(&mut late), [2]);
    assert!(revisions(&mut early).is_empty());
    feed.publish(change(3));
    assert_eq!(revisions(&mut early), [3]);
}

#[test]
fn one_that_is_too_slow_is_told_how_much_it_missed() {
    let feed = feed(3, 1 << 20);
    let mut ticket = feed.subscribe().unwrap();
    for revision in 1..=10 {
        feed.publish(change(revision));
    }
    assert!(matches!(ticket.take(), Taken::Lagged { missed: 7 }));
    assert_eq!(revisions(&mut ticket), [8, 9, 10]);
    feed.publish(change(11));
    assert_eq!(ticket.skip_all(), 1);
    assert!(revisions(&mut ticket).is_empty());
}

#[test]
fn the_ring_keeps_to_its_bytes() {
    let bytes_max = 10 * cost(&change(1)) + 1;
    let feed = feed(usize::MAX, bytes_max);
    let mut ticket = feed.subscribe().unwrap();
    for revision in 1..=100 {
        feed.publish(change(revision));
        assert!(feed.bytes() <= bytes_max);
    }
    assert!(matches!(ticket.take(), Taken::Lagged { missed: 90 }));
}

#[test]
fn nothing_is_kept_without_subscribers_and_there_are_not_too_many() {
    let feed = feed(100, 1 << 20);
    feed.publish(change(1));
    assert_eq!(feed.bytes(), 0);
    let mut first = feed.subscribe().unwrap();
    let second = feed.subscribe().unwrap();
    assert!(feed.subscribe().is_none());
    feed.publish(change(2));
    drop(second);
    assert_eq!(revisions(&mut first), [2]);
    drop(first);
    assert_eq!((feed.bytes(), feed.subscribers()), (0, 0));
    let mut third = feed.subscribe().unwrap();
    assert!(revisions(&mut third).is_empty());
    feed.publish(change(3));
    assert_eq!(revisions(&mut third), [3]);
}

#[tokio::test]
async fn waiting_ends_with_the_next_change_even_if_it_came_before() {
    let feed = feed(100, 1 << 20);
    let mut ticket = feed.subscribe().unwrap();
    feed.publish(change(1));
    ticket.ready().await;
    assert_eq!(revisions(&mut ticket), [1]);
    let publisher = Arc::clone(&feed);
    let published = tokio::spawn(async move { publisher.publish(change(2)) });
    ticket.ready().await;
    assert_eq!(revisions(&mut ticket), [2]);
    published.await.unwrap();
}
