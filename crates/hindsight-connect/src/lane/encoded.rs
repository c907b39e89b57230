//! Calls of methods of which only an id and a description are known.
//!
//! In: a method's id, its arguments as bytes, and the description of their shapes that goes with them.
//! Out: the answer as bytes with the description that came with it; items of a stream, one by one, as
//! bytes. Holds: as for every call of a [`Lane`]; a stream that its reader has enough of is ended at the
//! peer too. Bounded: by what the link lets through; how many items are taken is the reader's business.

use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

use vox::{Metadata, MethodId, Payload, RequestCall, VoxError};
use vox_rt::time::timeout;
use vox_types::{
    BindingDirection, ChannelId, IncomingChannelMessage, RequestResponse, SchemaBytes, SelfRef,
    WithTracker,
};

use super::{CallError, Lane};

/// Time for a call to end after its reader has enough of its stream.
const END_GRACE: Duration = Duration::from_secs(2);

/// What to call.
#[derive(Clone, Copy, Debug)]
pub struct EncodedCall<'c> {
    /// roam's id of the method.
    pub method: u64,
    /// The arguments, as roam sends them.
    pub arguments: &'c [u8],
    /// Their description.
    pub schema: &'c [u8],
}

/// What came back: `Result<T, VoxError<E>>` as roam sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncodedAnswer {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Their description.
    pub schema: Vec<u8>,
}

/// Whether a reader wants more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It does.
    More,
    /// It has enough.
    Enough,
}

type Called = Result<WithTracker<SelfRef<RequestResponse<'static>>>, VoxError<Infallible>>;

impl<C> Lane<C> {
    /// Makes a call, within the lane's gate and deadline, as [`Lane::call`] does.
    pub async fn call_encoded(
        &self,
        call: EncodedCall<'_>,
    ) -> Result<EncodedAnswer, CallError<Infallible>> {
        let caller = self.inner.caller.clone();
        let answer = self.call(|_| async move {
            let called: Called = caller.call(call.request(Vec::new())).await;
            called
        });
        let answer = answer.await?;
        Ok(call.answer(&answer))
    }

    /// Makes a call whose first channel is a stream of items, and gives each item to `receive`, in
    /// order. It ends with the call, or when `receive` has enough, which ends the call too; then there
    /// may be no answer. Without deadline, as a stream may say nothing for long: drop the future to
    /// stop. For lanes without [`call_timeout`](super::LaneOptions::call_timeout).
    pub async fn stream_encoded(
        &self,
        call: EncodedCall<'_>,
        mut receive: impl FnMut(&[u8]) -> Flow,
    ) -> Result<Option<EncodedAnswer>, CallError<Infallible>> {
        let caller = &self.inner.caller;
        let Some(binder) = caller.channel_binder() else {
            return Err(CallError::Rpc(VoxError::SendFailed));
        };
        let (channel, mut items) = binder.create_rx();
        // Call and stream in one task: vox can lose the wake-up of one otherwise.
        let mut calling = pin!(caller.call(call.request(vec![channel])));
        let answer: Option<Called> = loop {
            // Kept until it is done: a receive that is dropped half-way might lose an item.
            let mut receiving = pin!(items.receiver.recv());
            let received = tokio::select! {
                biased;
                received = &mut receiving => received,
                answer = &mut calling => break Some(answer),
            };
            match received {
                Some(IncomingChannelMessage::Item(item)) => {
                    let flow = match &item.get().item {
                        Payload::Encoded(bytes) => receive(bytes),
                        // Only what this side sends has another form.
                        _ => Flow::More,
                    };
                    if let Some(replenisher) = &items.replenisher {
                        replenisher.on_item_consumed();
                    }
                    if flow == Flow::Enough {
                        break None;
                    }
                }
                // A peer whose types are other than it said.
                Some(IncomingChannelMessage::WriterSchema(_)) => {}
                // The call says how it ended.
                Some(_) | None => break Some(calling.as_mut().await),
            }
        };
        let answer = match answer {
            Some(answer) => answer,
            None => {
                // The peer learns that nobody reads, and ends the call.
                drop(items);
                match timeout(END_GRACE, calling).await {
                    Ok(answer) => answer,
                    Err(_elapsed) => return Ok(None),
                }
            }
        };
        let answer = answer.map_err(CallError::Rpc)?;
        Ok(Some(call.answer(&answer)))
    }
}

impl<'c> EncodedCall<'c> {
    fn request(&self, channels: Vec<ChannelId>) -> RequestCall<'c> {
        RequestCall {
            method_id: MethodId(self.method),
            channels,
            metadata: Metadata::default(),
            args: Payload::Encoded(self.arguments),
            schemas: SchemaBytes(self.schema.to_vec()),
        }
    }

    fn answer(&self, answer: &WithTracker<SelfRef<RequestResponse<'static>>>) -> EncodedAnswer {
        let method = MethodId(self.method);
        let schema = answer
            .tracker
            .writer_schema_bytes(method, BindingDirection::Response);
        EncodedAnswer {
            bytes: match &answer.value.get().ret {
                Payload::Encoded(bytes) => bytes.to_vec(),
                _ => Vec::new(),
            },
            schema: schema.unwrap_or_default(),
        }
    }
}
