//! Settings as the types they stand for, with errors that name the place of the text.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use hindsight_connect::Endpoint;
use hindsight_view::format;

use super::{Key, Settings, SettingsError, Source, Value};

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// One JSON value.
    Json,
    /// One JSON object a line.
    JsonLines,
}

/// `--tcp-port`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TcpPort {
    /// No raw listener.
    Off,
    /// Any free port.
    Auto,
    /// This port.
    Number(u16),
}

/// Longer than anything is kept; keeps sums of times within 64 bits.
const TTL_NS_MAX: u64 = 100 * 365 * 86_400 * 1_000_000_000;

/// Clients give up after 30 s.
const QUERY_DEADLINE_NS_MAX: u64 = 25 * 1_000_000_000;

/// Longest token file that is read.
const TOKEN_BYTES_MAX: u64 = 64 << 10;

impl Settings {
    /// `--http-port`; 0 for any free one.
    pub(crate) fn http_port(&self) -> Result<u16, SettingsError> {
        self.parsed(Key::HttpPort, |text| match text {
            "auto" => Ok(0),
            number => port(number),
        })
    }

    /// `--tcp-port`.
    pub(crate) fn tcp_port(&self) -> Result<TcpPort, SettingsError> {
        self.parsed(Key::TcpPort, |text| match text {
            "0" | "off" => Ok(TcpPort::Off),
            "auto" => Ok(TcpPort::Auto),
            number => port(number).map(TcpPort::Number),
        })
    }

    /// `--bind`.
    pub(crate) fn bind(&self) -> Result<IpAddr, SettingsError> {
        self.parsed(Key::Bind, |text| match text {
            "localhost" => Ok(IpAddr::from([127, 0, 0, 1])),
            address => address
                .trim_start_matches('[')
                .trim_end_matches(']')
                .parse()
                .map_err(|_| format!("{text:?} is not an address: write for example 127.0.0.1")),
        })
    }

    /// `--ttl`.
    pub(crate) fn ttl(&self) -> Result<Duration, SettingsError> {
        self.parsed(Key::Ttl, |text| match format::parse_duration(text) {
            Ok(0) => Err("spans must live longer than that".into()),
            Ok(ns @ ..=TTL_NS_MAX) => Ok(Duration::from_nanos(ns)),
            Ok(_) => Err(format!("{text:?} is more than 100 years")),
            Err(error) => Err(error.to_string()),
        })
    }

    /// `--query-deadline`.
    pub(crate) fn query_deadline(&self) -> Result<Duration, SettingsError> {
        self.parsed(Key::QueryDeadline, |text| {
            match format::parse_duration(text) {
                Ok(0) => Err("a query takes longer than that".into()),
                Ok(ns @ ..=QUERY_DEADLINE_NS_MAX) => Ok(Duration::from_nanos(ns)),
                Ok(_) => Err(format!("{text:?} is longer than clients wait: at most 25s")),
                Err(error) => Err(error.to_string()),
            }
        })
    }

    /// `--memory-limit`, in bytes.
    pub(crate) fn memory_limit_bytes(&self) -> Result<u64, SettingsError> {
        self.parsed(Key::MemoryLimit, |text| {
            format::parse_bytes(text).map_err(|error| error.to_string())
        })
    }

    /// `--allow-host`, all of them.
    pub(crate) fn allow_hosts(&self) -> Vec<String> {
        let hosts = self.value(Key::AllowHost).text.split(',').map(str::trim);
        hosts
            .filter(|host| !host.is_empty())
            .map(String::from)
            .collect()
    }

    /// `--socket`, none for `--no-socket`.
    pub(crate) fn socket(&self) -> Option<PathBuf> {
        match self.value(Key::Socket).text.as_str() {
            "off" | "" => None,
            path => Some(PathBuf::from(path)),
        }
    }

    /// The hub to ask.
    pub(crate) fn endpoint(&self) -> Result<Endpoint, SettingsError> {
        self.parsed(Key::Endpoint, |text| {
            text.parse()
                .map_err(|error: hindsight_connect::EndpointError| error.to_string())
        })
    }

    /// `--format`.
    pub(crate) fn format(&self) -> Result<Format, SettingsError> {
        self.parsed(Key::Format, |text| match text {
            "table" => Ok(Format::Table),
            "json" => Ok(Format::Json),
            "jsonl" => Ok(Format::JsonLines),
            _ => Err(format!("{text:?} is no format: use table, json or jsonl")),
        })
    }

    /// `--limit`.
    pub(crate) fn limit(&self) -> Result<u32, SettingsError> {
        self.parsed(Key::Limit, |text| match text.parse() {
            Ok(0) | Err(_) => Err(format!("{text:?} is not a number from 1 to {}", u32::MAX)),
            Ok(limit) => Ok(limit),
        })
    }

    /// The token: of `HINDSIGHT_TOKEN`, or of the token file where that was named closer by.
    pub(crate) fn token(&self) -> Result<Option<String>, SettingsError> {
        let file = self.value(Key::TokenFile);
        let by_flag = matches!(file.source, Source::Flag(_));
        match self.token_value() {
            Some(token) if !by_flag => Ok(Some(token.text.trim().to_owned())),
            _ if file.text.is_empty() => Ok(None),
            _ => self.parsed(Key::TokenFile, read_token).map(Some),
        }
    }

    fn parsed<T>(
        &self,
        key: Key,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, SettingsError> {
        let value = self.value(key);
        parse(value.text.trim()).map_err(|why| SettingsError::Value {
            place: place(key, value),
            why,
        })
    }
}

fn port(text: &str) -> Result<u16, String> {
    let parsed = text.parse();
    parsed.map_err(|_| format!("{text:?} is not a port: write a number up to 65535"))
}

fn read_token(path: &str) -> Result<String, String> {
    use std::io::Read;
    let mut token = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(TOKEN_BYTES_MAX).read_to_string(&mut token))
        .map_err(|error| format!("cannot read the token from {path}: {error}"))?;
    match token.trim() {
        "" => Err(format!("{path} holds no token")),
        token => Ok(token.to_owned()),
    }
}

/// `--ttl`, `HINDSIGHT_TTL`, `hindsight.toml:3: ttl`.
fn place(key: Key, value: &Value) -> String {
    match &value.source {
        Source::File { .. } => format!("{}: {}", value.source, key.name()),
        Source::Default => format!("default of {}", key.name()),
        source => source.to_string(),
    }
}
