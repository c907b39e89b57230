//! How large a query may be.

/// Bounds of parsing and compiling. Each is checked where it is crossed and reported with a
/// position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the query's text.
    pub input_bytes_max: usize,
    /// Levels of parentheses, functions and negations.
    pub depth_max: usize,
    /// Leaves of the filter: tests, free texts, constants.
    pub terms_max: usize,
    /// Values of one `in (...)`.
    pub list_values_max: usize,
    /// Pieces between the wildcards of one pattern.
    pub pattern_pieces_max: usize,
    /// Regular expressions of one query.
    pub regexes_max: usize,
    /// Bytes of one regular expression's source.
    pub regex_source_bytes_max: usize,
    /// Bytes of one compiled regular expression, and of its cache.
    pub regex_compiled_bytes_max: usize,
    /// Aggregates of the pipeline.
    pub aggregates_max: usize,
    /// Fields after `by`.
    pub group_fields_max: usize,
    /// Largest `limit`.
    pub result_rows_max: u32,
    /// Errors and warnings reported; later ones are left out.
    pub diagnostics_max: usize,
}

impl Limits {
    /// What a person may type.
    pub const DEFAULT: Self = Self {
        input_bytes_max: 16 * 1024,
        depth_max: 32,
        terms_max: 512,
        list_values_max: 256,
        pattern_pieces_max: 32,
        regexes_max: 16,
        regex_source_bytes_max: 1024,
        regex_compiled_bytes_max: 512 * 1024,
        aggregates_max: 16,
        group_fields_max: 4,
        result_rows_max: 1_000_000,
        diagnostics_max: 16,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
