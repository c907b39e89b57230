//! Attributes of the spans of an operation, on either side.

use std::collections::HashMap;

use hindsight_protocol::batch::{SpanRow, ValueRef};

use super::KEYS_MAX;

/// The values of a key on one side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seen<'a> {
    /// No span has the key.
    Nowhere,
    /// All spans that have it have this value.
    Always(ValueRef<'a>),
    /// There are several values.
    Varies,
}

/// An attribute that differs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttributeChange<'a> {
    /// Its key.
    pub key: &'a str,
    /// In the first trace.
    pub a: Seen<'a>,
    /// In the second trace.
    pub b: Seen<'a>,
}

/// What is known of the attributes of one side.
#[derive(Default)]
pub(super) struct Keys<'a> {
    seen: HashMap<&'a str, Seen<'a>>,
    /// Some keys were left out.
    is_full: bool,
}

impl<'a> Keys<'a> {
    pub(super) fn add(&mut self, span: SpanRow<'a>) {
        for (key, value) in span.attributes() {
            if self.seen.len() >= KEYS_MAX && !self.seen.contains_key(key) {
                self.is_full = true;
                continue;
            }
            let seen = self.seen.entry(key).or_insert(Seen::Always(value));
            // NaN is as good as another NaN here.
            let same = |known: &ValueRef<'_>| match (known, &value) {
                (ValueRef::F64(a), ValueRef::F64(b)) => a.to_bits() == b.to_bits(),
                (known, value) => *known == *value,
            };
            if matches!(seen, Seen::Always(known) if !same(known)) {
                *seen = Seen::Varies;
            }
        }
    }

    /// A side with keys left out does not know what it has not.
    fn of(&self, key: &str) -> Option<Seen<'a>> {
        match self.seen.get(key) {
            Some(seen) => Some(*seen),
            None if self.is_full => None,
            None => Some(Seen::Nowhere),
        }
    }
}

/// What differs between both sides, by key.
pub(super) fn changes<'a>(a: &Keys<'a>, b: &Keys<'a>) -> Vec<AttributeChange<'a>> {
    let mut keys: Vec<&str> = a.seen.keys().chain(b.seen.keys()).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    let change = |key| {
        let (a, b) = (a.of(key)?, b.of(key)?);
        (!same(a, b)).then_some(AttributeChange { key, a, b })
    };
    keys.into_iter().filter_map(change).collect()
}

fn same(a: Seen<'_>, b: Seen<'_>) -> bool {
    match (a, b) {
        (Seen::Always(ValueRef::F64(a)), Seen::Always(ValueRef::F64(b))) => {
            a.to_bits() == b.to_bits()
        }
        (a, b) => a == b,
    }
}
