//! A roam link over a byte stream, on the wire the same as vox's `StreamLink`.
//!
//! Both sides open with `VOXL`, a version and flags (six bytes); then every frame is its length
//! (`u32`, little-endian) and its bytes. Unlike `StreamLink` it checks the length before it
//! reserves memory, reserves at most 64 KiB or as much again as has arrived of the frame, reads no
//! frame before it is asked for one, and never makes a sender wait.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use vox::Backing;

use super::control::{ControlledLink, LinkControl, LinkFault, LinkLimits};
use super::queue::{FrameQueue, QueuedTx};
use crate::fate::CloseReason;

const PROLOGUE: [u8; 6] = *b"VOXL\x01\x00";
const LINK_VERSION: u8 = 1;
const HEADER_BYTES: usize = 4;
/// Memory reserved for a frame before any of it has arrived, and the size of a coalesced write.
const CHUNK_BYTES: usize = 64 << 10;
/// Memory reserved while no frame is under way, so that an idle connection costs little.
const IDLE_CHUNK_BYTES: usize = 8 << 10;

/// A roam link over any byte stream. See the module's documentation.
#[derive(Debug)]
pub struct FramedLink<R, W> {
    reader: R,
    writer: W,
    read_ahead: BytesMut,
    control: LinkControl,
}

impl<R, W> FramedLink<R, W> {
    /// A link over the two halves of a stream.
    pub fn new(reader: R, writer: W, limits: LinkLimits) -> Self {
        Self {
            reader,
            writer,
            read_ahead: BytesMut::new(),
            control: LinkControl::new(limits),
        }
    }

    /// Puts bytes in front of what the reader will yield: those that arrived together with the
    /// answer to an HTTP upgrade.
    #[must_use]
    pub fn with_read_ahead(mut self, bytes: Bytes) -> Self {
        self.read_ahead = BytesMut::from(bytes.as_ref());
        self
    }
}

impl FramedLink<OwnedReadHalf, OwnedWriteHalf> {
    /// A link over TCP. Set `TCP_NODELAY` on the stream before.
    pub fn tcp(stream: TcpStream, limits: LinkLimits) -> Self {
        let (reader, writer) = stream.into_split();
        Self::new(reader, writer, limits)
    }
}

#[cfg(unix)]
impl FramedLink<tokio::net::unix::OwnedReadHalf, tokio::net::unix::OwnedWriteHalf> {
    /// A link over a Unix socket.
    pub fn unix(stream: tokio::net::UnixStream, limits: LinkLimits) -> Self {
        let (reader, writer) = stream.into_split();
        Self::new(reader, writer, limits)
    }
}

impl<S: AsyncRead + AsyncWrite> FramedLink<tokio::io::ReadHalf<S>, tokio::io::WriteHalf<S>> {
    /// A link over a stream that cannot be split in two without a lock, such as hyper's upgraded
    /// connections.
    pub fn stream(stream: S, limits: LinkLimits) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self::new(reader, writer, limits)
    }
}

impl<R, W> ControlledLink for FramedLink<R, W>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    fn control(&self) -> LinkControl {
        self.control.clone()
    }
}

impl<R, W> vox::Link for FramedLink<R, W>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Tx = QueuedTx;
    type Rx = FramedLinkRx<R>;

    fn split(self) -> (Self::Tx, Self::Rx) {
        vox_rt::spawn(run_writer(self.writer, self.control.clone()));
        let rx = FramedLinkRx {
            reader: self.reader,
            buffer: self.read_ahead,
            large: None,
            greeted: false,
            control: self.control.clone(),
        };
        (QueuedTx::new(self.control), rx)
    }
}

/// Receiving half of a [`FramedLink`].
#[derive(Debug)]
pub struct FramedLinkRx<R> {
    reader: R,
    buffer: BytesMut,
    /// The frame under way, where it is larger than the buffer should be.
    large: Option<LargeFrame>,
    greeted: bool,
    control: LinkControl,
}

/// A frame that arrives where it will stay.
#[derive(Debug)]
struct LargeFrame {
    bytes: Vec<u8>,
    len: usize,
}

impl LargeFrame {
    /// Begins with what has arrived, which is less than `len` bytes.
    fn new(len: usize, arrived: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(len.min(CHUNK_BYTES.max(2 * arrived.len())));
        bytes.extend_from_slice(arrived);
        Self { bytes, len }
    }

