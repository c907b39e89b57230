//! The `baggage` header: what the application wants every service on the way to know.
//!
//! In: the values of all `baggage` headers of a request, in order. Out: a [`Baggage`], an ordered
//! list of keys with decoded values and properties, and a [`BaggageLoss`] that counts the members
//! which were left out. At most 64 members which take at most 8192 bytes when written, so that what
//! is held is always sent whole.

use std::fmt;

use super::headers::{BAGGAGE, Extract, Inject};
use super::{excerpt, trim_ows};

mod member;
mod percent;
#[cfg(test)]
mod tests;

pub use member::{BaggageMember, BaggageProperty};

/// Application data that goes along with a trace: the `baggage` header.
///
/// "Uniqueness of keys between multiple `list-member`s in a `baggage-string` is not guaranteed. The
/// order of duplicate entries SHOULD be preserved when mutating the list." So all received members
/// are kept and sent on in their order; [`get`](Self::get) answers with the last of a key, and
/// [`insert`](Self::insert) leaves one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Baggage {
    members: Vec<BaggageMember>,
}

/// How many members of the received headers are not in the [`Baggage`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BaggageLoss {
    /// Members that break the grammar.
    pub members_invalid: usize,
    /// Valid or unread members beyond 64, and those with which the whole would exceed 8192 bytes.
    pub members_over_limit: usize,
}

impl Baggage {
    /// "The resulting `baggage-string` contains 64 `list-member`s or less."
    pub const MEMBERS_MAX: usize = 64;
    /// "The resulting `baggage-string` is of size 8192 bytes or less."
    pub const HEADER_BYTES_MAX: usize = 8192;

    /// Reads the headers of a request from its carrier; see [`parse_headers`](Self::parse_headers).
    pub fn extract(carrier: &(impl Extract + ?Sized)) -> (Self, BaggageLoss) {
        Self::parse_headers(carrier.header_values(BAGGAGE))
    }

    /// Reads one header value. An empty one gives empty baggage.
    pub fn parse(text: &str) -> (Self, BaggageLoss) {
        Self::parse_headers([text])
    }

    /// Reads all `baggage` headers of a request, in the order in which they came.
    ///
    /// An invalid member does not spoil the others: the reader "MAY remove an offending
    /// `list-member` before propagating the rest". "All limits apply to the combination of all
    /// `baggage` headers"; a member that is too much is left out whole.
    pub fn parse_headers<'a>(values: impl IntoIterator<Item = &'a str>) -> (Self, BaggageLoss) {
        let mut reader = Reader::default();
        for text in values.into_iter().flat_map(|value| value.split(',')) {
            // RFC 7230, 7: "A recipient MUST parse and ignore a reasonable number of empty list
            // elements."
            let text = trim_ows(text);
            if !text.is_empty() {
                reader.read(text);
            }
        }
        (reader.baggage, reader.loss)
    }

    /// Writes the header in place of those that `carrier` may have; none if there is no member.
    pub fn inject(&self, carrier: &mut (impl Inject + ?Sized)) {
        if self.is_empty() {
            carrier.remove_header(BAGGAGE);
        } else {
            carrier.set_header(BAGGAGE, self.to_header());
        }
    }

    /// The last member with this key, which is case-sensitive.
    pub fn get(&self, key: &str) -> Option<&BaggageMember> {
        self.iter().rfind(|member| member.key() == key)
    }

    /// Puts `member` in the place of the first with its key, and takes out any others; appends it
    /// if there is none. Fails, and changes nothing, if that would exceed a limit.
    pub fn insert(&mut self, member: BaggageMember) -> Result<(), BaggageError> {
        let first = self.iter().position(|held| held.key() == member.key());
        let mut members = self.members.clone();
        members.retain(|held| held.key() != member.key());
        members.insert(first.unwrap_or(members.len()), member);
        self.members = within_limits(members)?;
        Ok(())
    }

    /// Takes out all members with this key, and returns how many.
    pub fn remove(&mut self, key: &str) -> usize {
        let before = self.members.len();
        self.members.retain(|member| member.key() != key);
        before - self.members.len()
    }

    /// The members, in the order of the header.
    pub fn iter(&self) -> std::slice::Iter<'_, BaggageMember> {
        self.members.iter()
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The value of the header: ASCII, at most 8192 bytes.
    pub fn to_header(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Baggage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, member) in self.members.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{member}")?;
        }
        Ok(())
    }
}

impl<'a> IntoIterator for &'a Baggage {
    type Item = &'a BaggageMember;
    type IntoIter = std::slice::Iter<'a, BaggageMember>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Baggage under construction, with the length that it takes so far.
#[derive(Default)]
struct Reader {
    baggage: Baggage,
    header_bytes: usize,
    loss: BaggageLoss,
}

impl Reader {
    fn read(&mut self, text: &str) {
        if self.baggage.len() == Baggage::MEMBERS_MAX {
            self.loss.members_over_limit += 1;
            return;
        }
        match text.parse::<BaggageMember>() {
            Ok(member) => self.admit(member),
            Err(_counted) => self.loss.members_invalid += 1,
        }
    }

    fn admit(&mut self, member: BaggageMember) {
        let comma = usize::from(!self.baggage.is_empty());
        let header_bytes = self.header_bytes + comma + member.header_bytes();
        if header_bytes > Baggage::HEADER_BYTES_MAX {
            self.loss.members_over_limit += 1;
            return;
        }
        self.header_bytes = header_bytes;
        self.baggage.members.push(member);
    }
}

fn within_limits(members: Vec<BaggageMember>) -> Result<Vec<BaggageMember>, BaggageError> {
    if members.len() > Baggage::MEMBERS_MAX {
        let members = members.len();
        return Err(BaggageError::TooManyMembers { members });
    }
    let commas = members.len().saturating_sub(1);
    let bytes = commas
        + members
            .iter()
            .map(BaggageMember::header_bytes)
            .sum::<usize>();
    if bytes > Baggage::HEADER_BYTES_MAX {
        return Err(BaggageError::TooLong { bytes });
    }
    Ok(members)
}

/// Why a member is not one, or has no room. The peer's fault when parsed, the caller's when made or
/// inserted. Quoted text is cut to 80 characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaggageError {
    /// A member has no `=` before its properties.
    #[error("baggage member {member:?} has no '='")]
    MissingEquals {
        /// The member.
        member: String,
    },
    /// The key of a member or a property is not a token of HTTP.
    #[error("baggage key {key:?} is not a token (RFC 7230, 3.2.6)")]
    Key {
        /// The key.
        key: String,
    },
    /// A value has a character that must be percent-encoded.
    #[error("baggage value {value:?} of {key} has a character that must be percent-encoded")]
    Value {
        /// The key.
        key: String,
        /// The value, as it came.
        value: String,
    },
    /// There would be more members than the limit.
    #[error("baggage of {members} members, more than 64")]
    TooManyMembers {
        /// How many there would be.
        members: usize,
    },
    /// The header would be longer than the limit.
    #[error("baggage of {bytes} bytes, more than 8192")]
    TooLong {
        /// How long it would be.
        bytes: usize,
    },
}
