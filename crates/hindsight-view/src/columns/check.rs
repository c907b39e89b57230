//! From columns as received to columns that can be read without errors.

use super::TraceColumns;

/// Columns whose structure is wrong. The sender's fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnsError {
    /// A column does not have one element a span.
    #[error("column {column} has {found} elements, expected {expected}")]
    Length {
        /// Which column.
        column: &'static str,
        /// Its length.
        found: usize,
        /// The number of spans.
        expected: usize,
    },
    /// A code outside its table.
    #[error("column {column} refers to element {code} of {len}")]
    Code {
        /// Which column.
        column: &'static str,
        /// The code.
        code: u32,
        /// Length of the table.
        len: usize,
    },
    /// More spans than rows have numbers.
    #[error("{0} spans are more than a trace may have")]
    TooMany(usize),
}

impl TraceColumns {
    /// Checks lengths and codes; the error says which column is wrong. One pass over each.
    pub fn check(&self) -> Result<(), ColumnsError> {
        let spans = self.len();
        if u32::try_from(spans).is_err() {
            return Err(ColumnsError::TooMany(spans));
        }
        self.check_lengths(spans)?;
        let strings = self.strings.len();
        codes("names", &self.names, strings)?;
        codes("messages", &self.messages, strings)?;
        codes("process_rows", &self.process_rows, self.processes.len())?;
        let texts = |process: &super::Process| process.service.max(process.instance);
        let largest = self.processes.iter().map(texts).max();
        codes("processes", largest.as_slice(), strings)
    }

    fn check_lengths(&self, spans: usize) -> Result<(), ColumnsError> {
        let required = [
            ("parent_ids", self.parent_ids.len()),
            ("starts_ns", self.starts_ns.len()),
            ("names", self.names.len()),
        ];
        let optional = [
            ("ends_ns", self.ends_ns.len()),
            ("process_rows", self.process_rows.len()),
            ("kinds", self.kinds.len()),
            ("statuses", self.statuses.len()),
            ("messages", self.messages.len()),
            ("states", self.states.len()),
            ("versions", self.versions.len()),
        ];
        let given = optional.into_iter().filter(|(_, found)| *found > 0);
        for (column, found) in required.into_iter().chain(given) {
            if found != spans {
                return Err(ColumnsError::Length {
                    column,
                    found,
                    expected: spans,
                });
            }
        }
        Ok(())
    }
}

fn codes(column: &'static str, codes: &[u32], len: usize) -> Result<(), ColumnsError> {
    let largest = codes.iter().copied().max();
    match largest.filter(|code| *code as usize >= len) {
        Some(code) => Err(ColumnsError::Code { column, code, len }),
        None => Ok(()),
    }
}
