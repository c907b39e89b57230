//! Stacks of started spans: one a scope, a tokio task, or a thread outside any task.
//!
//! Bounded: a stack holds at most [`DEPTH_MAX`] spans (further ones are started but not current);
//! a task's stack is dropped when it is empty.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;
use rustc_hash::FxBuildHasher;
use tokio::task::Id as TaskId;

use super::Context;

/// Most current spans of one task.
const DEPTH_MAX: usize = 1024;
/// Tasks are spread over this many maps, each with its own lock.
const SHARDS: usize = 64;

/// The spans started and not ended, newest last.
#[derive(Debug, Default)]
pub(crate) struct Stack {
    spans: Mutex<Vec<Context>>,
}

impl Stack {
    pub(super) fn of(base: Context) -> Arc<Self> {
        Arc::new(Self {
            spans: Mutex::new(vec![base]),
        })
    }

    fn top(&self) -> Option<Context> {
        self.spans.lock().last().cloned()
    }

    fn push(&self, context: Context) -> bool {
        let mut spans = self.spans.lock();
        let room = spans.len() < DEPTH_MAX;
        if room {
            spans.push(context);
        }
        room
    }

    /// Takes the span away; says whether the stack is empty now.
    fn remove(&self, context: &Context) -> bool {
        let mut spans = self.spans.lock();
        let same = |other: &Context| other.span_id == context.span_id;
        if let Some(at) = spans.iter().rposition(same) {
            spans.remove(at);
        }
        spans.is_empty()
    }
}

type Shard = Mutex<HashMap<TaskId, Arc<Stack>, FxBuildHasher>>;

static TASKS: LazyLock<Vec<Shard>> =
    LazyLock::new(|| (0..SHARDS).map(|_| Shard::default()).collect());

fn shard(task: TaskId) -> &'static Shard {
    use std::hash::BuildHasher;
    let hash = FxBuildHasher.hash_one(task) as usize;
    &TASKS[(hash >> 8) % SHARDS]
}

thread_local! {
    /// Scopes being polled or entered on this thread, innermost last.
    static SCOPES: RefCell<Vec<Arc<Stack>>> = const { RefCell::new(Vec::new()) };
    /// The thread's own stack, for code outside any task.
    static OWN: Arc<Stack> = Arc::new(Stack::default());
    /// Whether spans on this thread are not to be recorded (the exporter's own).
    static SUPPRESSED: Cell<bool> = const { Cell::new(false) };
}

/// Where a span was put, so that its end can take it away.
#[derive(Debug)]
pub(crate) enum Pushed {
    Stack(Arc<Stack>),
    Task(TaskId, Arc<Stack>),
}

impl Pushed {
    pub(crate) fn remove(&self, context: &Context) {
        match self {
            Self::Stack(stack) => {
                stack.remove(context);
            }
            Self::Task(task, stack) => {
                if stack.remove(context) {
                    forget(*task);
                }
            }
        }
    }
}

/// Drops a task's stack if it is still empty.
fn forget(task: TaskId) {
    let mut tasks = shard(task).lock();
    if tasks
        .get(&task)
        .is_some_and(|stack| stack.spans.lock().is_empty())
    {
        tasks.remove(&task);
    }
}

pub(super) fn current() -> Option<Context> {
    match in_force(false)? {
        Pushed::Stack(stack) | Pushed::Task(_, stack) => stack.top(),
    }
}

/// Makes `context` current; none when there is no room or the thread is ending.
pub(crate) fn push(context: &Context) -> Option<Pushed> {
    let place = in_force(true)?;
    let pushed = match &place {
        Pushed::Stack(stack) => stack.push(context.clone()),
        // Under the shard's lock, so that `forget` does not drop the stack in between.
        Pushed::Task(task, _) => {
            let mut tasks = shard(*task).lock();
            let stack = tasks.entry(*task).or_default();
            let pushed = stack.push(context.clone());
            return pushed.then(|| Pushed::Task(*task, stack.clone()));
        }
    };
    pushed.then_some(place)
}

/// The stack in force here. Without `create`, a task that has none yields none.
fn in_force(create: bool) -> Option<Pushed> {
    let scope = SCOPES
        .try_with(|scopes| scopes.borrow().last().cloned())
        .ok()?;
    if let Some(stack) = scope {
        return Some(Pushed::Stack(stack));
    }
    let Some(task) = tokio::task::try_id() else {
        return OWN.try_with(|own| Pushed::Stack(own.clone())).ok();
    };
    match shard(task).lock().get(&task) {
        Some(stack) => Some(Pushed::Task(task, stack.clone())),
        None if create => Some(Pushed::Task(task, Arc::default())),
        None => None,
    }
}

pub(super) fn enter_scope(stack: Arc<Stack>) {
    SCOPES.with(|scopes| scopes.borrow_mut().push(stack));
}

/// Leaves the newest scope that is `stack`; out-of-order drops of guards are tolerated.
pub(super) fn leave_scope(stack: &Arc<Stack>) {
    // The thread may be ending; then there is nothing to leave.
    SCOPES
        .try_with(|scopes| {
            let mut scopes = scopes.borrow_mut();
            if let Some(at) = scopes.iter().rposition(|other| Arc::ptr_eq(other, stack)) {
                scopes.remove(at);
            }
        })
        .unwrap_or_default();
}

/// Stops recording on this thread for good: used by threads that export.
pub(crate) fn suppress_this_thread() {
    SUPPRESSED.set(true);
}

/// Whether this thread's spans are not recorded.
pub(crate) fn is_suppressed() -> bool {
    SUPPRESSED.try_with(Cell::get).unwrap_or(true)
}
