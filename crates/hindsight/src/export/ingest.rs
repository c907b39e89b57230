//! The call that hands a batch to the hub, by reference: a batch may have to be sent again, and the queue has it
//! when the call is over.

use std::sync::{Arc, LazyLock};

use hindsight_connect::SharedMethod;
use hindsight_protocol::hub::{IngestReply, IngestRequest};
use hindsight_protocol::{
    HindsightServiceClient, HubError, hindsight_service_service_descriptor as service,
};
use vox::VoxError;

/// The arguments of the call: a method's are a tuple.
pub(super) type Arguments = (IngestRequest,);

/// What `client.ingest(arguments.0)` does.
pub(super) async fn ingest(
    client: &HindsightServiceClient,
    arguments: Arc<Arguments>,
) -> Result<IngestReply, VoxError<HubError>> {
    static METHOD: LazyLock<Option<SharedMethod<Arguments>>> =
        LazyLock::new(|| SharedMethod::new(service(), "ingest"));
    let method = METHOD.as_ref().ok_or(VoxError::UnknownMethod)?;
    method.call(&client.caller, arguments).await
}
