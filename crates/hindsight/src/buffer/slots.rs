//! Attributes and texts of a record: plain data without anything to free.
//!
//! Texts that do not live for ever are end to end in one string.

use std::borrow::Cow;
use std::fmt;

use super::long::VALUE_BYTES_MAX;

/// A text of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Text {
    /// Lives for ever.
    Static(&'static str),
    /// A range of the record's text.
    Kept { start: u32, len: u32 },
}

/// A value of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SlotValue {
    Text(Text),
    Bool(bool),
    I64(i64),
    F64(f64),
    /// Index into [`super::extra::Extra::values`].
    Other(u32),
}

/// An attribute of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) key: Text,
    pub(crate) value: SlotValue,
}

/// Attributes as they were set; a key may be there again, the last one counts.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    pub(crate) slots: Vec<Slot>,
    /// Texts that do not live for ever, those since replaced included.
    pub(crate) text: String,
}

/// Attributes and bytes of text for which a record keeps room when it is used again.
const SLOTS_KEPT: usize = 64;
const TEXT_KEPT: usize = 4096;
/// The same for a record that waits in its buffer, where there are more of them.
const SLOTS_SPARED: usize = 16;
const TEXT_SPARED: usize = 512;
impl Slots {
    /// The text behind `text`.
    pub(crate) fn read(&self, text: Text) -> &str {
        read(text, &self.text)
    }

    /// Keeps a text; none when the record's texts would exceed 4 GiB.
    pub(super) fn keep(&mut self, text: &str) -> Option<Text> {
        let (start, len) = (self.text.len(), text.len());
        u32::try_from(start.checked_add(len)?).ok()?;
        self.text.push_str(text);
        Some(Text::Kept {
            start: start as u32,
            len: len as u32,
        })
    }

    /// Writes a text, at most [`VALUE_BYTES_MAX`] of it, and whether that cut it; none when it says
    /// that it cannot be written, or as [`Self::keep`].
    pub(super) fn write(&mut self, text: &dyn fmt::Display) -> Option<(Text, bool)> {
        use fmt::Write;
        let start = self.text.len();
        let mut bounded = Bounded {
            text: &mut self.text,
            left: VALUE_BYTES_MAX,
            is_cut: false,
        };
        let written = write!(bounded, "{text}").is_ok();
        let is_cut = bounded.is_cut;
        let end = u32::try_from(self.text.len()).ok();
        let Some(end) = end.filter(|_| written || is_cut) else {
            self.text.truncate(start);
            return None;
        };
        let start = start as u32;
        let len = end - start;
        Some((Text::Kept { start, len }, is_cut))
    }

    #[inline(never)]
    fn keep_owned(&mut self, text: String) -> Option<Text> {
        // Values have been cut; a key this long is cut, and counted, by the hub.
        self.keep(&text[..text.floor_char_boundary(VALUE_BYTES_MAX)])
    }

    #[inline(always)]
    pub(super) fn text(&mut self, text: Cow<'static, str>) -> Option<Text> {
        match text {
            Cow::Borrowed(text) => Some(Text::Static(text)),
            Cow::Owned(text) => self.keep_owned(text),
        }
    }

    /// Whether it takes little memory, at most 1.2 kB.
    #[inline]
    pub(super) fn is_small(&self) -> bool {
        self.slots.capacity() <= SLOTS_SPARED && self.text.capacity() <= TEXT_SPARED
    }

    /// Empties it, keeping some room.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.slots.clear();
        self.text.clear();
        if self.slots.capacity() > SLOTS_KEPT || self.text.capacity() > TEXT_KEPT {
            *self = Self::default();
        }
    }
}

/// Where a text is written that may be too long: it stops where nothing more is kept.
struct Bounded<'t> {
    text: &'t mut String,
    left: usize,
    is_cut: bool,
}

impl fmt::Write for Bounded<'_> {
    #[inline]
    fn write_str(&mut self, part: &str) -> fmt::Result {
        if part.len() > self.left || self.is_cut {
            let end = part.floor_char_boundary(self.left);
            self.text.push_str(&part[..end]);
            (self.left, self.is_cut) = (0, true);
            return Err(fmt::Error);
        }
        self.left -= part.len();
        self.text.push_str(part);
        Ok(())
    }
}

/// The text behind `text`, of which kept ones are ranges of `kept`.
#[inline]
pub(crate) fn read(text: Text, kept: &str) -> &str {
    match text {
        Text::Static(text) => text,
        Text::Kept { start, len } => {
            let (start, len) = (start as usize, len as usize);
            kept.get(start..start + len).unwrap_or_default()
        }
    }
}
