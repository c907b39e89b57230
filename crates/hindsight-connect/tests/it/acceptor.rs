//! The least that a guarded hub is: a port, a service, a list of how connections ended.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::probe::{Probe, ProbeClient, ProbeDispatcher, probe_service_descriptor};
use hindsight_connect::{
    AcceptOptions, Connection, Endpoint, FramedLink, LaneOptions, Lanes, LinkLimits, accept,
    accept_websocket, bearer, open_lane, serve_lane,
};
use hindsight_testkit::attack::{Method, Target, channel_argument};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vox::{Decline, EstablishmentRejectReason, LaneRejectReason, LaneRejection, PeerIdentity};

/// Handlers that run now.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<AtomicUsize>);

struct Run(Running);

impl Running {
    fn enter(&self) -> Run {
        self.0.fetch_add(1, Ordering::SeqCst);
        Run(self.clone())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(Clone)]
struct Service {
    running: Running,
}

impl Probe for Service {
    async fn echo(&self, text: String) -> String {
        text
    }

    async fn sleep(&self, millis: u64) -> u64 {
        let _run = self.running.enter();
        tokio::time::sleep(Duration::from_millis(millis)).await;
        millis
    }

    async fn sum(&self, delay_millis: u64, mut numbers: vox::Rx<u32>) -> u64 {
        let _run = self.running.enter();
        tokio::time::sleep(Duration::from_millis(delay_millis)).await;
        let mut sum = 0;
        while let Ok(Some(number)) = numbers.recv().await {
            sum += u64::from(*number.get());
        }
        sum
    }

    async fn hold(&self, _numbers: vox::Rx<u32>) -> u64 {
        let _run = self.running.enter();
        std::future::pending().await
    }

    async fn count(&self, up_to: u32, out: vox::Tx<u32>) -> u32 {
        let _run = self.running.enter();
        for number in 0..up_to {
            if out.send(number).await.is_err() {
                return number;
            }
        }
        up_to
    }

    async fn panic(&self) -> u32 {
        panic!("the probe was told to");
    }
}

/// What an [`Acceptor`] does beyond the usual.
#[derive(Clone, Default)]
pub(crate) struct Habits {
    pub(crate) token: Option<&'static str>,
    /// Opens a lane to each peer.
    pub(crate) opens_lane: bool,
    /// Aborts connections that were idle for so long.
    pub(crate) idle_max: Option<Duration>,
    pub(crate) handshake_timeout: Option<Duration>,
}

pub(crate) struct Acceptor {
    pub(crate) addr: SocketAddr,
    pub(crate) running: Running,
    shared: Arc<Shared>,
    accepting: tokio::task::JoinHandle<()>,
}

struct Shared {
    habits: Habits,
    running: Running,
    open: Mutex<Vec<Connection>>,
    ends: Mutex<Vec<String>>,
}

impl Drop for Acceptor {
    fn drop(&mut self) {
        self.accepting.abort();
        for connection in self.shared.open.lock().drain(..) {
            connection.abort("the test is over");
        }
    }
}

impl Acceptor {
    pub(crate) async fn start(habits: Habits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let running = Running::default();
        let shared = Arc::new(Shared {
            habits,
            running: running.clone(),
            open: Mutex::default(),
            ends: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                tokio::spawn(Arc::clone(&serving).serve(stream));
            }
        });
        Self {
            addr,
            running,
            shared,
            accepting,
        }
    }

    pub(crate) fn endpoint(&self, scheme: &str) -> Endpoint {
        format!("{scheme}://{}", self.addr).parse().unwrap()
    }

    pub(crate) fn open(&self) -> usize {
        self.shared.open.lock().len()
    }

    pub(crate) fn connections(&self) -> Vec<Connection> {
        self.shared.open.lock().clone()
    }

    /// How connections ended, and why others were not accepted.
    pub(crate) fn ends(&self) -> Vec<String> {
        self.shared.ends.lock().clone()
    }

    pub(crate) fn target(&self) -> Target {
        let methods = probe_service_descriptor().methods;
        let method = |name: &str| *methods.iter().find(|m| m.method_name == name).unwrap();
        let text = (String::from("hello"),);
        let hold = (channel_argument(0),);
        Target {
            addr: self.addr,
            service: "Probe".into(),
            unary: Method::new(method("echo"), &text, 0).unwrap(),
            streaming: Some(Method::new(method("hold"), &hold, 1).unwrap()),
            panicking: Some(Method::new(method("panic"), &(), 0).unwrap()),
            announcing: None,
            token: self.shared.habits.token.map(String::from),
        }
    }
}

