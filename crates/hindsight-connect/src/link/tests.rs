use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::timeout;
use vox::{Link, LinkRx, LinkTx};

use super::*;
use crate::fate::CloseReason;

const SOON: Duration = Duration::from_secs(5);

fn limits() -> LinkLimits {
    LinkLimits {
        handshake_frame_bytes_max: 1_000,
        frame_bytes_max: 100_000,
        queue_bytes_max: 10_000,
        stall_timeout: Duration::from_millis(100),
    }
}

/// A framed link and the other end of its stream.
fn framed(
    buffer: usize,
    limits: LinkLimits,
) -> (
    QueuedTx,
    FramedLinkRx<tokio::io::ReadHalf<DuplexStream>>,
    LinkControl,
    DuplexStream,
) {
    let (ours, theirs) = duplex(buffer);
    let link = FramedLink::stream(ours, limits);
    let control = link.control();
    let (tx, rx) = link.split();
    (tx, rx, control, theirs)
}

fn frame(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_le_bytes(), bytes].concat()
}

/// The next frame as bytes, which unlike vox's can be shown.
async fn next<R: LinkRx>(rx: &mut R) -> Result<Option<Vec<u8>>, R::Error> {
    let frame = rx.recv().await?;
    Ok(frame.map(|frame| frame.as_bytes().to_vec()))
}

async fn fault_after(bytes: &[u8]) -> LinkFault {
    let (_tx, mut rx, control, mut theirs) = framed(4 << 10, limits());
    theirs.write_all(bytes).await.unwrap();
    drop(theirs);
    let fault = loop {
        match rx.recv().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("a clean end"),
            Err(fault) => break fault,
        }
    };
    assert!(matches!(control.fate.reason(), Some(CloseReason::Link(_))));
    fault
}

#[tokio::test]
async fn frames_arrive_whole_however_the_bytes_are_cut() {
    let (_tx, mut rx, control, mut theirs) = framed(16, limits());
    let mut bytes = b"VOXL\x01\x00".to_vec();
    let payloads: Vec<Vec<u8>> = [0, 1, 3, 500, 1_000].map(|n| vec![n as u8; n]).to_vec();
    for payload in &payloads {
        bytes.extend(frame(payload));
    }
    let total = bytes.len() as u64;
    let writing = tokio::spawn(async move {
        for chunk in bytes.chunks(7) {
            theirs.write_all(chunk).await.unwrap();
        }
    });
    for payload in &payloads {
        let received = rx.recv().await.unwrap().unwrap();
        assert_eq!(received.as_bytes(), payload);
    }
    assert!(rx.recv().await.unwrap().is_none());
    writing.await.unwrap();
    let activity = control.activity();
    assert_eq!((activity.frames_in(), activity.bytes_in()), (5, total));
}

#[tokio::test]
async fn a_receive_that_is_dropped_loses_nothing() {
    let (_tx, mut rx, _control, mut theirs) = framed(4 << 10, limits());
    let bytes = [b"VOXL\x01\x00".as_slice(), &frame(b"abcdef")].concat();
    for byte in &bytes[..bytes.len() - 1] {
        theirs.write_all(&[*byte]).await.unwrap();
        assert!(
            timeout(Duration::from_millis(1), next(&mut rx))
                .await
                .is_err()
        );
    }
    theirs.write_all(&bytes[bytes.len() - 1..]).await.unwrap();
    assert_eq!(rx.recv().await.unwrap().unwrap().as_bytes(), b"abcdef");
}

#[tokio::test]
async fn large_frames_arrive_whole_also_when_receives_are_dropped() {
    let (_tx, mut rx, control, mut theirs) = framed(10_000, limits());
    control.set_frame_bytes_max(1 << 20);
    let large = |len: usize| (0..len).map(|at| (at % 251) as u8).collect::<Vec<_>>();
    let payloads = [65_536, 65_537, 3, 300_000, 0, 1 << 20].map(large);
    let mut bytes = b"VOXL\x01\x00".to_vec();
    payloads
        .iter()
        .for_each(|payload| bytes.extend(frame(payload)));
    let total = bytes.len() as u64;
    let writing = tokio::spawn(async move {
        for chunk in bytes.chunks(7_001) {
            theirs.write_all(chunk).await.unwrap();
            tokio::task::yield_now().await;
        }
    });
    for payload in &payloads {
        let received = loop {
            // One poll, and the future is dropped.
            match futures_util::poll!(Box::pin(next(&mut rx))) {
                std::task::Poll::Ready(received) => break received,
                std::task::Poll::Pending => tokio::task::yield_now().await,
            }
        };
        assert!(received.unwrap().unwrap() == *payload);
    }
    assert!(rx.recv().await.unwrap().is_none());
    writing.await.unwrap();
    let activity = control.activity();
    assert_eq!((activity.frames_in(), activity.bytes_in()), (6, total));
}

