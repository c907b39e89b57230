//! What an app offers, on the command line: an app in this process, the hub and commands beside it.

use std::time::{Duration, Instant};

use hindsight::{Service, Tracer};

use crate::hub::Hub;

#[vox::service]
trait Kiosk {
    /// Sells one thing.
    /// The price is paid in full.
    async fn sell(&self, thing: String, price: u32) -> u32;
    /// Closes for good.
    async fn close(&self);
}

#[derive(Clone)]
struct Corner;

impl Kiosk for Corner {
    async fn sell(&self, _thing: String, price: u32) -> u32 {
        price
    }

    async fn close(&self) {}
}

/// An app called `name` that offers a kiosk; the hub knows it.
fn open_kiosk(hub: &Hub, name: &str) -> (tokio::runtime::Runtime, Tracer) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let builder = Tracer::builder().endpoint(&hub.http).service_name(name);
    let tracer = runtime.block_on(builder.connect()).expect("a hub");
    let dispatcher = KioskDispatcher::new(Corner);
    let service = Service::new(kiosk_service_descriptor(), dispatcher).read_only(["sell"]);
    tracer.expose(service);
    let id = tracer.id().expect("it records").to_string();
    let until = Instant::now() + Duration::from_secs(20);
    while hub.json(&["services", &id, "--format", "json"]) == serde_json::json!([]) {
        assert!(Instant::now() < until, "the hub never learned it");
    }
    (runtime, tracer)
}

#[test]
fn services_of_an_app_are_listed_by_name_process_and_tracer() {
    let hub = Hub::start(&[]);
    let (runtime, tracer) = open_kiosk(&hub, "kiosk");
    let id = tracer.id().unwrap().to_string();
    for named in ["kiosk", &std::process::id().to_string(), &id[..8]] {
        let listed = hub.json(&["services", named, "--format", "json"]);
        let service = &listed[0];
        assert_eq!(service["service"], "Kiosk", "{listed:#}");
        let methods = service["methods"].as_array().unwrap();
        assert_eq!(methods[0]["method"], "sell");
        assert_eq!(methods[0]["doc"], "Sells one thing.");
        assert_eq!(
            methods[0]["arguments"],
            serde_json::json!(["thing", "price"])
        );
        let callable: Vec<_> = methods.iter().map(|m| m["callable"].clone()).collect();
        assert_eq!(callable, [true, false]);
    }
    let drawn = hub.read(&["services", "kiosk"]);
    for part in [
        "kiosk (pid ",
        "connected",
        "Kiosk",
        "  sell",
        "(thing, price)",
        "Sells one thing.",
    ] {
        assert!(drawn.contains(part), "{drawn}");
    }
    let checks = hub.json(&["doctor", "--format", "json"]);
    let checks = checks.as_array().unwrap();
    let relay = checks
        .iter()
        .find(|check| check["name"] == "relay")
        .unwrap();
    assert_eq!(relay["outcome"], "ok", "{relay:#}");
    assert!(
        relay["found"]
            .as_str()
            .unwrap()
            .contains("offers 1 service"),
        "{relay:#}"
    );

    let nobody = hub.run(&["services", "nobody"]);
    assert_eq!(nobody.code, Some(1), "{nobody:?}");
    assert!(nobody.stderr.contains("there are kiosk"), "{nobody:?}");
    runtime.block_on(tracer.shutdown(Duration::from_secs(5)));
    let gone = hub.run(&["services", "kiosk"]);
    assert!(gone.stdout.contains("Kiosk"), "{gone:?}");
    assert!(gone.stderr.contains("what it offered last"), "{gone:?}");
}

#[test]
fn of_several_processes_the_newest_is_shown_and_that_is_said() {
    let hub = Hub::start(&[]);
    let (_first, older) = open_kiosk(&hub, "kiosk");
    let (_second, newer) = open_kiosk(&hub, "kiosk");
    let shown = hub.run(&["services", "kiosk"]);
    let beginning = &newer.id().unwrap().to_string()[..8];
    assert!(shown.stdout.contains(beginning), "{shown:?}");
    assert!(
        shown.stderr.contains("2 connected processes called kiosk"),
        "{shown:?}"
    );
    let by_process = hub.run(&["services", &std::process::id().to_string()]);
    assert_eq!(by_process.code, Some(2), "{by_process:?}");
    assert!(
        by_process.stderr.contains("may be any of"),
        "{by_process:?}"
    );
    drop(older);
}
