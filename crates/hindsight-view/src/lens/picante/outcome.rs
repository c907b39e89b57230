//! How an access was answered: a word, a shape and a weight each, so that colour is never needed.

use hindsight_protocol::introspection::picante::{attribute, outcome as word};

use crate::text::Role;

/// How an access to a query was answered, or what happened to an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Nothing is known: nobody asked, or it was answered from memory without a span.
    #[default]
    Unseen,
    /// A word that this version does not know.
    Other,
    /// From memory, in the same revision.
    Hit,
    /// From memory, after its dependencies were found unchanged.
    Validated,
    /// Taken from what another snapshot computed.
    Adopted,
    /// Another access computed it meanwhile.
    Coalesced,
    /// An input was removed.
    Removed,
    /// An input was set.
    Set,
    /// Computed, and the value is the same: dependents need not run.
    Unchanged,
    /// Computed, and the value is another one.
    Changed,
    /// Given up before it had an answer.
    Cancelled,
    /// An error, a panic or a cycle.
    Error,
}

impl Outcome {
    /// All, the weightiest last: where one stands for many, it is the weightiest of them.
    pub const ALL: [Self; 12] = [
        Self::Unseen,
        Self::Other,
        Self::Hit,
        Self::Validated,
        Self::Adopted,
        Self::Coalesced,
        Self::Removed,
        Self::Set,
        Self::Unchanged,
        Self::Changed,
        Self::Cancelled,
        Self::Error,
    ];

    /// The outcome of a word on the wire.
    pub fn of_word(text: &str) -> Self {
        match text {
            "" => Self::Unseen,
            word::HIT => Self::Hit,
            word::VALIDATED => Self::Validated,
            word::ADOPTED => Self::Adopted,
            word::COALESCED => Self::Coalesced,
            word::REMOVED => Self::Removed,
            word::SET => Self::Set,
            word::COMPUTED_UNCHANGED => Self::Unchanged,
            word::COMPUTED_CHANGED => Self::Changed,
            word::CANCELLED => Self::Cancelled,
            word::ERROR => Self::Error,
            _ => Self::Other,
        }
    }

    /// Its word in links and in the style sheet.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unseen => "unseen",
            Self::Other => "other",
            Self::Hit => "hit",
            Self::Validated => "validated",
            Self::Adopted => "adopted",
            Self::Coalesced => "coalesced",
            Self::Removed => "removed",
            Self::Set => "set",
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
            Self::Cancelled => "cancelled",
            Self::Error => "error",
        }
    }

    /// For people, in the past tense.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unseen => "not seen",
            Self::Other => "unknown outcome",
            Self::Hit => "hit",
            Self::Validated => "validated",
            Self::Adopted => "adopted",
            Self::Coalesced => "coalesced",
            Self::Removed => "removed",
            Self::Set => "set",
            Self::Unchanged => "recomputed (same)",
            Self::Changed => "recomputed",
            Self::Cancelled => "cancelled",
            Self::Error => "error",
        }
    }

    /// What it means, in a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Unseen => {
                "Known as a dependency; nobody asked for it, or memory answered without a span."
            }
            Self::Other => "The app has a word for it that is not known here.",
            Self::Hit => "Answered from memory, in the same revision.",
            Self::Validated => "Answered from memory, after its dependencies were found unchanged.",
            Self::Adopted => "Taken from what another snapshot had computed.",
            Self::Coalesced => "Another access was computing it; this one waited for that.",
            Self::Removed => "An input that was removed.",
            Self::Set => "An input that was set from outside.",
            Self::Unchanged => {
                "Computed, and the value is the same as before: what depends on it need not run."
            }
            Self::Changed => "Computed, and the value is another one.",
            Self::Cancelled => "Given up before it had an answer.",
            Self::Error => "An error, a panic or a cycle.",
        }
    }

    /// Its shape as SVG path data within 10 by 10, and whether it is filled. No two are alike.
    pub fn mark(self) -> (&'static str, bool) {
        match self {
            Self::Unseen => ("M5 4.4a.6.6 0 1 0 .01 0Z", true),
            Self::Other => ("M2 5H8", false),
            Self::Hit => ("M5 1.5a3.5 3.5 0 1 0 .01 0Z", false),
            Self::Validated => ("M1.5 5.5L4 8L8.5 2", false),
            Self::Adopted => ("M8.5 5H2M4.5 2L1.5 5L4.5 8", false),
            Self::Coalesced => ("M1.5 2L4.5 5L1.5 8M4.5 5H8.5", false),
            Self::Removed => ("M1.5 2H8.5L5 8.5Z", false),
            Self::Set => ("M1.5 8H8.5L5 1.5Z", true),
            Self::Unchanged => ("M1.5 1.5H8.5V8.5H1.5ZM1.5 5H8.5", false),
            Self::Changed => ("M1.5 1.5H8.5V8.5H1.5Z", true),
            Self::Cancelled => ("M5 1.5a3.5 3.5 0 1 0 .01 0ZM2.5 7.5L7.5 2.5", false),
            Self::Error => ("M2 2L8 8M8 2L2 8", false),
        }
    }

    /// The colour of its word in a line of text.
    pub fn role(self) -> Role {
        match self {
            Self::Error => Role::Error,
            Self::Changed | Self::Set | Self::Removed | Self::Cancelled => Role::Warning,
            Self::Unchanged => Role::Good,
            Self::Hit | Self::Validated | Self::Adopted | Self::Coalesced => Role::Plain,
            Self::Unseen | Self::Other => Role::Dim,
        }
    }

    /// It ran.
    pub fn is_computed(self) -> bool {
        matches!(
            self,
            Self::Changed | Self::Unchanged | Self::Error | Self::Cancelled
        )
    }

    /// It came from outside and changed.
    pub fn is_input(self) -> bool {
        matches!(self, Self::Set | Self::Removed)
    }
}

/// The outcomes that a span tells, each with the query that finds its spans. A span matches one at
/// most, but for what an app made up.
pub fn outcome_queries() -> impl Iterator<Item = (Outcome, String)> {
    let of_query = word::ALL.into_iter().map(|word| {
        let query = format!("{}={word}", attribute::OUTCOME);
        (Outcome::of_word(word), query)
    });
    of_query.chain([(Outcome::Set, format!("{}=true", attribute::INPUT))])
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_outcomes_share_a_word_a_label_or_a_shape() {
        let all = Outcome::ALL;
        let words: HashSet<_> = all.iter().map(|outcome| outcome.word()).collect();
        let labels: HashSet<_> = all.iter().map(|outcome| outcome.label()).collect();
        let marks: HashSet<_> = all.iter().map(|outcome| outcome.mark()).collect();
        assert_eq!((words.len(), labels.len(), marks.len()), (12, 12, 12));
        assert!(all.is_sorted());
    }

    #[test]
    fn every_word_of_the_protocol_is_known() {
        for text in word::ALL.into_iter().chain([word::SET, word::REMOVED]) {
            let outcome = Outcome::of_word(text);
            assert!(
                !matches!(outcome, Outcome::Other | Outcome::Unseen),
                "{text}"
            );
        }
        assert_eq!(Outcome::of_word("melted"), Outcome::Other);
    }
}
