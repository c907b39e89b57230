//! The page's one connection to its hub, kept up as long as the page is open.
//!
//! In: the address the page came from, and perhaps a token. Out: a [`Status`] to show, an `epoch`
//! that grows with each connection, and lanes for calls. Holds: every attempt and every call ends
//! in time; a hub that went away is called again, after pauses of a [`Backoff`]; nothing here
//! decides what is shown. Bounded: one connection, one attempt at a time.

use std::time::Duration;

mod backoff;
#[cfg(target_arch = "wasm32")]
mod keeper;
#[cfg(target_arch = "wasm32")]
mod token;

#[cfg(test)]
mod tests;

pub use backoff::Backoff;
#[cfg(target_arch = "wasm32")]
pub use keeper::Link;
#[cfg(target_arch = "wasm32")]
pub(crate) use token::stored_or_empty as stored_token;

/// How things stand between the page and its hub.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// The hub is being called for the first time, or again.
    #[default]
    Connecting,
    /// The hub answers.
    Online,
    /// The hub does not answer; it is called again after the pause.
    Offline {
        /// Why, in a sentence without its full stop.
        reason: String,
        /// Time to the next attempt, from when this was set.
        pause: Duration,
    },
    /// The hub speaks another version of the protocol than the page, which is older or newer than
    /// it: loading it again mends that.
    OtherVersion {
        /// The hub's.
        theirs: u32,
    },
    /// The hub wants a token, or another one.
    TokenNeeded {
        /// Whether one was given.
        was_rejected: bool,
    },
}

impl Status {
    /// A word for a person.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Online => "online",
            Self::Offline { .. } => "offline",
            Self::OtherVersion { .. } => "other version",
            Self::TokenNeeded { .. } => "token needed",
        }
    }

    /// What is wrong and what becomes of it; nothing while all is well.
    pub fn trouble(&self) -> Option<String> {
        match self {
            Self::Connecting | Self::Online => None,
            Self::Offline { reason, pause } => Some(format!(
                "The hub does not answer: {reason}. Trying again in {}; what is shown is as of then.",
                hindsight_view::format::duration(
                    pause.as_nanos() as u64 / 100_000_000 * 100_000_000
                )
            )),
            Self::OtherVersion { theirs } => Some(format!(
                "The hub speaks version {theirs} of the protocol and this page version {}. Reload \
                 the page.",
                hindsight_protocol::hub::PROTOCOL_VERSION
            )),
            Self::TokenNeeded { was_rejected: true } => {
                Some("The hub does not know this token.".into())
            }
            Self::TokenNeeded {
                was_rejected: false,
            } => Some("The hub wants the token that it was started with.".into()),
        }
    }
}

/// What to say where the hub's program has another version than this page, which came from an
/// earlier or later one; nothing for the same.
pub fn other_program(theirs: &str) -> Option<String> {
    let ours = env!("CARGO_PKG_VERSION");
    let is_other = !theirs.is_empty() && theirs != ours;
    is_other.then(|| {
        let theirs = hindsight_view::format::escape(theirs);
        format!("The hub is version {theirs} now and this page is of {ours}. Reload the page.")
    })
}
