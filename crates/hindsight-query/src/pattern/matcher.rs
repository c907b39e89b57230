//! Comparing a pattern with texts.

use super::Pattern;

/// A [`Pattern`] made ready: its pieces in lower case.
#[derive(Clone, Debug)]
pub struct PatternMatcher {
    pieces: Box<[Piece]>,
}

#[derive(Clone, Debug)]
struct Piece {
    lower: Box<str>,
    ascii: bool,
}

/// The characters of `text` in lower case.
fn lowered(text: &str) -> impl DoubleEndedIterator<Item = char> + Clone {
    text.chars().flat_map(char::to_lowercase)
}

impl PatternMatcher {
    pub(super) fn new(pattern: &Pattern) -> Self {
        let pieces = pattern.pieces().iter().map(|piece| {
            let lower: String = lowered(piece).collect();
            Piece {
                ascii: lower.is_ascii(),
                lower: lower.into(),
            }
        });
        Self {
            pieces: pieces.collect(),
        }
    }

    /// Whether `text` as a whole is the pattern.
    pub fn matches(&self, text: &str) -> bool {
        match text.is_ascii() {
            true => self.pieces_ascii() && matches_ascii(&self.pieces, text.as_bytes()),
            false => matches_chars(&self.pieces, lowered(text)),
        }
    }

    /// Whether the pattern occurs somewhere in `text`.
    pub fn occurs_in(&self, text: &str) -> bool {
        match text.is_ascii() {
            true => self.pieces_ascii() && find_all_ascii(&self.pieces, text.as_bytes()).is_some(),
            false => find_all_chars(&self.pieces, &mut lowered(text)),
        }
    }

    /// The only piece in lower case, if there is no wildcard.
    pub fn exact(&self) -> Option<&str> {
        match &*self.pieces {
            [only] => Some(&only.lower),
            _ => None,
        }
    }

    /// Text in lower case that is ASCII comes from text that is not only for a few signs, none of
    /// which is in an ASCII text.
    fn pieces_ascii(&self) -> bool {
        self.pieces.iter().all(|piece| piece.ascii)
    }
}

fn matches_ascii(pieces: &[Piece], text: &[u8]) -> bool {
    let [first, rest @ ..] = pieces else {
        return text.is_empty();
    };
    let Some(text) = strip_ascii(text, first) else {
        return false;
    };
    let [middle @ .., last] = rest else {
        return text.is_empty();
    };
    let Some(text) = find_all_ascii(middle, text) else {
        return false;
    };
    let last = last.lower.as_bytes();
    text.len() >= last.len() && text[text.len() - last.len()..].eq_ignore_ascii_case(last)
}

fn strip_ascii<'t>(text: &'t [u8], piece: &Piece) -> Option<&'t [u8]> {
    let (head, rest) = text.split_at_checked(piece.lower.len())?;
    head.eq_ignore_ascii_case(piece.lower.as_bytes())
        .then_some(rest)
}

/// What is left after finding the pieces in order.
fn find_all_ascii<'t>(pieces: &[Piece], mut text: &'t [u8]) -> Option<&'t [u8]> {
    for piece in pieces {
        let at = find_ascii(text, piece.lower.as_bytes())?;
        text = &text[at + piece.lower.len()..];
    }
    Some(text)
}

fn find_ascii(text: &[u8], lower: &[u8]) -> Option<usize> {
    let Some((first, rest)) = lower.split_first() else {
        return Some(0);
    };
    let last_start = text.len().checked_sub(lower.len())?;
    let upper = first.to_ascii_uppercase();
    (0..=last_start).find(|at| {
        let byte = text[*at];
        (byte == *first || byte == upper)
            && text[at + 1..at + lower.len()].eq_ignore_ascii_case(rest)
    })
}

fn matches_chars(
    pieces: &[Piece],
    mut text: impl DoubleEndedIterator<Item = char> + Clone,
) -> bool {
    let [first, rest @ ..] = pieces else {
        return text.next().is_none();
    };
    if !starts_with(&mut text, &first.lower) {
        return false;
    }
    let [middle @ .., last] = rest else {
        return text.next().is_none();
    };
    let mut backwards = last.lower.chars().rev();
    backwards.all(|wanted| text.next_back() == Some(wanted)) && find_all_chars(middle, &mut text)
}

fn starts_with(text: &mut impl Iterator<Item = char>, piece: &str) -> bool {
    piece.chars().all(|wanted| text.next() == Some(wanted))
}

fn find_all_chars(pieces: &[Piece], text: &mut (impl Iterator<Item = char> + Clone)) -> bool {
    pieces.iter().all(|piece| find_chars(text, &piece.lower))
}

/// Moves `text` behind the first place where `piece` is.
fn find_chars(text: &mut (impl Iterator<Item = char> + Clone), piece: &str) -> bool {
    loop {
        let mut ahead = text.clone();
        if starts_with(&mut ahead, piece) {
            *text = ahead;
            return true;
        }
        if text.next().is_none() {
            return false;
        }
    }
}
