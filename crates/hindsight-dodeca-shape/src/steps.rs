//! What slows a build down, or holds it up, where a test or a demonstration wants that.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

type Pause = Pin<Box<dyn Future<Output = ()> + Send>>;
type Before = dyn Fn(&'static str, &str) -> Pause + Send + Sync;

/// What happens before a step's work: nothing by default.
#[derive(Clone, Default)]
pub struct Steps {
    before: Option<Arc<Before>>,
}

impl fmt::Debug for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Steps")
            .field(&self.before.is_some())
            .finish()
    }
}

tokio::task_local! {
    static STEPS: Steps;
}

impl Steps {
    /// Each step waits `time` first.
    pub fn slow(time: Duration) -> Self {
        Self::before(move |_, _| Box::pin(tokio::time::sleep(time)))
    }

    /// `before` is asked before each step, with the query and what it is about, and awaited. It may also
    /// block the thread, as expensive work does.
    pub fn before(before: impl Fn(&'static str, &str) -> Pause + Send + Sync + 'static) -> Self {
        Self {
            before: Some(Arc::new(before)),
        }
    }

    /// Runs `work` with these steps.
    pub(crate) async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        STEPS.scope(self, work).await
    }
}

/// Called by queries before their work.
pub(crate) async fn step(query: &'static str, what: &str) {
    let before = STEPS.try_with(|steps| steps.before.clone()).ok().flatten();
    if let Some(before) = before {
        before(query, what).await;
    }
}
