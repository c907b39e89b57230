//! Events and links: what only some rows have.
//!
//! In: the events and links of rows, in order of arrival. Out: packed columns of all of them, and
//! [`Belonging`]: which rows have which of them.

use hindsight_protocol::{CheckedBatch, SpanId, TraceId};

use super::attributes::{Attributes, AttributesStage, Encoded, TablesStage};
use super::bitmap::Bitmap;
use super::build::Rows;
use super::heads::Order;
use super::owners::{or_default, range_of};
use super::packed::Packed;

/// Which rows have something, while that is collected.
#[derive(Debug, Default)]
struct BelongingStage {
    /// Rows in order of arrival that have any.
    rows: Vec<u32>,
    /// The end of what each of them has.
    ends: Vec<u32>,
}

/// Which rows have something, and what.
#[derive(Debug, Default)]
pub(crate) struct Belonging {
    /// Rows that have any, ascending.
    rows: Packed,
    /// The first of what each of them has.
    starts: Packed,
    counts: Packed,
}

/// Events being collected.
#[derive(Debug, Default)]
pub(super) struct EventsStage {
    of_rows: BelongingStage,
    times: Vec<u64>,
    names: Vec<u32>,
    ends: Vec<u32>,
    dropped: Vec<u32>,
    attributes: AttributesStage,
}

/// Events by number.
#[derive(Debug, Default)]
pub(crate) struct Events {
    pub(super) of_rows: Belonging,
    pub(super) times: Packed,
    /// Codes of texts.
    pub(super) names: Packed,
    ends: Packed,
    pub(super) dropped: Packed,
    pub(super) attributes: Attributes,
}

/// Links being collected.
#[derive(Debug, Default)]
pub(super) struct LinksStage {
    of_rows: BelongingStage,
    trace_ids: [Vec<u64>; 2],
    span_ids: Vec<u64>,
    trace_states: Vec<u32>,
    flags: Vec<u8>,
    ends: Vec<u32>,
    dropped: Vec<u32>,
    attributes: AttributesStage,
}

/// Links by number.
#[derive(Debug, Default)]
pub(crate) struct Links {
    pub(super) of_rows: Belonging,
    trace_ids: [Packed; 2],
    span_ids: Packed,
    /// Codes of texts.
    pub(super) trace_states: Packed,
    pub(super) flags: Packed,
    ends: Packed,
    pub(super) dropped: Packed,
    pub(super) attributes: Attributes,
}

impl EventsStage {
    /// Adds the events of these rows; `first` is the number of the first of them.
    pub(super) fn extend(
        &mut self,
        batch: &CheckedBatch,
        rows: Rows<'_>,
        first: usize,
        tables: &mut TablesStage,
    ) {
        let columns = batch.columns();
        if columns.event_ends.is_empty() {
            return;
        }
        let events = &columns.events;
        for (position, row) in rows.list.iter().enumerate() {
            let range = range_of(&columns.event_ends, *row as usize);
            if range.is_empty() {
                continue;
            }
            for event in range {
                self.times.push(events.times_ns[event]);
                self.names.push(tables.text(batch, events.names[event]));
                self.dropped
                    .push(or_default(&events.dropped_attributes, event));
                for at in range_of(&events.attribute_ends, event) {
                    self.attributes
                        .push(tables.attribute(batch, &events.attributes, at));
                }
                self.ends.push(self.attributes.len() as u32);
            }
            self.of_rows.add(first + position, self.times.len());
        }
    }

    pub(super) fn finish(self, arrived: &Order) -> Events {
        Events {
            of_rows: self.of_rows.finish(arrived),
            times: Packed::of(&self.times),
            names: Packed::of(&self.names),
            ends: Packed::of(&self.ends),
            dropped: Packed::of(&self.dropped),
            attributes: self.attributes.finish(),
        }
    }
}

impl LinksStage {
    /// Adds the links of these rows; `first` is the number of the first of them.
    pub(super) fn extend(
        &mut self,
        batch: &CheckedBatch,
        rows: Rows<'_>,
        first: usize,
        tables: &mut TablesStage,
    ) {
        let columns = batch.columns();
        if columns.link_ends.is_empty() {
            return;
        }
        let links = &columns.links;
        for (position, row) in rows.list.iter().enumerate() {
            let range = range_of(&columns.link_ends, *row as usize);
            if range.is_empty() {
                continue;
            }
            for link in range {
                self.trace_ids[0].push(links.trace_ids_high[link]);
                self.trace_ids[1].push(links.trace_ids_low[link]);
                self.span_ids.push(links.span_ids[link]);
                let trace_state = or_default(&links.trace_states, link);
                self.trace_states.push(tables.text(batch, trace_state));
                self.flags.push(or_default(&links.flags, link));
                self.dropped
                    .push(or_default(&links.dropped_attributes, link));
                for at in range_of(&links.attribute_ends, link) {
                    self.attributes
                        .push(tables.attribute(batch, &links.attributes, at));
                }
                self.ends.push(self.attributes.len() as u32);
            }
            self.of_rows.add(first + position, self.span_ids.len());
        }
    }

