//! Attacks before any roam message: bytes, and the lack of them.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::Observation;
use super::wire::{LINK_PROLOGUE, connect, watch};

/// Sends 4 KiB of bytes that are nothing.
pub async fn garbage(addr: SocketAddr, limit: Duration) -> io::Result<Observation> {
    let bytes: Vec<u8> = (0..4096u32)
        .map(|i| (i.wrapping_mul(167) >> 3) as u8)
        .collect();
    send_and_watch(addr, &bytes, limit).await
}

/// Opens a link and announces a frame of 4 GiB.
pub async fn huge_frame_header(addr: SocketAddr, limit: Duration) -> io::Result<Observation> {
    let bytes = [LINK_PROLOGUE.as_slice(), &[0xff; 4]].concat();
    send_and_watch(addr, &bytes, limit).await
}

/// Connects and says nothing.
pub async fn half_open_tcp(addr: SocketAddr, limit: Duration) -> io::Result<Observation> {
    send_and_watch(addr, &[], limit).await
}

/// Opens a link and says nothing more.
pub async fn half_open_link(addr: SocketAddr, limit: Duration) -> io::Result<Observation> {
    send_and_watch(addr, LINK_PROLOGUE, limit).await
}

/// Announces a frame of 1 GiB before any handshake and sends `bytes_max` of it, or what the
/// target takes.
pub async fn stream_into_huge_frame(
    addr: SocketAddr,
    bytes_max: u64,
    limit: Duration,
) -> io::Result<Observation> {
    let mut stream = connect(addr).await?;
    stream.write_all(LINK_PROLOGUE).await?;
    stream.write_all(&(1u32 << 30).to_le_bytes()).await?;
    let chunk = vec![0x5a; 64 << 10];
    let mut bytes_taken = 0;
    let sending = async {
        while bytes_taken < bytes_max {
            match stream.write(&chunk).await {
                Ok(written @ 1..) => bytes_taken += written as u64,
                Ok(0) | Err(_) => return,
            }
        }
    };
    // Not to finish in time is an outcome too: the target reads nothing.
    timeout(limit, sending).await.ok();
    Ok(Observation {
        closed_after: watch(&mut stream, limit).await,
        bytes_taken,
        ..Observation::default()
    })
}

/// Sends the head of an HTTP request byte by byte and never ends it.
pub async fn slow_http_head(addr: SocketAddr, limit: Duration) -> io::Result<Observation> {
    let stream = connect(addr).await?;
    let (mut reader, mut writer) = stream.into_split();
    let dripping = tokio::spawn(async move {
        let head = b"GET / HTTP/1.1\r\nHost: hub\r\nX: ";
        for byte in head.iter().chain(std::iter::repeat(&b'a')) {
            if writer.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let closed_after = watch(&mut reader, limit).await;
    dripping.abort();
    Ok(Observation {
        closed_after,
        ..Observation::default()
    })
}

/// Says hello in another version of roam's transport. The complaint holds the answer's first
/// bytes in hex.
pub async fn other_version(
    addr: SocketAddr,
    version: u8,
    limit: Duration,
) -> io::Result<Observation> {
    let mut stream = connect(addr).await?;
    let hello = [b'V', b'O', b'T', b'H', version, 0, 0, 0];
    let bytes = [LINK_PROLOGUE.as_slice(), &8u32.to_le_bytes(), &hello].concat();
    stream.write_all(&bytes).await?;
    let started = Instant::now();
    let mut answer = Vec::new();
    let reading = timeout(limit, (&mut stream).take(4096).read_to_end(&mut answer)).await;
    let frame = answer.get(LINK_PROLOGUE.len() + 4..).unwrap_or_default();
    Ok(Observation {
        closed_after: reading.is_ok().then(|| started.elapsed()),
        complaint: Some(String::from_utf8_lossy(frame).into_owned()),
        ..Observation::default()
    })
}

async fn send_and_watch(
    addr: SocketAddr,
    bytes: &[u8],
    limit: Duration,
) -> io::Result<Observation> {
    let mut stream = connect(addr).await?;
    stream.write_all(bytes).await?;
    Ok(Observation {
        closed_after: watch(&mut stream, limit).await,
        ..Observation::default()
    })
}
