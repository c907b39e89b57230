//! Why the hub did not do what was asked.

use facet::Facet;

/// Why the hub did not do what was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct HubError {
    /// One of the constants of this type.
    #[facet(default)]
    pub code: u32,
    /// A sentence for a person.
    #[facet(default)]
    pub message: String,
    /// For [`HubError::OVERLOADED`]: when to try again.
    #[facet(default)]
    pub retry_after_ms: u32,
    /// For [`HubError::QUERY`]: what is wrong with the query, in order of position.
    #[facet(default)]
    pub problems: Vec<QueryProblem>,
    /// For what was refused because of a limit: the name under which the hub counts it
    /// (`docs/limits.md`), else empty.
    #[facet(default)]
    pub reason: String,
}

/// A fault in the text of a query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct QueryProblem {
    /// First byte of the text it is about.
    #[facet(default)]
    pub start: u32,
    /// The byte after the last; `start` for a place between two bytes.
    #[facet(default)]
    pub end: u32,
    /// What is wrong.
    #[facet(default)]
    pub message: String,
    /// What to write instead, if that is known.
    #[facet(default)]
    pub suggestion: String,
}

impl HubError {
    /// The request itself is wrong.
    pub const INVALID: u32 = 1;
    /// This connection may not do that.
    pub const FORBIDDEN: u32 = 2;
    /// The hub has no room at the moment; nothing was stored.
    pub const OVERLOADED: u32 = 3;
    /// [`crate::HindsightService::attach`] must come first.
    pub const NOT_ATTACHED: u32 = 4;
    /// The hub is stopping.
    pub const STOPPING: u32 = 5;
    /// The query is wrong: see `problems`.
    pub const QUERY: u32 = 6;
    /// A limit is reached; the message names it. Nothing was changed.
    pub const LIMIT: u32 = 7;
    /// Nothing is stored of what the request is about.
    pub const NOT_STORED: u32 = 8;

    /// An error of kind `code`.
    pub fn new(code: u32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after_ms: 0,
            problems: Vec::new(),
            reason: String::new(),
        }
    }

    /// The error with the name under which the hub counts it.
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }
}

impl std::fmt::Display for HubError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for HubError {}
