//! What a connection may do.
//!
//! Decided once, when the connection is accepted, from the transport and the `Origin`; every call
//! is checked against it.

/// Rights of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rights {
    /// Attach tracers, send spans, offer services.
    pub(crate) ingest: bool,
    /// See what is stored, and which apps there are.
    pub(crate) read: bool,
    /// Change what is stored: clear, pin, unpin.
    pub(crate) admin: bool,
}

impl Rights {
    /// A program of this user (or one that knows the token), or the hub's own page.
    pub(crate) const ALL: Self = Self {
        ingest: true,
        read: true,
        admin: true,
    };

    /// A page of another local site, such as an app under development: it may tell about itself,
    /// but a site that a developer happens to run must not read the traces of another.
    pub(crate) const TELL: Self = Self {
        ingest: true,
        read: false,
        admin: false,
    };
}
