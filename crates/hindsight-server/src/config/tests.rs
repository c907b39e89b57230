mod documented;

use super::*;

#[test]
fn the_defaults_are_sound() {
    assert_eq!(Config::default().check(), Ok(()));
    assert_eq!(Config::ephemeral().check(), Ok(()));
}

#[test]
fn off_loopback_a_token_is_required_and_the_error_says_what_to_do() {
    let mut config = Config {
        bind: "0.0.0.0".parse().unwrap(),
        ..Config::default()
    };
    let error = config.check().unwrap_err();
    assert!(error.to_string().contains("--token-file"), "{error}");
    config.token = Some(Token::new("secret\n").unwrap());
    assert_eq!(config.check(), Ok(()));
}

#[test]
fn limits_that_would_stop_the_hub_are_refused_by_name() {
    let mut config = Config::default();
    config.ingest.queue_bytes_max = 1;
    let error = config.check().unwrap_err();
    assert!(error.to_string().contains("queue_bytes_max"), "{error}");

    let mut config = Config::default();
    config.live.stall_timeout = Duration::ZERO;
    let error = config.check().unwrap_err();
    assert_eq!(
        error,
        ConfigError::ZeroDuration {
            name: "stall_timeout"
        }
    );
}

#[test]
fn allowed_hosts_are_names_without_scheme_port_and_path() {
    for (host, good) in [
        ("dev.example", true),
        ("[::1]", true),
        ("http://dev.example", false),
        ("dev.example:80", false),
        ("a/b", false),
        ("", false),
    ] {
        let config = Config {
            allow_hosts: vec![host.to_owned()],
            ..Config::default()
        };
        assert_eq!(config.check().is_ok(), good, "{host}");
    }
}

#[test]
fn a_token_is_trimmed_compared_whole_and_never_printed() {
    let token = Token::new(" s3cret\n").unwrap();
    assert!(token.matches("s3cret"));
    assert!(!token.matches("s3cre") && !token.matches("s3cret ") && !token.matches(""));
    assert!(!format!("{token:?}").contains("s3cret"));
    for text in ["", "  \n", "a\nb", "x".repeat(5_000).as_str()] {
        assert!(Token::new(text).is_err(), "{text:?}");
    }
}
