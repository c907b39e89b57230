use super::*;

fn check(text: &str, shown: &str) {
    let endpoint: Endpoint = text.parse().unwrap();
    assert_eq!(endpoint.to_string(), shown, "{text}");
    assert_eq!(shown.parse(), Ok(endpoint), "{shown} does not parse back");
}

#[test]
fn an_endpoint_displays_as_something_that_parses_back() {
    check("localhost:1990", "http://localhost:1990");
    check("localhost", "http://localhost:1990");
    check(" 10.0.0.1:80 ", "http://10.0.0.1:80");
    check("http://hub:7/", "http://hub:7");
    check("http://hub:7/roam", "http://hub:7/roam");
    check("HTTP://hub", "http://hub:1990");
    check("tcp://hub", "tcp://hub:1991");
    check("tcp://[::1]:9", "tcp://[::1]:9");
    check("::1", "http://[::1]:1990");
    check("[fe80::1]", "http://[fe80::1]:1990");
    check("ws://hub:1/roam", "ws://hub:1/roam");
    check("unix:///run/hub.sock", "local:///run/hub.sock");
    check("local:///tmp/a b.sock", "local:///tmp/a b.sock");
}

#[test]
fn what_is_no_endpoint_says_what_to_write() {
    fn check(text: &str, needle: &str) {
        let error = text.parse::<Endpoint>().unwrap_err().to_string();
        assert!(error.contains(needle), "{text}: {error}");
    }
    check("", "names no host");
    check(":1990", "names no host");
    check("https://hub", "unknown scheme \"https\"");
    check("hub:0", "\"0\"");
    check("hub:99999", "\"99999\"");
    check("hub:x", "\"x\"");
    check("tcp://hub:1/path", "has a path");
    check("unix://hub.sock", "no absolute path");
    check("hub:1/a b", "spaces");
    check("hub\r\nX: y", "spaces or control");
}
