//! What can be wrong with a configuration, and the check that finds it.

use std::net::IpAddr;
use std::time::Duration;

use super::Config;

/// A configuration the hub cannot run with. The caller's fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Others could reach the hub and nothing would stop them.
    #[error(
        "refusing to listen on {bind} without a token: others on the network could read traces and \
         send spans. Give a token with --token-file or HINDSIGHT_TOKEN, or leave out --bind"
    )]
    TokenMissing {
        /// The address.
        bind: IpAddr,
    },
    /// A token of no characters.
    #[error("the token is empty")]
    TokenEmpty,
    /// A token that cannot be right.
    #[error("the token has {bytes} bytes (at most {bytes_max}) or holds a control character")]
    TokenMalformed {
        /// Its length.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// A limit below what the hub needs to run.
    #[error("{name} is {value}, it must be at least {min}")]
    TooSmall {
        /// The limit's name.
        name: &'static str,
        /// What was asked for.
        value: u64,
        /// The least that works.
        min: u64,
    },
    /// A duration of zero.
    #[error("{name} must be longer than zero")]
    ZeroDuration {
        /// The setting's name.
        name: &'static str,
    },
    /// Something that is not a host name.
    #[error("--allow-host {host:?} is not a host name: give it without scheme, port and path")]
    HostMalformed {
        /// What was given.
        host: String,
    },
}

/// The least `--memory-limit`: two open segments.
const MEMORY_BYTES_MIN: u64 = 1_000_000;
/// The least event: a batch with one span of common size.
const EVENT_BYTES_MIN: u64 = 4_096;

impl Config {
    /// Checks every setting; the first that is wrong is the error.
    pub fn check(&self) -> Result<(), ConfigError> {
        if !self.is_loopback() && self.token.is_none() {
            return Err(ConfigError::TokenMissing { bind: self.bind });
        }
        if let Some(host) = self.allow_hosts.iter().find(|host| !is_host(host)) {
            return Err(ConfigError::HostMalformed { host: host.clone() });
        }
        self.least_values().try_for_each(|(name, value, min)| {
            let too_small = ConfigError::TooSmall { name, value, min };
            (value >= min).then_some(()).ok_or(too_small)
        })?;
        self.durations().try_for_each(|(name, value)| {
            let zero = ConfigError::ZeroDuration { name };
            (!value.is_zero()).then_some(()).ok_or(zero)
        })
    }

    fn least_values(&self) -> impl Iterator<Item = (&'static str, u64, u64)> {
        let (connections, ingest) = (&self.connections, &self.ingest);
        let (live, discovery, reads) = (&self.live, &self.discovery, &self.reads);
        let query = &self.query;
        let memory = self.retention.memory_limit_bytes;
        let counts = [
            ("connections_max", connections.connections_max),
            ("connections_per_ip_max", connections.connections_per_ip_max),
            ("batch_bytes_max", ingest.batch_bytes_max),
            ("batch_spans_max", ingest.batch_spans_max),
            ("queue_batches_max", ingest.queue_batches_max),
            (
                "queue_bytes_per_connection_max",
                ingest.queue_bytes_per_connection_max,
            ),
            (
                "queue_batches_per_connection_max",
                ingest.queue_batches_per_connection_max,
            ),
            ("list_traces_max", reads.list_traces_max),
            ("list_traces_default", reads.list_traces_default),
            ("open_spans_max", reads.open_spans_max),
            ("open_spans_default", reads.open_spans_default),
            ("open_spans_bytes_max", reads.open_spans_bytes_max),
            ("concurrent_max", reads.concurrent_max),
            ("query.concurrent_max", query.concurrent_max),
            ("query.spans_default", query.spans_default),
            ("query.spans_max", query.spans_max),
            ("query.completions_default", query.completions_default),
            ("query.completions_max", query.completions_max),
            ("subscribers_max", live.subscribers_max),
            ("ring_changes_max", live.ring_changes_max),
            ("summaries_pending_max", live.summaries_pending_max),
            ("apps_max", discovery.apps_max),
            (
                "tracers_per_connection_max",
                discovery.tracers_per_connection_max,
            ),
        ];
        let sizes = [
            ("memory limit in bytes", memory, MEMORY_BYTES_MIN),
            (
                "http_head_bytes_max",
                connections.http_head_bytes_max as u64,
                8_192,
            ),
            (
                "event_bytes_max",
                live.event_bytes_max as u64,
                EVENT_BYTES_MIN,
            ),
            // A batch that fits no queue could never be stored.
            (
                "queue_bytes_max",
                ingest.queue_bytes_max as u64,
                ingest.batch_bytes_max as u64,
            ),
        ];
        let counts = counts.map(|(name, value)| (name, value as u64, 1));
        counts.into_iter().chain(sizes)
    }

    fn durations(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        let (connections, live) = (&self.connections, &self.live);
        [
            ("ttl", self.retention.ttl),
            ("handshake_timeout", connections.handshake_timeout),
            ("idle_timeout", connections.idle_timeout),
            ("sweep_interval", connections.sweep_interval),
            ("http_lifetime", connections.http_lifetime),
            ("query.deadline", self.query.deadline),
            ("summary_interval", live.summary_interval),
            ("heartbeat_interval", live.heartbeat_interval),
            ("stall_timeout", live.stall_timeout),
            ("probe_timeout", self.discovery.probe_timeout),
        ]
        .into_iter()
    }
}

fn is_host(text: &str) -> bool {
    let name = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match name {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !text.is_empty() && text.bytes().all(is_host_byte),
    }
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
}
