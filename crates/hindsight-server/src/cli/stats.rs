//! `hindsight stats`: what the hub holds, its counters and its limits.

mod by;

use hindsight_protocol::hub::{AppInfo, ListAppsRequest, Removal, StatsReply, StatsRequest};
use hindsight_view::format::{self, Zone};
use hindsight_view::{Line, Role};

use super::arguments::StatsArguments;
use super::error::CliError;
use super::hub::Hub;
use super::json::StatsJson;
use super::output::Output;
use super::settings::{Format, Settings};

/// Newest removals that are printed.
const REMOVALS_SHOWN_MAX: usize = 5;

/// Apps that are printed with what was refused, cut or noted of theirs.
const APPS_SHOWN_MAX: usize = 10;

/// Runs the command.
pub(crate) async fn run(
    arguments: StatsArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    if let Some(by) = &arguments.by {
        return by::run(by, &arguments, settings, output).await;
    }
    if arguments.window.since.is_some() || arguments.window.until.is_some() {
        return Err(CliError::Config("--since and --until need --by".into()));
    }
    let hub = Hub::connect(settings).await?;
    let request = StatsRequest::default();
    let stats = hub.call("stats", |client| client.stats(request)).await?;
    let request = ListAppsRequest::default();
    let apps = hub.call("list_apps", |client| client.list_apps(request));
    let apps = apps.await?.apps;
    if output.format != Format::Table {
        return output.json(&StatsJson::new(&stats, &apps));
    }
    let lines = lines(&stats, &apps, output.zone);
    lines.iter().try_for_each(|line| output.line(line))
}

/// The numbers for people, one subject a line; of `apps` those of which something was refused, cut
/// or noted.
pub(super) fn lines(stats: &StatsReply, apps: &[AppInfo], zone: Zone) -> Vec<Line> {
    let mut lines = vec![
        subject("hub", hub(stats)),
        subject("listens", stats.addresses.join("  ")),
        subject("serves", serves(stats)),
        subject("stores", stores(stats)),
        subject("memory", memory(stats)),
        subject("apps", self::apps(stats)),
        subject("received", received(stats)),
        subject("inserted", inserted(stats)),
    ];
    let reasons = stats.reasons.iter();
    lines.extend(reasons.map(|r| subject("reason", format!("{} {}", r.reason, r.count))));
    lines.extend(of_apps(apps));
    let removals = stats.removals.iter().rev().take(REMOVALS_SHOWN_MAX);
    lines.extend(removals.map(|removal| subject("removal", self::removal(removal, zone))));
    lines
}

fn subject(name: &str, text: String) -> Line {
    let name = format!("{name:<9} ");
    Line::new().with(Role::Dim, name).with(Role::Plain, text)
}

fn hub(stats: &StatsReply) -> String {
    let up = format::duration(stats.now_ns.saturating_sub(stats.started_ns));
    format!(
        "hindsight {}, up {up}, id {:016x}",
        stats.version, stats.hub_id
    )
}

fn serves(stats: &StatsReply) -> String {
    let connections = format::plural(stats.connections, "connection");
    let subscribers = format::plural(stats.subscribers, "live subscriber");
    format!("{connections}, {subscribers}")
}

fn stores(stats: &StatsReply) -> String {
    let traces = format::plural(stats.traces, "trace");
    let spans = format::plural(stats.store.live, "span");
    let open = format::count(stats.open_spans);
    let ttl = format::compact_duration(stats.ttl_ms.saturating_mul(1_000_000));
    let pinned = match stats.pinned_traces {
        0 => String::new(),
        pinned => {
            let bytes = format::bytes(stats.pinned_bytes);
            format!(", {} pinned ({bytes})", format::plural(pinned, "trace"))
        }
    };
    format!("{traces}, {spans} ({open} open), kept for {ttl}{pinned}")
}

fn memory(stats: &StatsReply) -> String {
    let used = format::bytes(stats.memory_bytes);
    let limit = format::bytes(stats.memory_limit_bytes);
    let percent =
        u128::from(stats.memory_bytes) * 100 / u128::from(stats.memory_limit_bytes.max(1));
    let segments = format::plural(stats.segments, "segment");
    format!("{used} of {limit} ({percent} %) in {segments}")
}

fn apps(stats: &StatsReply) -> String {
    let accounts = &stats.accounts;
    format!(
        "offered {}, dropped {}, cut {}, {}",
        format::count(accounts.offered),
        format::count(accounts.dropped),
        format::count(accounts.cut),
        format::plural(accounts.reconnects, "reconnect"),
    )
}

/// A line for each app with reasons, most of them first.
fn of_apps(apps: &[AppInfo]) -> Vec<Line> {
    let total = |app: &AppInfo| app.reasons.iter().map(|r| r.count).sum::<u64>();
    let mut with: Vec<_> = apps.iter().filter(|app| total(app) > 0).collect();
    with.sort_by_key(|app| std::cmp::Reverse(total(app)));
    let shown = with.iter().take(APPS_SHOWN_MAX);
    let mut lines: Vec<_> = shown.map(|app| subject("app", of_app(app))).collect();
    if let Some(left @ 1..) = with.len().checked_sub(APPS_SHOWN_MAX) {
        let more = format!("{left} more with such; --format json lists all");
        lines.push(subject("app", more));
    }
    lines
}

fn of_app(app: &AppInfo) -> String {
    let name = match app.run.service_name.as_str() {
        "" => "(no name)",
        name => name,
    };
    let reasons = app.reasons.iter();
    let reasons: Vec<_> = reasons
        .map(|r| format!("{} {}", r.reason, format::count(r.count)))
        .collect();
    format!("{name} (pid {}): {}", app.run.pid, reasons.join(", "))
}

fn received(stats: &StatsReply) -> String {
    let ingest = &stats.ingest;
    format!(
        "{} = inserted {} + updated {} + duplicate {} + rejected {}; resent {}",
        format::count(ingest.received),
        format::count(ingest.inserted),
        format::count(ingest.updated),
        format::count(ingest.duplicate),
        format::count(ingest.rejected),
        format::count(ingest.resent),
    )
}

fn inserted(stats: &StatsReply) -> String {
    let store = &stats.store;
    format!(
        "{} = live {} + sampled out {} + expired {} + evicted {} + cleared {}",
        format::count(stats.ingest.inserted),
        format::count(store.live),
        format::count(store.sampled_out),
        format::count(store.expired),
        format::count(store.evicted),
        format::count(store.cleared),
    )
}

fn removal(removal: &Removal, zone: Zone) -> String {
    let spans = format::plural(removal.spans, "span");
    let at = format::date_time(removal.at_ns, zone);
    format!("{spans} {} at {at}", removal.reason)
}
