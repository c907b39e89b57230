//! Answers that are too large for anyone.
//!
//! A frame that the link refuses would leave the caller without any answer. So an answer of ours that
//! is larger than the limit is replaced by an error that says how large it was. Bounded: the answer has
//! been encoded by then, in the process that made it.

use vox::{Metadata, Payload, RequestResponse, VoxError};
use vox_types::{
    LaneId, Message, MessagePayload, RequestBody, RequestId, RequestMessage, SchemaBytes,
};

/// The place of an answer: what it takes to send another one.
pub(super) struct Place {
    lane: LaneId,
    request: RequestId,
    schemas: SchemaBytes,
}

/// The place of this message, if it is an answer of ours and not one that is handed on.
pub(super) fn in_place_of(message: &Message<'_>) -> Option<Place> {
    let MessagePayload::RequestMessage(request) = &message.payload else {
        return None;
    };
    let RequestBody::Response(response) = &request.body else {
        return None;
    };
    matches!(response.ret, Payload::Value { .. }).then(|| Place {
        lane: message.lane_id,
        request: request.id,
        schemas: response.schemas.clone(),
    })
}

pub(super) fn text(bytes: usize, bytes_max: usize) -> String {
    format!("the answer takes {bytes} bytes, more than the {bytes_max} that are sent")
}

impl Place {
    /// An error is encoded the same whatever the method answers otherwise; what it would answer is in
    /// the schemas, which stay.
    pub(super) fn prepare<T>(self, text: &str, send: impl FnOnce(Message<'_>) -> T) -> T {
        let error = VoxError::<std::convert::Infallible>::InvalidPayload(text.to_owned());
        let wire: Result<(), _> = Err(error);
        let response = RequestResponse {
            ret: Payload::outgoing(&wire),
            metadata: Metadata::default(),
            schemas: self.schemas,
        };
        send(Message {
            lane_id: self.lane,
            payload: MessagePayload::RequestMessage(RequestMessage {
                id: self.request,
                body: RequestBody::Response(response),
            }),
        })
    }
}