#[tokio::test]
async fn an_end_within_a_large_frame_is_named() {
    let (_tx, mut rx, control, mut theirs) = framed(1 << 20, limits());
    control.set_frame_bytes_max(1 << 20);
    let mut bytes = b"VOXL\x01\x00".to_vec();
    bytes.extend(frame(&[1; 200_000]));
    theirs.write_all(&bytes[..150_010]).await.unwrap();
    drop(theirs);
    let Err(LinkFault::Truncated { have, want }) = next(&mut rx).await else {
        panic!("not named");
    };
    assert_eq!((have, want), (150_004, 200_004));
}

#[tokio::test]
async fn what_is_not_a_roam_link_is_named() {
    let fault = fault_after(b"GET / HTTP/1.1").await;
    assert!(
        fault
            .to_string()
            .ends_with("its first bytes are \"GET / \""),
        "{fault}"
    );
    let fault = fault_after(b"VOXL\x02\x00").await;
    assert!(matches!(
        fault,
        LinkFault::LinkVersion { theirs: 2, ours: 1 }
    ));
    let fault = fault_after(b"VOXL\x01\x01").await;
    assert!(matches!(fault, LinkFault::LinkFlags { flags: 1 }));
    let fault = fault_after(b"VO").await;
    assert!(matches!(fault, LinkFault::Truncated { have: 2, want: 6 }));
    let fault = fault_after(b"VOXL\x01\x00\x05\x00").await;
    assert!(matches!(fault, LinkFault::Truncated { have: 2, want: 4 }));
    let fault = fault_after(b"VOXL\x01\x00\x05\x00\x00\x00ab").await;
    assert!(matches!(fault, LinkFault::Truncated { have: 6, want: 9 }));
    let fault = fault_after(b"VOXL\x01\x00\xe9\x03\x00\x00").await;
    assert!(matches!(
        fault,
        LinkFault::FrameTooLarge {
            bytes: 1_001,
            bytes_max: 1_000
        }
    ));
}

#[tokio::test]
async fn the_frame_limit_can_be_raised_and_holds_for_sending_too() {
    let (tx, mut rx, control, mut theirs) = framed(1 << 20, limits());
    tx.send(vec![0; 1_001]).await.unwrap_err();
    control.set_frame_bytes_max(5_000);
    tx.send(vec![7; 1_001]).await.unwrap();
    let mut sent = vec![0; 6 + 4 + 1_001];
    theirs.read_exact(&mut sent).await.unwrap();
    assert_eq!(sent[..6], *b"VOXL\x01\x00");
    assert_eq!(sent[6..], frame(&[7; 1_001]));
    theirs.write_all(&sent).await.unwrap();
    assert_eq!(rx.recv().await.unwrap().unwrap().as_bytes(), [7; 1_001]);
}

#[tokio::test]
async fn a_peer_that_does_not_read_never_makes_a_send_wait_and_is_cut_after_the_stall() {
    let (tx, mut rx, control, _theirs) = framed(64, limits());
    for _ in 0..8 {
        let sending = timeout(Duration::from_millis(20), tx.send(vec![0; 500]));
        sending.await.expect("a send waited").unwrap();
    }
    let fault = timeout(SOON, next(&mut rx)).await.unwrap();
    assert!(fault.is_err(), "{fault:?}");
    let reason = control.fate.reason();
    assert!(
        matches!(reason, Some(CloseReason::Link(LinkFault::Stalled(_)))),
        "{reason:?}"
    );
    tx.send(Vec::new()).await.unwrap_err();
}