    fn missing(&self) -> usize {
        self.len - self.bytes.len()
    }

    /// Room for at least one more byte, and for none beyond the frame.
    fn room(&mut self) -> impl BufMut {
        if self.bytes.len() == self.bytes.capacity() {
            let more = self.missing().min(self.bytes.len());
            self.bytes.reserve_exact(more);
        }
        let missing = self.missing();
        (&mut self.bytes).limit(missing)
    }
}

impl<R: AsyncRead + Send + Unpin + 'static> vox::LinkRx for FramedLinkRx<R> {
    type Error = LinkFault;

    async fn recv(&mut self) -> Result<Option<Backing>, LinkFault> {
        let fate = self.control.fate.clone();
        let received = tokio::select! {
            biased;
            () = fate.condemned() => Err(LinkFault::Closed),
            received = self.next_frame() => received,
        };
        match &received {
            Ok(Some(_)) => {}
            Ok(None) => fate.note(CloseReason::PeerClosed),
            Err(fault) => fate.note(CloseReason::Link(fault.clone())),
        }
        received
    }
}

impl<R: AsyncRead + Send + Unpin + 'static> FramedLinkRx<R> {
    /// Cancel-safe: the only thing awaited is one read into what `self` keeps.
    async fn next_frame(&mut self) -> Result<Option<Backing>, LinkFault> {
        loop {
            if let Some(large) = &mut self.large {
                let read = self.reader.read_buf(&mut large.room()).await;
                let bytes = read.map_err(LinkFault::io)?;
                if bytes == 0 {
                    return Err(self.truncated());
                }
                self.control.activity.note_bytes_in(bytes);
                if let Some(whole) = self.large.take_if(|large| large.missing() == 0) {
                    self.control.activity.note_frame_in();
                    return Ok(Some(Backing::Boxed(whole.bytes.into_boxed_slice())));
                }
                continue;
            }
            if let Some(frame) = self.buffered_frame()? {
                self.control.activity.note_frame_in();
                return Ok(Some(frame));
            }
            if self.large.is_some() {
                continue;
            }
            self.reserve();
            let read = self.reader.read_buf(&mut self.buffer).await;
            match read.map_err(LinkFault::io)? {
                0 if self.buffer.is_empty() => return Ok(None),
                0 => return Err(self.truncated()),
                bytes => self.control.activity.note_bytes_in(bytes),
            }
        }
    }

    fn buffered_frame(&mut self) -> Result<Option<Backing>, LinkFault> {
        if !self.greeted {
            if self.buffer.len() < PROLOGUE.len() {
                return Ok(None);
            }
            check_prologue(&self.buffer[..PROLOGUE.len()])?;
            self.buffer.advance(PROLOGUE.len());
            self.greeted = true;
        }
        let Some(len) = self.frame_len() else {
            return Ok(None);
        };
        self.control.check_frame(len)?;
        if self.buffer.len() < HEADER_BYTES + len {
            if len > CHUNK_BYTES {
                self.large = Some(LargeFrame::new(len, &self.buffer[HEADER_BYTES..]));
                self.buffer.clear();
            }
            return Ok(None);
        }
        self.buffer.advance(HEADER_BYTES);
        let frame = self.buffer.split_to(len);
        Ok(Some(Backing::Boxed(frame.as_ref().into())))
    }

    fn frame_len(&self) -> Option<usize> {
        let header = self.buffer.first_chunk::<HEADER_BYTES>()?;
        Some(u32::from_le_bytes(*header) as usize)
    }

    fn reserve(&mut self) {
        let missing = match self.frame_len() {
            Some(len) if self.greeted => (HEADER_BYTES + len) - self.buffer.len(),
            _ => IDLE_CHUNK_BYTES,
        };
        self.buffer
            .reserve(missing.clamp(IDLE_CHUNK_BYTES, CHUNK_BYTES));
    }

    fn truncated(&self) -> LinkFault {
        if let Some(large) = &self.large {
            return LinkFault::Truncated {
                have: HEADER_BYTES + large.bytes.len(),
                want: HEADER_BYTES + large.len,
            };
        }
        let want = match self.frame_len() {
            Some(len) if self.greeted => HEADER_BYTES + len,
            _ if self.greeted => HEADER_BYTES,
            _ => PROLOGUE.len(),
        };
        LinkFault::Truncated {
            have: self.buffer.len(),
            want,
        }
    }
}

