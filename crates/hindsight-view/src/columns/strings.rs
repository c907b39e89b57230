//! Texts end to end, each with a code. Code 0 is always the empty text.

/// A table of texts.
///
/// Bounded: 4 GiB of text and 2^32 codes; what would pass that reads as the empty text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strings {
    text: String,
    /// End of each text; the first is 0.
    ends: Vec<u32>,
}

impl Default for Strings {
    fn default() -> Self {
        Self {
            text: String::new(),
            ends: vec![0],
        }
    }
}

impl Strings {
    /// A table of the empty text alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `text` without looking for it and returns its code; 0 when it is empty or the table
    /// is full.
    pub fn push(&mut self, text: &str) -> u32 {
        let end = u32::try_from(self.text.len() + text.len());
        let code = u32::try_from(self.ends.len());
        let (Ok(end), Ok(code), false) = (end, code, text.is_empty()) else {
            return 0;
        };
        self.text.push_str(text);
        self.ends.push(end);
        code
    }

    /// The text of `code`; empty if there is none.
    pub fn get(&self, code: u32) -> &str {
        let Some(end) = self.ends.get(code as usize) else {
            return "";
        };
        let start = match code {
            0 => 0,
            _ => self.ends[code as usize - 1],
        };
        &self.text[start as usize..*end as usize]
    }

    /// Number of codes.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is nothing but the empty text.
    pub fn is_empty(&self) -> bool {
        self.ends.len() == 1
    }
}
