//! Whether the texts of a key are worth a dictionary.
//!
//! A dictionary costs a hash for each distinct text of a batch, and its entry on top of the codes;
//! it pays unless nearly every row has a text of its own. How many distinct ones there will be is
//! foretold from those so far: of `d` texts that are equally likely, `r` rows show about
//! `d (1 - e^(-r/d))`.

use super::super::dictionary::{Dictionary, Interner};

/// Rows before anything is foretold.
const ROWS_MIN: usize = 4096;

/// Texts of a key in all groups.
#[derive(Debug)]
pub(in super::super) struct TextPool {
    interner: Interner,
    /// Rows that went through the interner.
    rows: usize,
    rows_expected: usize,
    is_plain: bool,
}

impl TextPool {
    pub(in super::super) fn new(rows_expected: usize) -> Self {
        Self {
            interner: Interner::default(),
            rows: 0,
            rows_expected: rows_expected.max(ROWS_MIN),
            is_plain: false,
        }
    }

    /// Whether texts are stored as they are.
    pub(super) fn is_plain(&self) -> bool {
        self.is_plain
    }

    pub(super) fn interner(&mut self) -> &mut Interner {
        &mut self.interner
    }

    /// Counts rows that are about to be interned.
    pub(super) fn add_rows(&mut self, rows: usize) {
        self.rows += rows;
    }

    /// Decides for the rows to come, between two batches.
    pub(in super::super) fn decide(&mut self) {
        if self.rows < ROWS_MIN || self.is_plain {
            return;
        }
        // Distinct texts so far if half as many as expected rows are distinct in the end.
        let rows = self.rows as f64;
        let distinct_max = self.rows_expected.max(self.rows) as f64 / 2.0;
        let worth_it = distinct_max * (1.0 - (-rows / distinct_max).exp());
        self.is_plain = self.interner.len() as f64 > worth_it;
    }

    /// Decides for all rows, given some of those that were not interned.
    pub(in super::super) fn decide_at_end(&mut self, plain: &[&str]) {
        if self.is_plain && !plain.is_empty() {
            let distinct: hashbrown::HashSet<&&str> = plain.iter().collect();
            self.is_plain = distinct.len() * 10 >= plain.len() * 9;
        } else if self.rows > 0 {
            // Beside its text, an entry takes about three bytes, a code up to four.
            let entries = self.interner.len();
            let code_bytes = if entries > 0xffff { 4 } else { 2 };
            let with = self.interner.text_len() + entries * 3 + self.rows * code_bytes;
            let mean_len = self.interner.text_len() / entries.max(1);
            let without = self.rows * (mean_len + 1);
            self.is_plain = without < with && entries > ROWS_MIN;
        }
    }

    pub(in super::super) fn finish(self, hasher: &hashbrown::DefaultHashBuilder) -> Dictionary {
        match self.is_plain {
            true => Dictionary::default(),
            false => self.interner.finish(hasher),
        }
    }
}
