//! Every transport, and every way in which dialing fails.

use std::time::Duration;

use hindsight_connect::{
    CloseReason, Connection, DialError, DialOptions, Endpoint, FramedLink, LaneOptions, LinkLimits,
    accept, dial, establish, open_lane,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener};

use crate::acceptor::{Acceptor, Habits, eventually};
use crate::probe::ProbeClient;

pub(crate) async fn echo(connection: &Connection) -> String {
    let lane = open_lane::<ProbeClient>(connection, LaneOptions::default()).await;
    let lane = lane.unwrap();
    lane.call(|probe| probe.echo("marco".into())).await.unwrap()
}

#[tokio::test]
async fn a_hub_is_reached_over_http_tcp_and_websocket() {
    let hub = Acceptor::start(Habits::default()).await;
    for scheme in ["http", "tcp", "ws"] {
        let endpoint = hub.endpoint(scheme);
        let connection = dial(&endpoint, DialOptions::default()).await.unwrap();
        assert_eq!(echo(&connection).await, "marco", "{scheme}");
        let hub_name = vox::metadata_get_str(connection.peer_metadata(), "hub");
        assert_eq!(hub_name, Some("test"), "{scheme}");
        let activity = connection.activity();
        assert!(
            activity.frames_in() > 3 && activity.bytes_out() > 100,
            "{scheme}"
        );
        assert!(activity.idle_for() < Duration::from_secs(5));
        drop(connection);
        eventually("the hub sees the end", || hub.open() == 0).await;
        assert_eq!(
            hub.ends().pop().unwrap(),
            CloseReason::PeerClosed.to_string()
        );
    }
}

#[tokio::test]
async fn a_hub_is_reached_over_a_unix_socket() {
    let dir = std::env::temp_dir().join(format!("hindsight-it-{}", std::process::id()));
    let path = dir.join("hub.sock");
    hindsight_connect::prepare_local_dir(&path).unwrap();
    // A run that was killed may have left it; if it has not, there is nothing to remove.
    std::fs::remove_file(&path).ok();
    let listener = UnixListener::bind(&path).unwrap();
    let accepting = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let link = FramedLink::unix(stream, LinkLimits::default());
        accept(link, Default::default()).await.unwrap()
    });
    let endpoint = Endpoint::Local { path };
    let connection = dial(&endpoint, DialOptions::default()).await.unwrap();
    let accepted = accepting.await.unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    connection.shutdown();
    assert!(matches!(accepted.closed().await, CloseReason::PeerClosed));
    assert!(matches!(connection.closed().await, CloseReason::Local));
}

#[tokio::test]
async fn any_roam_link_will_do() {
    let (ours, theirs) = vox::memory_link_pair(4);
    let theirs = hindsight_connect::Unblock::new(theirs, LinkLimits::default());
    let accepting = tokio::spawn(accept(theirs, Default::default()));
    let connection = establish(ours, DialOptions::default()).await.unwrap();
    let accepted = accepting.await.unwrap().unwrap();
    assert!(connection.is_open() && accepted.is_open());
    accepted.abort("enough");
    assert!(matches!(connection.closed().await, CloseReason::PeerClosed));
    assert_eq!(
        accepted.closed().await.to_string(),
        "aborted by this side: enough"
    );
}

#[tokio::test]
async fn a_token_is_checked_before_any_lane_exists() {
    let hub = Acceptor::start(Habits {
        token: Some("s3cret"),
        ..Habits::default()
    })
    .await;
    for scheme in ["http", "tcp", "ws"] {
        let endpoint = hub.endpoint(scheme);
        let with = |token: Option<&str>| DialOptions {
            token: token.map(String::from),
            ..DialOptions::default()
        };
        let error = dial(&endpoint, with(None)).await.unwrap_err();
        assert!(
            matches!(error, DialError::TokenMissing { .. }),
            "{scheme}: {error}"
        );
        let error = dial(&endpoint, with(Some("guess"))).await.unwrap_err();
        assert!(
            matches!(error, DialError::TokenRejected { .. }),
            "{scheme}: {error}"
        );
        let connection = dial(&endpoint, with(Some("s3cret"))).await.unwrap();
        assert_eq!(echo(&connection).await, "marco");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_in_one_line() {
    let refused = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    check(
        &format!("http://{refused}"),
        "nothing listens at",
        "hindsight serve",
    )
    .await;
    check(
        &format!("tcp://{refused}"),
        "nothing listens at",
        "hindsight serve",
    )
    .await;
    check(
        "local:///nonexistent/hub.sock",
        "nothing listens at",
        "local://",
    )
    .await;
    check(
        "http://no-such-host.invalid:1",
        "cannot look up",
        "no-such-host",
    )
    .await;
}

#[tokio::test]
async fn what_is_not_a_hub_is_said_in_one_line() {
    let ssh = answering(b"SSH-2.0-OpenSSH_9.6\r\n").await;
    check(&format!("tcp://{ssh}"), "is not a hindsight hub", "SSH-2.").await;
    check(
        &format!("http://{ssh}"),
        "is not a hindsight hub",
        "SSH-2.0",
    )
    .await;
    let web = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").await;
    check(&format!("tcp://{web}"), "is not a hindsight hub", "HTTP/1").await;
    check(&format!("http://{web}"), "HTTP 200", "hi").await;
    check(&format!("ws://{web}"), "HTTP 200", "").await;
    let silent = answering(b"").await;
    check(
        &format!("tcp://{silent}"),
        "did not answer within",
        "roam handshake",
    )
    .await;
    check(
        &format!("http://{silent}"),
        "did not answer within",
        "upgrading",
    )
    .await;
    check(
        &format!("ws://{silent}"),
        "did not answer within",
        "WebSocket",
    )
    .await;
    let hub = Acceptor::start(Habits::default()).await;
    check(
        &format!("http://{}/no", hub.addr),
        "HTTP 403",
        "foreign origin / second line",
    )
    .await;
}

#[tokio::test]
async fn another_version_of_roam_is_named() {
    let old = answering(b"VOXL\x01\x00\x08\x00\x00\x00VOTA\x08\x00\x00\x00").await;
    check(&format!("tcp://{old}"), "version 8", "speaks 9").await;
    let rejecting = answering(b"VOXL\x01\x00\x08\x00\x00\x00VOTR\x0b\x01\x00\x00").await;
    check(&format!("tcp://{rejecting}"), "version 11", "speaks 9").await;
    let framed = answering(b"VOXL\x02\x00").await;
    check(&format!("tcp://{framed}"), "version 2", "speaks 1").await;
}

async fn check(endpoint: &str, needle: &str, other: &str) {
    let options = DialOptions {
        timeout: Duration::from_millis(500),
        ..DialOptions::default()
    };
    let error = dial(&endpoint.parse().unwrap(), options).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains(needle) && text.contains(other),
        "{endpoint}: {text}"
    );
    assert!(!text.contains('\n'), "{text}");
}

/// A server that answers everybody with the same bytes once they said something, and then waits.
async fn answering(answer: &'static [u8]) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut said = [0; 1024];
                let read = stream.read(&mut said).await.unwrap();
                assert!(read > 0, "nothing said");
                stream.write_all(answer).await.unwrap();
                while stream.read(&mut said).await.is_ok_and(|n| n > 0) {}
            });
        }
    });
    addr
}
