//! Stacks of tokio tasks, found by task id.
//!
//! A thread remembers the stack of the task it looked for last, so a task that stays on a thread
//! takes no lock but its own stack's. Behind that are maps by task id, each with its own lock.
//! Nobody tells when a task ends; so a map that has grown to twice what was in use is searched for
//! empty stacks, which are retired and forgotten. A retired stack is never used again: whoever still
//! remembers it looks into the map. Bounded: twice the tasks with open spans, and [`SPARE`] a map.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;
use rustc_hash::FxBuildHasher;
use tokio::task::Id as TaskId;

use super::stack::{Spans, Stack};

/// Tasks are spread over this many maps.
const SHARDS: usize = 64;
/// Stacks of a map that are not looked through.
const SPARE: usize = 64;

#[derive(Debug, Default)]
struct Shard {
    stacks: HashMap<TaskId, Arc<Stack>, FxBuildHasher>,
    /// Length at which empty stacks are looked for.
    sweep_at: usize,
}

static TASKS: LazyLock<Vec<Mutex<Shard>>> =
    LazyLock::new(|| (0..SHARDS).map(|_| Mutex::default()).collect());

thread_local! {
    static LAST: RefCell<Option<(TaskId, Arc<Stack>)>> = const { RefCell::new(None) };
}

fn shard(task: TaskId) -> &'static Mutex<Shard> {
    let hash = FxBuildHasher.hash_one(task) as usize;
    &TASKS[(hash >> 8) % SHARDS]
}

impl Shard {
    /// Works on the stack of `task`, which is in the map and therefore not retired.
    fn stack_of(&mut self, task: TaskId) -> Arc<Stack> {
        if let Some(stack) = self.stacks.get(&task) {
            return stack.clone();
        }
        if self.stacks.len() >= self.sweep_at {
            self.stacks.retain(|_, stack| !stack.retire());
            self.sweep_at = SPARE.max(2 * self.stacks.len());
        }
        self.stacks.entry(task).or_default().clone()
    }
}

/// The stack that this thread remembers for `task`.
#[inline]
fn remembered(task: TaskId) -> Option<Arc<Stack>> {
    let find = |last: &RefCell<Option<(TaskId, Arc<Stack>)>>| match &*last.borrow() {
        Some((other, stack)) if *other == task => Some(stack.clone()),
        _ => None,
    };
    LAST.try_with(find).ok().flatten()
}

fn remember(task: TaskId, stack: &Arc<Stack>) {
    // When the thread is ending there is no need to.
    LAST.try_with(|last| *last.borrow_mut() = Some((task, stack.clone())))
        .unwrap_or_default();
}

/// Works on the stack of `task`, made if there is none.
pub(super) fn with<R>(task: TaskId, work: impl Fn(&mut Spans) -> R) -> (R, Arc<Stack>) {
    if let Some(stack) = remembered(task)
        && let Ok(done) = stack.with(&work)
    {
        return (done, stack);
    }
    let mut shard = shard(task).lock();
    loop {
        // Stacks are retired under the map's lock, which is held: this goes round once.
        let stack = shard.stack_of(task);
        if let Ok(done) = stack.with(&work) {
            remember(task, &stack);
            return (done, stack);
        }
        shard.stacks.remove(&task);
    }
}

/// Works on the stack of `task` if there is one.
pub(super) fn with_existing<R>(task: TaskId, work: impl Fn(&mut Spans) -> R) -> Option<R> {
    if let Some(stack) = remembered(task)
        && let Ok(done) = stack.with(&work)
    {
        return Some(done);
    }
    let shard = shard(task).lock();
    let stack = shard.stacks.get(&task)?;
    let done = stack.with(&work).ok();
    remember(task, stack);
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Context;
    use hindsight_protocol::{SpanId, TraceId};

    fn context(span: u64) -> Context {
        let ids = (TraceId::from_u128(1), SpanId::from_u64(span));
        Context::new(ids.0, ids.1, true).expect("valid")
    }

    #[test]
    fn stacks_that_are_empty_are_forgotten_and_the_others_kept() {
        let ids = || -> TaskId {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            let runtime = runtime.expect("a runtime");
            runtime.block_on(async { tokio::spawn(async {}).id() })
        };
        let mut shard = Shard::default();
        let (busy, idle) = (ids(), ids());
        let kept = shard.stack_of(busy);
        kept.with(|spans| spans.push(&context(1))).expect("in use");
        let gone = shard.stack_of(idle);
        for _ in 0..5 * SPARE {
            shard.stack_of(ids());
        }
        assert!(shard.stacks.len() <= 2 * SPARE, "{}", shard.stacks.len());
        assert!(Arc::ptr_eq(&shard.stack_of(busy), &kept));
        assert!(gone.with(|_| ()).is_err(), "retired");
        assert!(kept.with(|_| ()).is_ok());
    }
}