impl Shared {
    async fn serve(self: Arc<Self>, stream: TcpStream) {
        let limit = self.handshake_timeout();
        let mut first = [0; 4];
        let sniffed = async {
            while stream.peek(&mut first).await.is_ok_and(|n| n > 0 && n < 4) {
                tokio::task::yield_now().await;
            }
        };
        if tokio::time::timeout(limit, sniffed).await.is_err() {
            return self.end("no first bytes".into());
        }
        if &first != b"GET " {
            let link = FramedLink::tcp(stream, LinkLimits::default());
            return self.hold(link).await;
        }
        match tokio::time::timeout(limit, upgrade(stream)).await {
            Err(_) => self.end("no HTTP head".into()),
            Ok(Upgraded::Roam(stream)) => {
                let link = FramedLink::tcp(stream, LinkLimits::default());
                self.hold(link).await;
            }
            Ok(Upgraded::WebSocket(stream)) => {
                let link = accept_websocket(stream, LinkLimits::default()).await;
                self.hold(link).await;
            }
            Ok(Upgraded::Refused) => self.end("no upgrade".into()),
        }
    }

    fn handshake_timeout(&self) -> Duration {
        let limit = self.habits.handshake_timeout;
        limit.unwrap_or(Duration::from_secs(1))
    }

    fn end(&self, why: String) {
        self.ends.lock().push(why);
    }

    async fn hold<L>(&self, link: L)
    where
        L: hindsight_connect::ControlledLink,
    {
        let connection = match accept(link, self.options()).await {
            Ok(connection) => connection,
            Err(error) => return self.end(error.to_string()),
        };
        self.open.lock().push(connection.clone());
        if self.habits.opens_lane {
            let asked = connection.clone();
            connection.scope().spawn(async move {
                let opened = open_lane::<ProbeClient>(&asked, LaneOptions::default()).await;
                drop(opened);
            });
        }
        let closed = connection.closed();
        let why = match self.habits.idle_max {
            Some(idle_max) => {
                let sweeping = async {
                    while connection.activity().idle_for() < idle_max {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    connection.abort("silent");
                    std::future::pending().await
                };
                tokio::select! {
                    why = closed => why,
                    never = sweeping => never,
                }
            }
            None => closed.await,
        };
        let mut open = self.open.lock();
        open.retain(Connection::is_open);
        self.end(why.to_string());
    }

    fn options(&self) -> AcceptOptions {
        let service = Service {
            running: self.running.clone(),
        };
        let token = self.habits.token;
        AcceptOptions {
            timeout: self.handshake_timeout(),
            metadata: vox::metadata().str("hub", "test").build(),
            lanes: Lanes::scoped(move |request, lane, scope| match request.service() {
                "Probe" => {
                    serve_lane(scope, lane, ProbeDispatcher::new(service.clone()));
                    Ok(())
                }
                _ => Err(LaneRejection::new(LaneRejectReason::UnknownService)),
            }),
            identity: Arc::new(vox::identity_resolver_fn(move |context| {
                if token.is_some() && bearer(context.claims) != token {
                    return Err(Decline::new(EstablishmentRejectReason::Unauthenticated));
                }
                Ok(PeerIdentity::anonymous())
            })),
            ..AcceptOptions::default()
        }
    }
}

enum Upgraded {
    Roam(TcpStream),
    WebSocket(TcpStream),
    Refused,
}

/// A very small HTTP server. It reads byte by byte, so that nothing after the head is lost.
async fn upgrade(mut stream: TcpStream) -> Upgraded {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 8 << 10 {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return Upgraded::Refused,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned())
    };
    let (answer, upgraded): (String, fn(TcpStream) -> Upgraded) = if head.starts_with("GET /no") {
        let body = "foreign origin\nsecond line";
        let answer = format!(
            "HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        (answer, |_| Upgraded::Refused)
    } else if header("upgrade").as_deref() == Some("roam") {
        let answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: roam\r\n\r\n";
        (answer.into(), Upgraded::Roam)
    } else if let Some(key) = header("sec-websocket-key") {
        let key = tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Accept: {key}\r\n\r\n"
        );
        (answer, Upgraded::WebSocket)
    } else {
        let answer = "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n";
        (answer.into(), |_| Upgraded::Refused)
    };
    match stream.write_all(answer.as_bytes()).await {
        Ok(()) => upgraded(stream),
        Err(_) => Upgraded::Refused,
    }
}

/// Waits for a condition; panics with what was waited for if it does not come true.
pub(crate) async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !condition() {
        assert!(Instant::now() < deadline, "not within 5 s: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
