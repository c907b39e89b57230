//! The newest executions, of all traces.
//!
//! In: accesses that ended and were not mere hits, changes of inputs. Out: those of a trace, oldest first.
//! Bounded: [`EXECUTIONS_MAX`]; older ones are forgotten and counted.

use std::collections::VecDeque;

use hindsight_protocol::TraceId;

use super::nodes::{NodeKey, State};

/// Executions that are remembered; about 300 bytes each, their dependencies being picante's own.
pub(crate) const EXECUTIONS_MAX: usize = 16_384;

/// A node's answer, as it was then. Counts in `state` are those of this one execution.
#[derive(Clone)]
pub(crate) struct Execution {
    pub(crate) node: NodeKey,
    pub(crate) state: State,
    /// Of an input: whether it was removed.
    pub(crate) set: Option<bool>,
}

#[derive(Default)]
pub(crate) struct Executions {
    ring: VecDeque<Execution>,
    forgotten: u64,
}

impl Executions {
    pub(crate) fn push(&mut self, execution: Execution) {
        if self.ring.len() == EXECUTIONS_MAX {
            self.ring.pop_front();
            self.forgotten += 1;
        }
        self.ring.push_back(execution);
    }

    pub(crate) fn of_trace(&self, trace: TraceId) -> Vec<Execution> {
        let of_trace = |execution: &&Execution| execution.state.trace_id == trace;
        self.ring.iter().filter(of_trace).cloned().collect()
    }

    /// Those that are no longer there.
    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten
    }
}
