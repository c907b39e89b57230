//! Requests to the HTTP port and their answers.
//!
//! In: a request. Out: the page, an asset, the health probe, an upgrade, or a refusal in words.
//! Holds: `Host` and `Origin` are checked before anything else; every answer forbids framing,
//! sniffing and foreign content; nothing of a request's body is read.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::Response;
use axum::routing::get;
use tower::ServiceExt;

use super::assets;
use super::health::Health;
use super::http::Caller;
use super::origin::{self, Refusal};
use super::upgrade;
use crate::hub::Hub;

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

/// Sent with every answer. The page needs nothing from elsewhere and talks only to this hub.
const SECURITY_HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         connect-src 'self'; worker-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// The pages.
pub(super) fn router(hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/healthz", get(health))
        .route("/assets/{name}", get(asset))
        .route("/", get(page))
        .route("/{*path}", get(page))
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(hub)
}

/// Answers one request.
pub(super) async fn answer(
    hub: Arc<Hub>,
    router: Router,
    caller: Caller,
    request: Request,
) -> Response {
    let mut response = match origin::rights_of(request.headers(), &hub.config) {
        Err(refusal) => refuse(&hub, &caller, &refusal),
        Ok(rights) if upgrade::is_asked_for(request.headers()) => {
            upgrade::answer(&hub, &caller, rights, request)
        }
        Ok(_) => match router.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
    };
    for (name, value) in SECURITY_HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// An answer in words.
pub(super) fn text(status: StatusCode, text: impl Into<String>) -> Response {
    let mut text: String = text.into();
    text.push('\n');
    body(status, TEXT, text)
}

fn body(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static(content_type);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}

fn cached(mut response: Response, how: &'static str) -> Response {
    let value = HeaderValue::from_static(how);
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}

fn refuse(hub: &Hub, caller: &Caller, refusal: &Refusal) -> Response {
    let peer = caller.address.to_string();
    hub.telemetry.peer_fault(refusal.reason(), &peer, refusal);
    let status = match refusal.is_malformed() {
        true => StatusCode::BAD_REQUEST,
        false => StatusCode::FORBIDDEN,
    };
    text(status, refusal.to_string())
}

/// The page, at every path that is nothing else: which view it means is the page's business. What
/// looks like a file (`/favicon.ico`) is not taken for a view.
async fn page(request: Request) -> Response {
    let path = request.uri().path();
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.contains('.') {
        return not_found();
    }
    match file(assets::PAGE, request.headers()) {
        Some(response) => cached(response, "no-cache"),
        None => text(
            StatusCode::SERVICE_UNAVAILABLE,
            "This hub was built without its page. Try `hindsight traces` or `hindsight tui`.",
        ),
    }
}

async fn health(State(hub): State<Arc<Hub>>) -> Response {
    let json = Health::of(&hub).to_json();
    cached(body(StatusCode::OK, JSON, json), "no-store")
}

/// A name holds a digest of the content, so what was fetched once is never asked for again.
async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let found = (name != assets::PAGE)
        .then(|| file(&name, &headers))
        .flatten();
    match found {
        Some(response) => cached(response, "public, max-age=31536000, immutable"),
        None => not_found(),
    }
}

/// A file of the bundle, packed if the client takes it so.
fn file(name: &str, headers: &HeaderMap) -> Option<Response> {
    let asset = assets::find(name, assets::takes_brotli(headers))?;
    let mut response = body(StatusCode::OK, asset.content_type, Body::from(asset.bytes));
    let headers = response.headers_mut();
    if asset.is_packed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    Some(response)
}

fn not_found() -> Response {
    let words = "There is nothing here. This is a hindsight hub: open / for its page, /healthz for \
                 its health, or connect with `Upgrade: roam` or `Upgrade: websocket` on any path.";
    text(StatusCode::NOT_FOUND, words)
}

async fn method_not_allowed() -> Response {
    let words = "Only GET and HEAD are answered here. Spans come in over roam, not over HTTP.";
    text(StatusCode::METHOD_NOT_ALLOWED, words)
}
