//! Asks an app which services it offers.

use std::time::Duration;

use hindsight_connect::{CallError, Connection, LaneError, LaneOptions, open_lane};
use hindsight_protocol::ServiceIntrospectionClient;
use hindsight_protocol::introspection::{ListServicesRequest, ServiceInfo};

/// Why an app's services are not known. The app's fault, or that of its age.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProbeError {
    #[error("cannot ask for its services: {0}")]
    Lane(#[from] LaneError),
    #[error("asked for its services: {0}")]
    Call(#[from] CallError<std::convert::Infallible>),
}

impl ProbeError {
    /// The app offers nothing, which is no fault.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self, Self::Lane(LaneError::Rejected(_) | LaneError::Closed))
    }
}

/// The services, as the app tells them. Takes at most about twice `limit`; call it in a task of its own.
pub(crate) async fn list_services(
    connection: &Connection,
    limit: Duration,
) -> Result<Vec<ServiceInfo>, ProbeError> {
    let options = LaneOptions {
        open_timeout: limit,
        call_timeout: Some(limit),
        ..LaneOptions::default()
    };
    let lane = open_lane::<ServiceIntrospectionClient>(connection, options).await?;
    let request = ListServicesRequest::default();
    let reply = lane.call(|client| client.list_services(request)).await?;
    Ok(reply.services)
}
