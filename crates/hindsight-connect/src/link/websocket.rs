//! WebSocket links: an upgraded stream in, a link whose sends never wait out.
//!
//! One binary WebSocket message is one roam frame. The sizes of messages and frames are limited
//! from the first byte, and the stream below can be killed: vox's WebSocket task would otherwise
//! hold the socket for as long as a frozen peer does not read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use vox_websocket::WsLink;

use super::control::{LinkControl, LinkFault, LinkLimits};
use super::unblock::Unblock;
use crate::fate::Fate;

/// A roam link over a WebSocket over `S`.
pub type WebSocketLink<S> = Unblock<WsLink<KillableStream<S>>>;

/// The hub's end of a WebSocket whose HTTP upgrade is done: `io` yields the bytes after the head.
pub async fn accept_websocket<S>(io: S, limits: LinkLimits) -> WebSocketLink<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let control = LinkControl::new(limits);
    let io = KillableStream::new(io, &control);
    let stream = WebSocketStream::from_raw_socket(io, Role::Server, Some(config(limits))).await;
    Unblock::with_control(WsLink::new(stream), control)
}

/// The dialing end: asks for the WebSocket over `io`, then wraps it.
pub(crate) async fn dial_websocket<S>(
    io: S,
    url: &str,
    limits: LinkLimits,
) -> Result<WebSocketLink<S>, tokio_tungstenite::tungstenite::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let control = LinkControl::new(limits);
    let io = KillableStream::new(io, &control);
    let (stream, _response) =
        tokio_tungstenite::client_async_with_config(url, io, Some(config(limits))).await?;
    Ok(Unblock::with_control(WsLink::new(stream), control))
}

fn config(limits: LinkLimits) -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(limits.frame_bytes_max))
        .max_frame_size(Some(limits.frame_bytes_max))
}

/// A stream that fails every read and write once its connection is condemned.
pub struct KillableStream<S> {
    io: S,
    condemned: BoxFuture<'static, ()>,
    dead: bool,
}

impl<S> std::fmt::Debug for KillableStream<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KillableStream")
            .field("dead", &self.dead)
            .finish_non_exhaustive()
    }
}

impl<S> KillableStream<S> {
    fn new(io: S, control: &LinkControl) -> Self {
        let fate: Arc<Fate> = control.fate.clone();
        Self {
            io,
            condemned: async move { fate.condemned().await }.boxed(),
            dead: false,
        }
    }

    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.dead || self.condemned.poll_unpin(cx).is_ready() {
            self.dead = true;
            return Err(LinkFault::Closed.into());
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for KillableStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for KillableStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
