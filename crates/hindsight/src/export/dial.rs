//! From an endpoint, or a link, to a session with the hub.

use std::pin::Pin;

use hindsight_connect::{
    Connection, DialOptions, Endpoint, HandshakeError, Lane, LaneOptions, LinkLimits, dial,
    establish, open_lane,
};
use hindsight_protocol::hub::{AttachRequest, PROTOCOL_VERSION};
use hindsight_protocol::{HindsightServiceClient, HubError};
use vox::{MaybeSend, VoxError};

use super::ExportSettings;
use crate::error::ConnectError;
use crate::tracer::Shared;

type Establishing = Pin<Box<dyn Future<Output = Result<Connection, HandshakeError>>>>;

/// A link, its type forgotten.
pub(crate) trait Establish: MaybeSend {
    fn establish(self: Box<Self>, options: DialOptions) -> Establishing;
}

impl<L: vox::Link + MaybeSend + 'static> Establish for L {
    fn establish(self: Box<Self>, options: DialOptions) -> Establishing {
        Box::pin(establish(*self, options))
    }
}

/// How to reach the hub.
pub(crate) enum Dialer {
    /// Again and again.
    Endpoint(Endpoint),
    /// Once, over the link given.
    Once(Option<Box<dyn Establish>>),
}

impl Dialer {
    pub(crate) fn over<L>(link: L) -> Self
    where
        L: vox::Link + MaybeSend + 'static,
    {
        Self::Once(Some(Box::new(link)))
    }

    /// Where the hub is, for a person.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Endpoint(endpoint) => endpoint.to_string(),
            Self::Once(_) => "the given link".to_owned(),
        }
    }

    /// Whether another attempt makes sense.
    pub(super) fn can_dial(&self) -> bool {
        !matches!(self, Self::Once(None))
    }

    /// An attempt; none when there was only one and it is used up.
    pub(super) fn attempt(
        &mut self,
        options: DialOptions,
    ) -> Pin<Box<dyn Future<Output = Result<Connection, ConnectError>>>> {
        match self {
            Self::Endpoint(endpoint) => {
                let endpoint = endpoint.clone();
                Box::pin(async move { Ok(dial(&endpoint, options).await?) })
            }
            Self::Once(link) => {
                let establishing = link.take().map(|link| link.establish(options));
                Box::pin(async move {
                    match establishing {
                        Some(establishing) => establishing.await.map_err(ConnectError::Handshake),
                        None => Err(ConnectError::ExporterGone),
                    }
                })
            }
        }
    }
}

/// A connection on which the tracer is attached.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) connection: Connection,
    pub(super) lane: Lane<HindsightServiceClient>,
    pub(super) hub_id: u64,
    /// Bytes of the largest batch that the hub takes and a frame holds.
    pub(super) batch_bytes_max: usize,
}

impl Session {
    /// Why a batch of `bytes` cannot be sent.
    pub(super) fn too_large(&self, bytes: usize) -> HubError {
        let max = self.batch_bytes_max;
        let message = format!("it has {bytes} bytes, at most {max} are taken");
        HubError::new(HubError::INVALID, message).because("batch_bytes_max")
    }
}

/// What a hub takes that does not say, or says more than a frame holds with room to spare.
fn batch_bytes_max(said: u64) -> usize {
    let frame = LinkLimits::default().frame_bytes_max / 4 * 3;
    match usize::try_from(said) {
        Ok(0) | Err(_) => frame,
        Ok(said) => said.min(frame),
    }
}

/// What is said in the handshake.
pub(super) fn options(shared: &Shared, settings: &ExportSettings) -> DialOptions {
    let metadata = vox::metadata()
        .str("hindsight.app", shared.run.service_name.as_str())
        .u64("hindsight.pid", u64::from(shared.run.pid));
    DialOptions {
        token: settings.token.clone(),
        metadata: metadata.build(),
        lanes: shared.services.lanes(&shared.wake),
        ..DialOptions::default()
    }
}

/// Opens the hub's service on `connection` and attaches the tracer.
pub(super) async fn attach(
    connection: Connection,
    request: AttachRequest,
    settings: &ExportSettings,
) -> Result<Session, ConnectError> {
    let lane_options = LaneOptions {
        call_timeout: Some(settings.call_timeout),
        ..LaneOptions::default()
    };
    let lane: Lane<HindsightServiceClient> = open_lane(&connection, lane_options).await?;
    let attached = lane.call(|client| client.attach(request)).await;
    let reply = attached.map_err(|error| ConnectError::Refused(error.to_string()))?;
    if reply.protocol_version != PROTOCOL_VERSION {
        let message = format!(
            "it speaks version {} of the protocol, this program {PROTOCOL_VERSION}",
            reply.protocol_version
        );
        return Err(ConnectError::Refused(message));
    }
    Ok(Session {
        connection,
        lane,
        hub_id: reply.hub_id,
        batch_bytes_max: batch_bytes_max(reply.batch_bytes_max),
    })
}

/// The hub's own error, if that is what a call ended with.
pub(super) fn hub_error(error: &hindsight_connect::CallError<HubError>) -> Option<&HubError> {
    match error {
        hindsight_connect::CallError::Rpc(VoxError::User(error)) => Some(error),
        _ => None,
    }
}
