//! Lanes whose opening and whose calls end in time.
//!
//! In: a [`Connection`] and a generated client, or a lane that the peer opened and a handler.
//! Out: a [`Lane`], or a served lane. Always holds: an open that the peer answers too late is
//! closed again; a call that runs out of time is cancelled at the peer, not just forgotten; calls
//! stay below the lane's own limit, at which vox would close the connection.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, oneshot};
use vox::{
    Caller, ConnectionError, ConnectionSettings, Driver, FromVoxLane, LaneHandle, LaneId,
    LaneRejection, Metadata, Parity, RequestTimeoutPolicy, VOX_SERVICE_METADATA_KEY, VoxError,
    meta_set,
};
use vox_rt::time::{Instant, timeout};

use crate::connection::{Connection, Scope};

mod call;
mod encoded;
mod relay;
mod relayed;
mod serve;
mod shared;

pub use call::{CallError, CallGate, deadline};
use call::{poke, run};
pub use encoded::{EncodedAnswer, EncodedCall, Flow};
pub use relay::{RelayEnd, RelaySide, relay};
pub use relayed::{
    APP_METADATA_KEY, RELAYED_REQUESTS_MAX, beyond_relay, open_relayed, open_relayed_lane,
};
pub use serve::{serve_lane, serve_lane_with_caller};
pub use shared::SharedMethod;

/// How a lane is opened and used.
#[derive(Clone, Debug)]
pub struct LaneOptions {
    /// For the peer to accept the lane. Default 2 s.
    pub open_timeout: Duration,
    /// For a call of [`Lane::call`] to be answered; for a call with channels, the time without
    /// traffic on them. `None` means for ever. Default 5 s.
    pub call_timeout: Option<Duration>,
    /// Concurrent requests that the lane's settings offer, either way. Default 128.
    pub requests_max: u32,
    /// Calls of [`Lane::call`] under way at the same time; others wait. At most half of
    /// `requests_max`, and more is taken as that: the peer's vox frees the slots of a batch of
    /// answers only after it has taken the calls that those answers let through, and closes the
    /// connection when they do not fit. Default 48.
    pub calls_max: usize,
    /// Credit of each channel, in items. Default 16.
    pub channel_credit: u32,
    /// Added to the lane-open message; the service name is put in by this crate.
    pub metadata: Metadata,
}

impl Default for LaneOptions {
    fn default() -> Self {
        Self {
            open_timeout: Duration::from_secs(2),
            call_timeout: Some(Duration::from_secs(5)),
            requests_max: 128,
            calls_max: 48,
            channel_credit: 16,
            metadata: Metadata::default(),
        }
    }
}

impl LaneOptions {
    fn gate(&self) -> CallGate {
        let half = (self.requests_max / 2).max(1) as usize;
        CallGate::new(self.calls_max.min(half))
    }

    fn settings(&self) -> ConnectionSettings {
        ConnectionSettings {
            parity: Parity::Odd,
            max_concurrent_requests: self.requests_max,
            initial_channel_credit: self.channel_credit,
        }
    }
}

/// Why a lane was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LaneError {
    /// The peer refused it, with its reason and message.
    #[error("the peer refused the lane: {}{}", .0.reason(), rejection_text(.0))]
    Rejected(LaneRejection),
    /// The peer did not answer.
    #[error("the peer did not answer the opening of a lane within {0:?}")]
    TimedOut(Duration),
    /// Too many opens wait for the peer's answer, and none got one in time.
    #[error("too many lanes wait for the peer's answer")]
    TooManyPending,
    /// The connection has ended.
    #[error("the connection has ended")]
    Closed,
    /// vox refused to open the lane.
    #[error("the lane could not be opened: {0}")]
    Protocol(String),
}

fn rejection_text(rejection: &LaneRejection) -> String {
    let text = rejection.message();
    text.map(|text| format!(": {text}")).unwrap_or_default()
}

/// A lane and the generated client on it. Dropping it closes the lane.
pub struct Lane<C> {
    client: C,
    inner: Arc<Inner>,
}

struct Inner {
    caller: Caller,
    lane_id: LaneId,
    scope: Scope,
    gate: CallGate,
    call_timeout: Option<Duration>,
    /// One poke at a time is enough, and more could exceed the lane's limit.
    poking: Mutex<()>,
}

impl<C> fmt::Debug for Lane<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lane")
            .field("lane_id", &self.inner.lane_id)
            .field("calls", &self.inner.gate.under_way())
            .finish_non_exhaustive()
    }
}

impl<C: Clone> Clone for Lane<C> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<C> Lane<C> {
    /// The client. Calls made directly on it have neither deadline nor gate: dropping such a call
    /// does not cancel it. Right for long streams; otherwise use [`call`](Self::call).
    pub fn client(&self) -> &C {
        &self.client
    }

    /// Replaces the client, for middleware: `lane.map(|client| client.with_middleware(..))`.
    pub fn map<D>(self, change: impl FnOnce(C) -> D) -> Lane<D> {
        Lane {
            client: change(self.client),
            inner: self.inner,
        }
    }

    /// vox's caller, for its snapshots and for calls without a client.
    pub fn caller(&self) -> &Caller {
        &self.inner.caller
    }

