//! Limits of a link, what can go wrong with it, and the handle that reaches into it from outside.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::queue::FrameQueue;
use crate::activity::Activity;
use crate::fate::Fate;

/// Limits of one link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkLimits {
    /// Largest frame read before the handshake is over, in bytes. Default 64 KiB.
    pub handshake_frame_bytes_max: usize,
    /// Largest frame read or written after the handshake, in bytes. Default 16 MiB.
    pub frame_bytes_max: usize,
    /// Most bytes that may wait to be written; every frame counts for 64 bytes more than it
    /// holds. Above this the connection is dead. Default 64 MB.
    pub queue_bytes_max: usize,
    /// Longest time in which the peer reads nothing while there is something to write. After it
    /// the connection is dead. Default 5 s.
    pub stall_timeout: Duration,
}

impl Default for LinkLimits {
    fn default() -> Self {
        Self {
            handshake_frame_bytes_max: 64 << 10,
            frame_bytes_max: 16 << 20,
            queue_bytes_max: 64_000_000,
            stall_timeout: Duration::from_secs(5),
        }
    }
}

/// What went wrong with a link.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkFault {
    /// The first bytes are not roam's. The peer speaks another protocol.
    #[error("the peer does not speak roam: its first bytes are {}", printable(.first))]
    NotRoam {
        /// The first six bytes received.
        first: [u8; 6],
    },
    /// The peer frames its bytes in another version of roam.
    #[error("the peer's roam link has version {theirs}; this build speaks {ours}")]
    LinkVersion {
        /// The peer's version.
        theirs: u8,
        /// This build's version.
        ours: u8,
    },
    /// The peer expects to pass file descriptors, which hindsight never does.
    #[error("the peer expects a link that passes file descriptors (flags {flags:#04x})")]
    LinkFlags {
        /// The peer's flags.
        flags: u8,
    },
    /// A frame is larger than the limit that applies at this point.
    #[error("a frame of {bytes} bytes exceeds the limit of {bytes_max}")]
    FrameTooLarge {
        /// The length that the frame claims.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// The stream ended inside a frame.
    #[error("the stream ended after {have} of {want} bytes of a frame")]
    Truncated {
        /// Bytes received.
        have: usize,
        /// Bytes announced; the smallest possible when the length itself is missing.
        want: usize,
    },
    /// The peer does not read.
    #[error("the peer read nothing for {0:?}")]
    Stalled(Duration),
    /// The peer reads too slowly.
    #[error("{queued} bytes wait to be written and {more} more exceed the limit of {max}")]
    QueueFull {
        /// Bytes that wait.
        queued: usize,
        /// Bytes of the frame that did not fit.
        more: usize,
        /// The limit.
        max: usize,
    },
    /// The link has been closed on this side.
    #[error("the link is closed")]
    Closed,
    /// The operating system or the transport below reported an error.
    #[error("{0}")]
    Io(Arc<io::Error>),
}

impl LinkFault {
    pub(crate) fn io(error: io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}

impl From<LinkFault> for io::Error {
    fn from(fault: LinkFault) -> Self {
        let kind = match &fault {
            LinkFault::NotRoam { .. }
            | LinkFault::LinkVersion { .. }
            | LinkFault::LinkFlags { .. }
            | LinkFault::FrameTooLarge { .. } => io::ErrorKind::InvalidData,
            LinkFault::Truncated { .. } => io::ErrorKind::UnexpectedEof,
            LinkFault::Stalled(_) | LinkFault::QueueFull { .. } => io::ErrorKind::TimedOut,
            LinkFault::Closed => io::ErrorKind::BrokenPipe,
            LinkFault::Io(error) => error.kind(),
        };
        io::Error::new(kind, fault)
    }
}

/// Bytes as a person would read them: text quoted, the rest in hex.
fn printable(bytes: &[u8]) -> String {
    if bytes.iter().all(|b| b.is_ascii_graphic() || *b == b' ') {
        format!("{:?}", String::from_utf8_lossy(bytes))
    } else {
        format!("{bytes:02x?}")
    }
}

/// A roam link that hands out a [`LinkControl`]: [`FramedLink`](super::FramedLink) and
/// [`Unblock`](super::Unblock).
pub trait ControlledLink: vox::Link {
    /// The control of this link. Take it before the link is split.
    fn control(&self) -> LinkControl;
}

/// Reaches into a link from outside: its counters, its frame limit, its end.
#[derive(Clone, Debug)]
pub struct LinkControl {
    pub(crate) fate: Arc<Fate>,
    pub(crate) activity: Activity,
    pub(crate) limits: LinkLimits,
    frame_bytes_max: Arc<AtomicUsize>,
    queue: Arc<FrameQueue>,
}

impl LinkControl {
    pub(crate) fn new(limits: LinkLimits) -> Self {
        Self {
            fate: Fate::new(),
            activity: Activity::new(),
            limits,
            frame_bytes_max: Arc::new(AtomicUsize::new(limits.handshake_frame_bytes_max)),
            queue: Arc::new(FrameQueue::new(limits.queue_bytes_max)),
        }
    }

    /// Counters of this link.
    pub fn activity(&self) -> Activity {
        self.activity.clone()
    }

    /// Bytes that wait to be written, with the overhead that counts for each frame.
    pub fn queued_bytes(&self) -> usize {
        self.queue.cost()
    }

    /// Largest frame that may be read or written now, in bytes.
    pub fn frame_bytes_max(&self) -> usize {
        self.frame_bytes_max.load(Ordering::Relaxed)
    }

    /// Changes the largest frame that may be read or written from now on, in bytes.
    pub fn set_frame_bytes_max(&self, bytes: usize) {
        self.frame_bytes_max.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn queue(&self) -> &Arc<FrameQueue> {
        &self.queue
    }

    pub(crate) fn check_frame(&self, bytes: usize) -> Result<(), LinkFault> {
        let bytes_max = self.frame_bytes_max();
        if bytes > bytes_max {
            return Err(LinkFault::FrameTooLarge { bytes, bytes_max });
        }
        Ok(())
    }
}
