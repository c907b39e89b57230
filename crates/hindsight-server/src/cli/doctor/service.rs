//! What the hub says: versions, clock, a span there and back, apps and losses.

use std::time::Duration;

use hindsight_connect::DialError;
use hindsight_protocol::hub::{
    AppInfo, GetTraceRequest, IngestSpansRequest, ListAppsRequest, PROTOCOL_VERSION, PingReply,
    PingRequest, StatsReply, StatsRequest,
};
use hindsight_protocol::{KeyValue, Resource, Span, SpanId, TraceId};
use hindsight_view::format;

use super::Check;
use super::relay::relay;
use crate::cli::clock::now_ns;
use crate::cli::error::CliError;
use crate::cli::hub::Hub;
use crate::cli::settings::Settings;

/// A larger difference makes traces of several machines hard to read.
const CLOCK_NS_MAX: u64 = 500_000_000;
/// For the test span to be found.
const FOUND_TIMEOUT: Duration = Duration::from_secs(2);
const FOUND_INTERVAL: Duration = Duration::from_millis(20);
/// Apps and reasons that are named.
const NAMED_MAX: usize = 5;

/// Everything that takes a connection.
pub(super) async fn service(settings: &Settings) -> Vec<Check> {
    let hub = match Hub::connect(settings).await {
        Ok(hub) => hub,
        Err(error) => return vec![unreachable(&error)],
    };
    let mut checks = vec![Check::ok("hub", format!("{} answers roam", hub.endpoint))];
    checks.push(token(settings));
    checks.extend(ping(&hub).await);
    checks.push(round_trip(&hub).await);
    checks.push(apps(&hub).await);
    checks.push(relay(&hub).await);
    checks.push(losses(&hub).await);
    checks
}

fn unreachable(error: &CliError) -> Check {
    let name = match error {
        CliError::Dial { error, .. } => match **error {
            DialError::TokenMissing { .. } | DialError::TokenRejected { .. } => "token",
            _ => "hub",
        },
        _ => "hub",
    };
    let advice = match error {
        CliError::Dial { error, .. } if matches!(**error, DialError::NotAHub { .. }) => {
            "another program has this port: find the hub's with `hindsight serve`'s first lines"
        }
        CliError::Dial { error, .. } if matches!(**error, DialError::UpgradeRefused { .. }) => {
            "another program has this port, or the hub does not allow this host name: see \
             --allow-host"
        }
        _ => "see the line above",
    };
    let advice = match name {
        "token" => error.hint().unwrap_or_default(),
        _ => advice.into(),
    };
    Check::fail(name, error.to_string(), advice)
}

fn token(settings: &Settings) -> Check {
    match settings.token() {
        Ok(Some(_)) => Check::ok("token", "given and accepted (or not needed)"),
        Ok(None) => Check::ok("token", "none given, none needed"),
        Err(error) => Check::fail("token", error.to_string(), "see --token-file"),
    }
}

async fn ping(hub: &Hub) -> Vec<Check> {
    let before = now_ns();
    let called = hub.lane.call(|client| client.ping(PingRequest::default()));
    match called.await {
        Ok(reply) => vec![versions(&reply), clock(&reply, before, now_ns())],
        Err(error) => vec![Check::fail(
            "versions",
            format!("the hub does not answer a ping: {error}"),
            "the versions do not fit: use the same release on both sides",
        )],
    }
}

pub(crate) fn versions(reply: &PingReply) -> Check {
    let (own, theirs) = (env!("CARGO_PKG_VERSION"), reply.version.as_str());
    let found = format!(
        "hub {theirs} (protocol {}), this program {own} (protocol {PROTOCOL_VERSION})",
        reply.protocol_version
    );
    let same = reply.protocol_version == PROTOCOL_VERSION;
    match (same, theirs == own) {
        (true, true) => Check::ok("versions", found),
        (true, false) => Check::warn("versions", found, "they fit; the same release is safer"),
        (false, _) => Check::fail("versions", found, "use the same release on both sides"),
    }
}

pub(crate) fn clock(reply: &PingReply, before_ns: u64, after_ns: u64) -> Check {
    let middle_ns = before_ns / 2 + after_ns / 2;
    let difference = format::duration(reply.now_ns.abs_diff(middle_ns));
    let round_trip = format::duration(after_ns.saturating_sub(before_ns));
    let found = format!("differs by {difference} (round trip {round_trip})");
    match reply.now_ns.abs_diff(middle_ns) <= CLOCK_NS_MAX {
        true => Check::ok("clock", found),
        false => Check::warn(
            "clock",
            found,
            "synchronise the clocks (NTP) of both machines",
        ),
    }
}