    /// The lane's id.
    pub fn lane_id(&self) -> LaneId {
        self.inner.lane_id
    }

    /// Whether the lane is still open.
    pub fn is_open(&self) -> bool {
        self.inner.caller.is_connected()
    }

    /// Waits until the lane has closed.
    pub async fn closed(&self) {
        self.inner.caller.closed().await;
    }

    /// Makes a call, within the lane's gate and deadline: `lane.call(|c| c.ping()).await`. Poll
    /// it to its end: dropping it early leaves the call running at the peer.
    pub async fn call<'a, T, E, F>(
        &'a self,
        start: impl FnOnce(&'a C) -> F,
    ) -> Result<T, CallError<E>>
    where
        F: Future<Output = Result<T, VoxError<E>>> + 'a,
    {
        let Some(after) = self.inner.call_timeout else {
            let _slot = self.inner.gate.enter().await;
            return start(&self.client).await.map_err(CallError::Rpc);
        };
        let Ok(_slot) = timeout(after, self.inner.gate.enter()).await else {
            return Err(CallError::Busy(self.inner.gate.calls_max()));
        };
        let poke = async {
            let _alone = self.inner.poking.lock().await;
            poke(&self.inner.caller).await;
        };
        run(after, start(&self.client), poke).await
    }
}

impl Drop for Inner {
    /// The peer learns of it. vox clients do not close their lane when they are dropped.
    fn drop(&mut self) {
        close_in_background(&self.scope, self.lane_id);
    }
}

/// Opens a lane for a generated client.
pub async fn open_lane<C: FromVoxLane>(
    connection: &Connection,
    options: LaneOptions,
) -> Result<Lane<C>, LaneError> {
    let mut metadata = options.metadata.clone();
    meta_set(&mut metadata, VOX_SERVICE_METADATA_KEY, C::SERVICE_NAME);
    let handle = connection.handle().clone();
    let client = |caller| C::from_vox_lane(caller, Some(handle));
    open(connection, options, metadata, client).await
}

/// Opens a lane with this metadata and puts a client on it.
async fn open<C>(
    connection: &Connection,
    options: LaneOptions,
    metadata: Metadata,
    client: impl FnOnce(Caller) -> C,
) -> Result<Lane<C>, LaneError> {
    let settings = options.settings();
    let handle = open_lane_handle(connection, settings, metadata, options.open_timeout).await?;
    let lane_id = handle.lane_id();
    let policy = match options.call_timeout {
        Some(limit) => RequestTimeoutPolicy::idle(limit),
        None => RequestTimeoutPolicy::disabled(),
    };
    let driver = Driver::with_request_timeout_policy(handle, (), policy);
    let caller = Caller::new(driver.caller());
    let scope = connection.scope().clone();
    scope.drive(driver);
    Ok(Lane {
        client: client(caller.clone()),
        inner: Arc::new(Inner {
            caller,
            lane_id,
            scope,
            gate: options.gate(),
            call_timeout: options.call_timeout,
            poking: Mutex::new(()),
        }),
    })
}

/// Opens a lane without a client, such as the far side of a relay. `metadata` must name the
/// service. The caller drives the lane, and closes it.
pub async fn open_lane_handle(
    connection: &Connection,
    settings: ConnectionSettings,
    metadata: Metadata,
    limit: Duration,
) -> Result<LaneHandle, LaneError> {
    let asked = Instant::now();
    let slot = timeout(limit, Arc::clone(connection.opens()).acquire_owned()).await;
    let Ok(Ok(slot)) = slot else {
        return Err(LaneError::TooManyPending);
    };
    let left = limit.saturating_sub(asked.elapsed());
    let (answer, answered) = oneshot::channel();
    let scope = connection.scope().clone();
    let handle = connection.handle().clone();
    // In a task of its own, because an answer must be taken even when nobody waits for it.
    connection.scope().spawn(async move {
        let opened = handle.open_lane_handle(settings, metadata).await;
        let opened = opened.map(|handle| Opened {
            handle: Some(handle),
            scope,
        });
        drop(slot);
        // Nobody waits any more; dropping the lane closes it.
        answer.send(opened).ok();
    });
    match timeout(left, answered).await {
        Ok(Ok(Ok(opened))) => opened.claim().ok_or(LaneError::Closed),
        Ok(Ok(Err(ConnectionError::Rejected(rejection)))) => Err(LaneError::Rejected(rejection)),
        Ok(Ok(Err(error))) if connection.is_open() => Err(LaneError::Protocol(error.to_string())),
        Ok(_) => Err(LaneError::Closed),
        Err(_elapsed) => Err(LaneError::TimedOut(limit)),
    }
}

/// A lane that closes unless it is claimed.
struct Opened {
    handle: Option<LaneHandle>,
    scope: Scope,
}

impl Opened {
    fn claim(mut self) -> Option<LaneHandle> {
        self.handle.take()
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take() {
            close_in_background(&self.scope, handle.lane_id());
        }
    }
}

fn close_in_background(scope: &Scope, lane: LaneId) {
    let closing = scope.clone();
    scope.spawn_if_possible(async move { closing.close_lane(lane).await });
}
