//! The `tracestate` header: what each tracing system on the way wants to be told again.
//!
//! In: the values of all `tracestate` headers of a request, in order. Out: a [`TraceState`], an
//! ordered list of keys and opaque values, or the reason why the whole list is discarded. At most
//! 32 members, each with a key that occurs once, of at most 256 bytes, and a value of at most 256
//! bytes; a header that is written has at most 512 bytes.

use std::fmt;
use std::str::FromStr;

use super::{excerpt, trim_ows};

mod member;
#[cfg(test)]
mod tests;

use member::Member;

/// What tracing systems have written about a trace, most recent first: the `tracestate` header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TraceState {
    members: Vec<Member>,
}

impl TraceState {
    /// "There can be a maximum of 32 `list-member`s in a `list`."
    pub const MEMBERS_MAX: usize = 32;
    /// What [`to_header`](Self::to_header) writes at most: "Vendors SHOULD propagate at least 512
    /// characters of a combined header."
    pub const HEADER_BYTES_MAX: usize = 512;

    /// Reads one header value. An empty one gives an empty list.
    pub fn parse(text: &str) -> Result<Self, TraceStateError> {
        Self::parse_headers([text])
    }

    /// Reads all `tracestate` headers of a request, in the order in which they came.
    ///
    /// "When receiving multiple `tracestate` header fields, they MUST be combined into a single
    /// header" - so one that is invalid discards them all, as do more than 32 members and a key
    /// that occurs twice.
    pub fn parse_headers<'a>(
        values: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, TraceStateError> {
        let mut state = Self::default();
        for text in values.into_iter().flat_map(|value| value.split(',')) {
            // "Spaces and horizontal tabs surrounding `list-member`s are ignored." "Empty and
            // whitespace-only list members are allowed."
            let text = trim_ows(text);
            if !text.is_empty() {
                state.push(Member::parse(text)?)?;
            }
        }
        Ok(state)
    }

    fn push(&mut self, member: Member) -> Result<(), TraceStateError> {
        if self.members.len() == Self::MEMBERS_MAX {
            return Err(TraceStateError::TooManyMembers);
        }
        // Level 1: "Only one entry per key is allowed because the entry represents that last
        // position in the trace."
        if self.get(&member.key).is_some() {
            let key = excerpt(&member.key);
            return Err(TraceStateError::DuplicateKey { key });
        }
        self.members.push(member);
        Ok(())
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        let member = self.members.iter().find(|member| member.key == key);
        member.map(|member| member.value.as_str())
    }

    /// Adds `key`, or updates it; either way it comes first afterwards.
    ///
    /// A list that is full loses its last member, which is returned.
    pub fn insert(
        &mut self,
        key: &str,
        value: &str,
    ) -> Result<Option<(String, String)>, TraceStateError> {
        let member = Member::new(key, value)?;
        self.remove(key);
        // "If adding an entry would cause the `tracestate` list to contain more than 32
        // `list-members` the right-most `list-member` should be removed from the list."
        let full = self.members.len() == Self::MEMBERS_MAX;
        let last = if full { self.members.pop() } else { None };
        // "Modified keys MUST be moved to the beginning (left) of the list."
        self.members.insert(0, member);
        Ok(last.map(|last| (last.key, last.value)))
    }

    /// Takes `key` out, and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        let index = self.members.iter().position(|member| member.key == key)?;
        Some(self.members.remove(index).value)
    }

    /// The members, most recent first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.members
            .iter()
            .map(|member| (member.key.as_str(), member.value.as_str()))
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is no member, and so no header to send.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Drops members until the list takes at most `bytes_max` bytes, and returns how many.
    ///
    /// "The vendor MUST truncate whole entries. Entries larger than `128` characters long SHOULD be
    /// removed first. Then entries SHOULD be removed starting from the end of `tracestate`." Large
    /// entries, too, go from the end, and only as many as need to.
    pub fn truncate(&mut self, bytes_max: usize) -> usize {
        let before = self.members.len();
        while self.header_bytes() > bytes_max {
            let large = self.members.iter().rposition(Member::is_large);
            let Some(index) = large.or(self.members.len().checked_sub(1)) else {
                break;
            };
            self.members.remove(index);
        }
        before - self.members.len()
    }

    /// The value of the header, truncated to 512 bytes; `Display` writes all of it.
    pub fn to_header(&self) -> String {
        if self.header_bytes() <= Self::HEADER_BYTES_MAX {
            return self.to_string();
        }
        let mut truncated = self.clone();
        truncated.truncate(Self::HEADER_BYTES_MAX);
        truncated.to_string()
    }

    /// "This length includes commas required to separate list items".
    fn header_bytes(&self) -> usize {
        let commas = self.members.len().saturating_sub(1);
        commas + self.members.iter().map(Member::bytes).sum::<usize>()
    }
}

impl fmt::Display for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Member { key, value }) in self.members.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{key}={value}")?;
        }
        Ok(())
    }
}

impl FromStr for TraceState {
    type Err = TraceStateError;

    fn from_str(text: &str) -> Result<Self, TraceStateError> {
        Self::parse(text)
    }
}

/// Why a list is discarded, or a member not inserted. The peer's fault when parsed, the caller's in
/// [`TraceState::insert`]. Quoted text is cut to 80 characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TraceStateError {
    /// A member has no `=`.
    #[error("tracestate member {member:?} has no '='")]
    MissingEquals {
        /// The member.
        member: String,
    },
    /// A key breaks the grammar.
    #[error("tracestate key {key:?} is not 1 to 256 of a-z 0-9 _ - * / @ from a letter or digit")]
    Key {
        /// The key.
        key: String,
    },
    /// A value breaks the grammar.
    #[error(
        "tracestate value {value:?} of {key} is not 1 to 256 printable ASCII characters without \
         ',', '=' and a space at the end"
    )]
    Value {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// A key occurs twice.
    #[error("tracestate key {key} occurs twice")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// There are more members than the specification allows.
    #[error("tracestate has more than 32 members")]
    TooManyMembers,
}
