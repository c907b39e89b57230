//! One process of a service: who it is, how it fares, what became of every record it made.

use hindsight_protocol::TracerId;
use hindsight_protocol::hub::AppInfo;

use super::health::{Health, Vitals, behind};
use super::traffic::Traffic;
use crate::format::{self, Zone};
use crate::text::Role;

/// Cells of any fact.
const FACT_CELLS_MAX: usize = 400;

/// A counter in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Counter {
    /// What is counted.
    pub name: &'static str,
    /// `1,234`.
    pub count: String,
    /// It heads those below it, whose sum it is.
    pub is_sum: bool,
    /// Whether it is a loss, and there are any.
    pub role: Role,
}

/// What is known of a process, escaped.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSheet {
    /// Its tracer, which tells it from others.
    pub tracer: TracerId,
    /// `pid 4711 on alpha`.
    pub title: String,
    /// How it fares.
    pub health: Health,
    /// The same in a sentence.
    pub sentence: String,
    /// `connected since 14:32:10.123 UTC`, `ended 14:32:10.123 UTC after 25.0 s, in the middle of 3
    /// spans`.
    pub times: String,
    /// Facts by name, those that are known.
    pub facts: Vec<(&'static str, String)>,
    /// Roam services that it offers.
    pub exposes: Vec<String>,
    /// Its counters: sums, each with its parts below it.
    pub counters: Vec<Counter>,
    /// What the hub refused, cut or noted, by reason.
    pub reasons: Vec<(String, String)>,
}

/// The processes of `service`: those connected first, then by when they attached, latest first.
pub fn runs(
    service: &str,
    apps: &[AppInfo],
    vitals: &Vitals,
    traffic: &Traffic,
    zone: Zone,
) -> Vec<RunSheet> {
    let left_open = traffic.left_open();
    let is_its = |app: &&AppInfo| app.run.service_name == service;
    let mut found: Vec<&AppInfo> = apps.iter().filter(is_its).collect();
    found.sort_by_key(|app| app.state != "connected");
    let sheet = |app: &AppInfo| {
        let left = left_open.get(&(service, app.run.pid));
        RunSheet {
            tracer: app.tracer_id,
            title: title(app),
            health: vitals.health(app),
            sentence: vitals.sentence(app),
            times: times(app, left.copied().unwrap_or_default(), zone),
            facts: facts(app, zone),
            exposes: app.services.iter().map(|name| cut(name)).collect(),
            counters: counters(app),
            reasons: reasons(app),
        }
    };
    found.into_iter().map(sheet).collect()
}

fn cut(text: &str) -> String {
    format::truncate(&format::escape(text), FACT_CELLS_MAX).into()
}

fn title(app: &AppInfo) -> String {
    let process = match app.run.pid {
        0 => "process".to_owned(),
        pid => format!("pid {pid}"),
    };
    match app.run.host.as_str() {
        "" => process,
        host => format!("{process} on {}", cut(host)),
    }
}

fn times(app: &AppInfo, left_open: u64, zone: Zone) -> String {
    let at = |ns: u64| format::date_time(ns, zone);
    if app.detached_ns == 0 {
        return format!("connected since {}", at(app.attached_ns));
    }
    let started_ns = match app.run.started_ns {
        0 => app.first_attached_ns,
        started_ns => started_ns,
    };
    let ran = format::duration(app.detached_ns.saturating_sub(started_ns));
    let how = match left_open {
        0 => "with nothing left open".to_owned(),
        spans => format!("in the middle of {}", format::plural(spans, "span")),
    };
    let went = match app.state.as_str() {
        "disconnected" => "went away",
        _ => "ended",
    };
    format!("{went} {} after {ran}, {how}", at(app.detached_ns))
}

fn facts(app: &AppInfo, zone: Zone) -> Vec<(&'static str, String)> {
    let run = &app.run;
    let known = |ns: u64| {
        if ns > 0 {
            format::date_time(ns, zone)
        } else {
            String::new()
        }
    };
    let command = std::iter::once(&run.executable).chain(&run.arguments);
    let command: Vec<&str> = command
        .map(String::as_str)
        .filter(|word| !word.is_empty())
        .collect();
    let returned = app.attached_ns != app.first_attached_ns;
    let facts = [
        ("version", run.service_version.clone()),
        ("command", command.join(" ")),
        ("started", known(run.started_ns)),
        (
            "first attached",
            if returned {
                known(app.first_attached_ns)
            } else {
                String::new()
            },
        ),
        ("last heard of", known(app.last_seen_ns)),
        ("connected by", app.transport.clone()),
        ("client", run.client.clone()),
        ("tracer", app.tracer_id.to_string()),
    ];
    let facts = facts.into_iter().filter(|(_, text)| !text.is_empty());
    facts.map(|(name, text)| (name, cut(&text))).collect()
}

/// `made = received + dropped + to an earlier hub + on the way`, `received = inserted + updated +
/// duplicate + rejected`.
fn counters(app: &AppInfo) -> Vec<Counter> {
    let (own, hub) = (&app.accounts, &app.counters);
    let is_connected = app.state == "connected";
    let (missing, missing_name) = match is_connected {
        true => (behind(app), "on their way"),
        false => (behind(app), "never arrived"),
    };
    let line = |name, count: u64, is_loss: bool| Counter {
        name,
        count: format::count(count),
        is_sum: false,
        role: if is_loss && count > 0 {
            Role::Error
        } else {
            Role::Plain
        },
    };
    let sum = |name, count| Counter {
        is_sum: true,
        ..line(name, count, false)
    };
    // A report of the app's own that is older than its newest batch is behind what the hub counted.
    let accounted = hub
        .received
        .saturating_add(own.dropped)
        .saturating_add(own.acknowledged_elsewhere);
    let mut lines = vec![
        sum("records made", own.offered.max(accounted)),
        line("received by this hub", hub.received, false),
        line("dropped by the app", own.dropped, true),
        line(missing_name, missing, !is_connected),
    ];
    if own.acknowledged_elsewhere > 0 {
        lines.push(line(
            "received by an earlier hub",
            own.acknowledged_elsewhere,
            false,
        ));
    }
    lines.extend([
        sum("received by this hub", hub.received),
        line("new spans", hub.inserted, false),
        line("updates", hub.updated, false),
        line("nothing new", hub.duplicate, false),
        line("rejected", hub.rejected, true),
        // A heading: what it counts has no sum.
        Counter {
            count: String::new(),
            ..sum("beside that", 0)
        },
        line("sent again", hub.resent, false),
        line("reconnects", own.reconnects, false),
        line("values cut by the app", own.cut, false),
    ]);
    lines
}

fn reasons(app: &AppInfo) -> Vec<(String, String)> {
    let reasons = app.reasons.iter();
    reasons
        .map(|reason| (cut(&reason.reason), format::count(reason.count)))
        .collect()
}