impl<R> Drop for FramedLinkRx<R> {
    /// The connection's loop is over: what is queued still goes out, then the stream closes, even
    /// if somebody keeps the sending half.
    fn drop(&mut self) {
        self.control.queue().close();
    }
}

fn check_prologue(bytes: &[u8]) -> Result<(), LinkFault> {
    let mut first = [0; PROLOGUE.len()];
    first.copy_from_slice(bytes);
    let [.., version, flags] = first;
    if first[..4] != PROLOGUE[..4] {
        return Err(LinkFault::NotRoam { first });
    }
    if version != LINK_VERSION {
        return Err(LinkFault::LinkVersion {
            theirs: version,
            ours: LINK_VERSION,
        });
    }
    if flags & 1 != 0 {
        return Err(LinkFault::LinkFlags { flags });
    }
    Ok(())
}

async fn run_writer<W: AsyncWrite + Unpin>(writer: W, control: LinkControl) {
    let fate = control.fate.clone();
    tokio::select! {
        biased;
        () = fate.condemned() => {}
        written = write_frames(writer, &control) => {
            control.queue().close();
            if let Err(fault) = written {
                fate.condemn(CloseReason::Link(fault));
            }
        }
    }
}

async fn write_frames<W: AsyncWrite + Unpin>(
    writer: W,
    control: &LinkControl,
) -> Result<(), LinkFault> {
    let mut out = Outgoing {
        writer,
        pending: BytesMut::new(),
        stall_timeout: control.limits.stall_timeout,
    };
    out.append(&PROLOGUE).await?;
    out.flush().await?;
    while let Some(frames) = control.queue().take().await {
        out.write_batch(frames, control.queue(), control).await?;
    }
    out.shutdown().await
}

/// The writer of a stream, with small frames gathered into writes of [`CHUNK_BYTES`].
struct Outgoing<W> {
    writer: W,
    pending: BytesMut,
    stall_timeout: Duration,
}

impl<W: AsyncWrite + Unpin> Outgoing<W> {
    async fn write_batch(
        &mut self,
        frames: VecDeque<Vec<u8>>,
        queue: &FrameQueue,
        control: &LinkControl,
    ) -> Result<(), LinkFault> {
        for frame in frames {
            // `QueuedTx` checked the length against the frame limit, which is below 4 GiB.
            let len = u32::try_from(frame.len()).unwrap_or(u32::MAX);
            self.append(&len.to_le_bytes()).await?;
            self.append(&frame).await?;
            queue.settle(frame.len());
            control.activity.note_out(1, HEADER_BYTES + frame.len());
        }
        self.flush().await
    }

    async fn append(&mut self, bytes: &[u8]) -> Result<(), LinkFault> {
        if self.pending.len() + bytes.len() > CHUNK_BYTES {
            self.write_pending().await?;
        }
        if bytes.len() > CHUNK_BYTES {
            return write_all(&mut self.writer, bytes, self.stall_timeout).await;
        }
        self.pending.extend_from_slice(bytes);
        Ok(())
    }

    async fn write_pending(&mut self) -> Result<(), LinkFault> {
        write_all(&mut self.writer, &self.pending, self.stall_timeout).await?;
        self.pending.clear();
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), LinkFault> {
        self.write_pending().await?;
        let flush = self.writer.flush();
        progress(self.stall_timeout, flush).await
    }

    async fn shutdown(&mut self) -> Result<(), LinkFault> {
        let shutdown = self.writer.shutdown();
        progress(self.stall_timeout, shutdown).await
    }
}

/// Writes all of `bytes`. The time limit is for each step, so a slow reader is not a stalled one.
async fn write_all<W: AsyncWrite + Unpin>(
    writer: &mut W,
    mut bytes: &[u8],
    stall_timeout: Duration,
) -> Result<(), LinkFault> {
    while !bytes.is_empty() {
        let written = progress(stall_timeout, writer.write(bytes)).await?;
        if written == 0 {
            return Err(LinkFault::io(std::io::ErrorKind::WriteZero.into()));
        }
        bytes = &bytes[written..];
    }
    Ok(())
}

async fn progress<T>(
    stall_timeout: Duration,
    step: impl Future<Output = std::io::Result<T>>,
) -> Result<T, LinkFault> {
    match tokio::time::timeout(stall_timeout, step).await {
        Ok(result) => result.map_err(LinkFault::io),
        Err(_elapsed) => Err(LinkFault::Stalled(stall_timeout)),
    }
}