    pub(super) fn finish(self, arrived: &Order) -> Links {
        Links {
            of_rows: self.of_rows.finish(arrived),
            trace_ids: self.trace_ids.map(|column| Packed::of(&column)),
            span_ids: Packed::of(&self.span_ids),
            trace_states: Packed::of(&self.trace_states),
            flags: Packed::of(&self.flags),
            ends: Packed::of(&self.ends),
            dropped: Packed::of(&self.dropped),
            attributes: self.attributes.finish(),
        }
    }
}

impl BelongingStage {
    fn add(&mut self, row: usize, end: usize) {
        self.rows.push(row as u32);
        self.ends.push(end as u32);
    }

    /// `arrived` gives the final row of each row in order of arrival.
    fn finish(self, arrived: &Order) -> Belonging {
        let starts = std::iter::once(&0).chain(&self.ends);
        let ranges = starts
            .zip(&self.ends)
            .map(|(start, end)| (*start, end - start));
        let row = |row: &u32| match arrived {
            Some(arrived) => arrived[*row as usize],
            None => *row,
        };
        let rows = self.rows.iter().map(row);
        let mut all: Vec<(u32, (u32, u32))> = rows.zip(ranges).collect();
        if arrived.is_some() {
            all.sort_unstable();
        }
        let column = |pick: fn(&(u32, (u32, u32))) -> u32| {
            Packed::of(&all.iter().map(pick).collect::<Vec<u32>>())
        };
        Belonging {
            rows: column(|(row, _)| *row),
            starts: column(|(_, (start, _))| *start),
            counts: column(|(_, (_, count))| *count),
        }
    }
}

impl Belonging {
    /// Whether no row has any.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }

    /// What a row has. Logarithmic in the rows that have any.
    pub(super) fn of(&self, row: usize) -> std::ops::Range<usize> {
        let (mut low, mut high) = (0, self.rows.len());
        while low < high {
            let middle = (low + high) / 2;
            match (self.rows.get(middle) as usize).cmp(&row) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return self.range(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        0..0
    }

    fn range(&self, at: usize) -> std::ops::Range<usize> {
        let start = self.starts.get(at) as usize;
        start..start + self.counts.get(at) as usize
    }

    /// The rows that have any, ascending, and what they have.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> + '_ {
        let rows = self.rows.iter().enumerate();
        rows.map(|(at, row)| (row as usize, self.range(at)))
    }

    /// The rows of `len` that have between `low` and `high` of it.
    pub(super) fn rows_counting(&self, low: u64, high: u64, len: usize) -> Bitmap {
        let mut rows = match low {
            0 => Bitmap::all(len),
            _ => Bitmap::none(len),
        };
        for (row, range) in self.iter() {
            match (low..=high).contains(&(range.len() as u64)) {
                true => rows.insert(row),
                false => rows.remove(row),
            }
        }
        rows
    }

    fn bytes(&self) -> u64 {
        self.rows.bytes() + self.starts.bytes() + self.counts.bytes()
    }
}

impl Events {
    /// Number of events.
    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    /// Where the attributes of an event are.
    pub(super) fn attribute_range(&self, event: usize) -> std::ops::Range<usize> {
        range(&self.ends, event)
    }

    /// The attributes of an event.
    pub(super) fn attributes_of(&self, event: usize) -> impl Iterator<Item = Encoded> + '_ {
        range(&self.ends, event).map(|at| self.attributes.get(at))
    }

    pub(super) fn bytes(&self) -> u64 {
        self.of_rows.bytes()
            + self.times.bytes()
            + self.names.bytes()
            + self.ends.bytes()
            + self.dropped.bytes()
            + self.attributes.bytes()
    }
}

impl Links {
    /// The span that a link points at.
    pub(super) fn target(&self, link: usize) -> (TraceId, SpanId) {
        let [high, low] = &self.trace_ids;
        let trace = TraceId {
            high: high.get(link),
            low: low.get(link),
        };
        (trace, SpanId::from_u64(self.span_ids.get(link)))
    }

    /// The links to this span, whatever its trace.
    pub(super) fn to_span(&self, id: SpanId) -> Bitmap {
        self.span_ids.rows_in(id.bits, id.bits)
    }

    /// The links to spans of this trace.
    pub(super) fn to_trace(&self, id: TraceId) -> Bitmap {
        let [high, low] = &self.trace_ids;
        let mut links = low.rows_in(id.low, id.low);
        if !links.is_empty() {
            links.and(&high.rows_in(id.high, id.high));
        }
        links
    }

    /// The attributes of a link.
    pub(super) fn attributes_of(&self, link: usize) -> impl Iterator<Item = Encoded> + '_ {
        range(&self.ends, link).map(|at| self.attributes.get(at))
    }

    pub(super) fn bytes(&self) -> u64 {
        let ids: u64 = self.trace_ids.iter().map(Packed::bytes).sum();
        ids + self.of_rows.bytes()
            + self.span_ids.bytes()
            + self.trace_states.bytes()
            + self.flags.bytes()
            + self.ends.bytes()
            + self.dropped.bytes()
            + self.attributes.bytes()
    }
}

fn range(ends: &Packed, at: usize) -> std::ops::Range<usize> {
    let start = at.checked_sub(1).map_or(0, |before| ends.get(before));
    start as usize..ends.get(at) as usize
}
