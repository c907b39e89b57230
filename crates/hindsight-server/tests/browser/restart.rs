//! A hub that goes while a trace is open, and comes back empty; and one that is another version.

use hindsight_connect::{AcceptOptions, Lanes, LinkLimits, accept, accept_websocket, serve_lane};
use hindsight_protocol::hub::{PROTOCOL_VERSION, PingReply, PingRequest};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::chromium::Tab;
use crate::feed::{self, TRACE};
use crate::process::Hub;

const STATUS: &str = "document.querySelector('.connection').innerText";
const ALERT: &str = "document.querySelector('.interruption').innerText";
const MAIN: &str = "document.querySelector('main').innerText";
/// What Chromium logs while nobody listens.
const REFUSED: [&str; 2] = ["ERR_CONNECTION_REFUSED", "WebSocket connection"];

async fn send(hub: &Hub) {
    let endpoint = hub.endpoint.clone();
    // Its runtime is its own.
    let sent = std::thread::spawn(move || feed::send(&endpoint, feed::request()));
    sent.join().expect("is stored");
}

#[tokio::test]
async fn an_open_trace_outlives_its_hub_and_then_says_that_it_is_not_stored() {
    let mut hub = Hub::start();
    send(&hub).await;
    let mut tab = Tab::open(&format!("http://{}/trace/{TRACE}", hub.endpoint)).await;
    tab.prefer("dark").await;
    tab.until("/^Row 1 of /.test(document.querySelector('#selected-row').textContent)")
        .await;
    tab.until("document.querySelector('.panel').innerText.includes('service.name')")
        .await;
    let port = hub.port().to_owned();
    hub.process.kill();

    // It is said, and what was there stays to be read.
    tab.until(&format!("{STATUS} === 'offline'")).await;
    tab.until(&format!(
        "{ALERT}.includes('The hub does not answer') && {ALERT}.includes('Trying again')"
    ))
    .await;
    tab.press("j").await;
    tab.until("/^Row 2 of /.test(document.querySelector('#selected-row').textContent)")
        .await;
    tab.picture("trace-offline-dark").await;

    // Back by itself; the new hub knows nothing of the trace.
    let hub = Hub::start_on(&port);
    tab.until(&format!("{STATUS} === 'connected again'")).await;
    tab.until("document.querySelector('.interruption').classList.contains('is-hidden')")
        .await;
    tab.until(&format!(
        "/No span of this trace is stored: none has arrived since the hub began at \\d{{4}}-/.test({MAIN})"
    ))
    .await;
    tab.picture("trace-forgotten-dark").await;
    // And when it is told again, it is there again.
    send(&hub).await;
    tab.until("/^Row \\d+ of /.test(document.querySelector('#selected-row').textContent)")
        .await;
    tab.until(&format!("{STATUS}.startsWith('live')")).await;
    assert_eq!(tab.complaints(&REFUSED), Vec::<&String>::new());
}

/// What a hub of a later version still has in common with this one.
mod later {
    // What the macro generates is `pub`.
    #![allow(missing_docs, unreachable_pub)]

    use super::{PROTOCOL_VERSION, PingReply, PingRequest};

    #[vox::service]
    pub trait HindsightService {
        async fn ping(&self, request: PingRequest) -> PingReply;
    }

    #[derive(Clone)]
    pub struct Later;

    impl HindsightService for Later {
        async fn ping(&self, _request: PingRequest) -> PingReply {
            PingReply {
                protocol_version: PROTOCOL_VERSION + 41,
                ..PingReply::default()
            }
        }
    }
}

/// Hands the page of the hub on, but answers roam itself, as a later hub would.
async fn answer_as_later(listener: TcpListener, hub: String) {
    loop {
        let Ok((mut stream, _)) = listener.accept().await else {
            return;
        };
        let hub = hub.clone();
        tokio::spawn(async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = stream.read_u8().await else {
                    return;
                };
                head.push(byte);
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            let key = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("sec-websocket-key")
                    .then(|| value.trim().to_owned())
            });
            match key {
                Some(key) => speak(stream, &key).await,
                None => {
                    let mut to = TcpStream::connect(&hub).await.expect("the hub listens");
                    to.write_all(head.as_bytes()).await.expect("is taken");
                    // Either end may close first.
                    copy_bidirectional(&mut stream, &mut to).await.ok();
                }
            }
        });
    }
}

async fn speak(mut stream: TcpStream, key: &str) {
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        derive_accept_key(key.as_bytes())
    );
    stream.write_all(answer.as_bytes()).await.expect("is taken");
    let link = accept_websocket(stream, LinkLimits::default()).await;
    let options = AcceptOptions {
        lanes: Lanes::scoped(|_, lane, scope| {
            let dispatcher = later::HindsightServiceDispatcher::new(later::Later);
            serve_lane(scope, lane, dispatcher);
            Ok(())
        }),
        ..AcceptOptions::default()
    };
    if let Ok(connection) = accept(link, options).await {
        connection.closed().await;
    }
}

#[tokio::test]
async fn a_page_that_finds_a_hub_of_another_version_says_which_and_offers_to_reload() {
    let hub = Hub::start();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("is bound");
    let serving = tokio::spawn(answer_as_later(listener, hub.endpoint.clone()));
    let mut tab = Tab::open(&format!("http://{address}/")).await;
    tab.prefer("dark").await;
    tab.until(&format!("{STATUS} === 'other version'")).await;
    tab.until(&format!("{MAIN}.includes('of different versions')"))
        .await;
    let theirs = PROTOCOL_VERSION + 41;
    tab.until(&format!(
        "{ALERT}.includes('The hub speaks version {theirs} of the protocol and this page version {PROTOCOL_VERSION}.')"
    ))
    .await;
    tab.picture("other-version-dark").await;
    tab.prefer("light").await;
    tab.picture("other-version-light").await;
    // Loading again is what helps, and what the button does.
    tab.evaluate("window.before = true").await;
    tab.point(".interruption button", true).await;
    tab.until("window.before === undefined && document.querySelector('.interruption')")
        .await;
    tab.until(&format!("{STATUS} === 'other version'")).await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
    serving.abort();
}
