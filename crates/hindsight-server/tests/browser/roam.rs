//! The lens on roam: who calls whom, a call that hangs, how calls went, events; and what spans tell when
//! no app is there.

use hindsight::{Service, Tracer};
use hindsight_protocol::introspection::roam::{
    ActiveRpc, ActiveRpcs, ActiveRpcsRequest, ChannelInfo, ConnectionInfo, LaneInfo, MethodMetrics,
    RoamIntrospection, RoamIntrospectionDispatcher, RpcEvent, Topology, TopologyRequest,
    TransportMetrics, TransportMetricsRequest, roam_introspection_service_descriptor,
};
use hindsight_protocol::introspection::{StreamEnd, StreamRequest};
use serde_json::json;

use crate::chromium::Tab;
use crate::hostile::{TEXTS, unharmed};
use crate::process::{Hub, PATIENCE, Process, hindsight};

/// The rows of the table with this caption.
fn rows(caption: &str) -> String {
    format!(
        "[...([...document.querySelectorAll('.roam .tables table')]
            .find(t => t.caption && t.caption.innerText.startsWith({caption:?}))?.tBodies[0].rows ?? [])]"
    )
}

const PLACES: &str = "JSON.stringify([...document.querySelectorAll('.stage .service')]
    .map(g => g.querySelector('.name').textContent + g.getAttribute('transform')).sort())";
const EVENTS: &str = "document.querySelectorAll('.roam .log tbody tr').length";
const STATUS: &str = "document.querySelector('.roam .log .head .dim').innerText";

