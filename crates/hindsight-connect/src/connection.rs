//! An established connection, and the scope in which its tasks live.
//!
//! In: a roam connection that passed its handshake. Out: a handle to open lanes, watch, end and
//! abort it. Always holds: every end comes with a [`CloseReason`]; after it, or after
//! [`Connection::abort`], no task of the connection keeps its socket, even one that is stuck.
//! Bounded: [`END_GRACE`] for a graceful end, [`DRIVER_GRACE`] for lanes to tell their callers.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Semaphore;
use vox::{
    ConnectionHandle, Driver, DriverReplySink, Handler, LaneAcceptor, LaneId, LaneRejectReason,
    LaneRejection, LaneRequest, MaybeSend, MaybeSync, Metadata, PeerIdentity, PendingLane,
};

use crate::activity::Activity;
use crate::fate::{CloseReason, Fate};
use crate::guard::{Accounts, Answers, Violation};
use crate::link::LinkControl;

/// Time that a shutdown may take before the connection is dropped as it is.
const END_GRACE: Duration = Duration::from_secs(2);
/// Time in which lanes of an ended connection tell their callers so, before they are dropped.
const DRIVER_GRACE: Duration = Duration::from_secs(1);
/// Lane opens of ours that the peer may leave unanswered at the same time.
const OPENS_PENDING_MAX: usize = 64;

/// A roam connection under guard. Clones are handles to the same connection; when the last one
/// is dropped, the connection shuts down.
#[derive(Clone)]
pub struct Connection {
    inner: Arc<Inner>,
}

struct Inner {
    scope: Scope,
    handle: ConnectionHandle,
    control: LinkControl,
    peer_metadata: Metadata,
    opens: Arc<Semaphore>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("activity", &self.inner.control.activity)
            .field("close_reason", &self.close_reason())
            .finish_non_exhaustive()
    }
}

impl Connection {
    pub(crate) fn new(
        scope: Scope,
        handle: ConnectionHandle,
        control: LinkControl,
        peer_metadata: Metadata,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                scope,
                handle,
                control,
                peer_metadata,
                opens: Arc::new(Semaphore::new(OPENS_PENDING_MAX)),
            }),
        }
    }

    /// vox's handle. Prefer [`open_lane`](crate::open_lane), which has a time limit.
    pub fn handle(&self) -> &ConnectionHandle {
        &self.inner.handle
    }

    /// What the peer said about itself in the handshake. Not verified.
    pub fn peer_metadata(&self) -> &Metadata {
        &self.inner.peer_metadata
    }

    /// The identity that the resolver of this side gave the peer.
    pub fn peer_identity(&self) -> &PeerIdentity {
        self.inner.handle.peer_identity()
    }

    /// Counters of the link and the time since the peer was last heard.
    pub fn activity(&self) -> Activity {
        self.inner.control.activity()
    }

    /// The link's control: its queue and its frame limit.
    pub fn link(&self) -> &LinkControl {
        &self.inner.control
    }

    /// Where tasks live that shall end with this connection.
    pub fn scope(&self) -> &Scope {
        &self.inner.scope
    }

    /// Waits until the connection has ended, and says why. Cancel-safe, for any number of
    /// waiters.
    pub async fn closed(&self) -> CloseReason {
        self.inner.scope.closed().await
    }

    /// Why the connection ended or is about to; `None` while it is well.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.inner.scope.fate.reason().cloned()
    }

    /// Whether the connection has not ended yet.
    pub fn is_open(&self) -> bool {
        !self.inner.scope.fate.is_over()
    }

    /// Ends the connection: what is queued still goes out. Returns at once; at most two seconds
    /// later the connection has ended.
    pub fn shutdown(&self) {
        self.inner.shutdown();
    }

    /// Drops everything that the connection holds, now, whatever state it is in: its socket, its
    /// lanes, and the tasks of its [`Scope`] at most a second later.
    pub fn abort(&self, reason: impl Into<String>) {
        let reason = CloseReason::Aborted(reason.into());
        self.inner.scope.fate.condemn(reason);
    }

    /// Closes a lane on both sides. For lanes of [`Lane`](crate::Lane), drop the lane instead.
    pub async fn close_lane(&self, lane: LaneId) {
        self.inner.scope.close_lane(lane).await;
    }

    pub(crate) fn opens(&self) -> &Arc<Semaphore> {
        &self.inner.opens
    }
}

impl Inner {
    fn shutdown(&self) {
        self.scope.fate.end(CloseReason::Local);
        // The only error is that the connection has ended already.
        self.handle.shutdown().ok();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shutdown();
    }
}

/// The life of one connection: tasks spawned here end with it. Cheap to clone. A scope does not
/// keep its connection open.
#[derive(Clone)]
pub struct Scope {
    fate: Arc<Fate>,
    handle: Arc<OnceLock<ConnectionHandle>>,
    answers: Answers,
    accounts: Accounts,
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("fate", &self.fate).finish()
    }
}

impl Scope {
    pub(crate) fn new(fate: Arc<Fate>) -> Self {
        Self {
            fate,
            handle: Arc::new(OnceLock::new()),
            answers: Answers::default(),
            accounts: Accounts::default(),
        }
    }

    pub(crate) fn answers(&self) -> &Answers {
        &self.answers
    }

    pub(crate) fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// How long items have waited for their reader on a channel of this lane, at either end, after
    /// they took all credit that there was. `None` while every channel has credit: a lane without
    /// traffic, a call that takes long, or a sender that has nothing to say are no such thing.
    pub fn unread_for(&self, lane: LaneId) -> Option<Duration> {
        self.accounts.unread_for(lane.0)
    }

