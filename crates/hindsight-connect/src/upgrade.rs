//! The client's end of an HTTP/1.1 upgrade to roam.
//!
//! In: a fresh stream. Out: the bytes that followed the answer's head, or what the server said
//! instead. Bounded: [`HEAD_BYTES_MAX`] of head, [`BODY_BYTES_MAX`] of a refusal's body.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

const HEAD_BYTES_MAX: usize = 8 << 10;
const BODY_BYTES_MAX: usize = 2 << 10;
const BODY_LINES_MAX: usize = 3;
/// Time for the body of a refusal to arrive after its head.
const BODY_TIMEOUT: Duration = Duration::from_millis(300);

/// Why the upgrade did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpgradeError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("the connection closed before the answer was complete")]
    Closed,
    #[error("the answer's head exceeds {HEAD_BYTES_MAX} bytes")]
    HeadTooLarge,
    #[error("the answer is not HTTP: {0:?}")]
    NotHttp(String),
    /// An HTTP answer other than `101 Switching Protocols`.
    #[error("HTTP {status}: {body}")]
    Refused { status: u16, body: String },
    #[error("the answer switches to {0:?} instead of roam")]
    OtherProtocol(String),
}

/// Asks for roam and waits for the answer. Returns the bytes that came after its head.
pub(crate) async fn upgrade<S>(
    stream: &mut S,
    host: &str,
    path: &str,
) -> Result<Bytes, UpgradeError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: roam\r\n\
         User-Agent: hindsight/{}\r\n\r\n",
        env!("CARGO_PKG_VERSION"),
    );
    stream.write_all(request.as_bytes()).await?;
    let mut received = BytesMut::new();
    let head_len = read_head(stream, &mut received).await?;
    let head = received.split_to(head_len);
    let head = String::from_utf8_lossy(&head);
    let mut lines = head.lines();
    let status = status(lines.next().unwrap_or_default())?;
    if status != 101 {
        let body = read_body(stream, received).await;
        return Err(UpgradeError::Refused { status, body });
    }
    let protocol = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("upgrade"))
        .map_or("", |(_, value)| value.trim());
    if !["roam", "vox"]
        .iter()
        .any(|roam| protocol.eq_ignore_ascii_case(roam))
    {
        return Err(UpgradeError::OtherProtocol(shown(protocol)));
    }
    Ok(received.freeze())
}

/// Reads up to and including the empty line; returns its end.
async fn read_head<S: AsyncRead + Unpin>(
    stream: &mut S,
    received: &mut BytesMut,
) -> Result<usize, UpgradeError> {
    loop {
        if let Some(end) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            return Ok(end + 4);
        }
        if received.len() >= HEAD_BYTES_MAX {
            return Err(UpgradeError::HeadTooLarge);
        }
        let seen = received.len().min(5);
        if received[..seen] != b"HTTP/"[..seen] {
            let first = received.len().min(32);
            return Err(UpgradeError::NotHttp(shown(&String::from_utf8_lossy(
                &received[..first],
            ))));
        }
        let mut chunk = [0; 2048];
        let read = stream.read(&mut chunk).await?;
        if read == 0 {
            return Err(UpgradeError::Closed);
        }
        received.extend_from_slice(&chunk[..read]);
    }
}

fn status(line: &str) -> Result<u16, UpgradeError> {
    let mut words = line.split(' ');
    let version = words.next().unwrap_or_default();
    let status = words.next().and_then(|status| status.parse().ok());
    match status {
        Some(status) if version.starts_with("HTTP/1.") => Ok(status),
        _ => Err(UpgradeError::NotHttp(shown(line))),
    }
}

/// The first lines of a refusal. As much as arrives in time will do.
async fn read_body<S: AsyncRead + Unpin>(stream: &mut S, mut body: BytesMut) -> String {
    let reading = async {
        while body.len() < BODY_BYTES_MAX {
            let mut chunk = [0; 1024];
            match stream.read(&mut chunk).await {
                Ok(0) | Err(_) => return,
                Ok(read) => body.extend_from_slice(&chunk[..read]),
            }
        }
    };
    // A server that keeps the connection open is not waited for.
    timeout(BODY_TIMEOUT, reading).await.ok();
    body.truncate(BODY_BYTES_MAX);
    let text = String::from_utf8_lossy(&body);
    let lines: Vec<String> = text
        .lines()
        .map(shown)
        .filter(|line| !line.is_empty())
        .take(BODY_LINES_MAX)
        .collect();
    lines.join(" / ")
}

/// A stranger's text without what could play tricks on a terminal.
fn shown(text: &str) -> String {
    let text = text.trim().chars().filter(|c| !c.is_control());
    text.take(200).collect()
}

#[cfg(test)]
mod tests;
