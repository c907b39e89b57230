//! Settings of a tracer, each with its default, and the ways to connect.

use std::sync::Arc;
use std::time::Duration;

use hindsight_connect::Endpoint;
use hindsight_protocol::KeyValue;

use super::{Handle, Shared, Tracer};
use crate::buffer::{BufferLimits, cut_value};
use crate::clock::Clock;
use crate::error::ConnectError;
use crate::export::{self, Dialer, ExportSettings};
use crate::expose::Services;
use crate::process::{self, Environment};
use crate::sampler::Sampler;
use crate::{platform, random};

/// How a tracer comes back after it lost its hub: waits that double from `first` to `most`, each
/// shortened at random by up to half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconnect {
    /// Before the first attempt. Default 50 ms.
    pub first: Duration,
    /// Longest wait. Default 5 s.
    pub most: Duration,
}

impl Default for Reconnect {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(50),
            most: Duration::from_secs(5),
        }
    }
}

/// Settings of a tracer; made by [`Tracer::builder`].
///
/// What the environment says ([`HINDSIGHT_*` and `OTEL_*`](crate#environment)) is the default of a
/// setting that is not made here.
#[derive(Clone, Debug)]
pub struct TracerBuilder {
    environment: Environment,
    endpoint: Option<String>,
    service_name: Option<String>,
    service_version: String,
    revision: Option<String>,
    attributes: Vec<KeyValue>,
    sampler: Option<Sampler>,
    token: Option<String>,
    all_arguments: bool,
    limits: BufferLimits,
    export: ExportSettings,
    drop_flush_timeout: Duration,
    flush_on_panic: bool,
    flush_on_signals: bool,
}

impl Tracer {
    /// A tracer to be set up.
    pub fn builder() -> TracerBuilder {
        TracerBuilder::new(Environment::of_process())
    }

    /// Connects to a hub's HTTP port, `host:port`, and upgrades to roam.
    pub async fn connect_http(address: impl AsRef<str>) -> Result<Self, ConnectError> {
        connect("http://", address.as_ref()).await
    }

    /// Connects to a hub's raw roam port, `host:port`.
    pub async fn connect_tcp(address: impl AsRef<str>) -> Result<Self, ConnectError> {
        connect("tcp://", address.as_ref()).await
    }

    /// Connects to a hub's Unix socket.
    pub async fn connect_local(path: impl AsRef<std::path::Path>) -> Result<Self, ConnectError> {
        connect("local://", &path.as_ref().to_string_lossy()).await
    }

    /// Connects to a hub's HTTP port, `host:port`, over a WebSocket.
    pub async fn connect_ws(address: impl AsRef<str>) -> Result<Self, ConnectError> {
        connect("ws://", address.as_ref()).await
    }

    /// A tracer over a roam link that is there already. It cannot reconnect.
    pub async fn new<L>(link: L) -> Result<Self, ConnectError>
    where
        L: vox::Link + vox::MaybeSend + 'static,
    {
        Self::builder().connect_over(link).await
    }
}

/// Connects to `address`, which may already have a scheme.
async fn connect(scheme: &str, address: &str) -> Result<Tracer, ConnectError> {
    let endpoint = match address.contains("://") {
        true => address.to_owned(),
        false => format!("{scheme}{address}"),
    };
    Tracer::builder().endpoint(endpoint).connect().await
}

impl TracerBuilder {
    fn new(environment: Environment) -> Self {
        Self {
            environment,
            endpoint: None,
            service_name: None,
            service_version: String::new(),
            revision: None,
            attributes: Vec::new(),
            sampler: None,
            token: None,
            all_arguments: false,
            limits: BufferLimits {
                ended_spans_max: 65_536,
                ended_bytes_max: 64 << 20,
                open_spans_max: 65_536,
                attributes_max: 128,
                events_max: 128,
                links_max: 128,
                wake_at_spans: 1024,
            },
            export: ExportSettings::default(),
            drop_flush_timeout: Duration::from_millis(500),
            flush_on_panic: true,
            flush_on_signals: false,
        }
    }

    /// Where the hub is: `host:port`, or a URL with `http`, `tcp`, `ws`, `local` or `unix`. Default
    /// `HINDSIGHT_ENDPOINT`, else `localhost:1990`.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// The resource's `service.name`. Default `HINDSIGHT_SERVICE_NAME`, `OTEL_SERVICE_NAME`, else
    /// the name of the executable, of a page its host.
    pub fn service_name(mut self, name: impl Into<String>) -> Self {
        self.service_name = Some(name.into());
        self
    }

    /// The resource's `service.version`.
    pub fn service_version(mut self, version: impl Into<String>) -> Self {
        self.service_version = version.into();
        self
    }

