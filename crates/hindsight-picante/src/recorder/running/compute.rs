//! The computation of an access.

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::BoxFuture;
use hindsight::Context;
use picante::PicanteResult;

use super::{Compute, Running, current};
use crate::kind::Kind;
use crate::recorder::recorder;

/// A query's computation, watched by the access that runs it. Spans that it starts are beneath the access'.
pub(crate) fn watched<'a, V: Send + 'a>(
    kind: &'static Kind,
    computation: BoxFuture<'a, PicanteResult<V>>,
) -> BoxFuture<'a, PicanteResult<V>> {
    // None where watching began in the middle of an access.
    let running = current().filter(|running| running.kind.id == kind.id);
    let Some(running) = running else {
        return computation;
    };
    Box::pin(async move {
        let computing = Computing::begin(running);
        let result = match computing.context.clone() {
            Some(context) => context.scope(computation).await,
            None => computation.await,
        };
        computing.end();
        result
    })
}

/// Lasts as long as the computation's future.
struct Computing {
    running: Arc<Running>,
    context: Option<Context>,
    begun: Instant,
}

impl Computing {
    fn begin(running: Arc<Running>) -> Self {
        let begun = Instant::now();
        {
            // It may be another attempt: the revision changed under the one before.
            let inner = &mut *running.inner.lock();
            inner.compute = Compute::Running;
            inner.seen.clear();
            inner.is_all_seen = true;
        }
        let context = running.context();
        if let Some(context) = &context {
            let mut active = recorder().active.lock();
            active.computes(&running, context.span_id());
        }
        Self {
            running,
            context,
            begun,
        }
    }

    fn end(self) {
        let ns = self.begun.elapsed().as_nanos() as u64;
        self.running.inner.lock().compute = Compute::Ended { ns };
        // Told before picante tells those who wait.
        let mut nodes = recorder().nodes.lock();
        if let Some(node) = nodes.at_mut(self.running.serial) {
            node.leader = Some((Instant::now(), self.context.clone()));
        }
    }
}

impl Drop for Computing {
    fn drop(&mut self) {
        let compute = &mut self.running.inner.lock().compute;
        if let Compute::Running = compute {
            *compute = Compute::Dropped;
        }
    }
}
