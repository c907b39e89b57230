//! What is known about a span that has not ended.
//!
//! Attributes are [`Slot`]s, plain data without anything to free; texts that do not live for ever are
//! end to end in one string. A record is used again and again, so setting an attribute allocates
//! only where a record grows beyond what it held before.

use std::borrow::Cow;
use std::fmt;

use hindsight_protocol::{SpanId, StatusCode, TraceId, Value};

use super::extra::Extra;
use crate::Context;
use crate::attribute::{AttributeValue, Key};
use crate::clock::Reading;

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
    /// Index into [`Extra::values`].
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

/// A span from its builder to its end.
#[derive(Debug, Default)]
pub(crate) struct SpanRecord {
    pub(crate) head: Head,
    pub(crate) attributes: Slots,
    /// Most attributes it may have.
    pub(crate) attributes_max: usize,
    /// Whether no key is there twice.
    is_distinct: bool,
    /// Values replaced since the texts and values were last tidied.
    replaced: usize,
    /// When it was opened.
    pub(crate) opened: Reading,
    pub(crate) reports: Reports,
    pub(crate) extra: Option<Box<Extra>>,
    /// What its builder was told of the parent.
    pub(crate) parent: Parent,
    /// Whether its builder is to put anything here: not if no span is ever sampled.
    pub(crate) is_wanted: bool,
}

/// What a span's parent is to be.
#[derive(Debug, Default)]
pub(crate) enum Parent {
    /// The current span, if there is one.
    #[default]
    Current,
    /// None: the span is a root.
    Root,
    /// This one.
    Given(Context),
}

impl Parent {
    /// The parent, where `current` is the current span.
    #[inline]
    pub(crate) fn or<'c>(&'c self, current: Option<&'c Context>) -> Option<&'c Context> {
        match self {
            Self::Current => current,
            Self::Root => None,
            Self::Given(parent) => Some(parent),
        }
    }
}

/// What every span has, as the hub is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent_id: SpanId,
    pub(crate) name: Text,
    /// Nanoseconds since the Unix epoch; in a builder 0 for the time of the start.
    pub(crate) start_ns: u64,
    /// How many reports were made.
    pub(crate) version: u32,
    pub(crate) dropped_attributes: u32,
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) status: StatusCode,
}

/// The newest report of a span while it runs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reports {
    /// Changed since.
    pub(crate) changed: bool,
    /// When it was made.
    pub(crate) ticks: u64,
    /// Connection in which it was made, 0 if there is none.
    pub(crate) epoch: u64,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            trace_id: TraceId::INVALID,
            span_id: SpanId::INVALID,
            parent_id: SpanId::INVALID,
            name: Text::Static(""),
            start_ns: 0,
            version: 0,
            dropped_attributes: 0,
            kind: 0,
            flags: 0,
            status: StatusCode::Unset,
        }
    }
}

/// Attributes and bytes of text for which a record keeps room when it is used again.
const SLOTS_KEPT: usize = 64;
const TEXT_KEPT: usize = 4096;
/// Names replaced before their texts go.
const RENAMED_MAX: usize = 64;

impl Slots {
    /// The text behind `text`.
    pub(crate) fn read(&self, text: Text) -> &str {
        read(text, &self.text)
    }

    /// Keeps a text; none when the record's texts would exceed 4 GiB.
    fn keep(&mut self, text: &str) -> Option<Text> {
        let (start, len) = (self.text.len(), text.len());
        u32::try_from(start.checked_add(len)?).ok()?;
        self.text.push_str(text);
        Some(Text::Kept {
            start: start as u32,
            len: len as u32,
        })
    }

    /// Writes a text; none when it says that it cannot be written, or as [`Self::keep`].
    fn write(&mut self, text: &dyn fmt::Display) -> Option<Text> {
        use fmt::Write;
        let start = self.text.len();
        let written = write!(self.text, "{text}").is_ok();
        let end = u32::try_from(self.text.len()).ok().filter(|_| written);
        let Some(end) = end else {
            self.text.truncate(start);
            return None;
        };
        let start = start as u32;
        let len = end - start;
        Some(Text::Kept { start, len })
    }

    #[inline(never)]
    fn keep_owned(&mut self, text: String) -> Option<Text> {
        self.keep(&text)
    }

