use super::*;

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

fn request(head: &str) -> Request {
    let mut lines = head.lines();
    let mut request = Request::new(Body::empty());
    let mut first = lines.next().unwrap().split(' ');
    *request.method_mut() = first.next().unwrap().parse().unwrap();
    if first.next() == Some("HTTP/1.0") {
        *request.version_mut() = Version::HTTP_10;
    }
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        let name: HeaderName = name.parse().unwrap();
        request.headers_mut().append(name, value.parse().unwrap());
    }
    request
}

fn check(head: &str, expected: &str) {
    let found = match protocol(&request(head)) {
        Ok(Protocol::Roam { name }) => name.to_owned(),
        Ok(Protocol::WebSocket { accept }) => accept,
        Err(Refused::Malformed(what)) => format!("400 {what}"),
        Err(Refused::Unknown(_) | Refused::WebSocketVersion) => "426".to_owned(),
    };
    assert_eq!(found, expected, "{head}");
}

#[test]
fn protocols_are_found_as_the_rfc_says() {
    let head = |upgrade: &str, connection: &str| {
        format!("GET\nUpgrade: {upgrade}\nConnection: {connection}")
    };
    for (upgrade, connection, expected) in [
        ("roam", "Upgrade", "roam"),
        ("Roam", "keep-alive, UPGRADE", "roam"),
        ("vox", "upgrade", "vox"),
        ("h2c, roam", "upgrade", "roam"),
        ("h2c", "upgrade", "426"),
        ("roam/2", "upgrade", "426"),
        (
            "roam",
            "keep-alive",
            "400 the header \"Connection: Upgrade\"",
        ),
        ("roam", "upgraded", "400 the header \"Connection: Upgrade\""),
        (",", "upgrade", "400 a protocol in the header \"Upgrade\""),
        (
            "websocket",
            "upgrade",
            "400 the header \"Sec-WebSocket-Version\"",
        ),
    ] {
        check(&head(upgrade, connection), expected);
    }
    check(
        "GET\nUpgrade: roam",
        "400 the header \"Connection: Upgrade\"",
    );
    check(
        "POST\nUpgrade: roam\nConnection: upgrade",
        "400 the method GET",
    );
    check(
        "GET HTTP/1.0\nUpgrade: roam\nConnection: upgrade",
        "400 HTTP/1.1",
    );
    let with_body = "GET\nUpgrade: roam\nConnection: upgrade\nContent-Length: 3";
    check(with_body, "400 a request without a body");
}

#[test]
fn websocket_keys_are_answered_as_in_the_rfc_example() {
    let head = |key: &str, version: &str| {
        format!(
            "GET\nUpgrade: WebSocket\nConnection: Upgrade\nSec-WebSocket-Key: {key}\n\
             Sec-WebSocket-Version: {version}"
        )
    };
    check(&head(KEY, "13"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    check(&head(KEY, "8"), "426");
    for key in ["", "short", &KEY[1..], "dGhlIHNhbXBsZSBub25jZ!=="] {
        check(&head(key, "13"), "400 a valid header \"Sec-WebSocket-Key\"");
    }
}
