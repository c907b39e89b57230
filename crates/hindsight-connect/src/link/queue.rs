//! Frames that wait to be written: bounded by bytes, never by waiting.
//!
//! In: frames from any task. Out: batches for the one writer. Always holds: a push either is
//! queued at once or fails. Bounded: every frame costs its length plus [`FRAME_COST`], so a flood
//! of empty frames meets the same limit.

use std::collections::VecDeque;
use std::io;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::control::{LinkControl, LinkFault};
use crate::fate::CloseReason;

/// What a frame costs beyond its bytes: its header, its allocation, its place in the queue.
pub(crate) const FRAME_COST: usize = 64;

#[derive(Debug)]
pub(crate) struct FrameQueue {
    state: Mutex<State>,
    filled: Notify,
    cost_max: usize,
}

#[derive(Debug, Default)]
struct State {
    frames: VecDeque<Vec<u8>>,
    /// Of the frames here and of those that the writer took and has not settled.
    cost: usize,
    closed: bool,
}

impl FrameQueue {
    pub(crate) fn new(cost_max: usize) -> Self {
        Self {
            state: Mutex::default(),
            filled: Notify::new(),
            cost_max,
        }
    }

    pub(crate) fn push(&self, frame: Vec<u8>) -> Result<(), LinkFault> {
        let more = frame.len() + FRAME_COST;
        let mut state = self.state.lock();
        if state.closed {
            return Err(LinkFault::Closed);
        }
        if state.cost + more > self.cost_max {
            return Err(LinkFault::QueueFull {
                queued: state.cost,
                more,
                max: self.cost_max,
            });
        }
        state.cost += more;
        state.frames.push_back(frame);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// Everything that waits, or `None` when the queue is closed and empty. The cost stays on the
    /// account until [`settle`](Self::settle). Cancel-safe.
    pub(crate) async fn take(&self) -> Option<VecDeque<Vec<u8>>> {
        loop {
            let filled = self.filled.notified();
            {
                let mut state = self.state.lock();
                if !state.frames.is_empty() {
                    return Some(std::mem::take(&mut state.frames));
                }
                if state.closed {
                    return None;
                }
            }
            filled.await;
        }
    }

    /// Takes a written frame off the account.
    pub(crate) fn settle(&self, frame_bytes: usize) {
        let mut state = self.state.lock();
        state.cost = state.cost.saturating_sub(frame_bytes + FRAME_COST);
    }

    /// No more pushes; what waits can still be taken.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.filled.notify_one();
    }

    pub(crate) fn cost(&self) -> usize {
        self.state.lock().cost
    }
}

/// Sending half of a [`FramedLink`](super::FramedLink) or an [`Unblock`](super::Unblock): puts
/// frames into the link's queue and never waits.
#[derive(Debug)]
pub struct QueuedTx {
    control: LinkControl,
}

impl QueuedTx {
    pub(crate) fn new(control: LinkControl) -> Self {
        Self { control }
    }

    fn push(&self, frame: Vec<u8>) -> Result<(), LinkFault> {
        self.control.check_frame(frame.len())?;
        let pushed = self.control.queue().push(frame);
        if let Err(fault @ LinkFault::QueueFull { .. }) = &pushed {
            self.control.fate.condemn(CloseReason::Link(fault.clone()));
        }
        pushed
    }
}

impl vox::LinkTx for QueuedTx {
    async fn send(&self, bytes: Vec<u8>) -> io::Result<()> {
        self.push(bytes).map_err(io::Error::from)
    }

    async fn close(self) -> io::Result<()> {
        self.control.queue().close();
        Ok(())
    }
}

impl Drop for QueuedTx {
    /// The writer finishes what is queued, then closes the transport.
    fn drop(&mut self) {
        self.control.queue().close();
    }
}
