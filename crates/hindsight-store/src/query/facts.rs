//! A trace of which only the facts are looked at.

use std::sync::OnceLock;

use hindsight_protocol::batch::{SpanHead, SpanRow};
use hindsight_protocol::hub::TraceSummary;
use hindsight_protocol::{BatchBuilder, CheckedBatch};
use hindsight_query::view::{TraceFacts, TraceView};
use hindsight_query::{Budget, Matcher};

/// Facts, and a span that stands for any of the trace: tests of facts do not look at it.
struct FactsView<'a> {
    facts: TraceFacts<'a>,
    span: SpanRow<'a>,
}

/// Whether facts pass a filter that is about nothing else.
pub(super) fn facts_match(matcher: &Matcher, facts: &TraceFacts<'_>) -> bool {
    let nothing = ONE_EMPTY_SPAN.get_or_init(|| {
        let mut builder = BatchBuilder::new();
        builder.begin_span(&SpanHead::default());
        builder.end_span();
        builder.to_batch()
    });
    let view = FactsView {
        facts: *facts,
        span: nothing.row(0),
    };
    let verdict = matcher.matches(&view, 0, &mut Budget::unlimited());
    verdict.is_yes()
}

/// A batch whose only span says nothing.
static ONE_EMPTY_SPAN: OnceLock<CheckedBatch> = OnceLock::new();

/// What the query language calls the facts of a trace.
pub(super) fn facts_of(summary: &TraceSummary) -> TraceFacts<'_> {
    let named = summary.services.iter().filter(|s| !s.service.is_empty());
    TraceFacts {
        spans: summary.spans,
        errors: summary.errors,
        services: named.count() as u64,
        running: summary.running,
        start_ns: summary.start_ns,
        duration_ns: summary.end_ns.saturating_sub(summary.start_ns),
        root_name: &summary.name,
        root_service: &summary.service,
    }
}

impl<'f> TraceView for FactsView<'f> {
    type Span<'a>
        = SpanRow<'f>
    where
        Self: 'a;

    fn len(&self) -> usize {
        1
    }

    fn span(&self, _: usize) -> SpanRow<'f> {
        self.span
    }

    fn parent(&self, _: usize) -> Option<usize> {
        None
    }

    fn subtree_end(&self, _: usize) -> usize {
        1
    }

    fn facts(&self) -> Option<TraceFacts<'_>> {
        Some(self.facts)
    }

    fn has_family(&self, _: &str) -> Option<bool> {
        None
    }

    fn is_complete(&self) -> bool {
        false
    }
}