    #[inline(always)]
    fn text(&mut self, text: Cow<'static, str>) -> Option<Text> {
        match text {
            Cow::Borrowed(text) => Some(Text::Static(text)),
            Cow::Owned(text) => self.keep_owned(text),
        }
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

impl SpanRecord {
    /// Names the span.
    #[inline]
    pub(crate) fn set_name(&mut self, name: Cow<'static, str>) {
        if matches!(self.head.name, Text::Kept { .. }) {
            self.note_renamed();
        }
        self.head.name = self.attributes.text(name).unwrap_or(Text::Static(""));
    }

    /// A name that was kept is replaced: tidies up now and then.
    #[cold]
    fn note_renamed(&mut self) {
        self.replaced += 1;
        if self.replaced >= RENAMED_MAX {
            self.head.name = Text::Static("");
            self.make_distinct();
        }
    }

    /// Sets `key`; a later value replaces an earlier one.
    ///
    /// Inlined for literals, of which then only the slot is left.
    #[inline(always)]
    pub(crate) fn set_attribute(&mut self, key: Key, value: AttributeValue) {
        if self.attributes.slots.len() >= self.attributes_max {
            return self.set_attribute_when_full(&key, value);
        }
        let (Some(key), Some(value)) = (self.attributes.text(key), self.slot_value(value)) else {
            return self.drop_attribute();
        };
        self.is_distinct = false;
        self.attributes.slots.push(Slot { key, value });
    }

    /// [`Self::set_attribute`] of a text that is written where it is kept.
    pub(crate) fn set_display(&mut self, key: Key, value: &dyn fmt::Display) {
        if self.attributes.slots.len() >= self.attributes_max {
            let text = value.to_string();
            return self.set_attribute_when_full(&key, text.into());
        }
        let (Some(key), Some(value)) = (self.attributes.text(key), self.attributes.write(value))
        else {
            return self.drop_attribute();
        };
        let value = SlotValue::Text(value);
        self.is_distinct = false;
        self.attributes.slots.push(Slot { key, value });
    }

    #[inline(always)]
    fn slot_value(&mut self, value: AttributeValue) -> Option<SlotValue> {
        Some(match value {
            AttributeValue::String(text) => SlotValue::Text(self.attributes.text(text)?),
            AttributeValue::Bool(value) => SlotValue::Bool(value),
            AttributeValue::I64(value) => SlotValue::I64(value),
            AttributeValue::F64(value) => SlotValue::F64(value),
            AttributeValue::Other(value) => self.other_value(*value),
        })
    }

    #[cold]
    fn other_value(&mut self, value: Value) -> SlotValue {
        SlotValue::Other(self.extra().keep(value))
    }

    #[cold]
    fn set_attribute_when_full(&mut self, key: &str, value: AttributeValue) {
        let max = self.attributes_max;
        if !self.is_distinct || self.replaced >= max {
            self.make_distinct();
        }
        let Slots { slots, text } = &self.attributes;
        let found = slots.iter().position(|slot| read(slot.key, text) == key);
        if found.is_none() && slots.len() >= max {
            return self.drop_attribute();
        }
        let Some(value) = self.slot_value(value) else {
            return self.drop_attribute();
        };
        if let Some(at) = found {
            self.attributes.slots[at].value = value;
            self.replaced += 1;
        } else if let Some(key) = self.attributes.keep(key) {
            self.attributes.slots.push(Slot { key, value });
        } else {
            self.drop_attribute();
        }
    }

    fn drop_attribute(&mut self) {
        self.head.dropped_attributes = self.head.dropped_attributes.saturating_add(1);
    }

    /// Leaves each key once, where it was first, with its last value; and only what is in use of
    /// texts and values.
    fn make_distinct(&mut self) {
        self.is_distinct = true;
        self.replaced = 0;
        let old = std::mem::take(&mut self.attributes);
        if let kept @ Text::Kept { .. } = self.head.name {
            self.set_name(Cow::Owned(old.read(kept).to_owned()));
        }
        let mut distinct: Vec<(&str, Slot)> = Vec::with_capacity(old.slots.len());
        for slot in &old.slots {
            let key = old.read(slot.key);
            match distinct.iter_mut().find(|(other, _)| *other == key) {
                Some((_, earlier)) => earlier.value = slot.value,
                None => distinct.push((key, *slot)),
            }
        }
        let mut values = self
            .extra
            .as_mut()
            .map_or_else(Vec::new, |extra| extra.take_values());
        for (_, slot) in distinct {
            let value = match slot.value {
                SlotValue::Text(text) => self.copy(text, &old).map(SlotValue::Text),
                SlotValue::Other(index) => {
                    let value = values.get_mut(index as usize).map(std::mem::take);
                    value.map(|value| SlotValue::Other(self.extra().keep(value)))
                }
                plain => Some(plain),
            };
            if let (Some(key), Some(value)) = (self.copy(slot.key, &old), value) {
                self.attributes.slots.push(Slot { key, value });
            }
        }
    }

    /// A text of `from` as one of this record; none never, since it had room there.
    fn copy(&mut self, text: Text, from: &Slots) -> Option<Text> {
        match text {
            Text::Static(_) => Some(text),
            Text::Kept { .. } => self.attributes.keep(from.read(text)),
        }
    }

    pub(crate) fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    /// Sets the outcome; `Ok` is final.
    pub(crate) fn set_status(&mut self, code: StatusCode, message: Cow<'static, str>) {
        if self.head.status == StatusCode::Ok {
            return;
        }
        self.head.status = code;
        match code {
            StatusCode::Error if !message.is_empty() => self.extra().status_message = message,
            _ => {
                if let Some(extra) = &mut self.extra {
                    extra.status_message = Cow::Borrowed("");
                }
            }
        }
    }

    /// Empties the record, keeping some room.
    #[inline]
    pub(crate) fn clear(&mut self) {
        if !matches!(self.parent, Parent::Current) {
            self.parent = Parent::Current;
        }
        if !std::mem::take(&mut self.is_wanted) {
            return;
        }
        let Slots { slots, text } = &mut self.attributes;
        slots.clear();
        text.clear();
        if slots.capacity() > SLOTS_KEPT || text.capacity() > TEXT_KEPT {
            self.attributes = Slots::default();
        }
        self.head = Head::default();
        self.is_distinct = false;
        self.replaced = 0;
        self.reports = Reports::default();
        self.extra = None;
    }
}
