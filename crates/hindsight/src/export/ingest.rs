//! The call that hands a batch to the hub, by reference.
//!
//! The generated client takes its request by value and does not give it back, so a batch that may
//! have to be sent again would be copied for every call. Here the request stays where it is: vox
//! encodes it in place, and the queue has it again when the call is over.

use std::sync::{Arc, OnceLock};

use hindsight_protocol::hub::{IngestReply, IngestRequest};
use hindsight_protocol::{
    HindsightServiceClient, HubError, hindsight_service_service_descriptor as service,
};
use vox::schema_deser::schema_deserialize_response;
use vox::{Payload, RequestCall, VoxError};
use vox_types::SchemaBytes;

/// The arguments of the call: a method's are a tuple.
pub(super) type Arguments = (IngestRequest,);

type Result<T> = std::result::Result<T, VoxError<HubError>>;

/// What `client.ingest(arguments.0)` does.
pub(super) async fn ingest(
    client: &HindsightServiceClient,
    arguments: Arc<Arguments>,
) -> Result<IngestReply> {
    let methods = &service().methods;
    let method = methods.iter().find(|m| m.method_name == "ingest");
    let method_id = method.map(|method| method.id);
    let method_id = method_id.ok_or(VoxError::UnknownMethod)?;
    let call = RequestCall {
        method_id,
        channels: Vec::new(),
        args: Payload::outgoing(&*arguments),
        metadata: vox::Metadata::default(),
        schemas: schemas(),
    };
    let answer = client.caller.call(call).await.map_err(transport)?;
    let response = answer.value.get();
    let Payload::Encoded(bytes) = &response.ret else {
        return Err(VoxError::InvalidPayload("no encoded answer".to_owned()));
    };
    schema_deserialize_response::<Result<IngestReply>>(bytes, method_id, &answer.tracker)
        .map_err(|error| VoxError::InvalidPayload(error.to_string()))?
}

/// What the hub needs to read the arguments; the connection sends it the first time only.
///
/// The same for every call, and as much work as encoding a thousand spans: vox would do it each time.
fn schemas() -> SchemaBytes {
    static SCHEMAS: OnceLock<Vec<u8>> = OnceLock::new();
    // None in case of an error: vox then tries for itself, and tells.
    let make = || vox_phon::schema_bytes::<Arguments>().unwrap_or_default();
    SchemaBytes(SCHEMAS.get_or_init(make).clone())
}

/// An error that no service made, as one of this service's calls.
fn transport(error: VoxError<std::convert::Infallible>) -> VoxError<HubError> {
    match error {
        VoxError::UnknownMethod => VoxError::UnknownMethod,
        VoxError::InvalidPayload(text) => VoxError::InvalidPayload(text),
        VoxError::Cancelled => VoxError::Cancelled,
        VoxError::ConnectionClosed => VoxError::ConnectionClosed,
        VoxError::ConnectionShutdown => VoxError::ConnectionShutdown,
        VoxError::SendFailed => VoxError::SendFailed,
        VoxError::TimedOut => VoxError::TimedOut,
        VoxError::Indeterminate => VoxError::Indeterminate,
        VoxError::User(never) => match *never {},
    }
}
