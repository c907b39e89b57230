//! The server: the page's files, and roam in a WebSocket of the same port.
//!
//! Holds: only its own page may open that WebSocket. It is an example: connections are not counted,
//! and it lasts until it is stopped.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use clap::Parser;
use hindsight::Tracer;
use hindsight_connect::{
    AcceptOptions, Lanes, LinkLimits, Scope, accept, accept_websocket, serve_lane,
};
use hindsight_roam::Traced;
use hindsight_web_example::{Calculator, CalculatorDispatcher};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Serves a page that traces itself.
#[derive(Parser)]
struct Arguments {
    /// Port to listen on; 0: any
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// Where the hub is: host:port
    #[arg(long, env = "HINDSIGHT_ENDPOINT", default_value = "localhost:1990")]
    hub: String,
    /// The page's files
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/dist"))]
    page: PathBuf,
}

/// What every request needs.
#[derive(Clone)]
struct Example {
    tracer: Tracer,
    page: PathBuf,
}

#[derive(Clone)]
struct Sums {
    tracer: Tracer,
}

impl Calculator for Sums {
    async fn calculate(&self, n: u64) -> u64 {
        let span = self.tracer.span("sum").with_attribute("n", n).start();
        let sum = (1..=n).sum();
        span.end();
        sum
    }
}

#[tokio::main]
pub(super) async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { port, hub, page } = Arguments::parse();
    let tracer = Tracer::builder()
        .service_name("example-server")
        .endpoint(&hub)
        .lazy();
    let listener = TcpListener::bind(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port)).await?;
    println!("http://{}/?hub={hub}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        // A system that cannot do this is slower.
        stream.set_nodelay(true).ok();
    });
    let router = Router::new()
        .route("/", get(index))
        .route("/assets/{name}", get(asset))
        .route("/roam", get(roam))
        .with_state(Example { tracer, page });
    Ok(axum::serve(listener, router).await?)
}

async fn index(State(example): State<Example>) -> Response {
    file(&example, "index.html")
}

async fn asset(State(example): State<Example>, Path(name): Path<String>) -> Response {
    file(&example, &name)
}

/// A file of the bundle, which has them packed with brotli; every browser takes that on this machine.
fn file(example: &Example, name: &str) -> Response {
    let content_type = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        _ => return refuse(StatusCode::NOT_FOUND, "there is no such file"),
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let packed = match name.chars().all(is_plain) && !name.starts_with('.') {
        true => std::fs::read(example.page.join(format!("{name}.br"))).ok(),
        false => None,
    };
    let Some(packed) = packed else {
        return refuse(
            StatusCode::NOT_FOUND,
            "no such file; `cargo xtask web --example` makes the page",
        );
    };
    let mut response = Response::new(Body::from(packed));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header_value(content_type));
    headers.insert(header::CONTENT_ENCODING, header_value("br"));
    headers.insert(header::CACHE_CONTROL, header_value("no-cache"));
    response
}

/// Roam in a WebSocket.
async fn roam(State(example): State<Example>, mut request: Request) -> Response {
    let headers = request.headers();
    if !is_own_page(headers) {
        return refuse(StatusCode::FORBIDDEN, "only this server's page may call it");
    }
    let Some(key) = headers.get(header::SEC_WEBSOCKET_KEY) else {
        return refuse(StatusCode::UPGRADE_REQUIRED, "this is for WebSockets");
    };
    let accept_key = derive_accept_key(key.as_bytes());
    let on = hyper::upgrade::on(&mut request);
    tokio::spawn(serve(example.tracer, on));
    let response = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_ACCEPT, accept_key);
    response.body(Body::empty()).unwrap_or_default()
}

/// Any page may open a WebSocket to this machine; browsers say which one did.
fn is_own_page(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
    origin.is_some() && origin == text(header::HOST)
}

async fn serve(tracer: Tracer, on: OnUpgrade) {
    let Ok(upgraded) = on.await else {
        // The page left before the answer reached it.
        return;
    };
    let link = accept_websocket(TokioIo::new(upgraded), LinkLimits::default()).await;
    let options = AcceptOptions {
        lanes: Lanes::scoped(move |_request, lane, scope: &Scope| {
            let sums = Sums {
                tracer: tracer.clone(),
            };
            let dispatcher = CalculatorDispatcher::new(sums);
            let traced = Traced::new(dispatcher).with_tracer(tracer.clone());
            serve_lane(scope, lane, traced);
            Ok(())
        }),
        ..AcceptOptions::default()
    };
    match accept(link, options).await {
        Ok(connection) => drop(connection.closed().await),
        Err(error) => eprintln!("a page could not connect: {error}"),
    }
}

fn refuse(status: StatusCode, why: &'static str) -> Response {
    let mut response = Response::new(Body::from(why));
    *response.status_mut() = status;
    response
}

fn header_value(text: &'static str) -> axum::http::HeaderValue {
    axum::http::HeaderValue::from_static(text)
}
