use std::future::pending;

use tokio::time::{Instant, sleep, timeout};

use super::*;

/// Sets a flag when it is dropped.
struct Flag(Arc<OnceLock<()>>);

impl Drop for Flag {
    fn drop(&mut self) {
        self.0.get_or_init(|| ());
    }
}

/// A connection loop that is stuck for ever, and says so when it is dropped.
fn stuck(scope: &Scope) -> Arc<OnceLock<()>> {
    let dropped = Arc::new(OnceLock::new());
    let flag = Flag(Arc::clone(&dropped));
    let fate = Arc::clone(&scope.fate);
    scope.run(Box::pin(async move {
        let _flag = flag;
        let _finish = Finish(fate);
        pending().await
    }));
    dropped
}

/// What the guard's receiving half does when vox drops it.
struct Finish(Arc<Fate>);

impl Drop for Finish {
    fn drop(&mut self) {
        self.0.finish();
    }
}

#[tokio::test(start_paused = true)]
async fn a_stuck_loop_is_dropped_at_once_when_it_is_condemned() {
    let scope = Scope::new(Fate::new());
    let dropped = stuck(&scope);
    sleep(Duration::from_secs(60)).await;
    assert!(dropped.get().is_none());
    let started = Instant::now();
    scope.fate.condemn(CloseReason::Aborted("wedged".into()));
    let why = scope.closed().await;
    assert_eq!(why.to_string(), "aborted by this side: wedged");
    assert!(dropped.get().is_some());
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_stuck_loop_is_dropped_two_seconds_after_a_shutdown() {
    let scope = Scope::new(Fate::new());
    let dropped = stuck(&scope);
    let started = Instant::now();
    scope.fate.end(CloseReason::Local);
    let why = scope.closed().await;
    assert!(matches!(why, CloseReason::Local));
    assert!(dropped.get().is_some());
    let waited = started.elapsed().saturating_sub(END_GRACE);
    assert!(waited < Duration::from_millis(10), "{waited:?} too long");
}

#[tokio::test(start_paused = true)]
async fn tasks_of_a_scope_end_with_their_connection() {
    let scope = Scope::new(Fate::new());
    let dropped = Arc::new(OnceLock::new());
    let flag = Flag(Arc::clone(&dropped));
    scope.spawn(async move {
        let _flag = flag;
        pending().await
    });
    scope.fate.finish();
    let gone = async {
        while dropped.get().is_none() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(1), gone).await.unwrap();
}

#[tokio::test]
async fn the_first_reason_wins() {
    let fate = Fate::new();
    fate.note(CloseReason::PeerClosed);
    fate.condemn(CloseReason::Local);
    fate.finish();
    assert!(matches!(fate.reason(), Some(CloseReason::PeerClosed)));
}
