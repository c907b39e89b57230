//! Limits of queries.

use std::time::Duration;

/// Limits of queries.
#[derive(Clone, Debug)]
pub struct QueryLimits {
    /// Longest time a query may take; what it has found by then is the answer, and says so.
    /// Default 5 s.
    pub deadline: Duration,
    /// Queries under way at the same time, those of live subscribers included; the others wait.
    /// Default half the processors, from 2 to 8, so that storing spans has the rest.
    pub concurrent_max: usize,
    /// Longest time a query waits for its turn; then its caller is told to come back. Default 2 s.
    pub wait_max: Duration,
    /// What a refused caller is told to wait. Default 500 ms.
    pub retry_after: Duration,
    /// Spans of an answer when the request does not say. Default 100.
    pub spans_default: usize,
    /// Most spans of an answer. Default 10,000.
    pub spans_max: usize,
    /// Bytes of the spans or groups of an answer, about; less than a frame. Default 4 MiB.
    pub answer_bytes_max: usize,
    /// Most matching spans of one trace that are told. Default 100,000.
    pub found_max: usize,
    /// Completions of an answer when the request does not say. Default 50.
    pub completions_default: usize,
    /// Most completions of an answer. Default 500.
    pub completions_max: usize,
    /// What the store may read and hold for one query.
    pub store: hindsight_store::QueryLimits,
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(5),
            concurrent_max: half_the_processors().clamp(2, 8),
            wait_max: Duration::from_secs(2),
            retry_after: Duration::from_millis(500),
            spans_default: 100,
            spans_max: 10_000,
            answer_bytes_max: 4 << 20,
            found_max: 100_000,
            completions_default: 50,
            completions_max: 500,
            store: hindsight_store::QueryLimits::default(),
        }
    }
}

fn half_the_processors() -> usize {
    std::thread::available_parallelism().map_or(2, |all| all.get() / 2)
}
