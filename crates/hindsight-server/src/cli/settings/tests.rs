//! Which source wins, and what is said about wrong values.

use std::path::Path;
use std::time::Duration;

use super::*;

const PROJECT: &str = "\
# a comment
ttl = \"30m\"
http-port = 2000
allow-host = [\"dev.example\", \"b.example\"]
socket = false
";

fn file(path: &str, text: &str) -> ConfigFile {
    ConfigFile::parse(Path::new(path), text).expect("a sound file")
}

fn settings(flags: &Flags, variables: &[(&str, &str)], files: &[ConfigFile]) -> Settings {
    let variable = |asked: &str| {
        let found = variables.iter().find(|(name, _)| *name == asked);
        found.map(|(_, value)| (*value).to_owned())
    };
    Settings::resolve(flags, &variable, files)
}

fn source(settings: &Settings, key: Key) -> (String, String) {
    let value = settings.value(key);
    (value.text.clone(), value.source.to_string())
}

#[test]
fn the_closest_source_wins() {
    let files = [
        file("hindsight.toml", PROJECT),
        file(
            "/home/me/.config/hindsight/config.toml",
            "ttl = '5m'\nbind = '::1'",
        ),
    ];
    let flags = vec![(Key::HttpPort, "3000".to_owned())];
    let variables = [
        ("HINDSIGHT_HTTP_PORT", "2500"),
        ("HINDSIGHT_ENDPOINT", "hub:1990"),
    ];
    let settings = settings(&flags, &variables, &files);
    for (key, text, origin) in [
        (Key::HttpPort, "3000", "--http-port"),
        (Key::Endpoint, "hub:1990", "HINDSIGHT_ENDPOINT"),
        (Key::Ttl, "30m", "hindsight.toml:2"),
        (Key::AllowHost, "dev.example,b.example", "hindsight.toml:4"),
        (Key::Socket, "off", "hindsight.toml:5"),
        (Key::Bind, "::1", "/home/me/.config/hindsight/config.toml:2"),
        (Key::MemoryLimit, "512MB", "default"),
    ] {
        assert_eq!(source(&settings, key), (text.into(), origin.into()));
    }
    assert_eq!(settings.ttl(), Ok(Duration::from_secs(1800)));
    assert_eq!(settings.allow_hosts(), ["dev.example", "b.example"]);
    assert_eq!(settings.socket(), None);
    assert_eq!(settings.bind().unwrap().to_string(), "::1");
}

#[test]
fn an_empty_variable_counts_as_absent() {
    let settings = settings(&Flags::new(), &[("HINDSIGHT_TTL", " ")], &[]);
    assert_eq!(source(&settings, Key::Ttl), ("1h".into(), "default".into()));
}

#[test]
fn ports_may_be_chosen_by_the_system_and_turned_off() {
    let with = |port: &str| {
        let flags = vec![(Key::TcpPort, port.into()), (Key::HttpPort, port.into())];
        settings(&flags, &[], &[])
    };
    assert_eq!(with("0").tcp_port(), Ok(TcpPort::Off));
    assert_eq!(with("off").tcp_port(), Ok(TcpPort::Off));
    assert_eq!(with("auto").tcp_port(), Ok(TcpPort::Auto));
    assert_eq!(with("7").tcp_port(), Ok(TcpPort::Number(7)));
    assert_eq!(with("auto").http_port(), Ok(0));
}

#[test]
fn a_token_file_named_by_a_flag_wins_over_the_variable() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    std::fs::write(&path, "from file\n").unwrap();
    let named = path.to_str().unwrap();
    let flags = vec![(Key::TokenFile, named.to_owned())];
    let variables = [
        ("HINDSIGHT_TOKEN", "from variable"),
        ("HINDSIGHT_TOKEN_FILE", named),
    ];
    let token = |flags: &Flags, variables: &[(&str, &str)]| {
        settings(flags, variables, &[]).token().unwrap()
    };
    assert_eq!(token(&flags, &variables).as_deref(), Some("from file"));
    assert_eq!(
        token(&Flags::new(), &variables).as_deref(),
        Some("from variable")
    );
    assert_eq!(
        token(&Flags::new(), &variables[1..]).as_deref(),
        Some("from file")
    );
    assert_eq!(token(&Flags::new(), &[]), None);
}

#[test]
fn a_wrong_value_is_reported_with_its_place() {
    let from_file = |text: &str| settings(&Flags::new(), &[], &[file("hindsight.toml", text)]);
    let flag = |key, text: &str| settings(&vec![(key, text.to_owned())], &[], &[]);
    let variable = |name, text| settings(&Flags::new(), &[(name, text)], &[]);
    let errors = [
        flag(Key::Ttl, "50").ttl().unwrap_err(),
        flag(Key::Ttl, "0s").ttl().unwrap_err(),
        flag(Key::HttpPort, "70000").http_port().unwrap_err(),
        flag(Key::Bind, "everywhere").bind().unwrap_err(),
        variable("HINDSIGHT_MEMORY_LIMIT", "512")
            .memory_limit_bytes()
            .unwrap_err(),
        variable("HINDSIGHT_FORMAT", "xml").format().unwrap_err(),
        from_file("\nlimit = 0").limit().unwrap_err(),
        flag(Key::Endpoint, "ftp://x").endpoint().unwrap_err(),
        flag(Key::TokenFile, "/nowhere/token").token().unwrap_err(),
    ];
    let text: Vec<_> = errors.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn a_file_that_is_wrong_is_reported_with_its_line() {
    let texts = [
        "ttl = \"1h\"\n\nmemory_limit = \"1GB\"",
        "colour = 'blue'",
        "token = 'secret'",
        "ttl = \"1h\"\nttl = \"2h\"",
        "ttl = ",
        "[serve]\nttl = '1h'",
        "ttl = true",
        "allow-host = [1, 2]",
    ];
    let error = |text: &&str| ConfigFile::parse(Path::new("hindsight.toml"), text).unwrap_err();
    let errors: Vec<_> = texts.iter().map(|text| error(text).to_string()).collect();
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn a_missing_file_is_no_error_and_an_unreadable_one_is() {
    let directory = tempfile::tempdir().unwrap();
    assert!(
        ConfigFile::read(&directory.path().join("none.toml"))
            .unwrap()
            .is_none()
    );
    let error = ConfigFile::read(directory.path()).unwrap_err();
    assert!(error.to_string().contains("cannot read it"), "{error}");
}
