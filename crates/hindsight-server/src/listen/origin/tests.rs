use axum::http::HeaderValue;

use super::*;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn rights(host: &str, origin: Option<&str>) -> Result<Rights, Reason> {
    let mut pairs = vec![("host", host)];
    pairs.extend(origin.map(|origin| ("origin", origin)));
    let config = Config {
        allow_hosts: vec!["dev.example".to_owned()],
        bind: "192.168.7.7".parse().unwrap(),
        ..Config::default()
    };
    rights_of(&headers(&pairs), &config).map_err(|refusal| refusal.reason())
}

#[test]
fn hosts_are_loopback_names_or_allowed_ones() {
    for host in [
        "localhost",
        "localhost:1990",
        "LOCALHOST:1990",
        "localhost.:1990",
        "app.localhost:1990",
        "127.0.0.1:1990",
        "127.9.9.9",
        "[::1]:1990",
        "dev.example",
        "Dev.Example:1990",
        "192.168.7.7:1990",
    ] {
        assert_eq!(rights(host, None), Ok(Rights::ALL), "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:1990",
        "localhost.evil.example",
        "notlocalhost",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "[::2]:1990",
        "0.0.0.0:1990",
        "dev.example.evil",
    ] {
        assert_eq!(rights(host, None), Err(Reason::HostForbidden), "{host}");
    }
    for host in [
        "",
        ":1990",
        "localhost:",
        "localhost:99999",
        "a b",
        "a/b",
        "[::1",
        "user@localhost",
    ] {
        assert_eq!(rights(host, None), Err(Reason::HostMissing), "{host}");
    }
}

#[test]
fn a_request_without_host_or_with_two_is_malformed() {
    let config = Config::default();
    let none = rights_of(&headers(&[]), &config);
    assert_eq!(none, Err(Refusal::HostMissing));
    let two = headers(&[("host", "localhost"), ("host", "evil.example")]);
    assert_eq!(rights_of(&two, &config), Err(Refusal::HostMalformed));
}

#[test]
fn origins_decide_the_rights() {
    let forbidden = Err(Reason::OriginForbidden);
    for (origin, expected) in [
        ("http://localhost:1990", Ok(Rights::ALL)),
        ("HTTP://LOCALHOST:1990", Ok(Rights::ALL)),
        ("http://localhost:5173", Ok(Rights::TELL)),
        ("http://127.0.0.1:1990", Ok(Rights::TELL)),
        ("http://app.localhost", Ok(Rights::TELL)),
        ("https://[::1]:8443", Ok(Rights::TELL)),
        ("null", forbidden),
        ("", forbidden),
        ("http://evil.example", forbidden),
        ("http://evil.example:1990", forbidden),
        ("http://localhost.evil.example:1990", forbidden),
        ("http://dev.example", forbidden),
        ("file://", forbidden),
        ("chrome-extension://abcdef", forbidden),
        ("http://localhost:1990@evil.example", forbidden),
        ("http://localhost:1990/path", forbidden),
    ] {
        assert_eq!(rights("localhost:1990", Some(origin)), expected, "{origin}");
    }
    assert_eq!(
        rights("dev.example", Some("http://dev.example")),
        Ok(Rights::ALL)
    );
    assert_eq!(
        rights("dev.example:443", Some("https://dev.example")),
        Ok(Rights::ALL)
    );
}

#[test]
fn a_refusal_names_the_host_and_the_flag() {
    let headers = headers(&[("host", "evil.example:1990")]);
    let text = rights_of(&headers, &Config::default())
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("evil.example") && text.contains("--allow-host"),
        "{text}"
    );
}
