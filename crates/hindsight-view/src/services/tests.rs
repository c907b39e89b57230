//! Services, their runs and operations, as texts; health from look to look.

use hindsight_protocol::TracerId;
use hindsight_protocol::hub::{
    AppInfo, IngestCounters, QueryColumn, QueryTable, ReasonCount, RunInfo, TracerAccounts,
};

use super::*;
use crate::fixture::START_NS;
use crate::format::Zone;

const SECOND_NS: u64 = 1_000_000_000;
const NOW_NS: u64 = START_NS + 100 * SECOND_NS;

fn app(service: &str, pid: u32) -> AppInfo {
    AppInfo {
        tracer_id: TracerId {
            high: 1,
            low: pid.into(),
        },
        run: RunInfo {
            service_name: service.into(),
            service_version: "1.2.3".into(),
            pid,
            executable: service.into(),
            arguments: vec!["--port".into(), "[redacted]\u{1b}".into()],
            host: "alpha".into(),
            started_ns: START_NS,
            client: "hindsight 0.1.0".into(),
            ..RunInfo::default()
        },
        state: "connected".into(),
        transport: "http 127.0.0.1:5000".into(),
        first_attached_ns: START_NS + SECOND_NS,
        attached_ns: START_NS + SECOND_NS,
        last_seen_ns: NOW_NS - SECOND_NS,
        services: vec!["Catalog".into(), "Stock".into()],
        accounts: TracerAccounts {
            offered: 1_010,
            ..TracerAccounts::default()
        },
        counters: IngestCounters {
            received: 1_000,
            inserted: 900,
            updated: 99,
            rejected: 1,
            ..IngestCounters::default()
        },
        reasons: vec![ReasonCount {
            reason: "span_id_invalid".into(),
            count: 1,
        }],
        ..AppInfo::default()
    }
}

fn gone(service: &str, pid: u32, after_secs: u64, state: &str) -> AppInfo {
    AppInfo {
        state: state.into(),
        detached_ns: START_NS + after_secs * SECOND_NS,
        ..app(service, pid)
    }
}

fn table(by: &[&str], names: &[&str], rows: &[(&[&str], &[f64])]) -> QueryTable {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    QueryTable {
        by: texts(by),
        columns: names
            .iter()
            .map(|name| QueryColumn {
                name: (*name).into(),
                unit: "1".into(),
            })
            .collect(),
        keys: rows
            .iter()
            .flat_map(|(keys, _)| keys.iter().map(|key| (*key).into()))
            .collect(),
        values: rows
            .iter()
            .flat_map(|(_, values)| values.iter().copied())
            .collect(),
        groups_total: rows.len() as u64,
        ..QueryTable::default()
    }
}

const RED: [&str; 5] = [
    "count()",
    "rate()",
    "p50(duration)",
    "p90(duration)",
    "p99(duration)",
];

fn traffic(by: &str, rows: &[(&[&str], &[f64])], failed: &[(&[&str], &[f64])]) -> Traffic {
    Traffic {
        all: table(&[by], &RED, rows),
        failed: table(&[by], &["count()"], failed),
        left_open: table(
            &["service", "process.pid"],
            &["count()"],
            &[
                (&["payments", "31"], &[3.0]),
                (&["web", "not a number"], &[1.0]),
            ],
        ),
    }
}

fn apps() -> Vec<AppInfo> {
    vec![
        app("web", 10),
        gone("web", 9, 50, "gone"),
        gone("payments", 31, 95, "disconnected"),
        gone("batch", 40, 20, "gone"),
    ]
}

fn looked(apps: &[AppInfo]) -> Vitals {
    let mut vitals = Vitals::default();
    vitals.look(apps, NOW_NS);
    vitals
}

