//! What is odd, one row a finding.

use hindsight_protocol::SpanId;

use super::{Head, ListRow, dim, text};
use crate::findings::{Findings, TraceFinding, trace_finding_line};
use crate::format::{self, Zone};
use crate::text::Line;
use crate::tree::TraceTree;

pub(super) const HEADS: &[Head] = &[text("", "spans"), text("", "finding")];

/// Findings as sentences, with the first span of each.
#[derive(Clone, Debug, Default)]
pub struct FindingList {
    rows: Vec<(SpanId, u64, Line)>,
    left_out: usize,
}

impl FindingList {
    /// What [`findings`](crate::findings::findings) or
    /// [`structure_findings`](crate::findings::structure_findings) found in `tree`.
    pub fn new(tree: &TraceTree, findings: &Findings, zone: Zone) -> Self {
        let row = |finding: &TraceFinding| {
            let span = finding.first_node().map(|node| tree.span_id(node));
            let line = trace_finding_line(tree, finding, zone);
            (span.unwrap_or(SpanId::INVALID), finding.count(), line)
        };
        Self {
            rows: findings.found.iter().map(row).collect(),
            left_out: findings.left_out,
        }
    }

    /// Findings, those that are not told one by one included.
    pub fn total(&self) -> usize {
        self.rows.len() + self.left_out
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len() + usize::from(self.left_out > 0)
    }

    pub(super) fn span(&self, number: usize) -> Option<SpanId> {
        match self.rows.get(number) {
            Some((span, _, _)) => Some(*span),
            None => (number < self.len()).then_some(SpanId::INVALID),
        }
    }

    pub(super) fn row(&self, number: usize) -> Option<ListRow> {
        let Some((span, count, line)) = self.rows.get(number) else {
            let more = format::plural(self.left_out as u64, "finding");
            let text = format!("{more} of the same kinds are not told one by one");
            return (number < self.len()).then(|| ListRow {
                span: SpanId::INVALID,
                cells: vec![Line::new(), dim(text)],
            });
        };
        let count = match count {
            0 => String::new(),
            count => format::count(*count),
        };
        Some(ListRow {
            span: *span,
            cells: vec![dim(count), line.clone()],
        })
    }
}
