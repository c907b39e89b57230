//! Cells by key: picante's own, found without making the key anew.
//!
//! In: cells that picante has. Out: the same. Always: when an ingredient's cells are replaced the table is
//! emptied after that, and a cell that was looked up before is not put into it. Bounded by picante's own table,
//! whose cells it shares: a key and a pointer each.

use std::sync::Arc;

use parking_lot::RwLock;
use picante::Key;
use picante::ingredient::DerivedCell;
use rustc_hash::FxHashMap;

#[derive(Default)]
pub(super) struct Cells(RwLock<Table>);

#[derive(Default)]
struct Table {
    cells: FxHashMap<Key, Arc<DerivedCell>>,
    /// Changes when the table is emptied.
    generation: u64,
}

impl Cells {
    /// The cell of `key`, looked for with `find` where it is not known.
    #[inline]
    pub(super) fn find(
        &self,
        key: &Key,
        find: impl FnOnce() -> Option<Arc<DerivedCell>>,
    ) -> Option<Arc<DerivedCell>> {
        let generation = {
            let table = self.0.read();
            if let Some(cell) = table.cells.get(key) {
                return Some(cell.clone());
            }
            table.generation
        };
        let found = find()?;
        let table = &mut *self.0.write();
        if table.generation == generation {
            table.cells.insert(key.clone(), found.clone());
        }
        Some(found)
    }

    pub(super) fn clear(&self) {
        let table = &mut *self.0.write();
        table.generation += 1;
        table.cells.clear();
    }
}
