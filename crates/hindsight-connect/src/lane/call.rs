//! Calls with a gate and a deadline.
//!
//! In: a call that is a future. Out: its answer, or a [`CallError`]. Always holds: at the
//! deadline the peer is told to drop the call, and a second later nobody waits for it. Bounded:
//! calls at the same time, by a [`CallGate`].

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use vox::{Caller, Metadata, MethodId, Payload, RequestCall, VoxError};
use vox_rt::time::timeout;
use vox_types::SchemaBytes;

/// Time for a cancelled call to end after its deadline. After it the peer is as good as dead.
const CANCEL_GRACE: Duration = Duration::from_secs(1);

/// Why a call gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError<E> {
    /// The call failed at the peer or on the way; for an application error, see
    /// [`VoxError::User`].
    #[error("{}", vox_error_text(.0))]
    Rpc(VoxError<E>),
    /// The deadline passed and the call was cancelled at the peer.
    #[error("no answer within {0:?}; the call was cancelled")]
    TimedOut(Duration),
    /// The deadline passed and the peer did not take the cancellation either. It is stuck: close
    /// the connection.
    #[error("no answer within {0:?}, nor to the cancellation")]
    Unresponsive(Duration),
    /// Too many calls are under way; this one was not sent.
    #[error("{0} calls are under way already; this one was not sent")]
    Busy(usize),
}

fn vox_error_text<E>(error: &VoxError<E>) -> String {
    match error {
        VoxError::User(_) => "the service answered with an error".into(),
        VoxError::UnknownMethod => "the service has no such method".into(),
        VoxError::InvalidPayload(text) => format!("the services do not fit: {text}"),
        VoxError::Cancelled => "the call was cancelled".into(),
        VoxError::ConnectionClosed | VoxError::ConnectionShutdown => {
            "the connection closed during the call".into()
        }
        VoxError::SendFailed => "the call could not be sent".into(),
        VoxError::TimedOut => "the call timed out".into(),
        VoxError::Indeterminate => "the call's fate is not known".into(),
    }
}

/// Keeps the calls under way below a limit.
#[derive(Clone, Debug)]
pub struct CallGate {
    slots: Arc<Semaphore>,
    calls_max: usize,
}

impl CallGate {
    /// A gate for at most `calls_max` calls.
    pub fn new(calls_max: usize) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(calls_max)),
            calls_max,
        }
    }

    /// Waits for a free slot; it is free again when the permit is dropped.
    pub async fn enter(&self) -> OwnedSemaphorePermit {
        let slots = Arc::clone(&self.slots);
        match slots.acquire_owned().await {
            Ok(permit) => permit,
            // The semaphore is private and never closed.
            Err(_closed) => std::future::pending().await,
        }
    }

    /// A slot if one is free now.
    pub fn try_enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.slots).try_acquire_owned().ok()
    }

    /// Most calls under way at the same time.
    pub fn calls_max(&self) -> usize {
        self.calls_max
    }

    /// Calls under way.
    pub fn under_way(&self) -> usize {
        self.calls_max - self.slots.available_permits()
    }
}

/// Makes a call with a deadline that cancels it, on a caller whose driver has an idle timeout of
/// at most `after`; those of [`open_lane`](crate::open_lane) have
/// [`LaneOptions::call_timeout`](crate::LaneOptions::call_timeout).
pub async fn deadline<T, E>(
    caller: &Caller,
    after: Duration,
    call: impl Future<Output = Result<T, VoxError<E>>>,
) -> Result<T, CallError<E>> {
    run(after, call, poke(caller)).await
}

/// vox looks at its idle timers only when something arrives on the lane, so at the deadline the
/// poke makes something arrive.
pub(super) async fn run<T, E>(
    after: Duration,
    call: impl Future<Output = Result<T, VoxError<E>>>,
    poke: impl Future<Output = ()>,
) -> Result<T, CallError<E>> {
    let mut call = std::pin::pin!(call);
    if let Ok(answer) = timeout(after, &mut call).await {
        return answer.map_err(|error| from_vox(error, after));
    }
    let cancelled = async {
        tokio::select! {
            biased;
            answer = &mut call => answer,
            never = async { poke.await; std::future::pending().await } => never,
        }
    };
    match timeout(CANCEL_GRACE, cancelled).await {
        Ok(answer) => answer.map_err(|error| from_vox(error, after)),
        Err(_elapsed) => Err(CallError::Unresponsive(after)),
    }
}

fn from_vox<E>(error: VoxError<E>, after: Duration) -> CallError<E> {
    match error {
        VoxError::TimedOut => CallError::TimedOut(after),
        error => CallError::Rpc(error),
    }
}

/// Calls a method that no service has. Every service answers that with an error.
pub(super) async fn poke(caller: &Caller) {
    let Ok(schema) = vox_phon::schema_bytes::<()>() else {
        return;
    };
    let call = RequestCall {
        method_id: MethodId(0),
        channels: Vec::new(),
        metadata: Metadata::default(),
        args: Payload::Encoded(&[]),
        schemas: SchemaBytes(schema),
    };
    // Whatever the answer is, it arrived.
    caller.call(call).await.ok();
}
