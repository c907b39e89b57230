//! Copying many rows of one batch into a builder, columns to columns, within limits.
//!
//! In: a checked batch and row numbers. Out: the rows in a [`BatchBuilder`], cut to [`RowLimits`].
//! Each string, blob, resource and scope of the source is looked up in the builder once, not once
//! a use, so work is in proportion to the columns whatever they refer to. Memory: about twelve
//! bytes for each of them while the copier lives.

mod limits;
mod remap;
mod tables;

#[cfg(test)]
mod tests;

pub use limits::{RowCuts, RowLimits};

use self::remap::Remap;
use super::build::{BatchBuilder, push};
use super::check::{CheckedBatch, span_of};
use super::optional::push_optional;

/// Copies rows of one batch into one builder.
#[derive(Debug)]
pub struct RowCopier<'a> {
    source: &'a CheckedBatch,
    names: Remap,
    values: Remap,
    blobs: Remap,
    resources: Remap,
    scopes: Remap,
    limits: RowLimits,
    cuts: RowCuts,
}

impl<'a> RowCopier<'a> {
    /// A copier of rows of `source` as they are; the first copy chooses the builder.
    pub fn new(source: &'a CheckedBatch) -> Self {
        Self::with_limits(source, RowLimits::NONE)
    }

    /// A copier that cuts what exceeds `limits`.
    pub fn with_limits(source: &'a CheckedBatch, limits: RowLimits) -> Self {
        let columns = &source.columns;
        let strings = columns.strings.ends.len().max(1);
        Self {
            source,
            names: Remap::new(strings),
            values: Remap::new(strings),
            blobs: Remap::new(columns.blobs.ends.len()),
            resources: Remap::new(columns.resources.attribute_ends.len()),
            scopes: Remap::new(columns.scopes.names.len()),
            limits,
            cuts: RowCuts::default(),
        }
    }

    /// Makes the copier ready for another builder, or for one that was cleared. Costs as much as
    /// was copied since the last time.
    pub fn restart(&mut self) {
        self.names.clear();
        self.values.clear();
        self.blobs.clear();
        self.resources.clear();
        self.scopes.clear();
    }

    /// What was cut so far, once per use (in resources and scopes once per restart).
    pub fn cuts(&self) -> RowCuts {
        self.cuts
    }

    /// Copies row `row`; panics when there is no such row, as slices do.
    pub fn copy(&mut self, row: usize, to: &mut BatchBuilder) {
        let state = or_default(&self.source.columns.states, row);
        self.copy_as(row, state, to);
    }

    /// Copies row `row` with another [`crate::SpanState`].
    pub fn copy_as(&mut self, row: usize, state: u8, to: &mut BatchBuilder) {
        to.first_string();
        // The row may differ from the default in any column.
        to.is_odd = true;
        push_optional(&mut to.columns.states, to.columns.span_ids.len(), state);
        self.copy_numbers(row, to);
        self.copy_texts(row, to);
        self.copy_attributes(row, to);
        self.copy_events(row, to);
        self.copy_links(row, to);
    }

    fn copy_numbers(&mut self, row: usize, to: &mut BatchBuilder) {
        let (from, columns) = (&self.source.columns, &mut to.columns);
        let rows = columns.span_ids.len();
        columns.trace_ids_high.push(from.trace_ids_high[row]);
        columns.trace_ids_low.push(from.trace_ids_low[row]);
        columns.span_ids.push(from.span_ids[row]);
        columns.parent_ids.push(from.parent_ids[row]);
        columns.starts_ns.push(from.starts_ns[row]);
        columns.ends_ns.push(from.ends_ns[row]);
        push_optional(&mut columns.kinds, rows, or_default(&from.kinds, row));
        push_optional(&mut columns.statuses, rows, or_default(&from.statuses, row));
        push_optional(&mut columns.versions, rows, or_default(&from.versions, row));
        push_optional(&mut columns.flags, rows, or_default(&from.flags, row));
    }

    fn copy_texts(&mut self, row: usize, to: &mut BatchBuilder) {
        let from = &self.source.columns;
        let name = self.name(from.names[row], to);
        let message = self.text(or_default(&from.status_messages, row), to);
        let trace_state = self.text(or_default(&from.trace_states, row), to);
        let resource = self.resource(or_default(&from.resource_rows, row), to);
        let scope = self.scope(or_default(&from.scope_rows, row), to);
        let columns = &mut to.columns;
        let rows = columns.names.len();
        columns.names.push(name);
        push_optional(&mut columns.status_messages, rows, message);
        push_optional(&mut columns.trace_states, rows, trace_state);
        push_optional(&mut columns.resource_rows, rows, resource);
        push_optional(&mut columns.scope_rows, rows, scope);
    }

