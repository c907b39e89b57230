//! Roam's framing over a plain socket, without any limit.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Mutex;
use tokio::time::timeout;
use vox::{Backing, LinkRx, LinkTx};

/// What opens every roam link.
pub(super) const LINK_PROLOGUE: &[u8; 6] = b"VOXL\x01\x00";

pub(super) async fn connect(addr: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Reads and forgets until the target closes or the watch is over. Returns when it closed.
pub(super) async fn watch(
    stream: &mut (impl AsyncReadExt + Unpin),
    limit: Duration,
) -> Option<Duration> {
    let started = Instant::now();
    let mut sink = vec![0; 64 << 10];
    let closed = async { while let Ok(1..) = stream.read(&mut sink).await {} };
    timeout(limit, closed)
        .await
        .ok()
        .map(|()| started.elapsed())
}

#[derive(Clone, Debug)]
pub(super) struct WireTx {
    writer: Arc<Mutex<OwnedWriteHalf>>,
}

#[derive(Debug)]
pub(super) struct WireRx {
    reader: OwnedReadHalf,
    greeted: bool,
    buffer: Vec<u8>,
}

/// Splits a fresh socket and sends the link's prologue.
pub(super) async fn open(stream: TcpStream) -> io::Result<(WireTx, WireRx)> {
    let (reader, mut writer) = stream.into_split();
    writer.write_all(LINK_PROLOGUE).await?;
    let tx = WireTx {
        writer: Arc::new(Mutex::new(writer)),
    };
    let rx = WireRx {
        reader,
        greeted: false,
        buffer: Vec::new(),
    };
    Ok((tx, rx))
}

impl WireTx {
    /// Sends bytes without a frame around them.
    pub(super) async fn raw(&self, bytes: &[u8]) -> io::Result<()> {
        self.writer.lock().await.write_all(bytes).await
    }
}

impl LinkTx for WireTx {
    async fn send(&self, bytes: Vec<u8>) -> io::Result<()> {
        let len = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        let mut frame = len.to_le_bytes().to_vec();
        frame.extend_from_slice(&bytes);
        self.raw(&frame).await
    }

    async fn close(self) -> io::Result<()> {
        self.writer.lock().await.shutdown().await
    }
}

impl WireRx {
    fn take(&mut self, bytes: usize) -> Option<Vec<u8>> {
        (self.buffer.len() >= bytes).then(|| self.buffer.drain(..bytes).collect())
    }

    fn frame(&mut self) -> Option<Vec<u8>> {
        if !self.greeted {
            self.take(LINK_PROLOGUE.len())?;
            self.greeted = true;
        }
        let len = u32::from_le_bytes(*self.buffer.first_chunk::<4>()?) as usize;
        let frame = self.take(4 + len)?;
        Some(frame[4..].to_vec())
    }
}

impl LinkRx for WireRx {
    type Error = io::Error;

    async fn recv(&mut self) -> io::Result<Option<Backing>> {
        loop {
            if let Some(frame) = self.frame() {
                return Ok(Some(Backing::Boxed(frame.into())));
            }
            if self.reader.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }
}
