//! Cutting what exceeds the limits of a single span.
//!
//! In: a batch. Out: nothing when it is within the limits (told from the offsets, without looking
//! at values), else a batch that is, and how often each limit cut something: counted for every
//! record that arrives, once per resource and scope.

use hindsight_protocol::batch::{RowCopier, RowLimits};
use hindsight_protocol::{BatchBuilder, CheckedBatch};

use crate::StoreLimits;
use crate::accounts::Reasons;
use crate::reason;

fn row_limits(limits: &StoreLimits) -> RowLimits {
    RowLimits {
        attributes_per_span_max: limits.attributes_per_span_max,
        attributes_per_event_max: limits.attributes_per_event_max,
        events_per_span_max: limits.events_per_span_max,
        links_per_span_max: limits.links_per_span_max,
        value_bytes_max: limits.value_bytes_max,
        name_bytes_max: limits.name_bytes_max,
    }
}

/// The batch within the limits, if it was not.
pub(crate) fn truncate(
    batch: &CheckedBatch,
    limits: &StoreLimits,
) -> Option<(CheckedBatch, Reasons)> {
    let limits = row_limits(limits);
    if !limits.may_cut(batch) {
        return None;
    }
    let mut copier = RowCopier::with_limits(batch, limits);
    let mut builder = BatchBuilder::new();
    for row in 0..batch.len() {
        copier.copy(row, &mut builder);
    }
    let cuts = copier.cuts();
    let mut reasons = Reasons::default();
    reasons.add(reason::ATTRIBUTES_PER_SPAN, cuts.attributes_per_span);
    reasons.add(reason::ATTRIBUTES_PER_EVENT, cuts.attributes_per_event);
    reasons.add(reason::EVENTS_PER_SPAN, cuts.events_per_span);
    reasons.add(reason::LINKS_PER_SPAN, cuts.links_per_span);
    reasons.add(reason::VALUE_BYTES, cuts.value_bytes);
    reasons.add(reason::NAME_BYTES, cuts.name_bytes);
    Some((builder.finish(), reasons))
}
