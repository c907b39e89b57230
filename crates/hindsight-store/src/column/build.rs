//! Building a segment.
//!
//! In: rows of checked batches. Out: [`SegmentRows`]. Pure: the same rows in the same order give
//! the same segment. Cost: 0.15-0.2 microseconds for a row with eight attributes; a string of a
//! batch is hashed once, however often the batch uses it. Memory while building: the columns at
//! their full widths, by their types about 110 bytes for such a row.

use hindsight_protocol::{CheckedBatch, SpanState};

use super::attributes::TablesStage;
use super::dictionary::Interner;
use super::groups::GroupsStage;
use super::heads::{HeadsStage, Order};
use super::nested::{EventsStage, LinksStage};
use super::owners::OwnersStage;
use super::rows::SegmentRows;
use super::traces::TracesStage;

/// Collects rows for a segment.
#[derive(Debug)]
pub(crate) struct SegmentBuilder {
    tables: TablesStage,
    names: Interner,
    services: Interner,
    resources: OwnersStage,
    scopes: OwnersStage,
    heads: HeadsStage,
    groups: GroupsStage,
    events: EventsStage,
    links: LinksStage,
    traces: TracesStage,
    /// Rows of the batch at hand.
    rows: Vec<u32>,
}

/// Rows of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'a> {
    pub(super) list: &'a [u32],
    /// They are all rows of the batch, in order: columns can be taken as they are.
    pub(super) is_all: bool,
}

impl<'a> Rows<'a> {
    fn new(list: &'a [u32], batch: &CheckedBatch) -> Self {
        let in_order = || {
            (0..)
                .zip(list)
                .fold(true, |all, (at, row)| all & (at == *row))
        };
        Self {
            list,
            is_all: list.len() == batch.len() && in_order(),
        }
    }

    pub(super) fn len(self) -> usize {
        self.list.len()
    }
}

/// A segment, and where its rows went.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) rows: SegmentRows,
    /// The row of each row pushed, in the order in which they were pushed; none if it is the same.
    pub(crate) placed: Option<Vec<u32>>,
}

impl SegmentBuilder {
    /// An empty builder. `rows_expected` sizes the columns and helps to choose between dictionary
    /// and plain text; any number of rows up to `u32::MAX` may follow.
    pub(crate) fn new(rows_expected: usize) -> Self {
        Self {
            tables: TablesStage::new(),
            names: Interner::default(),
            services: Interner::default(),
            resources: OwnersStage::default(),
            scopes: OwnersStage::default(),
            heads: HeadsStage::with_capacity(rows_expected),
            groups: GroupsStage::new(rows_expected),
            events: EventsStage::default(),
            links: LinksStage::default(),
            traces: TracesStage::with_capacity(rows_expected),
            rows: Vec::new(),
        }
    }

    /// Number of rows so far.
    pub(crate) fn len(&self) -> usize {
        self.heads.len()
    }

    /// Adds rows of a batch, each with its own state or the one given. Panics when there is no
    /// such row, as slices do.
    pub(crate) fn push(
        &mut self,
        batch: &CheckedBatch,
        rows: impl Iterator<Item = (usize, Option<SpanState>)>,
    ) {
        let columns = batch.columns();
        let first = self.heads.len();
        self.rows.clear();
        let list = &mut self.rows;
        self.heads
            .extend_states(columns, rows.inspect(|(row, _)| list.push(*row as u32)));
        let rows = Rows::new(&self.rows, batch);
        let tables = &mut self.tables;
        tables.begin(batch);
        self.resources.begin(columns.resources.attribute_ends.len());
        self.scopes.begin(columns.scopes.names.len());
        self.heads.extend(columns, rows);
        self.heads
            .extend_texts(batch, rows, &mut self.names, tables);
        let resources = (&mut self.resources, &mut self.services);
        self.heads
            .extend_owners(batch, rows, resources, &mut self.scopes, tables);
        let services = self.resources.first_heads();
        self.traces.extend(columns, rows, &self.heads, services);
        self.groups.extend(batch, rows, tables);
        self.events.extend(batch, rows, first, tables);
        self.links.extend(batch, rows, first, tables);
    }

    /// The segment.
    pub(crate) fn finish(self) -> Built {
        let order: Order = self.groups.order();
        let placed: Order = order.as_deref().map(inverse);
        let traces = self.traces.finish(&order, &placed);
        let groups = self.groups.finish(&self.tables);
        let hasher = &self.tables.hasher;
        let rows = SegmentRows {
            len: self.heads.len(),
            names: self.names.finish_plain(hasher),
            services: self.services.finish_plain(hasher),
            heads: self.heads.finish(&order),
            resources: self.resources.finish(),
            scopes: self.scopes.finish(),
            events: self.events.finish(&placed),
            links: self.links.finish(&placed),
            tables: self.tables.finish(),
            groups,
            traces,
        };
        Built { rows, placed }
    }
}

/// Where each element of a permutation is.
fn inverse(order: &[u32]) -> Vec<u32> {
    let mut placed = vec![0; order.len()];
    for (row, arrival) in order.iter().enumerate() {
        placed[*arrival as usize] = row as u32;
    }
    placed
}
