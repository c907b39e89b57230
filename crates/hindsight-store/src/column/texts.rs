//! Lists of texts, end to end. Immutable.
//!
//! In: texts one after the other. Out: [`Texts`], in which text `i` is found in constant time. What
//! is nothing but lower-case hexadecimal digits in pairs is stored as the bytes they stand for.
//! Lengths take one byte where they are short, nothing where they are all the same.

mod hex;

use super::bitmap::Bitmap;
use super::packed::Packed;

/// Texts between two stored positions: reading one text adds up to this many lengths.
const STRIDE: usize = 16;

/// Texts that a scan takes at a time.
const BLOCK: usize = 64;

/// Texts by number.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    form: Form,
    /// Length of each text in bytes as stored.
    lens: Packed,
    /// Where every [`STRIDE`]th text begins; empty where all have one length.
    starts: Packed,
}

#[derive(Debug)]
enum Form {
    Utf8(Box<str>),
    Hex(Box<[u8]>),
}

impl Default for Form {
    fn default() -> Self {
        Self::Utf8(Box::default())
    }
}

/// Texts being collected.
#[derive(Debug, Default)]
pub(crate) struct TextStage {
    text: String,
    lens: Vec<u32>,
}

impl TextStage {
    /// Texts end to end, with their ends.
    pub(crate) fn of(text: String, ends: &[usize]) -> Self {
        let starts = std::iter::once(&0).chain(ends);
        let lens = ends
            .iter()
            .zip(starts)
            .map(|(end, start)| (end - start) as u32);
        Self {
            lens: lens.collect(),
            text,
        }
    }

    /// Makes room for this many texts, of which only the number is known.
    pub(crate) fn reserve(&mut self, texts: usize) {
        self.lens.reserve(texts);
    }

    #[inline]
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.lens.push(text.len() as u32);
    }

    pub(crate) fn len(&self) -> usize {
        self.lens.len()
    }

    /// The texts in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.lens.iter().scan(0, |start, len| {
            let range = *start..*start + *len as usize;
            *start = range.end;
            Some(self.text.get(range).unwrap_or_default())
        })
    }

    /// Adds all texts of `other`.
    pub(crate) fn append(&mut self, other: Self) {
        self.text.push_str(&other.text);
        self.lens.extend(other.lens);
    }

    pub(crate) fn finish(mut self) -> Texts {
        let in_pairs = self.lens.iter().all(|len| len % 2 == 0);
        if !in_pairs || self.text.is_empty() || !hex::is_hex(self.text.as_bytes()) {
            return self.finish_plain();
        }
        self.lens.iter_mut().for_each(|len| *len /= 2);
        let form = Form::Hex(hex::pack(self.text.as_bytes()));
        Texts::of(form, &self.lens)
    }

    /// The texts as they are, whatever they are.
    pub(crate) fn finish_plain(self) -> Texts {
        Texts::of(Form::Utf8(self.text.into_boxed_str()), &self.lens)
    }
}

fn starts(lens: &[u32]) -> Packed {
    let mut end = 0_u64;
    let start = |chunk: &[u32]| {
        let start = end;
        end += chunk.iter().map(|len| u64::from(*len)).sum::<u64>();
        start
    };
    Packed::of(&lens.chunks(STRIDE).map(start).collect::<Vec<u64>>())
}

impl Texts {
    fn of(form: Form, lens: &[u32]) -> Self {
        let all_lens = Packed::of(lens);
        let starts = match all_lens.constant() {
            Some(_) => Packed::default(),
            None => starts(lens),
        };
        Self {
            form,
            lens: all_lens,
            starts,
        }
    }

    /// Number of texts.
    pub(crate) fn len(&self) -> usize {
        self.lens.len()
    }

    /// Text `at`; panics when there is none, as slices do. Packed texts are written to `buffer`.
    #[inline]
    pub(crate) fn get<'a>(&'a self, at: usize, buffer: &'a mut String) -> &'a str {
        let range = self.range(at);
        match &self.form {
            Form::Utf8(text) => text.get(range).unwrap_or_default(),
            Form::Hex(bytes) => {
                buffer.clear();
                hex::unpack(&bytes[range], buffer);
                buffer
            }
        }
    }

    /// The text `at` where it is stored as such.
    pub(crate) fn get_plain(&self, at: usize) -> Option<&str> {
        match &self.form {
            Form::Utf8(text) => text.get(self.range(at)),
            Form::Hex(_) => None,
        }
    }

