//! Why a method was not called, or did not answer.

use hindsight_schema::{Method, Misfit};

/// What went wrong with a call.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MethodError {
    /// The app has no such method or service. The user's fault.
    #[error("{0}")]
    Unknown(String),
    /// What is given does not fit. The user's fault.
    #[error("{method} cannot be called with that: {misfit}")]
    Wrong {
        /// The method, as its app describes it.
        method: String,
        /// Where and why.
        misfit: String,
    },
    /// The app does not let it be called.
    #[error("{method} may not be called: the app does not allow it")]
    NotAllowed {
        /// Service and method.
        method: String,
        /// What to write in the app.
        line: String,
    },
    /// Nobody said that it may be called though it may change something.
    #[error("{method} may change something, so it is not called without --yes")]
    NotConfirmed {
        /// Service and method.
        method: String,
    },
    /// Its description is of no use.
    #[error("{method} cannot be called from here: {why}")]
    Undescribed {
        /// Service and method.
        method: String,
        /// Why.
        why: String,
    },
    /// No answer. The app's or the network's fault.
    #[error("{app} did not answer {what}: {why}")]
    NoAnswer {
        /// The app.
        app: String,
        /// The method.
        what: String,
        /// What happened.
        why: String,
    },
    /// An answer that is none. The app's fault.
    #[error("the answer of {app} to {method} cannot be read: {why}")]
    Unreadable {
        /// The app.
        app: String,
        /// The method.
        method: String,
        /// Why.
        why: String,
    },
    /// The app's side of the call refused it.
    #[error("{app} refused {method}: {why}")]
    Refused {
        /// The app.
        app: String,
        /// The method.
        method: String,
        /// In the app's words.
        why: String,
    },
    /// The method answered with an error of its own.
    #[error("{method} failed: {error}")]
    Failed {
        /// Service and method.
        method: String,
        /// As JSON.
        error: String,
    },
}

impl MethodError {
    pub(super) fn undescribed(method: &Method, why: String) -> Self {
        Self::Undescribed {
            method: name(method),
            why,
        }
    }

    pub(super) fn wrong(method: &Method, misfit: &Misfit) -> Self {
        Self::Wrong {
            method: method.signature(),
            misfit: misfit.to_string(),
        }
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::NotAllowed { line, .. } => {
                Some(format!("in the app, where the service is exposed: {line}"))
            }
            Self::Unknown(_) => Some("`hindsight services APP` lists what there is".into()),
            _ => None,
        }
    }

    /// Whether the user can mend it.
    pub(crate) fn is_users(&self) -> bool {
        matches!(
            self,
            Self::Unknown(_) | Self::Wrong { .. } | Self::NotConfirmed { .. }
        )
    }
}

/// `Shop.price`.
pub(super) fn name(method: &Method) -> String {
    format!("{}.{}", method.service, method.name)
}
