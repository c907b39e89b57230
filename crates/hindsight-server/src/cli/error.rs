//! What a command can fail with, and how that is told.
//!
//! One line `error: ...` on stderr, perhaps one line `hint: ...`, and an exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use hindsight_connect::{DialError, Endpoint, LaneError};
use hindsight_protocol::{HubError, InvalidId};
use hindsight_view::format;

use super::app::AppError;
use super::call::MethodError;
use super::query;
use super::settings::{SettingsError, Source};

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// Wrong flags, variables or files. The user's fault.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A text that is no trace id. The user's fault.
    #[error(transparent)]
    TraceId(#[from] InvalidId),
    /// The hub cannot be reached. The environment's fault.
    #[error("{error}")]
    Dial {
        /// What happened.
        error: Box<DialError>,
        /// Who named the endpoint.
        origin: Source,
    },
    /// Something answers, but it is not a hub of this kind. The peer's fault.
    #[error("{endpoint} does not offer what a hub offers: {error}")]
    Lane {
        /// Where.
        endpoint: Endpoint,
        /// What it said.
        error: LaneError,
    },
    /// The hub did not do what was asked; it says why.
    #[error("the hub refused {what}: {error}")]
    Refused {
        /// The method.
        what: &'static str,
        /// The hub's words.
        error: HubError,
    },
    /// An app that is not there, or not the only one.
    #[error(transparent)]
    App(#[from] AppError),
    /// A service of an app that cannot be reached.
    #[error("{service} of {app} cannot be reached: {error}")]
    AppLane {
        /// The app.
        app: String,
        /// The service.
        service: String,
        /// What the hub said.
        error: LaneError,
    },
    /// A method that was not called, or failed.
    #[error(transparent)]
    Method(#[from] MethodError),
    /// A query that is none; the text shows where. The user's fault.
    #[error("{0}")]
    Query(String),
    /// A query of another kind than the command takes. The user's fault.
    #[error("{0}")]
    Pipeline(String),
    /// No answer. The peer's or the network's fault.
    #[error("{endpoint} did not answer {what}: {why}")]
    Call {
        /// Where.
        endpoint: Endpoint,
        /// The method.
        what: &'static str,
        /// What happened.
        why: String,
    },
    /// An answer that makes no sense. The peer's fault.
    #[error("the hub sent an answer to {what} that cannot be read: {why}")]
    Malformed {
        /// The method.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A trace of which nothing is stored. Nobody's fault; the text says what is known.
    #[error("{0}")]
    NotStored(String),
    /// stdout cannot be written to. The environment's fault.
    #[error("cannot write to stdout: {0}")]
    Output(#[source] io::Error),
    /// No threads. The environment's fault.
    #[error("cannot start: {0}")]
    Runtime(#[source] io::Error),
    /// The hub's port is taken by another hub.
    #[error("{0}")]
    AlreadyRunning(String),
    /// The hub cannot run as it is told to. The user's fault.
    #[error("{0}")]
    Config(String),
    /// The hub cannot start, or failed. The environment's fault, or a bug.
    #[error("{0}")]
    Serve(String),
}

impl CliError {
    /// Tells a person and returns the exit code. A closed pipe is the reader's wish, no error.
    pub(crate) fn report(&self) -> ExitCode {
        if self.is_closed_pipe() {
            return ExitCode::SUCCESS;
        }
        let mut text = match self {
            Self::Query(rendered) => query::highlighted(rendered),
            other => format!("error: {}\n", format::escape(&other.to_string())),
        };
        if let Some(hint) = self.hint() {
            text += &format!("hint: {}\n", format::escape(&hint));
        }
        // Nobody is left to tell when stderr is closed; the exit code still says it.
        io::stderr().write_all(text.as_bytes()).ok();
        ExitCode::from(self.code())
    }

    fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Settings(_) | Self::TraceId(_) | Self::Config(_) => 2,
            Self::Query(_) | Self::Pipeline(_) | Self::App(AppError::Ambiguous { .. }) => 2,
            Self::Method(error) if error.is_users() => 2,
            Self::AlreadyRunning(_) => 3,
            _ => 1,
        }
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Method(error) => error.hint(),
            Self::TraceId(_) => Some("`hindsight traces` lists the ids that are stored".into()),
            Self::Dial { error, origin } => dial_hint(error, origin),
            Self::AlreadyRunning(_) => {
                Some("use that one, or give this one other ports: --http-port, --tcp-port".into())
            }
            Self::App(AppError::Unknown { .. } | AppError::Ambiguous { .. }) => {
                Some("`hindsight apps` lists them; `--format json` has the tracer ids".into())
            }
            Self::Lane { .. } | Self::Malformed { .. } => {
                Some("`hindsight doctor` compares the versions of both sides".into())
            }
            _ => None,
        }
    }
}

fn dial_hint(error: &DialError, origin: &Source) -> Option<String> {
    let elsewhere = match origin {
        Source::Default => "name another hub with --connect HOST:PORT or HINDSIGHT_ENDPOINT".into(),
        origin => format!("the endpoint comes from {origin}"),
    };
    let hint = match error {
        DialError::TokenMissing { .. } | DialError::TokenRejected { .. } => {
            "the token is taken from HINDSIGHT_TOKEN or --token-file FILE".into()
        }
        DialError::Refused { .. } => elsewhere,
        _ => format!("{elsewhere}; `hindsight doctor` looks closer"),
    };
    Some(hint)
}