#[tokio::test]
async fn a_call_that_hangs_is_seen_between_the_processes_that_make_it() {
    let hub = Hub::start();
    let url = format!("http://{}", hub.endpoint);
    let mut tab = Tab::open(&format!("{url}/roam")).await;
    tab.prefer("dark").await;
    tab.until("document.querySelector('.roam .empty').innerText.includes('No app tells of roam')")
        .await;
    tab.picture("roam-empty-dark").await;
    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "20"]);
    let mut demo = Process::start(command);

    // Five processes, four arrows; both ends tell of each.
    tab.until("document.querySelectorAll('.stage a .name').length === 5")
        .await;
    tab.until("document.querySelectorAll('.stage .call').length === 4")
        .await;
    let labels =
        "[...document.querySelectorAll('.stage .call')].map(g => g.getAttribute('aria-label'))";
    tab.until(&format!(
        "{labels}.some(l => l.startsWith('web calls catalog: Catalog, '))"
    ))
    .await;
    tab.until(&format!("{labels}.every(l => !l.includes('one end only'))"))
        .await;

    // The hang: both its ends in one row, older every second, at its place while others come and go.
    let calls = rows("Calls under way");
    let hang = format!("{calls}.find(r => r.innerText.includes('Catalog.reindex'))");
    tab.until(&format!("{hang}?.innerText.includes('in the callee')"))
        .await;
    tab.until(&format!("/web[^]*catalog/.test({hang}.innerText)"))
        .await;
    let age = format!("parseFloat({hang}.cells[0].innerText)");
    tab.until(&format!("{age} >= 2 && {age} < 60")).await;
    let places = tab.evaluate(PLACES).await;
    let before = tab.evaluate(&age).await;
    tab.until(&format!("{age} > {before}")).await;
    assert_eq!(tab.evaluate(PLACES).await, places, "a box moved");

    // How calls went, and what went over the connections.
    let methods = rows("Methods");
    tab.until(&format!(
        "{methods}.some(r => r.innerText.includes('Catalog.price'))"
    ))
    .await;
    let connections = rows("Connections");
    tab.until(&format!(
        "{connections}.some(r => /tcp 127/.test(r.innerText) && /\\d+ \\/ \\d+/.test(r.innerText))"
    ))
    .await;

    // Events come until they are held.
    tab.until(&format!("{EVENTS} > 20")).await;
    tab.picture("roam-dark").await;
    tab.press("p").await;
    tab.until(&format!("{STATUS}.includes('held')")).await;
    let newest = "document.querySelector('.roam .log tbody tr').innerText";
    let held = tab.evaluate(newest).await;
    let status = tab.evaluate(STATUS).await;
    tab.until(&format!("{STATUS} !== {status}")).await;
    assert_eq!(tab.evaluate(newest).await, held);
    tab.press("p").await;
    tab.until(&format!("{newest} !== {held}")).await;

    // Keys walk through all rows.
    let selected = "document.querySelector('.roam tr[aria-selected=true]')";
    tab.press("j").await;
    tab.until(&format!(
        "{selected}.parentElement.parentElement.caption.innerText.startsWith('Calls')"
    ))
    .await;
    tab.press("p").await;
    tab.press("G").await;
    tab.until(&format!("{selected}?.closest('.log')")).await;
    tab.press("p").await;
    tab.press("g").await;
    tab.until(&format!("{selected}?.parentElement.parentElement.caption"))
        .await;
    // The call of the marked row may have ended meanwhile.
    let marked = "document.querySelectorAll('.roam tr[aria-selected]').length <= 1";
    assert_eq!(tab.evaluate(marked).await, true);

    // Under the pointer nothing moves, wherever in the tables it is: keys have scrolled them.
    tab.point(".roam .tables", false).await;
    let held = tab.evaluate(newest).await;
    let status = tab.evaluate(STATUS).await;
    tab.until(&format!("{STATUS} !== {status}")).await;
    assert_eq!(
        tab.evaluate(newest).await,
        held,
        "events moved under the pointer"
    );
    tab.point("h1", false).await;
    tab.until(&format!("{newest} !== {held}")).await;
    tab.prefer("light").await;
    tab.picture("roam-light").await;

    // One app, by a click on its box.
    tab.evaluate("[...document.querySelectorAll('.stage a')].find(a => a.textContent.includes('payments')).focus()")
        .await;
    tab.press("Enter").await;
    tab.until("/^\\?app=[0-9a-f]{32}$/.test(location.search)")
        .await;
    tab.until("document.querySelectorAll('.stage .service').length === 2")
        .await;
    tab.evaluate("document.querySelector('.roam .choices a').click()")
        .await;
    tab.until("location.search === '' && document.querySelectorAll('.stage .service').length >= 4")
        .await;
    tab.resize(600, 900).await;
    tab.until("document.documentElement.scrollWidth <= 600")
        .await;
    tab.picture("roam-narrow-light").await;
    tab.resize(1440, 900).await;

    // A call leads to its trace.
    let focused =
        format!("(() => {{ const a = {hang}?.querySelector('a'); a?.focus(); return !!a; }})()");
    tab.until(&focused).await;
    tab.press("Enter").await;
    tab.until("location.pathname.startsWith('/trace/')").await;
    tab.go(&format!("{url}/roam")).await;

    // Without the apps, spans tell.
    demo.kill();
    tab.until("/No app can be asked now/.test(document.querySelector('.roam .about').innerText)")
        .await;
    let stored = rows("Methods, by stored spans");
    tab.until(&format!(
        "{stored}.some(r => /Catalog.price[^]*answers/.test(r.innerText))"
    ))
    .await;
    tab.until("document.querySelectorAll('.stage .service').length === 5")
        .await;
    tab.picture("roam-stored-light").await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
    assert_eq!(tab.evaluate("document.title !== ''").await, json!(true));
}

/// An app that tells of itself in texts that are meant to do harm; one is a megabyte long.
#[derive(Clone)]
struct Hostile;

fn text(at: usize) -> String {
    TEXTS[at % TEXTS.len()].to_owned()
}

fn long() -> String {
    "evil<b>".repeat((1 << 20) / 7)
}

