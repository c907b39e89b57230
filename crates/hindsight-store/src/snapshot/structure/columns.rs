//! The columns of one page of structure.

use hashbrown::HashMap;
use hindsight_protocol::hub::{StructureFlags, TraceStructure};

use super::Place;
use crate::column::SegmentRows;
use crate::snapshot::run::RowView;

const NONE: u32 = u32::MAX;

/// Collects rows in order.
pub(super) struct Columns<'a> {
    page: TraceStructure,
    parents: Vec<u64>,
    names: Texts<'a>,
    services: Texts<'a>,
    run: Option<&'a SegmentRows>,
    /// Codes of the page by codes of `run`.
    name_codes: Vec<u32>,
    service_codes: Vec<u32>,
    last: Option<Place>,
    text_bytes_max: usize,
}

/// Distinct texts in order of first use.
#[derive(Default)]
struct Texts<'a> {
    codes: HashMap<&'a str, u32>,
    all: Vec<&'a str>,
    bytes: usize,
}

impl<'a> Texts<'a> {
    fn code(&mut self, text: &'a str) -> u32 {
        *self.codes.entry(text).or_insert_with(|| {
            self.all.push(text);
            self.bytes += text.len();
            self.all.len() as u32 - 1
        })
    }

    fn finish(self) -> Vec<String> {
        self.all.into_iter().map(str::to_owned).collect()
    }
}

impl<'a> Columns<'a> {
    /// A page whose texts have about `text_bytes_max`.
    pub(super) fn new(text_bytes_max: usize) -> Self {
        Self {
            page: TraceStructure::default(),
            parents: Vec::new(),
            names: Texts::default(),
            services: Texts::default(),
            run: None,
            name_codes: Vec::new(),
            service_codes: Vec::new(),
            last: None,
            text_bytes_max,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.page.len()
    }

    /// Place of the last row.
    pub(super) fn last(&self) -> Option<Place> {
        self.last
    }

    /// Adds a row, which comes after those before; false when the page is full.
    pub(super) fn push(&mut self, place: Place, row: RowView<'a>) -> bool {
        if self.names.bytes + self.services.bytes > self.text_bytes_max {
            return false;
        }
        let (name, service) = self.codes(row);
        let (start_ns, span_id) = place;
        let before = self.last.map_or(start_ns, |(start, _)| start);
        let page = &mut self.page;
        if self.last.is_none() {
            page.base_ns = start_ns;
        }
        page.span_ids.push(span_id);
        page.start_deltas_ns.push(start_ns - before);
        let duration = row.end_ns().map(|end| end.saturating_sub(start_ns));
        page.durations
            .push(duration.map_or(0, |ns| ns.saturating_add(1)));
        page.name_codes.push(u64::from(name));
        page.service_codes.push(u64::from(service));
        let flags = StructureFlags::new(row.status(), row.kind(), row.state());
        page.flags.push(flags.0);
        self.parents.push(row.parent_bits());
        self.last = Some(place);
        true
    }

    fn codes(&mut self, row: RowView<'a>) -> (u32, u32) {
        let RowView::Stored(rows, row) = row else {
            return (
                self.names.code(row.name()),
                self.services.code(row.service()),
            );
        };
        if !self.run.is_some_and(|run| std::ptr::eq(run, rows)) {
            self.run = Some(rows);
            self.name_codes = vec![NONE; rows.names().len()];
            self.service_codes = vec![NONE; rows.services().len()];
        }
        let name = &mut self.name_codes[rows.name_code(row) as usize];
        if *name == NONE {
            *name = self.names.code(rows.name(row));
        }
        let service = &mut self.service_codes[rows.service_code(row) as usize];
        if *service == NONE {
            *service = self.services.code(rows.service(row));
        }
        (*name, *service)
    }

    pub(super) fn finish(mut self) -> TraceStructure {
        self.add_parents();
        TraceStructure {
            names: self.names.finish(),
            services: self.services.finish(),
            ..self.page
        }
    }

    fn add_parents(&mut self) {
        let page = &mut self.page;
        let rows = page.span_ids.len();
        let mut by_id: HashMap<u64, u32> = HashMap::with_capacity(rows);
        by_id.extend(page.span_ids.iter().copied().zip(1..));
        // Neighbours often have the same parent.
        let (mut last, mut last_code) = (0, 0);
        for parent in &self.parents {
            if *parent != last {
                last = *parent;
                let outer = &mut page.outer_parents;
                last_code = *by_id.entry(last).or_insert_with(|| {
                    outer.push(last);
                    (rows + outer.len()) as u32
                });
            }
            page.parents.push(match *parent {
                0 => 0,
                _ => u64::from(last_code),
            });
        }
    }
}