    fn range(&self, at: usize) -> std::ops::Range<usize> {
        let len = self.lens.get(at) as usize;
        let start = match self.lens.constant() {
            Some(len) => at * len as usize,
            None => {
                let mut lens = [0; STRIDE];
                let before = &mut lens[..at % STRIDE];
                self.lens.read(at - at % STRIDE, before);
                (self.starts.get(at / STRIDE) + before.iter().sum::<u64>()) as usize
            }
        };
        start..start + len
    }

    /// The texts that pass the test, which is asked in order, for those in `within` only.
    pub(crate) fn rows_where(
        &self,
        within: Option<&Bitmap>,
        test: &dyn Fn(&str) -> bool,
    ) -> Bitmap {
        let mut rows = Bitmap::none(self.len());
        let mut ask = |row: usize, text: &str| {
            if test(text) {
                rows.insert(row);
            }
        };
        let is_wanted = |row: &usize| within.is_none_or(|within| within.contains(*row));
        let mut lens = [0; BLOCK];
        let mut buffer = String::new();
        let mut end = 0;
        for first in (0..self.len()).step_by(BLOCK) {
            let lens = &mut lens[..BLOCK.min(self.len() - first)];
            self.lens.read(first, lens);
            let start = end;
            end += lens.iter().sum::<u64>() as usize;
            let mut wanted = (first..first + lens.len()).filter(is_wanted).peekable();
            if wanted.peek().is_none() {
                continue;
            }
            // Packed texts are unpacked block by block, then cut up.
            let (text, scale) = match &self.form {
                Form::Utf8(text) => (text.get(start..end).unwrap_or_default(), 1),
                Form::Hex(bytes) => {
                    buffer.clear();
                    hex::unpack(&bytes[start..end], &mut buffer);
                    (buffer.as_str(), 2)
                }
            };
            let mut at = 0;
            for (row, len) in (first..).zip(&*lens) {
                let range = at..at + *len as usize * scale;
                at = range.end;
                if is_wanted(&row) {
                    ask(row, text.get(range).unwrap_or_default());
                }
            }
        }
        rows
    }

    /// The texts equal to `wanted`.
    pub(crate) fn rows_equal(&self, wanted: &str) -> Bitmap {
        let packed;
        let (all, wanted) = match &self.form {
            Form::Utf8(text) => (text.as_bytes(), wanted.as_bytes()),
            Form::Hex(bytes) => {
                match wanted.len().is_multiple_of(2) && hex::is_hex(wanted.as_bytes()) {
                    true => {
                        packed = hex::pack(wanted.as_bytes());
                        (&**bytes, &*packed)
                    }
                    false => return Bitmap::none(self.len()),
                }
            }
        };
        let (shortest, longest) = self.lens.range();
        let len = wanted.len() as u64;
        match self.lens.constant() {
            _ if len < shortest || len > longest => Bitmap::none(self.len()),
            Some(0) => Bitmap::all(self.len()),
            Some(_) => equal_of_one_len(all, wanted),
            None => self.equal_of_any_len(all, wanted),
        }
    }

    fn equal_of_any_len(&self, all: &[u8], wanted: &[u8]) -> Bitmap {
        let mut rows = Bitmap::none(self.len());
        let mut end = 0;
        for (row, len) in self.lens.iter().enumerate() {
            let start = end;
            end += len as usize;
            if len as usize == wanted.len() && all.get(start..end) == Some(wanted) {
                rows.insert(row);
            }
        }
        rows
    }

    /// Bytes on the heap.
    pub(crate) fn bytes(&self) -> u64 {
        let form = match &self.form {
            Form::Utf8(text) => text.len(),
            Form::Hex(bytes) => bytes.len(),
        };
        form as u64 + self.lens.bytes() + self.starts.bytes()
    }
}

/// The pieces of `wanted`'s length that equal it. Eight and sixteen bytes are compared at once.
fn equal_of_one_len(all: &[u8], wanted: &[u8]) -> Bitmap {
    if let Ok(wanted) = <[u8; 8]>::try_from(wanted) {
        let wanted = u64::from_ne_bytes(wanted);
        return Bitmap::of(all.as_chunks::<8>().0, |text| {
            u64::from_ne_bytes(text) == wanted
        });
    }
    if let Ok(wanted) = <[u8; 16]>::try_from(wanted) {
        let wanted = u128::from_ne_bytes(wanted);
        return Bitmap::of(all.as_chunks::<16>().0, |text| {
            u128::from_ne_bytes(text) == wanted
        });
    }
    let pieces: Vec<&[u8]> = all.chunks_exact(wanted.len()).collect();
    Bitmap::of(&pieces, |text| text == wanted)
}

#[cfg(test)]
mod tests;
