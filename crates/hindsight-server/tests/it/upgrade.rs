//! The ways from bytes to a roam session, and what each may do.

use std::io;

use hindsight_connect::{
    Connection, DialOptions, FramedLink, LaneOptions, LinkLimits, accept_websocket, initiate,
    open_relayed,
};
use hindsight_protocol::ServiceIntrospectionClient;
use hindsight_protocol::hub::{HubError, IngestSpansRequest};
use hindsight_testkit::builder::span;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Client, TestHub, code, tracer_id};

const ROAM: &str = "Connection: Upgrade\r\nUpgrade: roam\r\n";
const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// Sends a request and reads the answer's head, byte by byte so that nothing after it is taken.
async fn ask(hub: &TestHub, path: &str, headers: &str) -> io::Result<(String, TcpStream)> {
    let mut stream = TcpStream::connect(hub.http()).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok((String::from_utf8_lossy(&head).into_owned(), stream))
}

async fn session(stream: TcpStream) -> Client {
    let link = FramedLink::tcp(stream, LinkLimits::default());
    let connection: Connection = initiate(link, DialOptions::default())
        .await
        .expect("a session");
    Client::over(connection).await
}

#[tokio::test(flavor = "multi_thread")]
async fn upgrades_are_found_in_every_spelling_on_every_path() {
    let hub = TestHub::start().await;
    for (path, headers, protocol) in [
        ("/", ROAM.to_owned(), "roam"),
        ("/any/path?x=1", ROAM.to_owned(), "roam"),
        (
            "/",
            "connection: keep-alive, UPGRADE\r\nupgrade: Roam\r\n".to_owned(),
            "roam",
        ),
        (
            "/",
            "Connection: upgrade\r\nUpgrade: vox\r\n".to_owned(),
            "vox",
        ),
        (
            "/",
            "Connection: upgrade\r\nUpgrade: h2c, roam\r\n".to_owned(),
            "roam",
        ),
    ] {
        let (head, stream) = ask(&hub, path, &headers).await.unwrap();
        assert!(head.starts_with("HTTP/1.1 101"), "{headers:?}: {head}");
        let answered = format!("upgrade: {protocol}");
        assert!(
            head.to_ascii_lowercase().contains(&answered),
            "{headers:?}: {head}"
        );
        let client = session(stream).await;
        assert_eq!(client.stats().await.hub_id, hub.running().hub_id());
    }
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_sent_together_with_the_request_are_not_lost() {
    let hub = TestHub::start().await;
    let mut stream = TcpStream::connect(hub.http()).await.unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{ROAM}\r\nVOXL\x01\x00");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let mut prologue = [0; 6];
    stream.read_exact(&mut prologue).await.unwrap();
    assert_eq!(&prologue, b"VOXL\x01\x00");
}

#[tokio::test(flavor = "multi_thread")]
async fn roam_is_recognised_on_the_http_port_without_a_head() {
    let hub = TestHub::start().await;
    let stream = TcpStream::connect(hub.http()).await.unwrap();
    let client = session(stream).await;
    client.attach(1, "sniffed").await.unwrap();
    assert!(client.apps().await[0].transport.starts_with("tcp "));
}

#[tokio::test(flavor = "multi_thread")]
async fn upgrades_that_cannot_be_are_refused_with_a_reason() {
    let hub = TestHub::start().await;
    for (headers, status, part) in [
        ("Upgrade: roam\r\n", "400", ""),
        ("Connection: close\r\nUpgrade: roam\r\n", "400", ""),
        (
            "Connection: Upgrade\r\nUpgrade: h2c\r\n",
            "426",
            "upgrade: roam, websocket",
        ),
        ("Connection: Upgrade\r\nUpgrade: websocket\r\n", "400", ""),
        (
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: x\r\n",
            "400",
            "",
        ),
        (
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            "426",
            "sec-websocket-version: 13",
        ),
        (
            "Connection: Upgrade\r\nUpgrade: roam\r\nOrigin: null\r\n",
            "403",
            "",
        ),
        (
            "Connection: Upgrade\r\nUpgrade: roam\r\nOrigin: http://evil.example\r\n",
            "403",
            "",
        ),
        (
            "Connection: Upgrade\r\nUpgrade: roam\r\nContent-Length: 5\r\n",
            "400",
            "",
        ),
    ] {
        let (head, _) = ask(&hub, "/", headers).await.unwrap();
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status}")),
            "{headers:?}: {head}"
        );
        assert!(
            head.to_ascii_lowercase().contains(part),
            "{headers:?}: {head}"
        );
    }
    let client = hub.client().await;
    assert_eq!(client.count_of("origin_forbidden").await, 2);
    assert_eq!(client.count_of("upgrade_unknown").await, 2);
    assert_eq!(client.count_of("upgrade_malformed").await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_local_sites_may_tell_and_not_read() {
    let hub = TestHub::start().await;
    let own = format!("{ROAM}Origin: http://localhost\r\n");
    let (_, stream) = ask(&hub, "/", &own).await.unwrap();
    session(stream).await.stats().await;

    let other = format!("{ROAM}Origin: http://localhost:5173\r\n");
    let (head, stream) = ask(&hub, "/", &other).await.unwrap();
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let page = session(stream).await;
    page.attach(1, "page").await.unwrap();
    page.ingest((1, 1), &[span(1, 1).build()]).await.unwrap();
    let spans = IngestSpansRequest {
        spans: vec![span(1, 2).build()],
    };
    page.lane.call(|c| c.ingest_spans(spans)).await.unwrap();
    page.lane
        .call(|c| c.ping(Default::default()))
        .await
        .unwrap();

    let lane = &page.lane;
    let forbidden = [
        code(lane.call(|c| c.list_traces(Default::default())).await),
        code(lane.call(|c| c.get_trace(Default::default())).await),
        code(lane.call(|c| c.trace_structure(Default::default())).await),
        code(lane.call(|c| c.get_spans(Default::default())).await),
        code(lane.call(|c| c.open_spans(Default::default())).await),
        code(lane.call(|c| c.list_apps(Default::default())).await),
        code(lane.call(|c| c.stats(Default::default())).await),
        code(lane.call(|c| c.clear(Default::default())).await),
        code(lane.call(|c| c.pin_trace(Default::default())).await),
        code(lane.call(|c| c.unpin_trace(Default::default())).await),
        code(
            lane.call(|c| c.live(Default::default(), vox::channel().0))
                .await,
        ),
        code(
            lane.call(|c| c.watch_apps(Default::default(), vox::channel().0))
                .await,
        ),
    ];
    assert_eq!(forbidden, [HubError::FORBIDDEN; 12]);
    let app = tracer_id(1).to_string();
    let options = LaneOptions::default();
    let relayed = open_relayed::<ServiceIntrospectionClient>(&page.connection, &app, options);
    let text = relayed.await.unwrap_err().to_string();
    assert!(text.contains("may not reach apps"), "{text}");
    assert_eq!(hub.client().await.count_of("call_forbidden").await, 13);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_answers_its_key_and_carries_roam() {
    let hub = TestHub::start().await;
    let headers =
        format!("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n{KEY}");
    let (head, stream) = ask(&hub, "/", &headers).await.unwrap();
    assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
    // A link in the server's role does not mask its frames, which RFC 6455 forbids to clients.
    let link = accept_websocket(stream, LinkLimits::default()).await;
    assert!(initiate(link, DialOptions::default()).await.is_err());

    let client = Client::dial(&hub.endpoint("ws"), DialOptions::default())
        .await
        .unwrap();
    client.attach(1, "browser").await.unwrap();
    assert!(client.apps().await[0].transport.starts_with("websocket "));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_hubs_service_is_offered() {
    use hindsight_connect::{LaneError, LaneOptions, open_lane};
    use hindsight_protocol::ServiceIntrospectionClient;
    let hub = TestHub::start().await;
    let client = hub.client().await;
    let options = LaneOptions::default();
    let refused = open_lane::<ServiceIntrospectionClient>(&client.connection, options).await;
    match refused {
        Err(LaneError::Rejected(rejection)) => {
            let reason = rejection.reason();
            assert_eq!(reason, vox::LaneRejectReason::UnknownService);
        }
        other => panic!("{:?}", other.map(|_| ())),
    }
    assert_eq!(client.count_of("service_unknown").await, 1);
}
