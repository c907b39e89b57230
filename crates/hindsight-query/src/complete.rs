//! What could be written at the cursor.
//!
//! In: a text, a position in it, and a [`Catalog`] of what is stored. Out: candidates, the likely
//! ones first. The parser is run over the text before the cursor and says what it would take there,
//! so candidates are always ones that parse. Bounded by the number of candidates asked for.

mod candidates;
mod catalog;

pub use catalog::{Catalog, KeyInfo, ValueInfo, ValueTypes};

use std::cmp::Reverse;
use std::ops::Range;

use crate::Limits;
use crate::lexer::Mode;
use crate::parse::{Expect, Site, sites};
use crate::syntax::{begins_operator, ends_any_word};

/// Keys and values asked of the catalog for each candidate that is wanted.
const ASKED_PER_WANTED: usize = 4;

/// Something to put at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The bytes of the text that it replaces; empty to insert.
    pub range: Range<usize>,
    /// What to put there.
    pub text: String,
    /// What it is.
    pub kind: CompletionKind,
    /// A few words: the type, the meaning. May be empty.
    pub detail: String,
    /// How many spans have it, where the catalog knows.
    pub count: Option<u64>,
}

/// What a candidate is; in the order in which equally fitting ones are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CompletionKind {
    /// A value the field is compared with.
    Value,
    /// An operator.
    Operator,
    /// A named field.
    Field,
    /// The key of an attribute.
    Key,
    /// A function of the filter or of the pipeline.
    Function,
    /// `and`, `not`, `by`, `sort`, ...
    Keyword,
}

/// At most `limit` candidates for byte `cursor` of `text`.
///
/// A candidate fits if it begins with what is there (case does not matter), or one of its parts
/// does, or it contains it; in this order, then by kind, then by count. A cursor within a character
/// is taken to be before it; text after the cursor is looked at only to replace the rest of a word.
pub fn complete(
    text: &str,
    cursor: usize,
    catalog: &(impl Catalog + ?Sized),
    limit: usize,
) -> Vec<Completion> {
    let cursor = text.floor_char_boundary(cursor);
    let before = &text[..cursor];
    let mut ranked: Vec<(Fit, Completion)> = Vec::new();
    let asked = limit.saturating_mul(ASKED_PER_WANTED);
    for site in sites(before, &Limits::DEFAULT) {
        let behind_key = match &site.expect {
            Expect::Operator(field) => Some(field.to_string()),
            _ => None,
        };
        let in_word = text[cursor..].starts_with(|c| !ends_any_word(c) && !begins_operator(c));
        if in_word && behind_key.is_some() {
            continue;
        }
        let is_known = |key: &String| ranked.iter().any(|(_, known)| known.text == *key);
        let likely = behind_key.as_ref().is_none_or(is_known);
        let present = &before[site.range.clone()];
        let range = site.range.start..cursor + rest_of_word(&text[cursor..], &site);
        candidates::of(&site.expect, present, asked, catalog, &mut |candidate| {
            if let Some(fit) = Fit::of(present, &candidate.text) {
                let range = range.clone();
                let fit = if likely { fit } else { Fit::Unlikely };
                ranked.push((fit, Completion { range, ..candidate }));
            }
        });
    }
    ranked.sort_by(|(a_fit, a), (b_fit, b)| {
        let key = |fit: Fit, c: &Completion| (fit, c.kind, Reverse(c.count));
        key(*a_fit, a).cmp(&key(*b_fit, b))
    });
    let mut listed: Vec<Completion> = Vec::new();
    for (_, completion) in ranked {
        if listed.len() < limit && !listed.iter().any(|c| c.text == completion.text) {
            listed.push(completion);
        }
    }
    listed
}

/// Bytes behind the cursor that belong to the word it is in.
fn rest_of_word(after: &str, site: &Site) -> usize {
    let mode = match site.expect {
        Expect::Value(..) => Mode::Value,
        _ => Mode::Term,
    };
    let ends = |c: char| ends_any_word(c) || mode == Mode::Term && (begins_operator(c) || c == '!');
    match site.range.is_empty() {
        true => 0,
        false => after.find(ends).unwrap_or(after.len()),
    }
}

/// How well a candidate goes with what is there already, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Begins,
    PartBegins,
    Contains,
    /// An operator behind a word that is no field or key so far.
    Unlikely,
}

impl Fit {
    fn of(present: &str, candidate: &str) -> Option<Self> {
        let unquote = |text: &str| text.trim_start_matches(['"', '\'']).to_lowercase();
        let (present, candidate) = (unquote(present), unquote(candidate));
        if candidate.starts_with(&present) {
            return Some(Self::Begins);
        }
        let mut places = candidate.match_indices(&present).peekable();
        places.peek()?;
        let at_part = places.any(|(at, _)| {
            let before = candidate[..at].chars().next_back();
            before.is_some_and(|c| !c.is_alphanumeric())
        });
        Some(if at_part {
            Self::PartBegins
        } else {
            Self::Contains
        })
    }
}

#[cfg(test)]
mod tests;
