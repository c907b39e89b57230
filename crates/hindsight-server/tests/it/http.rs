//! What the HTTP port answers, byte for byte enough.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{TestHub, eventually};

/// Head and body of an answer.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

async fn ask(hub: &TestHub, request: &str) -> Answer {
    let text = hub.raw(request).await;
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Answer {
        status: status.unwrap_or_else(|| panic!("{request:?} was answered {text:?}")),
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
    }
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_answered_as_the_table_says() {
    let hub = TestHub::start().await;
    let host = "Host: localhost\r\n";
    for (request, status, in_body) in [
        (get("/", host), 200, "<title>hindsight</title>"),
        (get("/", "Host: [::1]:1990\r\n"), 200, "hindsight"),
        (get("/trace/abc", host), 200, "<title>hindsight</title>"),
        (get("/hub?a=b.c", host), 200, "<title>hindsight</title>"),
        (get("/favicon.ico", host), 404, "hindsight hub"),
        (get("/healthz", host), 200, "\"name\":\"hindsight\""),
        (get("/assets/none", host), 404, "hindsight hub"),
        (get("/assets/..%2finputs.txt", host), 404, "hindsight hub"),
        (get("/assets/index.html", host), 404, "Upgrade: roam"),
        (get("/", ""), 400, "no Host"),
        (get("/", "Host: a b\r\n"), 400, "Host"),
        (
            get("/", "Host: localhost\r\nHost: evil.example\r\n"),
            400,
            "Host",
        ),
        (
            get("/", "Host: evil.example:1990\r\n"),
            403,
            "--allow-host evil.example",
        ),
        (
            get("/healthz", "Host: evil.example\r\n"),
            403,
            "evil.example",
        ),
        (get("/", "Host: localhost\r\nOrigin: null\r\n"), 403, "null"),
        (
            get("/", "Host: localhost\r\nOrigin: http://evil.example\r\n"),
            403,
            "evil.example",
        ),
        (
            get("/", "Host: localhost\r\nOrigin: http://localhost:3000\r\n"),
            200,
            "hindsight",
        ),
        (
            format!("POST / HTTP/1.1\r\nConnection: close\r\n{host}Content-Length: 0\r\n\r\n"),
            405,
            "GET",
        ),
        (
            format!("DELETE /healthz HTTP/1.1\r\nConnection: close\r\n{host}\r\n"),
            405,
            "roam",
        ),
        ("GARBAGE\r\n\r\n".to_owned(), 400, ""),
    ] {
        let answer = ask(&hub, &request).await;
        assert_eq!(answer.status, status, "{request:?}: {}", answer.body);
        assert!(
            answer.body.contains(in_body),
            "{request:?}: {}",
            answer.body
        );
        if status != 400 {
            assert!(
                answer
                    .head
                    .contains("default-src 'none'; script-src 'self'"),
                "{request:?}: {}",
                answer.head
            );
            assert!(
                answer.head.contains("nosniff"),
                "{request:?}: {}",
                answer.head
            );
        }
        assert!(
            !answer.head.contains("access-control-allow"),
            "{}",
            answer.head
        );
    }
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_request_has_no_body_and_keep_alive_works() {
    let hub = TestHub::start().await;
    let head = "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answer = ask(&hub, head).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));

    let twice = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned()
        + &get("/healthz", "Host: localhost\r\n");
    let answers = hub.raw(&twice).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn allowed_hosts_are_answered_and_their_own_pages_too() {
    let hub = TestHub::with(|config| config.allow_hosts = vec!["dev.example".to_owned()]).await;
    let own = "Host: dev.example\r\nOrigin: http://dev.example\r\n";
    assert_eq!(ask(&hub, &get("/", own)).await.status, 200);
    let other = "Host: dev.example\r\nOrigin: http://evil.example\r\n";
    assert_eq!(ask(&hub, &get("/", other)).await.status, 403);
}

/// A whole answer as bytes: files are not text.
async fn fetch(hub: &TestHub, path: &str, headers: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(hub.http()).await.unwrap();
    let request = get(path, &format!("Host: localhost\r\n{headers}"));
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let end = end.expect("a head") + 4;
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    (head.to_ascii_lowercase(), answer[end..].to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_its_files_come_with_types_caching_and_compression() {
    let hub = TestHub::start().await;
    let (head, page) = fetch(&hub, "/", "").await;
    assert!(head.contains("cache-control: no-cache"), "{head}");
    assert!(head.contains("content-type: text/html"), "{head}");
    assert!(!head.contains("content-encoding"), "{head}");
    let page = String::from_utf8(page).unwrap();
    let files = page.split("\"/assets/").skip(1);
    for name in files.map(|rest| rest.split('"').next().unwrap()) {
        let path = format!("/assets/{name}");
        let (head, plain) = fetch(&hub, &path, "Accept-Encoding: gzip\r\n").await;
        let kind = match name.rsplit_once('.').unwrap().1 {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            _ => "application/wasm",
        };
        for part in [
            &format!("content-type: {kind}\r\n"),
            "cache-control: public, max-age=31536000, immutable",
            "vary: accept-encoding",
            &format!("content-length: {}\r\n", plain.len()),
        ] {
            assert!(head.contains(part), "{part} is missing in {head}");
        }
        assert!(!head.contains("content-encoding"), "{head}");
        let (head, packed) = fetch(&hub, &path, "Accept-Encoding: gzip, br\r\n").await;
        assert!(head.contains("content-encoding: br\r\n"), "{head}");
        assert!(packed.len() < plain.len(), "{name}");
        if kind == "application/wasm" {
            assert_eq!(plain[..4], *b"\0asm");
        }
    }
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_or_endless_head_is_cut_and_others_are_served() {
    let hub = TestHub::with(|config| {
        config.connections.handshake_timeout = std::time::Duration::from_millis(200);
    })
    .await;
    let mut slow = TcpStream::connect(hub.http()).await.unwrap();
    slow.write_all(b"GET / HT").await.unwrap();
    let mut endless = TcpStream::connect(hub.http()).await.unwrap();
    let head = format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(1 << 20));
    // The hub may close while this is still being written.
    let _ = endless.write_all(head.as_bytes()).await;
    for stream in [&mut slow, &mut endless] {
        let mut rest = Vec::new();
        // A reset is as good an end as any.
        let _ = stream.read_to_end(&mut rest).await;
    }
    assert_eq!(
        ask(&hub, &get("/healthz", "Host: localhost\r\n"))
            .await
            .status,
        200
    );
    let client = hub.client().await;
    eventually("only the client is left", || async {
        client.stats().await.connections == 1
    })
    .await;
}
