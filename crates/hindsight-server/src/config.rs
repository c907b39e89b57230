//! Every limit of the hub, with its unit and its default.
//!
//! In: what the command line, the environment or a test asks for. Out: [`Config`], checked once by
//! [`Config::check`] before anything is opened. Holds after the check: no limit is zero where zero
//! would stop the hub, and a hub that others can reach has a token. Bounded: nothing here grows.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

mod error;
mod query;
mod relay;
mod secret;

#[cfg(test)]
mod tests;

pub use error::ConfigError;
pub use query::QueryLimits;
pub use relay::RelayLimits;
pub use secret::Token;

/// Default HTTP port.
pub const HTTP_PORT: u16 = 1990;
/// Default port for roam without an HTTP head.
pub const TCP_PORT: u16 = 1991;

/// What a hub needs to know before it starts. `Default` is what `hindsight serve` does without
/// flags; [`Config::ephemeral`] is for tests.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address of both TCP ports. Default 127.0.0.1.
    pub bind: IpAddr,
    /// Port of the page, the health probe and the upgrades; 0 lets the system choose.
    /// Default [`HTTP_PORT`].
    pub http_port: u16,
    /// Port for roam without an HTTP head; none turns it off, 0 lets the system choose.
    /// Default [`TCP_PORT`].
    pub tcp_port: Option<u16>,
    /// Path of the Unix socket; none turns it off. Default
    /// [`hindsight_connect::default_local_path`].
    pub local_socket: Option<PathBuf>,
    /// Secret that every peer must present. Default none.
    pub token: Option<Token>,
    /// Host names, beside the loopback ones, under which browsers may reach the HTTP port.
    pub allow_hosts: Vec<String>,
    /// What connections may do.
    pub connections: ConnectionLimits,
    /// What a batch may hold, and how much may wait to be stored.
    pub ingest: IngestLimits,
    /// How much is kept, and for how long.
    pub retention: Retention,
    /// What readers may ask for.
    pub reads: ReadLimits,
    /// What queries may cost.
    pub query: QueryLimits,
    /// The live feed.
    pub live: LiveLimits,
    /// What is remembered of apps.
    pub discovery: DiscoveryLimits,
    /// Lanes between viewers and apps.
    pub relay: RelayLimits,
    /// How often the same complaint about the same peer is logged. Default once in 10 s.
    pub log_interval: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            http_port: HTTP_PORT,
            tcp_port: Some(TCP_PORT),
            local_socket: default_local_socket(),
            token: None,
            allow_hosts: Vec::new(),
            connections: ConnectionLimits::default(),
            ingest: IngestLimits::default(),
            retention: Retention::default(),
            reads: ReadLimits::default(),
            query: QueryLimits::default(),
            live: LiveLimits::default(),
            discovery: DiscoveryLimits::default(),
            relay: RelayLimits::default(),
            log_interval: Duration::from_secs(10),
        }
    }
}

impl Config {
    /// Ports chosen by the system and no local socket: for tests, many in one process.
    pub fn ephemeral() -> Self {
        Self {
            http_port: 0,
            tcp_port: Some(0),
            local_socket: None,
            ..Self::default()
        }
    }

    /// Whether only this machine can reach the ports.
    pub fn is_loopback(&self) -> bool {
        self.bind.is_loopback()
    }
}

#[cfg(unix)]
fn default_local_socket() -> Option<PathBuf> {
    Some(hindsight_connect::default_local_path())
}

#[cfg(not(unix))]
fn default_local_socket() -> Option<PathBuf> {
    None
}

/// Limits of connections.
#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    /// Open connections on all listeners, handshakes included. Default 4,096.
    pub connections_max: usize,
    /// Open connections of one address that is not a loopback address. Default 256.
    pub connections_per_ip_max: usize,
    /// Longest time from accepting a connection to the end of its handshakes. Default 3 s.
    pub handshake_timeout: Duration,
    /// Longest time in which a peer sends nothing; clients ping every 10 s, and an app that does not
    /// is asked for its services after half of this time. Default 30 s.
    pub idle_timeout: Duration,
    /// How often idle connections are looked for. Default 1 s.
    pub sweep_interval: Duration,
    /// Longest life of a connection that only asks for pages. Default 60 s.
    pub http_lifetime: Duration,
    /// Bytes of an HTTP head. Default 64 KiB.
    pub http_head_bytes_max: usize,
    /// Pause after `accept` failed, e.g. for lack of file descriptors. Default 100 ms.
    pub accept_error_pause: Duration,
    /// Frames, queues and stalls of one roam link.
    pub link: hindsight_connect::LinkLimits,
    /// Lanes, calls and channels of one connection.
    pub guard: hindsight_connect::GuardLimits,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections_max: 4_096,
            connections_per_ip_max: 256,
            handshake_timeout: Duration::from_secs(3),
            idle_timeout: Duration::from_secs(30),
            sweep_interval: Duration::from_secs(1),
            http_lifetime: Duration::from_secs(60),
            http_head_bytes_max: 64 << 10,
            accept_error_pause: Duration::from_millis(100),
            link: hindsight_connect::LinkLimits::default(),
            guard: hindsight_connect::GuardLimits::default(),
        }
    }
}

/// Limits of what comes in.
#[derive(Clone, Debug)]
pub struct IngestLimits {
    /// Bytes of a batch's columns. Default 8 MiB.
    pub batch_bytes_max: usize,
    /// Spans of a batch. Default 65,536.
    pub batch_spans_max: usize,
    /// Bytes of batches admitted and not yet stored. Default 64 MiB.
    pub queue_bytes_max: usize,
    /// Batches admitted and not yet stored. Default 1,024.
    pub queue_batches_max: usize,
    /// Of these bytes, those of one connection. Default 16 MiB.
    pub queue_bytes_per_connection_max: usize,
    /// Of these batches, those of one connection. Default 256.
    pub queue_batches_per_connection_max: usize,
    /// What an overloaded hub tells a tracer to wait. Default 50 ms.
    pub retry_after: Duration,
}