impl RoamIntrospection for Hostile {
    async fn get_topology(&self, _: TopologyRequest) -> Topology {
        let connection = |at: usize| ConnectionInfo {
            id: at as u64,
            peer: text(at),
            address: text(at + 1),
            transport: text(at + 2),
            opened_ns: u64::MAX,
            lanes: vec![LaneInfo {
                service: text(at + 3),
                direction: text(at + 4),
                calls_active: u64::MAX,
                ..LaneInfo::default()
            }],
            ..ConnectionInfo::default()
        };
        Topology {
            process: text(0),
            connections: (0..TEXTS.len()).map(connection).collect(),
            ..Topology::default()
        }
    }

    async fn get_transport_metrics(&self, _: TransportMetricsRequest) -> TransportMetrics {
        let method = |at: usize| MethodMetrics {
            service: if at == 0 { long() } else { text(at) },
            method: text(at + 1),
            direction: text(at + 2),
            ended: u64::MAX,
            failed: u64::MAX,
            total_ns: u64::MAX,
            histogram: vec![u64::MAX; 3],
            ..MethodMetrics::default()
        };
        TransportMetrics {
            methods: (0..TEXTS.len()).map(method).collect(),
            ..TransportMetrics::default()
        }
    }

    async fn get_active_rpcs(&self, _: ActiveRpcsRequest) -> ActiveRpcs {
        let call = |at: usize| ActiveRpc {
            request: at as u64,
            direction: text(at),
            peer: text(at + 1),
            service: text(at + 2),
            method: if at == 0 { long() } else { text(at + 3) },
            age_ns: u64::MAX,
            ..ActiveRpc::default()
        };
        let channel = |at: usize| ChannelInfo {
            id: at as u64,
            service: text(at),
            method: text(at + 1),
            direction: text(at + 2),
            silent_ns: u64::MAX,
            ..ChannelInfo::default()
        };
        ActiveRpcs {
            process: text(1),
            calls: (0..TEXTS.len()).map(call).collect(),
            channels: (0..TEXTS.len()).map(channel).collect(),
            ..ActiveRpcs::default()
        }
    }

    async fn stream_rpc_events(&self, _: StreamRequest, events: vox::Tx<RpcEvent>) -> StreamEnd {
        for at in 0..TEXTS.len() {
            let event = RpcEvent {
                sequence: at as u64,
                at_ns: u64::MAX,
                kind: text(at),
                peer: text(at + 1),
                direction: text(at + 2),
                service: text(at + 3),
                method: text(at + 4),
                outcome: text(at),
                ..RpcEvent::default()
            };
            // The viewer may have gone.
            if events.send(event).await.is_err() {
                break;
            }
        }
        std::future::pending().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_tells_hostile_texts_is_shown_and_nothing_runs() {
    let hub = Hub::start();
    let builder = Tracer::builder().endpoint(hub.endpoint.clone());
    let tracer = builder.service_name(TEXTS[1]).connect().await;
    let tracer = tracer.expect("connects");
    let dispatcher = RoamIntrospectionDispatcher::new(Hostile);
    let service = Service::new(roam_introspection_service_descriptor(), dispatcher);
    tracer.expose(service.allow_calls());
    assert!(tracer.flush(PATIENCE).await);
    let mut tab = Tab::open(&format!("http://{}/roam", hub.endpoint)).await;
    tab.prefer("dark").await;
    for (table, least) in [
        ("Calls under way", 2),
        ("Channels", 2),
        ("Methods", 2),
        ("Connections", 2),
    ] {
        tab.until(&format!("{}.length >= {least}", rows(table)))
            .await;
    }
    tab.until(&format!("{EVENTS} >= {}", TEXTS.len())).await;
    tab.picture("roam-hostile-dark").await;
    unharmed(&mut tab, "roam").await;
    // A megabyte is cut before it becomes text of the page.
    let size = "document.querySelector('.roam').innerHTML.length";
    let size = tab.evaluate(size).await.as_u64().expect("a number");
    assert!(size < 300_000, "{size} characters");
    tab.resize(700, 900).await;
    tab.until("document.documentElement.scrollWidth <= 700")
        .await;
    tab.picture("roam-hostile-narrow-dark").await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}