async fn round_trip(hub: &Hub) -> Check {
    let span = test_span();
    let trace_id = span.trace_id;
    let request = IngestSpansRequest { spans: vec![span] };
    let sent = hub.call("ingest_spans", |client| client.ingest_spans(request));
    let reply = match sent.await {
        Ok(reply) => reply,
        Err(error) => return Check::fail("test span", error.to_string(), "see the hub's log"),
    };
    if reply.inserted == 0 {
        let reasons: Vec<_> = reply.rejections.iter().map(|r| r.reason.as_str()).collect();
        let found = format!("the hub rejected it: {}", reasons.join(", "));
        return Check::fail("test span", found, "see the hub's log");
    }
    match read_back(hub, trace_id).await {
        true => Check::ok(
            "test span",
            format!("stored and read back as trace {trace_id}"),
        ),
        false => Check::fail(
            "test span",
            format!("accepted, but trace {trace_id} cannot be read"),
            "look at --ttl and --memory-limit of the hub",
        ),
    }
}

fn test_span() -> Span {
    let end_ns = now_ns();
    Span {
        trace_id: TraceId::from_u128(rand::random::<u128>() | 1),
        span_id: SpanId::from_u64(rand::random::<u64>() | 1),
        name: "doctor's test span".into(),
        start_ns: end_ns.saturating_sub(1_000_000),
        end_ns,
        flags: 1,
        resource: Resource {
            attributes: vec![KeyValue::new("service.name", "hindsight-doctor")],
            dropped_attributes: 0,
        },
        ..Span::default()
    }
}

async fn read_back(hub: &Hub, trace_id: TraceId) -> bool {
    let reading = async {
        loop {
            let request = GetTraceRequest { trace_id, page: 0 };
            let called = hub.call("get_trace", |client| client.get_trace(request));
            match called.await {
                Ok(reply) if !reply.batch.is_empty() => return true,
                Ok(_) => tokio::time::sleep(FOUND_INTERVAL).await,
                Err(_) => return false,
            }
        }
    };
    tokio::time::timeout(FOUND_TIMEOUT, reading)
        .await
        .unwrap_or(false)
}

async fn apps(hub: &Hub) -> Check {
    let request = ListAppsRequest {
        connected_only: true,
    };
    match hub
        .call("list_apps", |client| client.list_apps(request))
        .await
    {
        Ok(reply) => judge_apps(&reply.apps),
        Err(error) => Check::fail("apps", error.to_string(), "see the hub's log"),
    }
}

pub(crate) fn judge_apps(apps: &[AppInfo]) -> Check {
    let connected = format::plural(apps.len() as u64, "connected app");
    let is_silent = |app: &AppInfo| app.accounts.offered == 0 && app.counters.received == 0;
    let silent = names(apps.iter().filter(|app| is_silent(app)));
    let dropping = names(apps.iter().filter(|app| app.accounts.dropped > 0));
    if apps.is_empty() {
        return Check::warn(
            "apps",
            "no app is connected at this time",
            "start one with HINDSIGHT_ENDPOINT set to this hub; `hindsight apps` lists past ones",
        );
    }
    if !silent.is_empty() {
        return Check::warn(
            "apps",
            format!("{connected}, silent so far: {silent}"),
            "they have recorded no span: are their spans ended, and is their sampler on?",
        );
    }
    if !dropping.is_empty() {
        return Check::warn(
            "apps",
            format!("{connected}, dropping spans: {dropping}"),
            "their buffers are too small for what they record; see `hindsight apps`",
        );
    }
    Check::ok("apps", format!("{connected}: {}", names(apps.iter())))
}

/// The first few names.
fn names<'a>(apps: impl Iterator<Item = &'a AppInfo>) -> String {
    let name = |app: &'a AppInfo| match app.run.service_name.as_str() {
        "" => "(no name)",
        name => name,
    };
    let named: Vec<_> = apps.take(NAMED_MAX).map(name).collect();
    named.join(", ")
}

async fn losses(hub: &Hub) -> Check {
    let request = StatsRequest::default();
    match hub.call("stats", |client| client.stats(request)).await {
        Ok(stats) => judge_losses(&stats),
        Err(error) => Check::fail("losses", error.to_string(), "see the hub's log"),
    }
}

pub(crate) fn judge_losses(stats: &StatsReply) -> Check {
    let (ingest, store) = (&stats.ingest, &stats.store);
    let lost = ingest.rejected + store.evicted;
    let found = format!(
        "rejected {}, evicted {}, expired {}",
        format::count(ingest.rejected),
        format::count(store.evicted),
        format::count(store.expired),
    );
    let named: Vec<_> = stats
        .reasons
        .iter()
        .take(NAMED_MAX)
        .map(|r| format!("{} {}", r.reason, r.count))
        .collect();
    match (lost, named.is_empty()) {
        (0, _) => Check::ok("losses", found),
        (_, true) => Check::warn("losses", found, "see `hindsight stats`"),
        (_, false) => Check::warn("losses", found, format!("reasons: {}", named.join(", "))),
    }
}
