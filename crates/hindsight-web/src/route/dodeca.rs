//! How the lens on dodeca is set.

use std::fmt;

use hindsight_protocol::TracerId;

use super::{parameter, tracer_id};

/// The parameters of `/dodeca`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dodeca {
    /// The process that is looked at; none for the first that can be asked.
    pub app: Option<TracerId>,
}

impl Dodeca {
    /// What the query of a URL says; what makes no sense is as if it were not there.
    pub(super) fn parse(query: &str) -> Self {
        let app = parameter(query, "app").and_then(|text| tracer_id(&text));
        Self { app }
    }
}

impl fmt::Display for Dodeca {
    /// `?app=00000000000000ab000000000000000c`; nothing where all is as usual.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.app {
            Some(app) => write!(f, "?app={app}"),
            None => Ok(()),
        }
    }
}
