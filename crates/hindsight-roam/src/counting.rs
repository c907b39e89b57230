//! Bytes and frames of a link, for who wants them counted.
//!
//! In: a link. Out: the same link, and counters that `RoamIntrospection` tells with the connection that
//! the link carries. The two are brought together by the task that runs the connection and so reads from
//! the link. Bounded: one entry a link, gone with it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use hindsight_connect::{ControlledLink, LinkControl};
use parking_lot::Mutex;
use vox::{Backing, FrameFds, Link, LinkRx, LinkTx};
use vox_rt::time::Instant;

use crate::task::{self, TaskId};

/// The links that connections read from.
static LINKS: Mutex<Vec<(TaskId, Weak<Counts>)>> = Mutex::new(Vec::new());

/// What went over a link.
#[derive(Debug)]
pub(crate) struct Counts {
    pub(crate) transport: String,
    pub(crate) address: String,
    made: Instant,
    /// Nanoseconds after `made`; 0: never.
    heard: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    frames_in: AtomicU64,
    frames_out: AtomicU64,
}

impl Counts {
    /// Bytes and frames, each in and out.
    pub(crate) fn read(&self) -> [u64; 4] {
        let counters = [
            &self.bytes_in,
            &self.bytes_out,
            &self.frames_in,
            &self.frames_out,
        ];
        counters.map(|counter| counter.load(Ordering::Relaxed))
    }

    /// Nanoseconds since something came; none if nothing did.
    pub(crate) fn silent_ns(&self) -> Option<u64> {
        let heard = self.heard.load(Ordering::Relaxed);
        let now = self.made.elapsed().as_nanos() as u64;
        (heard > 0).then(|| now.saturating_sub(heard))
    }

    fn came(&self, bytes: usize) {
        let now = (self.made.elapsed().as_nanos() as u64).max(1);
        self.heard.store(now, Ordering::Relaxed);
        self.bytes_in.fetch_add(bytes as u64, Ordering::Relaxed);
        self.frames_in.fetch_add(1, Ordering::Relaxed);
    }

    fn goes(&self, bytes: usize) {
        self.bytes_out.fetch_add(bytes as u64, Ordering::Relaxed);
        self.frames_out.fetch_add(1, Ordering::Relaxed);
    }
}

/// The counters of the link that this task reads from.
pub(crate) fn read_by(task: TaskId) -> Option<Arc<Counts>> {
    let links = LINKS.lock();
    let (_, counts) = links.iter().find(|(reader, _)| *reader == task)?;
    counts.upgrade()
}

fn note_reader(task: TaskId, counts: &Arc<Counts>) {
    let mut links = LINKS.lock();
    let own = Arc::downgrade(counts);
    links.retain(|(reader, other)| {
        other.strong_count() > 0 && *reader != task && !other.ptr_eq(&own)
    });
    links.push((task, own));
}

/// A link whose bytes and frames are counted, payloads only: what the transport adds is not seen.
///
/// Wrap a link before it is given to roam; everything else goes by itself.
#[derive(Debug)]
pub struct CountingLink<L> {
    inner: L,
    transport: String,
    address: String,
}

impl<L> CountingLink<L> {
    /// Counts what goes over `link`.
    pub fn new(link: L) -> Self {
        Self {
            inner: link,
            transport: String::new(),
            address: String::new(),
        }
    }

    /// What the link is (`tcp`, `websocket`, `unix`, `memory`) and where its other end is, to be shown.
    pub fn named(mut self, transport: impl Into<String>, address: impl Into<String>) -> Self {
        self.transport = transport.into();
        self.address = address.into();
        self
    }
}

impl<L: Link> Link for CountingLink<L> {
    type Tx = CountingTx<L::Tx>;
    type Rx = CountingRx<L::Rx>;

    fn split(self) -> (Self::Tx, Self::Rx) {
        let counts = Arc::new(Counts {
            transport: self.transport,
            address: self.address,
            made: Instant::now(),
            heard: AtomicU64::new(0),
            bytes_in: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
            frames_in: AtomicU64::new(0),
            frames_out: AtomicU64::new(0),
        });
        let (tx, rx) = self.inner.split();
        let tx = CountingTx {
            inner: tx,
            counts: counts.clone(),
        };
        let rx = CountingRx {
            inner: rx,
            counts,
            reader: None,
        };
        (tx, rx)
    }
}

impl<L: ControlledLink> ControlledLink for CountingLink<L> {
    fn control(&self) -> LinkControl {
        self.inner.control()
    }
}

/// The sending half of a [`CountingLink`].
#[derive(Debug)]
pub struct CountingTx<T> {
    inner: T,
    counts: Arc<Counts>,
}

impl<T: LinkTx> LinkTx for CountingTx<T> {
    async fn send(&self, bytes: Vec<u8>) -> std::io::Result<()> {
        self.counts.goes(bytes.len());
        self.inner.send(bytes).await
    }

    async fn close(self) -> std::io::Result<()> {
        self.inner.close().await
    }

    fn supports_fd_passing(&self) -> bool {
        self.inner.supports_fd_passing()
    }

    async fn send_with_fds(&self, bytes: Vec<u8>, fds: FrameFds) -> std::io::Result<()> {
        self.counts.goes(bytes.len());
        self.inner.send_with_fds(bytes, fds).await
    }
}

/// The receiving half of a [`CountingLink`].
#[derive(Debug)]
pub struct CountingRx<R> {
    inner: R,
    counts: Arc<Counts>,
    reader: Option<TaskId>,
}

impl<R: LinkRx> LinkRx for CountingRx<R> {
    type Error = R::Error;

    async fn recv(&mut self) -> Result<Option<Backing>, Self::Error> {
        let reader = task::current();
        if reader != self.reader {
            self.reader = reader;
            if let Some(task) = reader {
                note_reader(task, &self.counts);
            }
        }
        let received = self.inner.recv().await?;
        if let Some(frame) = &received {
            self.counts.came(frame.as_bytes().len());
        }
        Ok(received)
    }

    fn take_frame_fds(&mut self) -> FrameFds {
        self.inner.take_frame_fds()
    }
}