impl Default for IngestLimits {
    fn default() -> Self {
        Self {
            batch_bytes_max: 8 << 20,
            batch_spans_max: 65_536,
            queue_bytes_max: 64 << 20,
            queue_batches_max: 1_024,
            queue_bytes_per_connection_max: 16 << 20,
            queue_batches_per_connection_max: 256,
            retry_after: Duration::from_millis(50),
        }
    }
}

/// What is kept.
#[derive(Clone, Debug)]
pub struct Retention {
    /// Age at which spans are removed. Default 1 h.
    pub ttl: Duration,
    /// Bytes the store may hold. Default 512 MB.
    pub memory_limit_bytes: u64,
    /// How long a tracer may stay away before its open spans are aborted. Default 10 s.
    pub disconnect_grace: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            ttl: Duration::from_secs(3_600),
            memory_limit_bytes: 512_000_000,
            disconnect_grace: Duration::from_secs(10),
        }
    }
}

/// Limits of reads.
#[derive(Clone, Debug)]
pub struct ReadLimits {
    /// Most traces of one list. Default 10,000.
    pub list_traces_max: usize,
    /// Traces of a list when the request does not say. Default 100.
    pub list_traces_default: usize,
    /// Most open spans in an answer. Default 10,000.
    pub open_spans_max: usize,
    /// Open spans of an answer when the request does not say. Default 1,000.
    pub open_spans_default: usize,
    /// Bytes of the open spans of an answer, about; less than a frame. Default 4 MiB.
    pub open_spans_bytes_max: usize,
    /// Reads under way at the same time; the others wait. Default 64.
    pub concurrent_max: usize,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            list_traces_max: 10_000,
            list_traces_default: 100,
            open_spans_max: 10_000,
            open_spans_default: 1_000,
            open_spans_bytes_max: 4 << 20,
            concurrent_max: 64,
        }
    }
}

/// Limits of the live feed.
#[derive(Clone, Debug)]
pub struct LiveLimits {
    /// Subscribers in all. Default 64.
    pub subscribers_max: usize,
    /// Subscribers of one connection. Default 8.
    pub subscribers_per_connection_max: usize,
    /// Bytes of changes kept for subscribers that are behind. Default 32 MiB.
    pub ring_bytes_max: usize,
    /// Changes kept for subscribers that are behind. Default 65,536.
    pub ring_changes_max: usize,
    /// Bytes of one event that was gathered from several changes or a part of one. Default 64 KiB.
    pub event_bytes_max: usize,
    /// Bytes of one event that is a change as it is. Default 2 MiB.
    pub event_whole_bytes_max: usize,
    /// Least time between two rounds of trace summaries of one subscriber. Default 50 ms.
    pub summary_interval: Duration,
    /// Traces whose summaries one subscriber has yet to get; more is lag. Default 16,384.
    pub summaries_pending_max: usize,
    /// Time without events after which a heartbeat is sent. Default 5 s.
    pub heartbeat_interval: Duration,
    /// Longest time in which a subscriber takes nothing. Default 10 s.
    pub stall_timeout: Duration,
}

impl Default for LiveLimits {
    fn default() -> Self {
        Self {
            subscribers_max: 64,
            subscribers_per_connection_max: 8,
            ring_bytes_max: 32 << 20,
            ring_changes_max: 65_536,
            event_bytes_max: 64 << 10,
            event_whole_bytes_max: 2 << 20,
            summary_interval: Duration::from_millis(50),
            summaries_pending_max: 16_384,
            heartbeat_interval: Duration::from_secs(5),
            stall_timeout: Duration::from_secs(10),
        }
    }
}

/// Limits of what is remembered of apps.
#[derive(Clone, Debug)]
pub struct DiscoveryLimits {
    /// Apps, connected or not; the one gone longest makes room. Default 8,192.
    pub apps_max: usize,
    /// Tracers attached over one connection. Default 64.
    pub tracers_per_connection_max: usize,
    /// Longest time an app may take to list its services. Default 2 s.
    pub probe_timeout: Duration,
    /// Services remembered of one app. Default 256.
    pub services_max: usize,
    /// Bytes of one text by which an app describes itself. Default 1,024.
    pub text_bytes_max: usize,
    /// Arguments kept of an app's command line. Default 64.
    pub arguments_max: usize,
    /// Bytes of names and documentation remembered of what one app offers; each service and method
    /// counts for 32 more. Default 32 KiB.
    pub offers_bytes_max: usize,
    /// Bytes of a list of apps, about. Default 4 MiB.
    pub list_bytes_max: usize,
    /// Viewers that watch the list of apps. Default 256.
    pub watchers_max: usize,
    /// Bytes of one event of news of apps, about. Default 64 KiB.
    pub news_bytes_max: usize,
    /// Least time between two rounds of news for one viewer. Default 200 ms.
    pub news_interval: Duration,
}

impl Default for DiscoveryLimits {
    fn default() -> Self {
        Self {
            apps_max: 8_192,
            tracers_per_connection_max: 64,
            probe_timeout: Duration::from_secs(2),
            services_max: 256,
            text_bytes_max: 1_024,
            arguments_max: 64,
            offers_bytes_max: 32 << 10,
            list_bytes_max: 4 << 20,
            watchers_max: 256,
            news_bytes_max: 64 << 10,
            news_interval: Duration::from_millis(200),
        }
    }
}
