//! Calls whose arguments stay where they are.
//!
//! A generated client takes its request by value and does not give it back, so what may have to be sent again
//! would be copied for every call. Here vox encodes the arguments in place, and their owner has them again when
//! the call is over. In: a method of a service, arguments behind an [`Arc`]. Out: what the generated client's
//! method answers. No channels.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;

use vox::facet::Facet;
use vox::schema_deser::schema_deserialize_response;
use vox::{Caller, Metadata, MethodId, Payload, RequestCall, ServiceDescriptor, VoxError};
use vox_types::SchemaBytes;

/// A method, and what a peer needs to read its arguments `A`: a tuple, of one for most methods.
#[derive(Debug)]
pub struct SharedMethod<A> {
    id: MethodId,
    /// The same for every call. Making them is as much work as encoding a thousand spans, and vox would do it
    /// for each; the connection sends them the first time only.
    schemas: Vec<u8>,
    arguments: PhantomData<fn(A)>,
}

impl<A: for<'a> Facet<'a>> SharedMethod<A> {
    /// The method of this name, if the service has it.
    pub fn new(service: &ServiceDescriptor, name: &str) -> Option<Self> {
        let method = service.methods.iter().find(|m| m.method_name == name)?;
        Some(Self {
            id: method.id,
            // None in case of an error: vox then tries for itself, and tells.
            schemas: vox_phon::schema_bytes::<A>().unwrap_or_default(),
            arguments: PhantomData,
        })
    }

    /// Calls it.
    ///
    /// # Errors
    ///
    /// As the generated client's method, with `T` and `E` what it answers.
    pub async fn call<T, E>(&self, caller: &Caller, arguments: Arc<A>) -> Result<T, VoxError<E>>
    where
        T: Facet<'static>,
        E: Facet<'static>,
    {
        let call = RequestCall {
            method_id: self.id,
            channels: Vec::new(),
            args: Payload::outgoing(&*arguments),
            metadata: Metadata::default(),
            schemas: SchemaBytes(self.schemas.clone()),
        };
        let answer = caller.call(call).await.map_err(transport)?;
        let response = answer.value.get();
        let Payload::Encoded(bytes) = &response.ret else {
            return Err(VoxError::InvalidPayload("no encoded answer".to_owned()));
        };
        schema_deserialize_response::<Result<T, VoxError<E>>>(bytes, self.id, &answer.tracker)
            .map_err(|error| VoxError::InvalidPayload(error.to_string()))?
    }
}

/// An error that no service made, as one of a service's calls.
fn transport<E>(error: VoxError<Infallible>) -> VoxError<E> {
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