    /// Revision of the source this program was built from, such as a commit that the build put into it
    /// (`option_env!("GIT_COMMIT")`); empty tells none. Default `HINDSIGHT_REVISION`, `GIT_REVISION`,
    /// else the commit checked out in the git repository in which the executable lies, if it lies in one.
    pub fn revision(mut self, revision: impl Into<String>) -> Self {
        self.revision = Some(revision.into());
        self
    }

    /// Adds an attribute to the resource.
    pub fn resource_attribute(
        mut self,
        key: impl Into<String>,
        value: impl Into<hindsight_protocol::Value>,
    ) -> Self {
        self.attributes.push(KeyValue::new(key, value));
        self
    }

    /// Which traces are recorded. Default `OTEL_TRACES_SAMPLER`, else all.
    pub fn sampler(mut self, sampler: Sampler) -> Self {
        self.sampler = Some(sampler);
        self
    }

    /// The hub's token. Default `HINDSIGHT_TOKEN`.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Tells the hub all arguments of the process; by default only the names of flags. Of a page in a
    /// browser: its path, and the system and device that the browser names.
    pub fn tell_all_arguments(mut self) -> Self {
        self.all_arguments = true;
        self
    }

    /// How often buffers are sent. Default 50 ms; zero sends as soon as a span ends.
    pub fn flush_interval(mut self, interval: Duration) -> Self {
        self.export.flush_interval = interval;
        if interval.is_zero() {
            self.limits.wake_at_spans = 1;
        }
        self
    }

    /// After what time a span that still runs is reported. Default 20 ms.
    pub fn report_open_after(mut self, age: Duration) -> Self {
        self.export.report_open_after = age;
        self
    }

    /// Ended spans a thread may hold until they are sent. Default 65,536.
    pub fn thread_spans_max(mut self, spans: usize) -> Self {
        self.limits.ended_spans_max = spans;
        self.limits.wake_at_spans = self.limits.wake_at_spans.min(spans.div_ceil(2).max(1));
        self
    }

    /// Spans a thread may have open at a time. Default 65,536.
    pub fn open_spans_max(mut self, spans: usize) -> Self {
        self.limits.open_spans_max = spans;
        self
    }

    /// Attributes a span, an event or a link may have. Default 128.
    pub fn attributes_max(mut self, attributes: usize) -> Self {
        self.limits.attributes_max = attributes;
        self
    }

    /// Events a span may have. Default 128.
    pub fn events_max(mut self, events: usize) -> Self {
        self.limits.events_max = events;
        self
    }

    /// Bytes of batches that may wait while the hub is away; the oldest are dropped beyond.
    /// Default 32 MB.
    pub fn queue_bytes_max(mut self, bytes: usize) -> Self {
        self.export.queue_bytes_max = bytes;
        self
    }

    /// How to come back after the hub was lost.
    pub fn reconnect(mut self, reconnect: Reconnect) -> Self {
        self.export.reconnect = reconnect;
        self
    }

    /// How long dropping the last clone may take to send what is left. Default 500 ms.
    pub fn drop_flush_timeout(mut self, timeout: Duration) -> Self {
        self.drop_flush_timeout = timeout;
        self
    }

    /// Whether a panic sends what is buffered first, for at most 200 ms. Default yes.
    pub fn flush_on_panic(mut self, flush: bool) -> Self {
        self.flush_on_panic = flush;
        self
    }

    /// Whether SIGINT and SIGTERM send what is buffered, for at most 500 ms, before they take their
    /// course. Default no.
    pub fn flush_on_signals(mut self, flush: bool) -> Self {
        self.flush_on_signals = flush;
        self
    }

    /// Connects; an error if the hub is not there. With `OTEL_SDK_DISABLED=true` the tracer does
    /// nothing and no connection is made.
    pub async fn connect(self) -> Result<Tracer, ConnectError> {
        let endpoint: Endpoint = self.endpoint_text().parse()?;
        self.connect_with(Dialer::Endpoint(endpoint)).await
    }

    /// Connects over a roam link that is there already; such a tracer cannot reconnect.
    pub async fn connect_over<L>(self, link: L) -> Result<Tracer, ConnectError>
    where
        L: vox::Link + vox::MaybeSend + 'static,
    {
        self.connect_with(Dialer::over(link)).await
    }

    async fn connect_with(self, dialer: Dialer) -> Result<Tracer, ConnectError> {
        if self.environment.disabled {
            return Ok(Tracer::disabled());
        }
        let (tracer, connected) = self.start(dialer, false)?;
        match connected.await {
            Ok(Ok(())) => Ok(tracer),
            Ok(Err(error)) => Err(error),
            Err(_gone) => Err(ConnectError::ExporterGone),
        }
    }

