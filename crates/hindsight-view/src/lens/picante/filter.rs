//! Which queries the reader wants to see.
//!
//! In: text a person types, and a choice of outcomes. Out: whether a node is one of them. A word is
//! looked for in kind, key and error; case does not matter; quotes keep blanks together;
//! `kind:parse_file` is that kind alone, `outcome:hit` and `is:input`, `is:recomputed` those. Holds:
//! any text is some filter. Bounded: [`TERMS_MAX`] words.

use hindsight_protocol::introspection::picante::QueryNode;

use super::outcome::Outcome;

/// Words that are looked at; more are ignored.
const TERMS_MAX: usize = 16;

/// Outcomes that are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcomes {
    /// Any.
    #[default]
    All,
    /// What ran, and inputs that changed: what there was to do.
    Recomputed,
    /// This one.
    Only(Outcome),
}

impl Outcomes {
    /// The choices, as they are offered.
    pub fn choices() -> impl Iterator<Item = Self> {
        let each = Outcome::ALL.into_iter().rev().map(Self::Only);
        [Self::All, Self::Recomputed].into_iter().chain(each)
    }

    /// Its name in a URL; empty for all.
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Recomputed => "recomputed",
            Self::Only(outcome) => outcome.word(),
        }
    }

    /// The choice of a name in a URL; all where there is none of that name.
    pub fn of_word(text: &str) -> Self {
        let choice = Self::choices().find(|choice| choice.word() == text);
        choice.unwrap_or_default()
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "any outcome",
            Self::Recomputed => "only what ran or was set",
            Self::Only(outcome) => outcome.label(),
        }
    }

    /// Whether an outcome is wanted.
    pub fn lets(self, outcome: Outcome) -> bool {
        match self {
            Self::All => true,
            Self::Recomputed => outcome.is_computed() || outcome.is_input(),
            Self::Only(wanted) => wanted == outcome,
        }
    }
}

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    /// In lower case.
    Anywhere(String),
    Kind(String),
    Outcomes(Outcomes),
    Input,
}

impl Filter {
    /// Reads what a person typed.
    pub fn parse(text: &str) -> Self {
        let mut rest = text;
        let mut terms = Vec::new();
        while terms.len() < TERMS_MAX {
            rest = rest.trim_start();
            if rest.is_empty() {
                break;
            }
            let prefix = ["kind:", "outcome:", "is:"];
            let found = prefix
                .iter()
                .find_map(|prefix| Some((*prefix, rest.strip_prefix(prefix)?)));
            let (prefix, after) = found.unwrap_or(("", rest));
            let (word, after) = word(after);
            rest = after;
            let word = word.to_lowercase();
            terms.extend(match (prefix, word.as_str()) {
                (_, "") => None,
                ("kind:", _) => Some(Term::Kind(word)),
                ("is:", "input") => Some(Term::Input),
                ("", _) => Some(Term::Anywhere(word)),
                (_, outcome) => Some(Term::Outcomes(Outcomes::of_word(outcome))),
            });
        }
        Self { terms }
    }

    /// Nothing is left out.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a node is wanted.
    pub fn lets(&self, node: &QueryNode) -> bool {
        self.terms.iter().all(|term| match term {
            Term::Anywhere(word) => {
                let texts = [&node.query.kind, &node.query.key, &node.error];
                texts
                    .into_iter()
                    .any(|text| text.to_lowercase().contains(word))
            }
            Term::Kind(kind) => node.query.kind.to_lowercase() == *kind,
            Term::Outcomes(outcomes) => outcomes.lets(Outcome::of_word(&node.outcome)),
            Term::Input => node.is_input,
        })
    }
}

/// The first word or quoted text, and what follows. A quote that is not closed reaches to the end.
fn word(text: &str) -> (&str, &str) {
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted.split_once('"').unwrap_or((quoted, ""));
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    text.split_at(end)
}
