//! What is known about a span that has not ended.
//!
//! Attributes are [`Slot`]s. A record is used again and again, so setting an attribute allocates
//! only where a record grows beyond what it held before.

use std::borrow::Cow;
use std::fmt;

use hindsight_protocol::{SpanId, StatusCode, TraceId, Value};

use super::extra::Extra;
use super::long::{VALUE_BYTES_MAX, cut_text};
use super::slots::{Slot, SlotValue, Slots, Text, read};
use crate::Context;
use crate::attribute::{AttributeValue, Key};
use crate::clock::Reading;

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

/// Names replaced before their texts go.
const RENAMED_MAX: usize = 64;

impl SpanRecord {
    /// Names the span.
    #[inline]
    pub(crate) fn set_name(&mut self, name: Cow<'static, str>) {
        if matches!(self.head.name, Text::Kept { .. }) {
            self.note_renamed();
        }
        let name = match name.len() > VALUE_BYTES_MAX {
            true => self.cut(name),
            false => name,
        };
        self.head.name = self.attributes.text(name).unwrap_or(Text::Static(""));
    }

    /// The span's name.
    pub(crate) fn name(&self) -> &str {
        self.attributes.read(self.head.name)
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
        let written = (self.attributes.text(key), self.attributes.write(value));
        let (Some(key), Some((value, is_cut))) = written else {
            return self.drop_attribute();
        };
        if is_cut {
            self.note_cut();
        }
        let value = SlotValue::Text(value);
        self.is_distinct = false;
        self.attributes.slots.push(Slot { key, value });
    }

    #[inline(always)]
    fn slot_value(&mut self, value: AttributeValue) -> Option<SlotValue> {
        Some(match value {
            AttributeValue::String(text) if text.len() > VALUE_BYTES_MAX => self.long_text(text)?,
            AttributeValue::String(text) => SlotValue::Text(self.attributes.text(text)?),
            AttributeValue::Bool(value) => SlotValue::Bool(value),
            AttributeValue::I64(value) => SlotValue::I64(value),
            AttributeValue::F64(value) => SlotValue::F64(value),
            AttributeValue::Other(value) => self.other_value(*value),
        })
    }

    #[cold]
    fn long_text(&mut self, text: Cow<'static, str>) -> Option<SlotValue> {
        let text = self.cut(text);
        self.attributes.text(text).map(SlotValue::Text)
    }

    /// The text without what is too much, which is counted.
    #[cold]
    fn cut(&mut self, mut text: Cow<'static, str>) -> Cow<'static, str> {
        if cut_text(&mut text) {
            self.note_cut();
        }
        text
    }

    #[cold]
    fn note_cut(&mut self) {
        let extra = self.extra();
        extra.cut_values = extra.cut_values.saturating_add(1);
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
        let message = match message.len() > VALUE_BYTES_MAX {
            true => self.cut(message),
            false => message,
        };
        match code {
            StatusCode::Error if !message.is_empty() => self.extra().status_message = message,
            _ => {
                if let Some(extra) = &mut self.extra {
                    extra.status_message = Cow::Borrowed("");
                }
            }
        }
    }

    /// Whether it takes little memory, at most 1.4 kB.
    #[inline]
    pub(crate) fn is_small(&self) -> bool {
        self.attributes.is_small()
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
        self.attributes.clear();
        self.head = Head::default();
        self.is_distinct = false;
        self.replaced = 0;
        self.reports = Reports::default();
        self.extra = None;
    }
}
