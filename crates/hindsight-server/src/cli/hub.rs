//! A hub to ask: one connection, one lane, calls with a deadline.
//!
//! Holds: every failure becomes a [`CliError`] that names the endpoint or carries the hub's words.

use std::time::Duration;

use hindsight_connect::{
    CallError, Connection, DialOptions, Endpoint, Lane, LaneError, LaneOptions, dial, open_lane,
    open_relayed, open_relayed_lane,
};
use hindsight_protocol::hub::AppInfo;
use hindsight_protocol::{HindsightServiceClient, HubError};
use vox::{FromVoxLane, VoxError};

use super::app;
use super::error::CliError;
use super::settings::{Key, Settings};

/// Reading a large trace takes longer than a ping.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

fn app_options() -> LaneOptions {
    LaneOptions {
        call_timeout: Some(CALL_TIMEOUT),
        ..LaneOptions::default()
    }
}

fn app_lane_error(app: &AppInfo, service: &str, error: LaneError) -> CliError {
    CliError::AppLane {
        app: app::describe(app),
        service: service.to_owned(),
        error,
    }
}

/// The hub that the settings name.
pub(crate) struct Hub {
    /// Where it is.
    pub(crate) endpoint: Endpoint,
    /// For lanes to apps. Dropping it would close everything.
    pub(crate) connection: Connection,
    /// The hub's service.
    pub(crate) lane: Lane<HindsightServiceClient>,
}

impl Hub {
    /// Dials and opens the lane.
    pub(crate) async fn connect(settings: &Settings) -> Result<Self, CliError> {
        let endpoint = settings.endpoint()?;
        let options = DialOptions {
            token: settings.token()?,
            metadata: vox::metadata().str("hindsight.client", "cli").build(),
            ..DialOptions::default()
        };
        let dialed = dial(&endpoint, options).await;
        let connection = dialed.map_err(|error| CliError::Dial {
            error: Box::new(error),
            origin: settings.value(Key::Endpoint).source.clone(),
        })?;
        let options = LaneOptions {
            call_timeout: Some(CALL_TIMEOUT),
            ..LaneOptions::default()
        };
        match open_lane(&connection, options).await {
            Ok(lane) => Ok(Self {
                endpoint,
                connection,
                lane,
            }),
            Err(error) => Err(CliError::Lane { endpoint, error }),
        }
    }

    /// A lane to a service of an app, through the hub.
    pub(crate) async fn open_app<C: FromVoxLane>(
        &self,
        app: &AppInfo,
    ) -> Result<Lane<C>, CliError> {
        let tracer = app.tracer_id.to_string();
        let opened = open_relayed(&self.connection, &tracer, app_options()).await;
        opened.map_err(|error| app_lane_error(app, C::SERVICE_NAME, error))
    }

    /// As [`open_app`](Self::open_app), for a service of which only the name is known.
    pub(crate) async fn open_app_service(
        &self,
        app: &AppInfo,
        service: &str,
    ) -> Result<Lane<vox::Caller>, CliError> {
        let tracer = app.tracer_id.to_string();
        let opened = open_relayed_lane(&self.connection, &tracer, service, app_options()).await;
        opened.map_err(|error| app_lane_error(app, service, error))
    }

    /// As [`open_app_service`](Self::open_app_service), for streams, which may say nothing for long.
    pub(crate) async fn open_app_stream(
        &self,
        app: &AppInfo,
        service: &str,
    ) -> Result<Lane<vox::Caller>, CliError> {
        let options = LaneOptions {
            call_timeout: None,
            ..LaneOptions::default()
        };
        let tracer = app.tracer_id.to_string();
        let opened = open_relayed_lane(&self.connection, &tracer, service, options).await;
        opened.map_err(|error| app_lane_error(app, service, error))
    }

    /// A call of the method `what` that can be refused.
    pub(crate) async fn call<'a, T, F>(
        &'a self,
        what: &'static str,
        start: impl FnOnce(&'a HindsightServiceClient) -> F,
    ) -> Result<T, CliError>
    where
        F: Future<Output = Result<T, VoxError<HubError>>> + 'a,
    {
        let answered = self.lane.call(start).await;
        answered.map_err(|error| self.call_error(what, error))
    }

    /// What a failed call means.
    pub(crate) fn call_error(&self, what: &'static str, error: CallError<HubError>) -> CliError {
        match error {
            CallError::Rpc(VoxError::User(error)) if error.code == HubError::QUERY => {
                CliError::Query(error.message)
            }
            CallError::Rpc(VoxError::User(error)) => CliError::Refused {
                what,
                error: *error,
            },
            other => self.no_answer(what, &other),
        }
    }

    /// A call that was not answered.
    pub(crate) fn no_answer(&self, what: &'static str, why: &dyn std::fmt::Display) -> CliError {
        CliError::Call {
            endpoint: self.endpoint.clone(),
            what,
            why: why.to_string(),
        }
    }
}