#[test]
fn a_service_is_told_by_its_runs_and_by_its_spans() {
    let traffic = traffic(
        "service",
        &[
            (&["web"], &[1_200.0, 12.3, 1.5e6, 2e6, 40.25e6]),
            (&["cron\n"], &[5.0, 0.01, f64::NAN, f64::NAN, f64::NAN]),
        ],
        &[(&["web"], &[14.0])],
    );
    let rows = services(&apps(), &looked(&apps()), &traffic);
    let lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let health = row.health.map_or("-", Health::word);
            format!(
                "{} {} [{health}] {}; {}; {} | {} | {} | {} | {}",
                row.name,
                row.version,
                row.sentence,
                row.runs,
                row.exposes,
                row.rate,
                row.errors,
                row.p50,
                row.p99
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_run_says_who_it_is_how_it_ended_and_what_became_of_its_records() {
    let all = apps();
    let sheets = |service| {
        runs(
            service,
            &all,
            &looked(&all),
            &traffic("name", &[], &[]),
            Zone::UTC,
        )
    };
    let mut text = String::new();
    for sheet in sheets("web").iter().chain(&sheets("payments")) {
        text += &format!("{}: {}\n{}\n", sheet.title, sheet.sentence, sheet.times);
        for (name, fact) in &sheet.facts {
            text += &format!("  {name}: {fact}\n");
        }
        for counter in &sheet.counters {
            let indent = if counter.is_sum { "  " } else { "    " };
            text += &format!(
                "{indent}{}: {} {:?}\n",
                counter.name, counter.count, counter.role
            );
        }
        text += &format!(
            "  exposes {:?}, reasons {:?}\n\n",
            sheet.exposes, sheet.reasons
        );
    }
    insta::assert_snapshot!(text);
}

#[test]
fn operations_lead_to_their_traces_the_failing_and_the_slow_ones() {
    let rows = operations(
        "we\"b",
        &traffic(
            "name",
            &[
                (&["GET /\u{202e}"], &[10.0, 0.5, 1e6, 2e6, 123_456_789.0]),
                (&[""], &[1.0, 0.1, f64::NAN, f64::NAN, f64::NAN]),
            ],
            &[(&["GET /\u{202e}"], &[1.0])],
        ),
    );
    insta::assert_snapshot!(format!("{rows:#?}"));
}

#[test]
fn the_slow_ones_include_the_one_that_the_percentile_is_of() {
    for p99_ns in [
        1_u64,
        999,
        1_001,
        55_555,
        123_456_789,
        9_999_999_999,
        3_600_000_000_001,
    ] {
        let row: (&[&str], &[f64]) = (&["a"], &[1.0, 1.0, 1.0, 1.0, p99_ns as f64]);
        let rows = operations("web", &traffic("name", &[row], &[]));
        let query = rows[0].slow.clone().expect("something ended");
        let threshold = query.rsplit(">=").next().expect("a threshold");
        let threshold_ns = crate::format::parse_duration(threshold).expect("a duration");
        assert!(threshold_ns <= p99_ns, "{threshold} of {p99_ns}");
        assert!(
            threshold_ns >= p99_ns - p99_ns / 100,
            "{threshold} of {p99_ns}"
        );
    }
}

#[test]
fn health_is_told_by_what_changed_between_looks() {
    let mut vitals = Vitals::default();
    let with = |offered, dropped, last_seen_ns| {
        let mut app = app("web", 1);
        (app.accounts.offered, app.accounts.dropped) = (offered, dropped);
        app.last_seen_ns = last_seen_ns;
        app
    };
    let mut check = |app: AppInfo, now_ns: u64, sentence: &str| {
        vitals.look(std::slice::from_ref(&app), now_ns);
        assert_eq!(vitals.sentence(&app), sentence);
    };
    check(with(1_000, 0, NOW_NS), NOW_NS, "fine");
    check(
        with(1_005, 5, NOW_NS),
        NOW_NS,
        "dropping: 5 records lost so far, for lack of room in the app",
    );
    let later_ns = NOW_NS + 29 * SECOND_NS;
    check(
        with(1_005, 5, later_ns),
        later_ns,
        "dropping: 5 records lost so far, for lack of room in the app",
    );
    let later_ns = NOW_NS + 31 * SECOND_NS;
    check(
        with(1_005, 5, later_ns),
        later_ns,
        "fine; it lost 5 records",
    );
    check(
        with(9_005, 5, later_ns),
        later_ns,
        "lagging: the hub is 8,000 records behind; it lost 5 records",
    );
    let silent_ns = later_ns + 40 * SECOND_NS;
    check(
        with(1_005, 5, later_ns),
        silent_ns,
        "silent for 40.0 s; it lost 5 records",
    );

    let before = with(2_000, 900, NOW_NS);
    let mut fresh = Vitals::default();
    fresh.look(std::slice::from_ref(&before), NOW_NS);
    assert_eq!(
        fresh.health(&before),
        Health::Fine,
        "lost before anybody looked"
    );
}

#[test]
fn the_queries_ask_for_all_services_or_for_the_operations_of_one() {
    insta::assert_snapshot!(
        [queries(None), queries(Some("a b"))].concat().join("\n") + "\n" + &left_open_query()
    );
}
