//! The columns of a trace from the pages a hub tells them in.
//!
//! In: pages of [`TraceStructure`], in the order of their cursors. Out: [`TraceColumns`] of all
//! that was told. Holds: a row takes the place of an earlier one of the same span; a page that
//! begins anew forgets what was before; columns of a page that are not of one length end with the
//! shortest. Bounded by what the hub tells; about 70 bytes a span.

use std::collections::HashMap;

use hindsight_protocol::OPEN_END_NS;
use hindsight_protocol::hub::{StructureFlags, TraceStructure};

use super::{Process, TraceColumns};

/// Collects the structure of one trace.
#[derive(Clone, Debug, Default)]
pub struct StructureReader {
    columns: TraceColumns,
    rows: HashMap<u64, u32>,
    codes: HashMap<String, u32>,
    /// Row of the process of each service, which is all that a structure tells of processes.
    processes: HashMap<u32, u32>,
}

/// A row of a page.
struct Told {
    id: u64,
    parent: u64,
    start_ns: u64,
    end_ns: u64,
    name: u32,
    process: u32,
    flags: StructureFlags,
}

impl StructureReader {
    /// Nothing told yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was told so far, one row a span, in the order in which spans were first told.
    pub fn columns(&self) -> &TraceColumns {
        &self.columns
    }

    /// Number of spans told.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether no span was told.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Takes in the next page.
    pub fn add(&mut self, page: &TraceStructure) {
        if page.begins {
            *self = Self::new();
        }
        let names: Vec<u32> = page.names.iter().map(|name| self.intern(name)).collect();
        let services = page.services.iter();
        let processes: Vec<u32> = services.map(|service| self.process(service)).collect();
        let code = |codes: &[u32], code: u64| {
            let at = usize::try_from(code).ok();
            at.and_then(|at| codes.get(at)).copied().unwrap_or_default()
        };
        let times = page.starts_ns().zip(page.durations_ns());
        let shown = page.name_codes.iter().zip(page.service_codes.iter());
        let rows = page.span_ids.iter().zip(page.parent_ids());
        let rows = rows.zip(times).zip(shown).zip(&page.flags);
        for ((((id, parent), (start_ns, duration)), (name, service)), flags) in rows {
            self.put(Told {
                id: *id,
                parent,
                start_ns,
                end_ns: duration.map_or(OPEN_END_NS, |ns| start_ns.saturating_add(ns)),
                name: code(&names, name),
                process: code(&processes, service),
                flags: StructureFlags(*flags),
            });
        }
    }

    fn put(&mut self, told: Told) {
        let columns = &mut self.columns;
        let next = columns.span_ids.len() as u32;
        let row = *self.rows.entry(told.id).or_insert(next) as usize;
        if row == next as usize {
            columns.span_ids.push(told.id);
            columns.parent_ids.push(0);
            columns.starts_ns.push(0);
            columns.ends_ns.push(0);
            columns.names.push(0);
            columns.process_rows.push(0);
            columns.kinds.push(0);
            columns.statuses.push(0);
            columns.states.push(0);
        }
        columns.parent_ids[row] = told.parent;
        columns.starts_ns[row] = told.start_ns;
        columns.ends_ns[row] = told.end_ns;
        columns.names[row] = told.name;
        columns.process_rows[row] = told.process;
        columns.kinds[row] = told.flags.kind() as u8;
        columns.statuses[row] = told.flags.status() as u8;
        columns.states[row] = told.flags.state() as u8;
    }

    fn intern(&mut self, text: &str) -> u32 {
        if let Some(code) = self.codes.get(text) {
            return *code;
        }
        let code = self.columns.strings.push(text);
        self.codes.insert(text.to_owned(), code);
        code
    }

    fn process(&mut self, service: &str) -> u32 {
        let service = self.intern(service);
        let processes = &mut self.columns.processes;
        *self.processes.entry(service).or_insert_with(|| {
            processes.push(Process {
                service,
                instance: 0,
            });
            processes.len() as u32 - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use hindsight_protocol::{SpanKind, SpanState, StatusCode};

    use super::*;
    use crate::TraceTree;

    /// Two rows: a root with an error, and an open child of it.
    fn page() -> TraceStructure {
        let root = StructureFlags::new(StatusCode::Error, SpanKind::Server, SpanState::Ended);
        let child = StructureFlags::new(StatusCode::Unset, SpanKind::Client, SpanState::Running);
        TraceStructure {
            begins: true,
            base_ns: 1_000,
            span_ids: vec![7, 8],
            start_deltas_ns: [0, 5].into_iter().collect(),
            durations: [101, 0].into_iter().collect(),
            parents: [0, 1].into_iter().collect(),
            name_codes: [0, 1].into_iter().collect(),
            service_codes: [0, 0].into_iter().collect(),
            flags: vec![root.0, child.0],
            names: vec!["root".into(), "child".into()],
            services: vec!["web".into()],
            ..TraceStructure::default()
        }
    }

    #[test]
    fn pages_become_a_tree() {
        let mut reader = StructureReader::new();
        reader.add(&page());
        let tree = TraceTree::new(reader.columns().clone()).expect("sound columns");
        assert_eq!((tree.name(0), tree.service(0)), ("root", "web"));
        assert_eq!((tree.start_ns(0), tree.end_ns(0)), (1_000, Some(1_100)));
        assert_eq!(tree.status(0), StatusCode::Error);
        assert_eq!((tree.parent(1), tree.end_ns(1)), (Some(0), None));
        assert_eq!(tree.state(1), SpanState::Running);
        assert_eq!(tree.kind(1), SpanKind::Client);
    }

    #[test]
    fn a_span_told_again_takes_its_own_place() {
        let mut reader = StructureReader::new();
        reader.add(&page());
        let ended = StructureFlags::new(StatusCode::Ok, SpanKind::Client, SpanState::Ended);
        reader.add(&TraceStructure {
            begins: false,
            base_ns: 1_005,
            span_ids: vec![8, 9],
            start_deltas_ns: [0, 1].into_iter().collect(),
            durations: [11, 3].into_iter().collect(),
            // Both below a span of the page before.
            parents: [3, 3].into_iter().collect(),
            outer_parents: vec![7],
            name_codes: [0, 1].into_iter().collect(),
            service_codes: [0, 0].into_iter().collect(),
            flags: vec![ended.0, ended.0],
            names: vec!["child".into(), "late".into()],
            services: vec!["database".into()],
            ..TraceStructure::default()
        });
        let tree = TraceTree::new(reader.columns().clone()).expect("sound columns");
        assert_eq!(tree.len(), 3);
        assert_eq!((tree.end_ns(1), tree.service(1)), (Some(1_015), "database"));
        assert_eq!((tree.name(2), tree.parent(2)), ("late", Some(0)));
        reader.add(&page());
        assert_eq!(reader.len(), 2);
    }

    #[test]
    fn columns_that_do_not_fit_each_other_end_with_the_shortest() {
        let mut reader = StructureReader::new();
        let mut odd = page();
        odd.flags.pop();
        odd.name_codes = [9, 9].into_iter().collect();
        reader.add(&odd);
        assert_eq!(reader.len(), 1);
        assert_eq!(reader.columns().name(0), "");
    }
}
