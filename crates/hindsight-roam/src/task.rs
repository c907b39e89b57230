//! Which task drives a connection: how lanes of one connection are told from those of another.
//!
//! roam gives a connection no name, but each has a task that runs it. That task accepts the lanes which
//! the peer opens, and wakes whoever waits for one of this side's. Where there are no tasks (in a page, or
//! where lanes are accepted elsewhere) a lane stands for a connection of its own, until both ends have
//! spoken (see `registry`).

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use parking_lot::Mutex;

/// A task, unique among those that are alive.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) type TaskId = tokio::task::Id;
/// There is none in a page.
#[cfg(target_arch = "wasm32")]
pub(crate) type TaskId = std::convert::Infallible;

/// The task that runs here.
pub(crate) fn current() -> Option<TaskId> {
    #[cfg(not(target_arch = "wasm32"))]
    return tokio::task::try_id();
    #[cfg(target_arch = "wasm32")]
    None
}

/// Waits for `future`; says which task did what it waited for, as far as there was anything to wait for.
pub(crate) async fn answered_by<F: Future>(future: F) -> (F::Output, Option<TaskId>) {
    let mut future = pin!(future);
    let noting = Arc::new(Noting::default());
    let output = std::future::poll_fn(|cx: &mut Context<'_>| -> Poll<F::Output> {
        *noting.inner.lock() = Some(cx.waker().clone());
        let waker = Waker::from(noting.clone());
        future.as_mut().poll(&mut Context::from_waker(&waker))
    });
    let output = output.await;
    let by = *noting.by.lock();
    (output, by)
}

/// Passes a wake on, and remembers where it came from.
#[derive(Default)]
struct Noting {
    inner: Mutex<Option<Waker>>,
    by: Mutex<Option<TaskId>>,
}

impl Wake for Noting {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        *self.by.lock() = current();
        let waker = self.inner.lock().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_task_that_answers_is_known() {
        let (ask, asked) = tokio::sync::oneshot::channel::<tokio::sync::oneshot::Sender<()>>();
        let answering = tokio::spawn(async move {
            let answer = asked.await.expect("asked");
            tokio::task::yield_now().await;
            answer.send(()).expect("waits");
            current()
        });
        let (answer, answered) = tokio::sync::oneshot::channel();
        ask.send(answer).expect("waits");
        let (output, by) = answered_by(answered).await;
        assert_eq!(output, Ok(()));
        assert_eq!(by, answering.await.expect("no panic"));
        assert!(by.is_some());
    }
}
