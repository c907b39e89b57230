//! What an attacker saw.

use std::time::Duration;

/// What the target did, as seen from outside.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// When the target closed the connection, counted from the end of the attack; `None` if it
    /// had not when the watch was over.
    pub closed_after: Option<Duration>,
    /// What the target said before it closed: the text of a roam protocol error.
    pub complaint: Option<String>,
    /// Bytes that the target took of an endless stream.
    pub bytes_taken: u64,
    /// Calls that were answered, with whatever answer.
    pub answers: usize,
    /// Lanes that were accepted.
    pub lanes_accepted: usize,
    /// Lanes that were rejected.
    pub lanes_rejected: usize,
    /// Whether the target still answered a ping at the end.
    pub pong: bool,
}

impl Observation {
    /// Whether the target closed the connection.
    pub fn is_closed(&self) -> bool {
        self.closed_after.is_some()
    }

    /// Whether the connection survived and still answers.
    pub fn is_alive(&self) -> bool {
        self.closed_after.is_none() && self.pong
    }
}
