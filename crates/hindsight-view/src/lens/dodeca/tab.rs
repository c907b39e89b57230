//! The parts of the view.

/// What is shown below the build.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DodecaTab {
    /// Pages with their templates and times.
    #[default]
    Pages,
    /// Templates by the time they took.
    Templates,
    /// What a change made anew.
    Change,
    /// What happens.
    Events,
}

impl DodecaTab {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Pages, Self::Templates, Self::Change, Self::Events];

    /// In a URL.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pages => "pages",
            Self::Templates => "templates",
            Self::Change => "change",
            Self::Events => "events",
        }
    }

    /// For people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pages => "Pages",
            Self::Templates => "Templates",
            Self::Change => "What a change rebuilt",
            Self::Events => "Events",
        }
    }

    /// The part that is called this in a URL.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.word() == word)
    }
}
