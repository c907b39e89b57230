//! How a connection ends: the first reason given, how far it is on its way out, and a signal that it is over.
//!
//! In: reasons from the link, the guard and the owner. Out: [`CloseReason`], once. Always holds:
//! the first reason wins; the phase only advances; `over` follows every end, wedged or not. Bounded:
//! one reason.

use std::sync::{Arc, OnceLock};

use tokio::sync::watch;

use crate::guard::Violation;
use crate::link::LinkFault;

/// Why a connection ended. Each variant says who is at fault.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// The peer closed its end. Nobody's fault.
    #[error("the peer closed the connection")]
    PeerClosed,
    /// The peer said that we broke the protocol: our bug, or its.
    #[error("the peer reported an error: {0}")]
    PeerError(String),
    /// The peer broke a limit of the guard. The peer's fault.
    #[error("the peer broke a limit: {0}")]
    Violation(#[from] Violation),
    /// The peer sent bytes that are not a roam message. The peer's fault.
    #[error("the peer sent an undecodable message: {0}")]
    Malformed(String),
    /// The link failed, stalled or carried no roam. The network's or the peer's fault.
    #[error("the link failed: {0}")]
    Link(#[from] LinkFault),
    /// The roam runtime on this side closed the connection for a breach of the protocol.
    #[error("closed after a protocol error: {0}")]
    ProtocolError(String),
    /// This side asked for it: a shutdown, or the last handle was dropped.
    #[error("closed by this side")]
    Local,
    /// This side killed it, with the reason given.
    #[error("aborted by this side: {0}")]
    Aborted(String),
}

/// How far a connection is on its way out. Only ever advances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Open,
    /// Asked to end: what is queued may still go out.
    Ending,
    /// Every task drops what it holds, now.
    Condemned,
}

#[derive(Debug)]
pub(crate) struct Fate {
    reason: OnceLock<CloseReason>,
    phase: watch::Sender<Phase>,
    over: watch::Sender<bool>,
}

impl Fate {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            reason: OnceLock::new(),
            phase: watch::Sender::new(Phase::Open),
            over: watch::Sender::new(false),
        })
    }

    /// Records why the connection is about to end, unless a reason is known already.
    pub(crate) fn note(&self, reason: CloseReason) {
        self.reason.get_or_init(|| reason);
    }

    /// Records the reason and starts the time in which the connection must have ended by itself.
    pub(crate) fn end(&self, reason: CloseReason) {
        self.note(reason);
        self.advance(Phase::Ending);
    }

    /// Records the reason and makes every task of the connection drop what it holds.
    pub(crate) fn condemn(&self, reason: CloseReason) {
        self.note(reason);
        self.advance(Phase::Condemned);
    }

    /// Marks the connection's receive loop as ended. From here on `over` resolves.
    pub(crate) fn finish(&self) {
        self.note(CloseReason::Local);
        self.over.send_replace(true);
    }

    pub(crate) fn reason(&self) -> Option<&CloseReason> {
        self.reason.get()
    }

    pub(crate) fn is_over(&self) -> bool {
        *self.over.borrow()
    }

    pub(crate) async fn ending(&self) {
        reach(&self.phase, |phase| *phase >= Phase::Ending).await;
    }

    pub(crate) async fn condemned(&self) {
        reach(&self.phase, |phase| *phase == Phase::Condemned).await;
    }

    pub(crate) async fn over(&self) {
        reach(&self.over, |over| *over).await;
    }

    fn advance(&self, to: Phase) {
        self.phase.send_if_modified(|phase| {
            let advances = *phase < to;
            *phase = to.max(*phase);
            advances
        });
    }
}

async fn reach<T>(signal: &watch::Sender<T>, reached: impl FnMut(&T) -> bool) {
    let mut signal = signal.subscribe();
    // The sender lives in the `Fate` that the caller borrows, so an error cannot happen; it would
    // mean the same as the signal.
    signal.wait_for(reached).await.ok();
}
