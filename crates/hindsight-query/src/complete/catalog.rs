//! What is stored, as far as completion needs to know.

use hindsight_protocol::batch::ValueRef;

use crate::{AttributeScope, Field};

/// Keys and values that spans have.
///
/// Answers may be incomplete and approximate. Each method calls `found` at most `limit` times, the
/// most frequent first; what contains `part` (in any case) is wanted, all if it is empty. It may
/// give others, too: they are left out later.
pub trait Catalog {
    /// Keys of attributes; a key that several scopes have is given once for each.
    fn keys(&self, part: &str, limit: usize, found: &mut dyn FnMut(KeyInfo<'_>));

    /// Values of a text field or an attribute.
    fn values(&self, field: &Field, part: &str, limit: usize, found: &mut dyn FnMut(ValueInfo<'_>));
}

/// The key of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyInfo<'a> {
    /// Whose; not [`AttributeScope::Any`].
    pub scope: AttributeScope,
    /// The key.
    pub key: &'a str,
    /// What its values are.
    pub types: ValueTypes,
    /// Spans (for events: of spans that have such an event).
    pub count: u64,
}

/// A value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ValueInfo<'a> {
    /// The value; arrays, maps, bytes and unknown types are left out.
    pub value: ValueRef<'a>,
    /// Spans that have it.
    pub count: u64,
}

/// Types that the values of a key have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ValueTypes {
    /// Text.
    pub text: bool,
    /// Integers or doubles.
    pub numbers: bool,
    /// Booleans.
    pub booleans: bool,
}

/// Nothing is known.
impl Catalog for () {
    fn keys(&self, _: &str, _: usize, _: &mut dyn FnMut(KeyInfo<'_>)) {}

    fn values(&self, _: &Field, _: &str, _: usize, _: &mut dyn FnMut(ValueInfo<'_>)) {}
}

impl ValueTypes {
    /// Both have at least these.
    pub(super) const fn with(self, other: Self) -> Self {
        Self {
            text: self.text || other.text,
            numbers: self.numbers || other.numbers,
            booleans: self.booleans || other.booleans,
        }
    }

    /// A few words.
    pub(super) fn describe(self) -> String {
        let names = [
            (self.text, "text"),
            (self.numbers, "number"),
            (self.booleans, "boolean"),
        ];
        let names = names.iter().filter(|(has, _)| *has);
        names.map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
    }
}