#[tokio::test]
async fn the_queue_is_bounded_in_bytes_and_empty_frames_count() {
    for (bytes, fit) in [(936, 10), (0, 156)] {
        let (tx, mut rx, control, _theirs) = framed(1, limits());
        let mut sent = 0;
        while tx.send(vec![0; bytes]).await.is_ok() {
            sent += 1;
            assert!(sent <= fit, "{bytes}: more than {fit}");
        }
        assert_eq!(sent, fit, "{bytes}");
        timeout(SOON, next(&mut rx)).await.unwrap().unwrap_err();
        let reason = control.fate.reason();
        assert!(matches!(
            reason,
            Some(CloseReason::Link(LinkFault::QueueFull { .. }))
        ));
    }
}

#[tokio::test]
async fn what_is_queued_goes_out_before_the_link_closes() {
    for drop_tx_first in [true, false] {
        let (tx, rx, _control, mut theirs) = framed(64, limits());
        for n in 0..10 {
            tx.send(vec![n; 100]).await.unwrap();
        }
        let kept = if drop_tx_first {
            drop(tx);
            None
        } else {
            Some(tx)
        };
        drop(rx);
        let mut bytes = Vec::new();
        let reading = theirs.read_to_end(&mut bytes);
        timeout(SOON, reading)
            .await
            .expect("the stream stays open")
            .unwrap();
        assert_eq!(bytes.len(), 6 + 10 * 104);
        drop(kept);
    }
}

#[tokio::test]
async fn a_condemned_link_closes_its_stream_though_both_halves_are_kept() {
    let (tx, _rx, control, mut theirs) = framed(64, limits());
    tx.send(vec![0; 900]).await.unwrap();
    control.fate.condemn(CloseReason::Aborted("test".into()));
    // The halves of a duplex share it, so the far end sees the end when the writer is dropped and
    // the reader refuses.
    drop(_rx);
    let mut bytes = Vec::new();
    let reading = theirs.read_to_end(&mut bytes);
    timeout(SOON, reading)
        .await
        .expect("the stream stays open")
        .unwrap();
    assert!(bytes.len() < 900);
}

#[tokio::test]
async fn a_websocket_peer_that_freezes_is_cut_and_its_socket_closed() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let wide = LinkLimits {
        queue_bytes_max: 100_000_000,
        frame_bytes_max: 1 << 20,
        handshake_frame_bytes_max: 1 << 20,
        stall_timeout: Duration::from_millis(200),
    };
    let accepting = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        tokio_tungstenite::accept_async(stream).await.unwrap()
    });
    let addr = url.trim_start_matches("ws://").trim_end_matches('/');
    let stream = tokio::net::TcpStream::connect(addr).await.unwrap();
    let link = dial_websocket(stream, &url, wide).await.unwrap();
    let mut frozen = accepting.await.unwrap();
    let control = link.control();
    let (tx, mut rx) = link.split();
    for _ in 0..40 {
        tx.send(vec![0; 1 << 20]).await.unwrap();
    }
    timeout(SOON, next(&mut rx))
        .await
        .expect("not cut")
        .unwrap_err();
    let reason = control.fate.reason();
    assert!(
        matches!(reason, Some(CloseReason::Link(LinkFault::Stalled(_)))),
        "{reason:?}"
    );
    drop((tx, rx));
    // Thawed, the peer gets what the socket held, and then the end.
    let reading = async {
        use futures_util::StreamExt;
        while let Some(Ok(_)) = frozen.next().await {}
    };
    timeout(SOON, reading).await.expect("the socket stays open");
}

#[tokio::test]
async fn any_link_becomes_one_that_never_waits() {
    let (ours, theirs) = vox::memory_link_pair(1);
    let link = Unblock::new(ours, limits());
    let control = link.control();
    let (tx, mut rx) = link.split();
    let (their_tx, mut their_rx) = theirs.split();
    for n in 0..5 {
        tx.send(vec![n; 10]).await.unwrap();
    }
    for n in 0..5 {
        assert_eq!(their_rx.recv().await.unwrap().unwrap().as_bytes(), [n; 10]);
    }
    their_tx.send(vec![1; 1_001]).await.unwrap();
    let fault = next(&mut rx).await.unwrap_err();
    assert!(matches!(
        fault,
        LinkFault::FrameTooLarge { bytes: 1_001, .. }
    ));
    for n in 0..5 {
        tx.send(vec![n; 10]).await.unwrap();
    }
    timeout(SOON, control.fate.condemned())
        .await
        .expect("not cut");
}
