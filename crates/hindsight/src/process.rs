//! What a tracer tells about its process, and the environment variables it honours.
//!
//! Redacted by default: of the arguments only the names of flags are told, of the executable only
//! its file name, of the environment nothing; of a page what `process/page.rs` says. The revision of the
//! source is told as far as `process/revision.rs` finds it.

#[cfg(any(test, target_arch = "wasm32"))]
pub(crate) mod page;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod revision;

use hindsight_protocol::hub::RunInfo;
use hindsight_protocol::{KeyValue, Resource, Value};

use crate::platform;
use crate::sampler::Sampler;

/// What stands for a part that is not told.
pub const REDACTED: &str = "[redacted]";

/// Characters told of a revision.
const REVISION_CHARS_MAX: usize = 100;

/// Name and version of this library.
pub(crate) const CLIENT: &str = concat!("hindsight ", env!("CARGO_PKG_VERSION"));

/// The settings that come from the environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    pub(crate) endpoint: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) service_name: Option<String>,
    pub(crate) revision: Option<String>,
    pub(crate) resource_attributes: Vec<(String, String)>,
    pub(crate) sampler: Option<Sampler>,
    pub(crate) disabled: bool,
}

impl Environment {
    /// Reads the process' variables through `variable`.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let resource_attributes =
            set("OTEL_RESOURCE_ATTRIBUTES").map_or_else(Vec::new, |text| parse_pairs(&text));
        let from_resource = || {
            let mut pairs = resource_attributes.iter();
            let found = pairs.find(|(key, _)| key == "service.name");
            found.map(|(_, value)| value.clone())
        };
        let argument = set("OTEL_TRACES_SAMPLER_ARG");
        Self {
            endpoint: set("HINDSIGHT_ENDPOINT"),
            token: set("HINDSIGHT_TOKEN"),
            service_name: set("HINDSIGHT_SERVICE_NAME")
                .or_else(|| set("OTEL_SERVICE_NAME"))
                .or_else(from_resource),
            revision: set("HINDSIGHT_REVISION").or_else(|| set("GIT_REVISION")),
            sampler: set("OTEL_TRACES_SAMPLER")
                .and_then(|name| Sampler::from_env(name.trim(), argument.as_deref())),
            disabled: set("OTEL_SDK_DISABLED").is_some_and(|v| v.eq_ignore_ascii_case("true")),
            resource_attributes,
        }
    }

    pub(crate) fn of_process() -> Self {
        Self::read(|name| std::env::var(name).ok())
    }
}

/// `key=value,key=value` with percent-encoded values, as `OTEL_RESOURCE_ATTRIBUTES` has it. Pairs
/// without a key or an equals sign are left out.
fn parse_pairs(text: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (key, value) = part.split_once('=')?;
        let key = key.trim();
        (!key.is_empty()).then(|| (key.to_owned(), percent_decode(value.trim())))
    };
    text.split(',').filter_map(pair).collect()
}

