//! Changes to the text of a query: a term more, a term less, a completion.
//!
//! In: a query as typed, and what to do. Out: the text to put in its place. Holds: what was typed
//! stays as it was typed; ranges from outside never panic.

use std::ops::Range;

use super::classes::{Class, Reading};

#[cfg(test)]
mod tests;

/// The query with one term more; one that is there already is not put there again, and one whose
/// opposite is there takes its place.
pub fn with_term(query: &str, term: &str, is_excluded: bool) -> String {
    let reading = Reading::new(query);
    let (own, other) = match is_excluded {
        true => (format!("-{term}"), term.to_owned()),
        false => (term.to_owned(), format!("-{term}")),
    };
    if !reading.is_choice {
        let is = |text: &str| {
            reading
                .terms
                .iter()
                .find(|range| &query[(*range).clone()] == text)
        };
        if is(&own).is_some() {
            return query.to_owned();
        }
        if let Some(range) = is(&other) {
            return [&query[..range.start], &own, &query[range.end..]].concat();
        }
    }
    let filter = query[..reading.filter_end].trim();
    let pipeline = query[reading.filter_end..].trim();
    let filter = match (filter.is_empty(), reading.is_choice) {
        (true, _) => own,
        (false, false) => format!("{filter} {own}"),
        (false, true) => format!("({filter}) {own}"),
    };
    match pipeline {
        "" => filter,
        pipeline => format!("{filter} {pipeline}"),
    }
}

/// The filter alone, without a pipeline.
pub fn filter(query: &str) -> &str {
    query[..Reading::new(query).filter_end].trim()
}

/// Each outermost term with the filter that is left without it, at most `max`; a choice is one term.
pub fn without_each(query: &str, max: usize) -> Vec<(String, String)> {
    let reading = Reading::new(query);
    let terms = || reading.terms.iter().enumerate();
    let rest = |skipped: usize| {
        let kept = terms().filter(|(index, _)| *index != skipped);
        let kept = kept.map(|(_, range)| &query[range.clone()]);
        kept.collect::<Vec<_>>().join(" ")
    };
    let each = terms().map(|(index, range)| (query[range.clone()].to_owned(), rest(index)));
    each.take(max).collect()
}

/// `text` with `replacement` for the bytes `start..end`, and the byte behind it.
pub fn replaced(text: &str, range: Range<usize>, replacement: &str) -> (String, usize) {
    let start = text.floor_char_boundary(range.start);
    let end = text.floor_char_boundary(range.end).max(start);
    let changed = [&text[..start], replacement, &text[end..]].concat();
    (changed, start + replacement.len())
}

/// The byte at which the character begins that has this place in UTF-16, the browser's unit.
pub fn byte_of_utf16(text: &str, units: usize) -> usize {
    let mut passed = 0;
    for (byte, c) in text.char_indices() {
        if passed >= units {
            return byte;
        }
        passed += c.len_utf16();
    }
    text.len()
}

/// Units of UTF-16 before a byte.
pub fn utf16_of_byte(text: &str, byte: usize) -> usize {
    let before = &text[..text.floor_char_boundary(byte)];
    before.chars().map(char::len_utf16).sum()
}

/// A stretch of a query that looks the same throughout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The characters as they were typed: to be shown as text, nothing else.
    pub text: String,
    /// What it is; none for what is between tokens.
    pub class: Option<Class>,
    /// Whether the hub found fault with it.
    pub is_wrong: bool,
}

/// The whole text in stretches; `faults` are ranges of bytes, empty ones mark nothing.
pub fn stretches(text: &str, faults: &[Range<usize>]) -> Vec<Stretch> {
    let parts = Reading::new(text).parts;
    let mut cuts = vec![0, text.len()];
    cuts.extend(
        parts
            .iter()
            .flat_map(|part| [part.range.start, part.range.end]),
    );
    let faults = faults.iter().map(|fault| {
        text.floor_char_boundary(fault.start)..text.ceil_char_boundary(fault.end.min(text.len()))
    });
    let faults: Vec<_> = faults.collect();
    cuts.extend(faults.iter().flat_map(|fault| [fault.start, fault.end]));
    cuts.sort_unstable();
    cuts.dedup();
    let between = cuts.windows(2).map(|cut| cut[0]..cut[1]);
    let stretch = |range: Range<usize>| Stretch {
        class: parts
            .iter()
            .find(|part| part.range.contains(&range.start))
            .map(|part| part.class),
        is_wrong: faults.iter().any(|fault| fault.contains(&range.start)),
        text: text[range].to_owned(),
    };
    between.map(stretch).collect()
}