    fn copy_attributes(&mut self, row: usize, to: &mut BatchBuilder) {
        let from = &self.source.columns;
        let range = span_of(&from.attribute_ends, row);
        let (range, lost) = limits::shorten(range, self.limits.attributes_per_span_max);
        self.cuts.attributes_per_span += u64::from(lost);
        for at in range {
            let encoded = self.attribute(&from.attributes, at, to);
            push(&mut to.columns.attributes, encoded);
        }
        let rows = to.columns.attribute_ends.len();
        let end = to.columns.attributes.keys.len() as u32;
        to.columns.attribute_ends.push(end);
        let dropped = or_default(&from.dropped_attributes, row).saturating_add(lost);
        push_optional(&mut to.columns.dropped_attributes, rows, dropped);
    }

    fn copy_events(&mut self, row: usize, to: &mut BatchBuilder) {
        let from = &self.source.columns.events;
        let range = span_of(&self.source.columns.event_ends, row);
        let (range, lost) = limits::shorten(range, self.limits.events_per_span_max);
        self.cuts.events_per_span += u64::from(lost);
        for event in range {
            let name = self.name(from.names[event], to);
            let attributes = span_of(&from.attribute_ends, event);
            let (attributes, lost) =
                limits::shorten(attributes, self.limits.attributes_per_event_max);
            self.cuts.attributes_per_event += u64::from(lost);
            for at in attributes {
                let encoded = self.attribute(&from.attributes, at, to);
                push(&mut to.columns.events.attributes, encoded);
            }
            let events = &mut to.columns.events;
            events.times_ns.push(from.times_ns[event]);
            events.names.push(name);
            let end = events.attributes.keys.len() as u32;
            events.attribute_ends.push(end);
            let dropped = or_default(&from.dropped_attributes, event).saturating_add(lost);
            events.dropped_attributes.push(dropped);
        }
        // The attributes of this row are in already.
        let rows = to.columns.attribute_ends.len() - 1;
        let end = to.columns.events.names.len() as u32;
        push_optional(&mut to.columns.event_ends, rows, end);
        let dropped = or_default(&self.source.columns.dropped_events, row).saturating_add(lost);
        push_optional(&mut to.columns.dropped_events, rows, dropped);
    }

    fn copy_links(&mut self, row: usize, to: &mut BatchBuilder) {
        let from = &self.source.columns.links;
        let range = span_of(&self.source.columns.link_ends, row);
        let (range, lost) = limits::shorten(range, self.limits.links_per_span_max);
        self.cuts.links_per_span += u64::from(lost);
        for link in range {
            let trace_state = self.text(or_default(&from.trace_states, link), to);
            let attributes = span_of(&from.attribute_ends, link);
            let (attributes, lost) =
                limits::shorten(attributes, self.limits.attributes_per_event_max);
            self.cuts.attributes_per_event += u64::from(lost);
            for at in attributes {
                let encoded = self.attribute(&from.attributes, at, to);
                push(&mut to.columns.links.attributes, encoded);
            }
            let links = &mut to.columns.links;
            links.trace_ids_high.push(from.trace_ids_high[link]);
            links.trace_ids_low.push(from.trace_ids_low[link]);
            links.span_ids.push(from.span_ids[link]);
            links.trace_states.push(trace_state);
            links.flags.push(or_default(&from.flags, link));
            let end = links.attributes.keys.len() as u32;
            links.attribute_ends.push(end);
            let dropped = or_default(&from.dropped_attributes, link).saturating_add(lost);
            links.dropped_attributes.push(dropped);
        }
        let rows = to.columns.attribute_ends.len() - 1;
        let end = to.columns.links.span_ids.len() as u32;
        push_optional(&mut to.columns.link_ends, rows, end);
        let dropped = or_default(&self.source.columns.dropped_links, row).saturating_add(lost);
        push_optional(&mut to.columns.dropped_links, rows, dropped);
    }
}

fn or_default<T: Copy + Default>(column: &[T], row: usize) -> T {
    column.get(row).copied().unwrap_or_default()
}
