use std::time::Duration;

use hindsight_protocol::TracerId;
use hindsight_protocol::hub::{IngestReply, RunInfo, TracerAccounts};
use hindsight_protocol::introspection::{MethodInfo, ServiceInfo};

use super::app::cut_run;
use super::registry::Registry;
use super::*;
use crate::config::{ConnectionLimits, DiscoveryLimits};
use crate::connections::{ConnectionId, Connections};

const SECOND_NS: u64 = 1_000_000_000;

fn registry(apps_max: usize) -> Registry {
    let limits = DiscoveryLimits {
        apps_max,
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
    registry.list(false, now_ns).0[0].state.clone()
}

#[test]
fn an_app_is_connected_disconnected_and_gone() {
    let (registry, [first, second]) = (registry(10), connection_ids());
    assert!(attach(&registry, 1, first, SECOND_NS));
    assert_eq!(state(&registry, 2 * SECOND_NS), "connected");
    assert!(registry.detach(tracer(1), first, 3 * SECOND_NS));
    assert_eq!(state(&registry, 12 * SECOND_NS), "disconnected");
    assert_eq!(state(&registry, 13 * SECOND_NS), "gone");
    assert!(registry.list(true, 13 * SECOND_NS).0.is_empty());

    assert!(attach(&registry, 1, second, 20 * SECOND_NS));
    assert!(
        !registry.detach(tracer(1), first, 21 * SECOND_NS),
        "an old end"
    );
    assert_eq!(state(&registry, 22 * SECOND_NS), "connected");
    let app = &registry.list(true, 22 * SECOND_NS).0[0];
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
        .0
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
    let app = &registry.list(false, 6).0[0];
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

fn method(name: &str, doc: &str) -> MethodInfo {
    MethodInfo {
        name: name.to_owned(),
        id: 7,
        doc: doc.to_owned(),
        argument_names: vec!["request".to_owned()],
        arguments_schema: vec![1; 100],
        answer_schema: vec![2; 100],
        callable: true,
        is_read_only: false,
    }
}

fn service(name: &str, methods: Vec<MethodInfo>) -> ServiceInfo {
    ServiceInfo {
        name: name.to_owned(),
        doc: "\n  First line. \nSecond line.".to_owned(),
        methods,
    }
}

#[test]
fn of_what_an_app_offers_names_and_first_lines_are_remembered_without_schemas() {
    let listed = vec![service("Catalog", vec![method("look_up", "Looks.\nUp.")])];
    let offers = Offers::cut(listed, &DiscoveryLimits::default());
    assert!(!offers.cut);
    let [offer] = &offers.services[..] else {
        panic!("{offers:?}");
    };
    assert_eq!(
        (offer.name.as_str(), offer.doc.as_str()),
        ("Catalog", "First line.")
    );
    let kept = &offer.methods[0];
    assert_eq!(
        (kept.doc.as_str(), kept.id, kept.callable),
        ("Looks.", 7, true)
    );
    assert_eq!(kept.argument_names, ["request"]);
    assert!(kept.arguments_schema.is_empty() && kept.answer_schema.is_empty());
}

#[test]
fn whatever_an_app_lists_takes_a_limited_number_of_bytes() {
    let limits = DiscoveryLimits::default();
    let long = "x".repeat(limits.text_bytes_max + 1);
    let flood: Vec<_> = (0..100_000)
        .map(|n| service(&format!("S{n}"), Vec::new()))
        .collect();
    let methods = (0..100_000)
        .map(|n| method(&format!("m{n}"), &long))
        .collect();
    let many = vec![
        service("First", methods),
        service("Second", vec![method("m", "")]),
    ];
    let named_alike = vec![service("A", Vec::new()), service("A", Vec::new())];
    for (what, listed, services) in [
        ("many services", flood, limits.services_max),
        ("many methods", many, 2),
        ("a name too long", vec![service(&long, Vec::new())], 0),
        ("no name", vec![service("", Vec::new())], 0),
        ("the same name", named_alike, 1),
    ] {
        let offers = Offers::cut(listed, &limits);
        assert!(offers.cut, "{what}");
        assert_eq!(offers.services.len(), services, "{what}");
        let methods = offers.services.iter().flat_map(|s| &s.methods);
        let methods: usize = methods.map(|m| m.name.len() + m.doc.len()).sum();
        let own: usize = offers
            .services
            .iter()
            .map(|s| s.name.len() + s.doc.len())
            .sum();
        assert!(own + methods <= limits.offers_bytes_max, "{what}");
    }
}

#[test]
fn a_way_to_a_service_needs_the_app_its_connection_and_its_offer() {
    let (registry, [connection, _]) = (registry(2), connection_ids());
    let route = |service| registry.route(tracer(1), service, "Always");
    let text = |service| route(service).unwrap_err().to_string();
    assert!(
        text("Catalog").starts_with("no app has the tracer id 00000000000000010000000000000001")
    );
    attach(&registry, 1, connection, 1);
    assert!(text("Catalog").ends_with("has not told what it offers"));
    let listed = vec![service("Catalog", Vec::new())];
    let offers = Offers::cut(listed, &DiscoveryLimits::default());
    registry.learn(tracer(1), Ok(offers), 2);
    for offered in ["Catalog", "Always"] {
        assert_eq!(route(offered).unwrap().connection, connection);
    }
    assert!(text("Other").ends_with("does not offer Other"));
    let long = "x".repeat(1_000);
    assert!(text(&long).len() < 300);
    registry.learn(tracer(1), Err("no answer".to_owned()), 3);
    assert!(route("Catalog").is_ok(), "what it said before still holds");
    registry.detach(tracer(1), connection, 4);
    assert!(text("Catalog").ends_with("is not connected any more"));
    let app = &registry.list(false, 5).0[0];
    assert_eq!(app.services, ["Catalog"], "remembered");
    assert_eq!((app.offers_ns, app.offers_fault.as_str()), (2, "no answer"));
}

#[test]
fn a_list_has_a_limited_size_and_says_what_it_left_out() {
    let limits = DiscoveryLimits {
        list_bytes_max: 2_000,
        ..DiscoveryLimits::default()
    };
    let registry = Registry::new(&limits, Duration::from_secs(10));
    let [connection, _] = connection_ids();
    for low in 1..=10 {
        attach(&registry, low, connection, low);
    }
    let (apps, left_out) = registry.list(false, 20);
    assert_eq!(apps[0].tracer_id, tracer(10), "the newest are there");
    assert!(apps.len() < 10 && left_out == 10 - apps.len() as u64);
}
