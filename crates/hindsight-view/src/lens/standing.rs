//! Whether an app can be asked for a service, and why not.

use hindsight_protocol::TracerId;
use hindsight_protocol::hub::AppInfo;

use super::INTROSPECTION;
use crate::format;

/// How an app stands to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No app is chosen.
    NoApp,
    /// It offers the service and is connected.
    Here,
    /// The hub knows no such app: it has forgotten it, or never saw it.
    Unknown,
    /// It has gone, or lost its connection.
    Gone {
        /// Its service's name, escaped.
        app: String,
        /// Whether it may come back.
        may_return: bool,
    },
    /// It is connected and does not offer the service.
    NotOffered {
        /// Its service's name, escaped.
        app: String,
        /// Of the service that was asked for.
        service: String,
    },
}

impl Standing {
    /// How `tracer` stands to the service of this name.
    pub fn of(service: &str, apps: &[AppInfo], tracer: Option<TracerId>) -> Self {
        let Some(tracer) = tracer else {
            return Self::NoApp;
        };
        let Some(app) = apps.iter().find(|app| app.tracer_id == tracer) else {
            return Self::Unknown;
        };
        let name = match app.run.service_name.as_str() {
            "" => "The app".to_owned(),
            name => format::escape(name).into_owned(),
        };
        let offers = service == INTROSPECTION || app.services.iter().any(|name| name == service);
        match (app.state.as_str(), offers) {
            ("connected", true) => Self::Here,
            ("connected", false) => Self::NotOffered {
                app: name,
                service: format::escape(service).into_owned(),
            },
            (state, _) => Self::Gone {
                app: name,
                may_return: state == "disconnected",
            },
        }
    }

    /// Why the app cannot be asked; nothing where it can.
    pub fn sentence(&self) -> Option<String> {
        match self {
            Self::NoApp => Some("No app that is connected offers this.".into()),
            Self::Here => None,
            Self::Unknown => Some("The hub does not know this app, or has forgotten it.".into()),
            Self::Gone {
                app,
                may_return: true,
            } => Some(format!("{app} has lost its connection; it may come back.")),
            Self::Gone {
                app,
                may_return: false,
            } => Some(format!(
                "{app} is gone: its spans are left, it cannot be asked."
            )),
            Self::NotOffered { app, service } => {
                Some(format!("{app} does not offer {service} now."))
            }
        }
    }
}