    /// Why the guard closed a relayed lane that exceeded its limits. It is told once.
    pub fn take_lane_fault(&self, lane: LaneId) -> Option<Violation> {
        self.accounts.take_fault(lane.0)
    }

    pub(crate) fn bind(&self, handle: ConnectionHandle) {
        // A scope belongs to one connection and is bound once, when that is established.
        self.handle.set(handle).ok();
    }

    /// The connection's handle; `None` until the connection is established, which may be shortly
    /// after the peer opened its first lane.
    pub fn handle(&self) -> Option<&ConnectionHandle> {
        self.handle.get()
    }

    /// Waits until the connection has ended, and says why.
    pub async fn closed(&self) -> CloseReason {
        self.fate.over().await;
        self.fate.reason().cloned().unwrap_or(CloseReason::Local)
    }

    /// Runs a task until it is done or the connection has ended, whichever is first.
    pub fn spawn(&self, task: impl Future<Output = ()> + MaybeSend + 'static) {
        let fate = Arc::clone(&self.fate);
        vox_rt::spawn(async move {
            tokio::select! {
                biased;
                () = fate.over() => {}
                () = task => {}
            }
        });
    }

    /// As [`spawn`](Self::spawn), for destructors, which may run where no runtime is.
    pub(crate) fn spawn_if_possible(&self, task: impl Future<Output = ()> + MaybeSend + 'static) {
        #[cfg(not(target_arch = "wasm32"))]
        if tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        self.spawn(task);
    }

    /// Closes a lane on both sides.
    pub async fn close_lane(&self, lane: LaneId) {
        if let Some(handle) = self.handle.get() {
            // Errors mean that the lane or the connection is gone, which is what was asked for.
            handle.close_lane(lane, Metadata::default()).await.ok();
        }
        // vox drops a lane without a word to the peer when a message for it comes after the one who
        // took its messages has gone, as at the end of a relay.
        self.accounts.close_lane(lane.0);
    }

    /// Runs the driver of a lane until the lane closes. A driver that is stuck when the
    /// connection ends is dropped a second later.
    pub(crate) fn drive<H>(&self, mut driver: Driver<H>)
    where
        H: Handler<DriverReplySink> + 'static,
    {
        let fate = Arc::clone(&self.fate);
        vox_rt::spawn(async move {
            let stuck = async {
                fate.over().await;
                vox_rt::time::sleep(DRIVER_GRACE).await;
            };
            tokio::select! {
                () = driver.run() => {}
                () = stuck => {}
            }
        });
    }

    /// Runs the connection's loop until it ends, is condemned, or outlives its grace.
    pub(crate) fn run(&self, connection: vox::BoxConnectionFuture) {
        let fate = Arc::clone(&self.fate);
        vox_rt::spawn(async move {
            let outlived = async {
                fate.ending().await;
                vox_rt::time::sleep(END_GRACE).await;
            };
            tokio::select! {
                biased;
                () = fate.condemned() => {}
                () = connection => {}
                () = outlived => {}
            }
        });
    }
}

type ScopedAcceptor = dyn ScopedAccept;

/// What a closure given to [`Lanes::scoped`] is, on every platform.
trait ScopedAccept: MaybeSend + MaybeSync {
    fn accept(
        &self,
        request: &LaneRequest<'_>,
        lane: PendingLane,
        scope: &Scope,
    ) -> Result<(), LaneRejection>;
}

impl<F> ScopedAccept for F
where
    F: Fn(&LaneRequest<'_>, PendingLane, &Scope) -> Result<(), LaneRejection>
        + MaybeSend
        + MaybeSync,
{
    fn accept(
        &self,
        request: &LaneRequest<'_>,
        lane: PendingLane,
        scope: &Scope,
    ) -> Result<(), LaneRejection> {
        self(request, lane, scope)
    }
}

/// What becomes of the lanes that the peer opens. The default refuses them all.
///
/// The decision is made on the connection's receive loop, so it must not block.
#[derive(Clone)]
pub struct Lanes {
    acceptor: Arc<ScopedAcceptor>,
}

impl fmt::Debug for Lanes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lanes").finish_non_exhaustive()
    }
}

impl Default for Lanes {
    fn default() -> Self {
        Self::refused()
    }
}

impl Lanes {
    /// Refuses every lane.
    pub fn refused() -> Self {
        Self::scoped(|request: &LaneRequest<'_>, _lane, _scope: &Scope| {
            let message = format!("{} is not offered here", request.service());
            Err(LaneRejection::with_message(
                LaneRejectReason::UnknownService,
                message,
            ))
        })
    }

    /// Leaves the decision to one of vox's acceptors. Lanes that it serves with `handle_with`
    /// run outside the connection's scope; see [`serve_lane`](crate::serve_lane).
    pub fn acceptor(acceptor: impl LaneAcceptor) -> Self {
        Self::scoped(move |request: &LaneRequest<'_>, lane, _scope: &Scope| {
            acceptor.accept(request, lane)
        })
    }

    /// Leaves the decision to a closure that also gets the connection's scope, for
    /// [`serve_lane`](crate::serve_lane) and for tasks of its own.
    pub fn scoped<F>(decide: F) -> Self
    where
        F: Fn(&LaneRequest<'_>, PendingLane, &Scope) -> Result<(), LaneRejection>
            + MaybeSend
            + MaybeSync
            + 'static,
    {
        Self {
            acceptor: Arc::new(decide),
        }
    }

    pub(crate) fn bind(self, scope: Scope) -> impl LaneAcceptor {
        vox::lane_acceptor_fn(move |request: &LaneRequest<'_>, lane| {
            self.acceptor.accept(request, lane, &scope)
        })
    }
}

#[cfg(test)]
mod tests;