fn percent_decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = |byte: &u8| (*byte as char).to_digit(16);
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if hex(high).is_some() && hex(low).is_some() => {
                let digits = hex(high).zip(hex(low));
                out.push(digits.map_or(0, |(high, low)| (high * 16 + low) as u8));
                rest = after;
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The arguments as told to the hub: names of flags; everything else as [`REDACTED`].
pub(crate) fn redact_arguments(arguments: impl IntoIterator<Item = String>) -> Vec<String> {
    let redact = |argument: String| match argument.split_once('=') {
        Some((name, _)) if is_flag(name) => format!("{name}={REDACTED}"),
        None if is_flag(&argument) => argument,
        _ => REDACTED.to_owned(),
    };
    arguments.into_iter().take(64).map(redact).collect()
}

/// `--name` or `-x`; `-xVALUE` may hold a secret and is none.
fn is_flag(text: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match text.strip_prefix("--") {
        Some(long) => !long.is_empty() && long.len() <= 64 && long.chars().all(name),
        None => text.len() == 2 && text.starts_with('-'),
    }
}

/// Describes this process. `revision` as the program or its environment says, if one of them does.
pub(crate) fn run_info(
    service_name: &str,
    service_version: &str,
    revision: Option<String>,
    all_arguments: bool,
) -> RunInfo {
    let arguments = std::env::args_os()
        .skip(1)
        .map(|a| a.to_string_lossy().into_owned());
    RunInfo {
        service_name: service_name.to_owned(),
        service_version: service_version.to_owned(),
        pid: platform::id(),
        executable: platform::executable(),
        arguments: match all_arguments {
            true => arguments.take(256).collect(),
            false => redact_arguments(arguments),
        },
        host: platform::host_name(),
        started_ns: started_ns(),
        client: CLIENT.to_owned(),
        revision: match revision {
            Some(text) => text.trim().chars().take(REVISION_CHARS_MAX).collect(),
            None => platform::revision(),
        },
    }
}

/// When the process started, as far as the system tells; else now.
fn started_ns() -> u64 {
    let age = platform::age().unwrap_or_default();
    platform::unix_now_ns().saturating_sub(age.as_nanos() as u64)
}

/// The resource of this process: conventional attributes, then `extra`, of which a later value of
/// the same key wins.
pub(crate) fn resource(run: &RunInfo, extra: &[KeyValue]) -> Resource {
    let mut attributes = vec![
        KeyValue::new("service.name", run.service_name.as_str()),
        KeyValue::new("process.pid", i64::from(run.pid)),
        KeyValue::new("process.executable.name", run.executable.as_str()),
        KeyValue::new("host.name", run.host.as_str()),
        KeyValue::new("telemetry.sdk.name", "hindsight"),
        KeyValue::new("telemetry.sdk.language", "rust"),
        KeyValue::new("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
    ];
    if !run.service_version.is_empty() {
        attributes.push(KeyValue::new(
            "service.version",
            run.service_version.as_str(),
        ));
    }
    let untold = [Value::String(String::new()), Value::I64(0)];
    attributes.retain(|attribute| !untold.contains(&attribute.value));
    for attribute in extra {
        attributes.retain(|known| known.key != attribute.key);
        attributes.push(attribute.clone());
    }
    Resource {
        attributes,
        dropped_attributes: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_arguments_only_flag_names_are_told() {
        let check = |argument: &str, expected: &str| {
            assert_eq!(
                redact_arguments([argument.to_owned()]),
                [expected],
                "{argument}"
            );
        };
        check("--port", "--port");
        check("--token=abc", "--token=[redacted]");
        check("-v", "-v");
        check("-psecret", REDACTED);
        check("hunter2", REDACTED);
        check("/home/anna/site", REDACTED);
        check("postgres://u:p@host/db?x=1", REDACTED);
        check("--", REDACTED);
    }

    #[test]
    fn the_environment_is_read_in_the_order_of_precedence() {
        let read = |pairs: &'static [(&str, &str)]| {
            Environment::read(move |name| {
                let found = pairs.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let all = read(&[
            ("HINDSIGHT_SERVICE_NAME", "first"),
            ("OTEL_SERVICE_NAME", "second"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=third"),
        ]);
        assert_eq!(all.service_name.as_deref(), Some("first"));
        let less = read(&[
            (
                "OTEL_RESOURCE_ATTRIBUTES",
                " service.name = a%20b , junk, =x, k=v=w",
            ),
            ("OTEL_SDK_DISABLED", "TRUE"),
            ("HINDSIGHT_TOKEN", " "),
        ]);
        assert_eq!(less.service_name.as_deref(), Some("a b"));
        assert_eq!(
            less.resource_attributes[1],
            ("k".to_owned(), "v=w".to_owned())
        );
        assert!(less.disabled);
        assert_eq!(less.token, None);
    }

    #[test]
    fn a_later_resource_attribute_replaces_a_conventional_one() {
        let run = RunInfo {
            service_name: "a".to_owned(),
            ..RunInfo::default()
        };
        let resource = resource(&run, &[KeyValue::new("service.name", "b")]);
        let names: Vec<_> = resource
            .attributes
            .iter()
            .filter(|a| a.key == "service.name")
            .collect();
        assert_eq!(names, [&KeyValue::new("service.name", "b")]);
    }
}
