//! The parts of the lens, by the names that links and tabs have for them.

/// A way to look at an app's queries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// What depends on what.
    #[default]
    Graph,
    /// Figures by kind.
    Statistics,
    /// What is under way.
    Running,
    /// What happens.
    Log,
}

impl Tab {
    /// All, in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Graph, Self::Statistics, Self::Running, Self::Log];

    /// Its name in a URL; empty for the first.
    pub fn word(self) -> &'static str {
        match self {
            Self::Graph => "",
            Self::Statistics => "statistics",
            Self::Running => "running",
            Self::Log => "log",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Graph => "Graph",
            Self::Statistics => "Statistics",
            Self::Running => "Running",
            Self::Log => "Log",
        }
    }

    /// The tab of a name in a URL; the first where there is none of that name.
    pub fn of_word(word: &str) -> Self {
        let tab = Self::ALL.into_iter().find(|tab| tab.word() == word);
        tab.unwrap_or_default()
    }
}
