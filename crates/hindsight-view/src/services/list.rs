//! One row a service.

use std::collections::BTreeMap;

use hindsight_protocol::hub::AppInfo;

use super::health::{Health, Vitals};
use super::traffic::{Traffic, failing, slow};
use crate::format;
use crate::name::NO_SERVICE;
use crate::query_table::{RedRow, value};
use crate::query_text::service_term;
use crate::text::Role;

/// Longest name that is shown, in terminal cells.
const NAME_CELLS_MAX: usize = 80;

/// What a row says, escaped but for [`Self::service`]. Equal rows look the same.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceRow {
    /// `service.name` as it came, for URLs and queries; may be empty.
    pub service: String,
    /// The same for people.
    pub name: String,
    /// The service's colour.
    pub role: Role,
    /// The newest version that is known.
    pub version: String,
    /// How it fares; none where no app is known.
    pub health: Option<Health>,
    /// The same in a sentence.
    pub sentence: String,
    /// `2 connected, 1 past`.
    pub runs: String,
    /// `Orders, Payments`: roam services that it offers.
    pub exposes: String,
    /// `12.3/s`, over the window; empty where it made no span.
    pub rate: String,
    /// `3 (1.2 %)`, or nothing.
    pub errors: String,
    /// `1.23 ms`, `-` where nothing ended.
    pub p50: String,
    /// See `p50`.
    pub p99: String,
    /// A query for its traces.
    pub query: String,
    /// One for those that failed, where any did.
    pub failing: Option<String>,
    /// One for those that took as long as the slowest hundredth, where any ended.
    pub slow: Option<String>,
}

/// Services by name, those that are gone last.
pub fn services(apps: &[AppInfo], vitals: &Vitals, traffic: &Traffic) -> Vec<ServiceRow> {
    let mut found: BTreeMap<&str, (Vec<&AppInfo>, Option<RedRow<'_>>)> = BTreeMap::new();
    for app in apps {
        let entry = found.entry(app.run.service_name.as_str()).or_default();
        entry.0.push(app);
    }
    let red = traffic.rows();
    for row in red {
        let Some(service) = row.keys.first() else {
            continue;
        };
        found.entry(service.as_str()).or_default().1 = Some(row);
    }
    let mut rows: Vec<ServiceRow> = found
        .into_iter()
        .map(|(service, (apps, red))| row(service, &apps, red.as_ref(), vitals))
        .collect();
    rows.sort_by_key(|row| row.health == Some(Health::Gone));
    rows
}

fn row(service: &str, apps: &[&AppInfo], red: Option<&RedRow<'_>>, vitals: &Vitals) -> ServiceRow {
    let connected = apps.iter().filter(|app| app.state == "connected");
    let connected: Vec<&&AppInfo> = connected.collect();
    // While one is connected, those that went say nothing about it.
    let speaker = match connected.is_empty() {
        false => connected
            .iter()
            .max_by_key(|app| vitals.health(app))
            .map(|app| **app),
        true => apps.first().copied(),
    };
    let newest = connected.first().map(|app| **app).or(apps.first().copied());
    let exposes = newest
        .map(|app| app.services.join(", "))
        .unwrap_or_default();
    let version = newest.map_or("", |app| app.run.service_version.as_str());
    let cut =
        |text: &str| -> String { format::truncate(&format::escape(text), NAME_CELLS_MAX).into() };
    let query = service_term(service);
    let duration = |ns: Option<f64>| value(ns.unwrap_or(f64::NAN), "ns");
    ServiceRow {
        service: service.to_owned(),
        name: if service.is_empty() {
            NO_SERVICE.into()
        } else {
            cut(service)
        },
        role: Role::of_service(service),
        version: cut(version),
        health: speaker.map(|app| vitals.health(app)),
        sentence: match speaker {
            Some(app) => vitals.sentence(app),
            None => "no app of this name has attached; its spans came another way".into(),
        },
        runs: runs(connected.len(), apps.len() - connected.len()),
        exposes: cut(&exposes),
        rate: red.map_or_else(String::new, |row| value(row.rate, "1/s")),
        errors: red.map_or_else(String::new, |row| errors(row.errors, row.spans)),
        p50: red.map_or_else(String::new, |row| duration(row.p50_ns)),
        p99: red.map_or_else(String::new, |row| duration(row.p99_ns)),
        failing: red.and_then(|row| failing(&query, row)),
        slow: red.and_then(|row| slow(&query, row)),
        query,
    }
}

/// `2 connected, 1 past`.
fn runs(connected: usize, past: usize) -> String {
    let counted = |number: usize, word: &str| {
        (number > 0).then(|| format!("{} {word}", format::count(number as u64)))
    };
    let parts = [counted(connected, "connected"), counted(past, "past")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(", ")
}

/// `3 (1.2 %)`, or nothing.
pub(super) fn errors(errors: u64, spans: u64) -> String {
    match errors {
        0 => String::new(),
        some => format!("{} ({})", format::count(some), format::percent(some, spans)),
    }
}
