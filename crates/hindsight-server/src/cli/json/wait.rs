//! An open span and what it waits for.

use hindsight_view::format;
use hindsight_view::waits::{WaitReason, Waits, stuck_word};
use serde::Serialize;

/// One element of `waits`.
#[derive(Debug, Serialize)]
pub(crate) struct WaitJson<'a> {
    trace_id: String,
    span_id: String,
    waited_for_by: Option<String>,
    reason: &'static str,
    depth: u32,
    name: &'a str,
    service: &'a str,
    process: String,
    start_ns: u64,
    start: String,
    age_ns: u64,
    state: &'static str,
    waits_for: Vec<String>,
    deepest: String,
    in_cycle: bool,
    /// Why it never goes on, as its app told.
    stuck: Option<String>,
    last_words: bool,
}

impl<'a> WaitJson<'a> {
    /// `waits_for` and `deepest` are those of the node.
    pub(crate) fn new(
        waits: &Waits<'a>,
        index: usize,
        (waits_for, deepest): (&[usize], usize),
        now_ns: u64,
    ) -> Self {
        let node = &waits.nodes()[index];
        let span = waits.span(index);
        let id = |index: usize| waits.span(index).span_id().to_string();
        Self {
            trace_id: span.trace_id().to_string(),
            span_id: span.span_id().to_string(),
            waited_for_by: node.parent.map(id),
            reason: match node.reason {
                WaitReason::Root => "root",
                WaitReason::Child => "child",
                WaitReason::Call => "call",
                WaitReason::Link => "link",
            },
            depth: node.depth,
            name: waits.name(index),
            service: span.service(),
            process: waits.process(index),
            start_ns: span.start_ns(),
            start: format::iso(span.start_ns()),
            age_ns: now_ns.saturating_sub(span.start_ns()),
            state: span.state().as_str(),
            waits_for: waits_for.iter().copied().map(id).collect(),
            deepest: id(deepest),
            in_cycle: node.in_cycle,
            stuck: waits.stuck(index).map(stuck_word),
            last_words: false,
        }
    }

    /// The same span, of a process that went away or not.
    pub(crate) fn last_words(self, last_words: bool) -> Self {
        Self { last_words, ..self }
    }
}
