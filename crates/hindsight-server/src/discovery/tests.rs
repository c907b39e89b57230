use std::time::Duration;

use hindsight_protocol::TracerId;
use hindsight_protocol::hub::{IngestReply, RunInfo, TracerAccounts};

use super::app::cut_run;
use super::registry::Registry;
use super::*;
use crate::config::{ConnectionLimits, DiscoveryLimits};
use crate::connections::{ConnectionId, Connections};

const SECOND_NS: u64 = 1_000_000_000;

fn registry(apps_max: usize) -> Registry {
    let limits = DiscoveryLimits {
        apps_max,
        services_max: 2,
        text_bytes_max: 10,
        ..DiscoveryLimits::default()
    };
    Registry::new(&limits, Duration::from_secs(10))
}

fn tracer(low: u64) -> TracerId {
    TracerId { high: 1, low }
}

fn connection_ids() -> [ConnectionId; 2] {
    let connections = Connections::new(&ConnectionLimits::default());
    [0, 1].map(|_| connections.take_slot(None).unwrap().id())
}

fn attach(registry: &Registry, low: u64, connection: ConnectionId, now_ns: u64) -> bool {
    let attachment = Attachment {
        tracer_id: tracer(low),
        run: RunInfo::default(),
        connection,
        transport: "tcp".to_owned(),
    };
    registry.attach(attachment, now_ns).is_ok()
}

fn state(registry: &Registry, now_ns: u64) -> String {
    registry.list(false, now_ns)[0].state.clone()
}

#[test]
fn an_app_is_connected_disconnected_and_gone() {
    let (registry, [first, second]) = (registry(10), connection_ids());
    assert!(attach(&registry, 1, first, SECOND_NS));
    assert_eq!(state(&registry, 2 * SECOND_NS), "connected");
    assert!(registry.detach(tracer(1), first, 3 * SECOND_NS));
    assert_eq!(state(&registry, 12 * SECOND_NS), "disconnected");
    assert_eq!(state(&registry, 13 * SECOND_NS), "gone");
    assert!(registry.list(true, 13 * SECOND_NS).is_empty());

    assert!(attach(&registry, 1, second, 20 * SECOND_NS));
    assert!(
        !registry.detach(tracer(1), first, 21 * SECOND_NS),
        "an old end"
    );
    assert_eq!(state(&registry, 22 * SECOND_NS), "connected");
    let app = &registry.list(true, 22 * SECOND_NS)[0];
    assert_eq!(
        (app.first_attached_ns, app.attached_ns),
        (SECOND_NS, 20 * SECOND_NS)
    );
}

#[test]
fn a_full_registry_forgets_who_is_gone_but_nobody_connected() {
    let (registry, [connection, _]) = (registry(2), connection_ids());
    let accounts = TracerAccounts {
        offered: 5,
        ..TracerAccounts::default()
    };
    assert!(attach(&registry, 1, connection, 1) && attach(&registry, 2, connection, 2));
    assert!(!attach(&registry, 3, connection, 3), "all are connected");
    registry.told(tracer(1), &accounts, 3);
    registry.detach(tracer(1), connection, 4);
    assert!(attach(&registry, 3, connection, 5));
    let left: Vec<u64> = registry
        .list(false, 6)
        .iter()
        .map(|a| a.tracer_id.low)
        .collect();
    assert_eq!(left, [3, 2]);
    assert_eq!(
        registry.accounts().offered,
        5,
        "its accounts stay in the sum"
    );
}

#[test]
fn accounts_grow_and_batches_count_for_their_app() {
    let (registry, [connection, _]) = (registry(2), connection_ids());
    attach(&registry, 1, connection, 1);
    for offered in [3, 9, 4] {
        let accounts = TracerAccounts {
            offered,
            ..TracerAccounts::default()
        };
        registry.told(tracer(1), &accounts, 2);
    }
    let stored = IngestReply {
        inserted: 2,
        rejected: 1,
        ..IngestReply::default()
    };
    let resent = IngestReply {
        resent: true,
        ..IngestReply::default()
    };
    registry.ingested(Some(tracer(1)), 3, &stored, 3);
    registry.ingested(Some(tracer(1)), 3, &resent, 4);
    registry.ingested(None, 3, &stored, 5);
    let app = &registry.list(false, 6)[0];
    assert_eq!((app.accounts.offered, app.last_seen_ns), (9, 4));
    let counters = (
        app.counters.received,
        app.counters.inserted,
        app.counters.resent,
    );
    assert_eq!(counters, (3, 2, 3));
}

#[test]
fn what_an_app_says_of_itself_is_cut_at_characters() {
    let (registry, [connection, _]) = (registry(2), connection_ids());
    attach(&registry, 1, connection, 1);
    let names = ["short", "ääääääääää", "third"].map(str::to_owned);
    assert!(registry.set_services(tracer(1), names.to_vec()));
    assert_eq!(registry.list(false, 2)[0].services, ["short", "äääää"]);

    let limits = DiscoveryLimits {
        text_bytes_max: 5,
        arguments_max: 1,
        ..DiscoveryLimits::default()
    };
    let mut run = RunInfo {
        service_name: "123456".to_owned(),
        arguments: vec!["123456".to_owned(), "b".to_owned()],
        ..RunInfo::default()
    };
    assert!(cut_run(&mut run, &limits));
    assert_eq!(
        (run.service_name.as_str(), run.arguments.len()),
        ("12345", 1)
    );
    assert!(!cut_run(&mut run, &limits));
}
