//! Which rows the reader wants to see: words that must all be there.
//!
//! In: text a person types. Out: a [`Filter`]. A word is looked for in everything a row shows; case
//! does not matter; quotes keep blanks together; `service:web` is that service alone, `name:` and
//! `process:` look there only. Holds: any text is some filter. Bounded: [`TERMS_MAX`] words.

use super::RunningRow;

/// Words that are looked at; more are ignored.
pub(super) const TERMS_MAX: usize = 16;

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    part: Part,
    /// In lower case.
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Anywhere,
    Service,
    Name,
    Process,
}

/// The parts of a row that a filter looks at, escaped.
pub(super) struct Words<'a> {
    pub(super) service: &'a str,
    pub(super) name: &'a str,
    pub(super) process: &'a str,
    /// Anything else.
    pub(super) more: [String; 2],
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
            let part = [
                ("service:", Part::Service),
                ("name:", Part::Name),
                ("process:", Part::Process),
            ];
            let prefixed = part
                .iter()
                .find_map(|(prefix, part)| Some((*part, rest.strip_prefix(prefix)?)));
            let (part, after) = prefixed.unwrap_or((Part::Anywhere, rest));
            let (word, after) = word(after);
            rest = after;
            if !word.is_empty() {
                let text = word.to_lowercase();
                terms.push(Term { part, text });
            }
        }
        Self { terms }
    }

    /// Nothing is left out.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a row is wanted.
    pub(super) fn lets(&self, row: &RunningRow) -> bool {
        self.is_empty()
            || self.lets_words(&Words {
                service: &row.service,
                name: &row.name,
                process: &row.process,
                more: [row.state.to_plain(), row.doing.to_plain()],
            })
    }

    pub(super) fn lets_words(&self, words: &Words<'_>) -> bool {
        self.terms.iter().all(|term| term.is_in(words))
    }
}

impl Term {
    fn is_in(&self, words: &Words<'_>) -> bool {
        let holds = |text: &str| text.to_lowercase().contains(&self.text);
        match self.part {
            Part::Service => words.service.to_lowercase() == self.text,
            Part::Name => holds(words.name),
            Part::Process => holds(words.process),
            Part::Anywhere => {
                let shown = [words.service, words.name, words.process];
                shown.into_iter().any(holds) || words.more.iter().any(|text| holds(text))
            }
        }
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

/// A filter that finds the rows of a service and perhaps a name, as far as quotes allow.
pub(super) fn written(service: &str, name: Option<&str>) -> String {
    let clean = |text: &str| text.replace('"', " ").trim().to_owned();
    let service = format!("service:\"{}\"", clean(service));
    match name {
        // What stands behind a quote is not found together with what stands before it.
        Some(name) => {
            let longest = name.split('"').max_by_key(|part| part.len());
            format!("{service} name:\"{}\"", longest.unwrap_or_default())
        }
        None => service,
    }
}
