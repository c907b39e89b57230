//! What a call's end means for its span.

use hindsight::{Span, StatusCode};
use vox::{Payload, VoxError};

use crate::attributes;

/// The word for a call that ended well, as far as can be seen.
pub(crate) const OK: &str = "ok";
/// The word for a call whose caller gave up, or whose handler was cancelled or panicked.
pub(crate) const DROPPED: &str = "dropped";
/// The word for a call whose arguments the other end could not decode, or whose answer this one could not.
pub(crate) const INVALID_PAYLOAD: &str = "invalid_payload";

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Answered, and not with an error as far as can be seen.
    Answered,
    /// Failed: kind, and text where there is one.
    Failed(&'static str, String),
}

impl Outcome {
    pub(crate) fn of_error<E>(error: &VoxError<E>) -> Self {
        let kind = match error {
            VoxError::User(_) => "user",
            VoxError::UnknownMethod => "unknown_method",
            VoxError::InvalidPayload(_) => INVALID_PAYLOAD,
            VoxError::Cancelled => "cancelled",
            VoxError::ConnectionClosed => "connection_closed",
            VoxError::ConnectionShutdown => "connection_shutdown",
            VoxError::SendFailed => "send_failed",
            VoxError::TimedOut => "timed_out",
            _ => "other",
        };
        let text = match error {
            VoxError::InvalidPayload(text) => text.clone(),
            _ => kind.replace('_', " "),
        };
        Self::Failed(kind, text)
    }

    /// The outcome of a reply that is about to be encoded: a `Result<T, VoxError<E>>`.
    pub(crate) fn of_reply(reply: &Payload<'_>) -> Self {
        let Payload::Value { ptr, shape, .. } = reply else {
            return Self::Answered;
        };
        // SAFETY: a payload's pointer and shape belong together and are valid while it is borrowed.
        let value = unsafe { vox::Peek::unchecked_new(*ptr, shape) };
        let Ok(result) = value.into_result() else {
            return Self::Answered;
        };
        match result.err() {
            None => Self::Answered,
            Some(error) => match error.into_enum().map(|e| e.variant_name_active()) {
                Ok(Ok("User")) => Self::Failed("user", "the application answered an error".into()),
                Ok(Ok(name)) => Self::Failed(known(name), format!("answered {name}")),
                _ => Self::Failed("other", "answered an error".into()),
            },
        }
    }

    /// `ok`, or the kind of failure.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Answered => OK,
            Self::Failed(kind, _) => kind,
        }
    }

    pub(crate) fn record(self, span: &Span) {
        if let Self::Failed(kind, text) = self {
            span.set_attribute(attributes::ERROR, kind);
            span.set_status(StatusCode::Error, text);
        }
    }
}

fn known(variant: &str) -> &'static str {
    match variant {
        "UnknownMethod" => "unknown_method",
        "InvalidPayload" => INVALID_PAYLOAD,
        "Cancelled" => "cancelled",
        "TimedOut" => "timed_out",
        _ => "other",
    }
}
