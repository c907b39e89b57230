//! How the view of what runs is set: what the reader filters by, how rows are arranged.

use std::fmt;

use hindsight_view::running::{Grouping, LONG_NS};

use super::{cut, parameter, percent};

/// From which age on a span is long, unless the URL says otherwise, milliseconds.
pub const LONG_MS_DEFAULT: u64 = LONG_NS / 1_000_000;
/// The largest such age: a year.
const LONG_MS_MAX: u64 = 366 * 24 * 3_600 * 1_000;

/// The parameters of `/now`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Now {
    /// Words that rows must have; empty for all rows.
    pub filter: String,
    /// How rows are arranged.
    pub by: Grouping,
    /// From which age on a span is long, milliseconds.
    pub long_ms: u64,
    /// Whether only long ones are shown.
    pub only_long: bool,
}

impl Default for Now {
    fn default() -> Self {
        Self {
            filter: String::new(),
            by: Grouping::default(),
            long_ms: LONG_MS_DEFAULT,
            only_long: false,
        }
    }
}

impl Now {
    /// What the query of a URL says; what makes no sense is as if it were not there.
    pub(super) fn parse(query: &str) -> Self {
        let by = parameter(query, "by").and_then(|word| Grouping::from_word(&word));
        let long_ms = parameter(query, "long-ms").and_then(|text| text.parse().ok());
        let long_ms = long_ms.filter(|ms| (1..=LONG_MS_MAX).contains(ms));
        Self {
            filter: cut(parameter(query, "q").unwrap_or_default()),
            by: by.unwrap_or_default(),
            long_ms: long_ms.unwrap_or(LONG_MS_DEFAULT),
            only_long: parameter(query, "only").is_some_and(|word| word == "long"),
        }
    }
}

impl fmt::Display for Now {
    /// `?q=web&by=operation`; nothing where all is as usual.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = [
            (!self.filter.is_empty()).then(|| format!("q={}", percent::encode(&self.filter))),
            (self.by != Grouping::default()).then(|| format!("by={}", self.by.word())),
            (self.long_ms != LONG_MS_DEFAULT).then(|| format!("long-ms={}", self.long_ms)),
            self.only_long.then(|| "only=long".to_owned()),
        ];
        for (number, part) in told.into_iter().flatten().enumerate() {
            write!(f, "{}{part}", if number == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}