    /// A tracer that never fails: it connects when it can and buffers, within bounds, until then.
    /// A wrong endpoint is told once on standard error.
    pub fn lazy(self) -> Tracer {
        if self.environment.disabled {
            return Tracer::disabled();
        }
        let started = match self.endpoint_text().parse() {
            Ok(endpoint) => self.start(Dialer::Endpoint(endpoint), true),
            Err(error) => Err(ConnectError::Endpoint(error)),
        };
        match started {
            Ok((tracer, _connected)) => tracer,
            Err(error) => {
                platform::warn(&format!("tracing is off: {error}"));
                Tracer::disabled()
            }
        }
    }

    fn endpoint_text(&self) -> String {
        let given = self
            .endpoint
            .as_ref()
            .or(self.environment.endpoint.as_ref());
        given.map_or_else(|| "localhost:1990".to_owned(), String::clone)
    }

    fn start(
        mut self,
        dialer: Dialer,
        lazy: bool,
    ) -> Result<(Tracer, export::Connected), ConnectError> {
        self.export.token = self.token.take().or_else(|| self.environment.token.take());
        self.export.lazy = lazy;
        let (panic, signals) = (self.flush_on_panic, self.flush_on_signals);
        let drop_flush_timeout = self.drop_flush_timeout;
        let export = self.export.clone();
        let shared = Arc::new(self.shared());
        let connected = export::spawn(shared.clone(), dialer, export)?;
        platform::flush_before_end(&shared, panic, signals);
        let handle = Some(Arc::new(Handle {
            may_record: shared.may_record,
            shared,
            drop_flush_timeout,
        }));
        let tracer = Tracer { handle };
        tracer.note_first();
        Ok((tracer, connected))
    }

    fn shared(self) -> Shared {
        let from_env =
            |(key, value): &(String, String)| KeyValue::new(key.as_str(), value.as_str());
        let mut attributes: Vec<KeyValue> = self
            .environment
            .resource_attributes
            .iter()
            .map(from_env)
            .collect();
        attributes.retain(|attribute| attribute.key != "service.name");
        attributes.extend(platform::attributes(self.all_arguments));
        attributes.extend(self.attributes);
        // They are in every batch.
        attributes.truncate(self.limits.attributes_max);
        for attribute in &mut attributes {
            cut_value(&mut attribute.value);
        }
        let service_name = self
            .service_name
            .or(self.environment.service_name)
            .unwrap_or_else(platform::default_service_name);
        let revision = self.revision.or(self.environment.revision);
        let version = &self.service_version;
        let run = process::run_info(&service_name, version, revision, self.all_arguments);
        let sampler = self.sampler.or(self.environment.sampler);
        let sampler = sampler.unwrap_or_default();
        Shared {
            id: random::tracer_id(),
            limits: self.limits,
            clock: Clock::new(),
            may_record: sampler.may_record(),
            sampler,
            resource: process::resource(&run, &attributes),
            run,
            services: Services::default(),
            control: export::Control::default(),
            told: export::Told::default(),
            wake: Arc::default(),
            closed: std::sync::atomic::AtomicBool::new(false),
            buffers: parking_lot::Mutex::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buffer::VALUE_BYTES_MAX;

    /// `docs/limits.md` against the code: a limit that changes has its line.
    #[test]
    fn every_limit_is_documented_with_its_default() {
        let document = include_str!("../../../../docs/limits.md");
        let (_, rest) = document
            .split_once("<!-- limits of the tracer -->")
            .expect("a table");
        let (table, _) = rest.split_once("<!-- end").expect("an end");
        let TracerBuilder { limits, export, .. } = Tracer::builder();
        let BufferLimits {
            ended_spans_max,
            ended_bytes_max,
            open_spans_max,
            attributes_max,
            events_max,
            links_max,
            wake_at_spans: _,
        } = limits;
        let limits = [
            ("ended_spans_max", ended_spans_max),
            ("ended_bytes_max", ended_bytes_max),
            ("open_spans_max", open_spans_max),
            ("attributes_max", attributes_max),
            ("events_max", events_max),
            ("links_max", links_max),
            ("value_bytes_max", VALUE_BYTES_MAX),
            ("queue_bytes_max", export.queue_bytes_max),
            ("batch_spans_max", export.batch_spans_max),
            ("batch_bytes_max", export.batch_bytes_max),
        ];
        let plain = table.replace(',', "");
        for (name, default) in limits {
            let row = format!("| `{name}` | {default} |");
            assert!(plain.contains(&row), "no line begins {row}");
        }
        let rows = table.lines().filter(|line| line.starts_with("| `"));
        assert_eq!(rows.count(), limits.len());
    }
}
