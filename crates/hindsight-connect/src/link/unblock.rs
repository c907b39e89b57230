//! Makes any roam link one whose sends never wait, with the limits and counters of this module.
//!
//! For links that are not byte streams of ours: WebSocket, and links that a user brings. vox's
//! WebSocket link reads nothing while it waits to write; behind this wrapper nothing waits for it.

use vox::{Backing, Link, LinkRx, LinkTx};

use super::control::{ControlledLink, LinkControl, LinkFault, LinkLimits};
use super::queue::QueuedTx;
use crate::fate::CloseReason;

/// A roam link whose sends never wait. See the module's documentation.
#[derive(Debug)]
pub struct Unblock<L> {
    inner: L,
    control: LinkControl,
}

impl<L> Unblock<L> {
    /// Wraps a link.
    pub fn new(inner: L, limits: LinkLimits) -> Self {
        Self {
            inner,
            control: LinkControl::new(limits),
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn with_control(inner: L, control: LinkControl) -> Self {
        Self { inner, control }
    }
}

impl<L: Link> ControlledLink for Unblock<L> {
    fn control(&self) -> LinkControl {
        self.control.clone()
    }
}

impl<L: Link> Link for Unblock<L> {
    type Tx = QueuedTx;
    type Rx = UnblockRx<L::Rx>;

    fn split(self) -> (Self::Tx, Self::Rx) {
        let (tx, rx) = self.inner.split();
        vox_rt::spawn(run_writer(tx, self.control.clone()));
        let rx = UnblockRx {
            inner: rx,
            control: self.control.clone(),
        };
        (QueuedTx::new(self.control), rx)
    }
}

/// Receiving half of an [`Unblock`].
#[derive(Debug)]
pub struct UnblockRx<R> {
    inner: R,
    control: LinkControl,
}

impl<R: LinkRx> LinkRx for UnblockRx<R> {
    type Error = LinkFault;

    async fn recv(&mut self) -> Result<Option<Backing>, LinkFault> {
        let fate = self.control.fate.clone();
        let received = tokio::select! {
            biased;
            () = fate.condemned() => Err(LinkFault::Closed),
            received = self.inner.recv() => self.admit(received),
        };
        match &received {
            Ok(Some(_)) => {}
            Ok(None) => fate.note(CloseReason::PeerClosed),
            Err(fault) => fate.note(CloseReason::Link(fault.clone())),
        }
        received
    }
}

impl<R: LinkRx> UnblockRx<R> {
    fn admit(
        &self,
        received: Result<Option<Backing>, R::Error>,
    ) -> Result<Option<Backing>, LinkFault> {
        let frame =
            received.map_err(|error| LinkFault::io(std::io::Error::other(error.to_string())))?;
        let Some(frame) = frame else {
            return Ok(None);
        };
        let bytes = frame.as_bytes().len();
        self.control.check_frame(bytes)?;
        self.control.activity.note_bytes_in(bytes);
        self.control.activity.note_frame_in();
        Ok(Some(frame))
    }
}

impl<R> Drop for UnblockRx<R> {
    /// As for a framed link: what is queued still goes out, then the link closes.
    fn drop(&mut self) {
        self.control.queue().close();
    }
}

async fn run_writer<T: LinkTx>(tx: T, control: LinkControl) {
    let fate = control.fate.clone();
    tokio::select! {
        biased;
        () = fate.condemned() => {}
        written = write_frames(tx, &control) => {
            control.queue().close();
            if let Err(fault) = written {
                fate.condemn(CloseReason::Link(fault));
            }
        }
    }
}

async fn write_frames<T: LinkTx>(tx: T, control: &LinkControl) -> Result<(), LinkFault> {
    let stall_timeout = control.limits.stall_timeout;
    while let Some(frames) = control.queue().take().await {
        for frame in frames {
            let bytes = frame.len();
            match vox_rt::time::timeout(stall_timeout, tx.send(frame)).await {
                Ok(sent) => sent.map_err(LinkFault::io)?,
                Err(_elapsed) => return Err(LinkFault::Stalled(stall_timeout)),
            }
            control.queue().settle(bytes);
            control.activity.note_out(1, bytes);
        }
    }
    match vox_rt::time::timeout(stall_timeout, tx.close()).await {
        Ok(closed) => closed.map_err(LinkFault::io),
        Err(_elapsed) => Err(LinkFault::Stalled(stall_timeout)),
    }
}
