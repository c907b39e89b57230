//! The views of one trace, by the names that links, tabs and keys have for them.

/// A way to look at a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TraceTab {
    /// One row a span or fold, in time.
    #[default]
    Waterfall,
    /// Lanes, names in the bars.
    Flame,
    /// The spans as a table.
    Table,
    /// By service and operation.
    Statistics,
    /// The events of all spans in time.
    Events,
    /// What the root waited for.
    Path,
    /// What is odd.
    Findings,
    /// Queries of an incremental program and what they depended on.
    Queries,
}

impl TraceTab {
    /// All, in the order of the tabs.
    pub const ALL: [Self; 8] = [
        Self::Waterfall,
        Self::Flame,
        Self::Table,
        Self::Statistics,
        Self::Events,
        Self::Path,
        Self::Findings,
        Self::Queries,
    ];

    /// Its name in a URL.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waterfall => "waterfall",
            Self::Flame => "flame",
            Self::Table => "table",
            Self::Statistics => "statistics",
            Self::Events => "events",
            Self::Path => "path",
            Self::Findings => "findings",
            Self::Queries => "queries",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Waterfall => "Waterfall",
            Self::Flame => "Flame graph",
            Self::Table => "Table",
            Self::Statistics => "Statistics",
            Self::Events => "Events",
            Self::Path => "Critical path",
            Self::Findings => "Findings",
            Self::Queries => "Queries",
        }
    }

    /// The tab of that name in a URL.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.word() == word)
    }

    /// The tab that a key opens: `1` to `8`.
    pub fn of_key(key: &str) -> Option<Self> {
        let place = key.parse::<usize>().ok().filter(|_| key.len() == 1)?;
        Self::ALL.get(place.checked_sub(1)?).copied()
    }

    /// Whether it is drawn instead of listed.
    pub fn is_drawn(self) -> bool {
        matches!(self, Self::Waterfall | Self::Flame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tab_is_found_by_its_word_and_by_a_key() {
        for (place, tab) in (1..).zip(TraceTab::ALL) {
            assert_eq!(TraceTab::of_word(tab.word()), Some(tab));
            assert_eq!(TraceTab::of_key(&format!("{place}")), Some(tab));
        }
        for key in ["0", "9", "", "+1", "01", "é"] {
            assert_eq!(TraceTab::of_key(key), None, "{key}");
        }
    }
}
