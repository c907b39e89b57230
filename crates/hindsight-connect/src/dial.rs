//! Dials a hub: from an [`Endpoint`] to a guarded [`Connection`].
//!
//! Bounded: one time limit over everything, from the look-up of the name to the end of the
//! handshake. Errors are sentences for a person: what failed, where, and what to do.

use std::io;
use std::time::Duration;

use vox::EstablishmentRejectReason;

use crate::endpoint::Endpoint;
use crate::establish::HandshakeError;
use crate::link::LinkFault;

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod page;

#[cfg(not(target_arch = "wasm32"))]
pub use native::dial;
#[cfg(target_arch = "wasm32")]
pub use page::dial;

/// Why a hub could not be reached. Every variant names the endpoint.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// The name of the host is not known. The caller's or the environment's fault.
    #[error("cannot look up the host of {endpoint}: {source}")]
    Lookup {
        /// Where to.
        endpoint: Endpoint,
        /// What the resolver says.
        source: io::Error,
    },
    /// Nobody listens there. The environment's fault.
    #[error("nothing listens at {endpoint}; start a hub with `hindsight serve`")]
    Refused {
        /// Where to.
        endpoint: Endpoint,
    },
    /// The network or the operating system does not let us through.
    #[error("cannot connect to {endpoint}: {source}")]
    Connect {
        /// Where to.
        endpoint: Endpoint,
        /// What the operating system says.
        source: io::Error,
    },
    /// It took too long.
    #[error("{endpoint} did not answer within {timeout:?} ({doing})")]
    TimedOut {
        /// Where to.
        endpoint: Endpoint,
        /// The limit.
        timeout: Duration,
        /// What was under way.
        doing: &'static str,
    },
    /// An HTTP server refused the upgrade; its own words say why.
    #[error("{endpoint} refused the upgrade to roam with HTTP {status}: {body}")]
    UpgradeRefused {
        /// Where to.
        endpoint: Endpoint,
        /// The HTTP status.
        status: u16,
        /// The first lines of the answer's body.
        body: String,
    },
    /// Something answers there, but no hub.
    #[error("{endpoint} is not a hindsight hub: {what}")]
    NotAHub {
        /// Where to.
        endpoint: Endpoint,
        /// What it did.
        what: String,
    },
    /// The hub wants a token.
    #[error("{endpoint} wants a token; set HINDSIGHT_TOKEN or pass one")]
    TokenMissing {
        /// Where to.
        endpoint: Endpoint,
    },
    /// The hub does not know the token.
    #[error("{endpoint} rejected the token; check HINDSIGHT_TOKEN")]
    TokenRejected {
        /// Where to.
        endpoint: Endpoint,
    },
    /// The handshake failed for another reason; the version of roam is among them.
    #[error("{endpoint}: {source}")]
    Handshake {
        /// Where to.
        endpoint: Endpoint,
        /// What went wrong.
        source: HandshakeError,
    },
    /// This platform has no such transport.
    #[error("{endpoint}: this platform has no such transport")]
    Unsupported {
        /// Where to.
        endpoint: Endpoint,
    },
}

impl DialError {
    /// Whether to try again later makes sense: nobody there, no answer, no network.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Lookup { .. }
            | Self::Refused { .. }
            | Self::Connect { .. }
            | Self::TimedOut { .. } => true,
            Self::UpgradeRefused { status, .. } => *status >= 500 || *status == 429,
            Self::Handshake { source, .. } => matches!(
                source,
                HandshakeError::PeerClosed
                    | HandshakeError::Link(LinkFault::Io(_) | LinkFault::Truncated { .. })
                    | HandshakeError::Transport(_)
                    | HandshakeError::TimedOut(_)
            ),
            Self::NotAHub { .. }
            | Self::TokenMissing { .. }
            | Self::TokenRejected { .. }
            | Self::Unsupported { .. } => false,
        }
    }

    /// A handshake that failed; `timeout` was for everything.
    fn of_handshake(
        endpoint: &Endpoint,
        source: HandshakeError,
        token_given: bool,
        timeout: Duration,
    ) -> Self {
        let endpoint = endpoint.clone();
        match source {
            HandshakeError::TimedOut(_) => Self::TimedOut {
                endpoint,
                timeout,
                doing: "in the roam handshake",
            },
            HandshakeError::Link(fault @ LinkFault::NotRoam { .. }) => Self::NotAHub {
                endpoint,
                what: fault.to_string(),
            },
            HandshakeError::Declined(EstablishmentRejectReason::Unauthenticated) if token_given => {
                Self::TokenRejected { endpoint }
            }
            HandshakeError::Declined(EstablishmentRejectReason::Unauthenticated) => {
                Self::TokenMissing { endpoint }
            }
            source => Self::Handshake { endpoint, source },
        }
    }
}
