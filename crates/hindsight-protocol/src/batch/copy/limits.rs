//! Limits of a single span, and how often they cut something.

use std::ops::Range;

use crate::batch::CheckedBatch;

/// Limits of a single span; see [`super::RowCopier::with_limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowLimits {
    /// Attributes of a span, resource or scope; further ones are dropped.
    pub attributes_per_span_max: usize,
    /// Attributes of an event or link; further ones are dropped.
    pub attributes_per_event_max: usize,
    /// Events of a span; further ones are dropped.
    pub events_per_span_max: usize,
    /// Links of a span; further ones are dropped.
    pub links_per_span_max: usize,
    /// Bytes of a string or byte value, status message or trace state; the rest is cut off, text
    /// at a character. An array or map whose encoding is longer is replaced by a text.
    pub value_bytes_max: usize,
    /// Bytes of a name, version or key; the rest is cut off at a character.
    pub name_bytes_max: usize,
}

impl RowLimits {
    /// No limits.
    pub const NONE: Self = Self {
        attributes_per_span_max: usize::MAX,
        attributes_per_event_max: usize::MAX,
        events_per_span_max: usize::MAX,
        links_per_span_max: usize::MAX,
        value_bytes_max: usize::MAX,
        name_bytes_max: usize::MAX,
    };

    /// Whether anything in `batch` may have to be cut; errs on the side of yes. Looks at offsets
    /// only.
    pub fn may_cut(&self, batch: &CheckedBatch) -> bool {
        let columns = batch.columns();
        let text_max = self.name_bytes_max.min(self.value_bytes_max);
        let per_span = self.attributes_per_span_max;
        let per_event = self.attributes_per_event_max;
        longest(&columns.strings.ends) > text_max
            || longest(&columns.blobs.ends) > self.value_bytes_max
            || longest(&columns.attribute_ends) > per_span
            || longest(&columns.resources.attribute_ends) > per_span
            || longest(&columns.scopes.attribute_ends) > per_span
            || longest(&columns.event_ends) > self.events_per_span_max
            || longest(&columns.link_ends) > self.links_per_span_max
            || longest(&columns.events.attribute_ends) > per_event
            || longest(&columns.links.attribute_ends) > per_event
    }
}

/// How often each of [`RowLimits`] cut something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCuts {
    /// Attributes dropped from spans, resources and scopes.
    pub attributes_per_span: u64,
    /// Attributes dropped from events and links.
    pub attributes_per_event: u64,
    /// Events dropped.
    pub events_per_span: u64,
    /// Links dropped.
    pub links_per_span: u64,
    /// Values cut.
    pub value_bytes: u64,
    /// Names cut.
    pub name_bytes: u64,
}

/// Most elements between two end offsets.
fn longest(ends: &[u32]) -> usize {
    let mut before = 0;
    let mut longest = 0;
    for end in ends {
        longest = longest.max(end.saturating_sub(before));
        before = *end;
    }
    longest as usize
}

/// The first `max` of a range, and how many were left out.
pub(super) fn shorten(range: Range<usize>, max: usize) -> (Range<usize>, u32) {
    match range.len().checked_sub(max) {
        None | Some(0) => (range, 0),
        Some(lost) => (range.start..range.start + max, lost as u32),
    }
}

/// `text` without what would exceed `max` bytes, cut at a character.
pub(super) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}
