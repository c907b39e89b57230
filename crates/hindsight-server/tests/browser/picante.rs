//! Queries of an app: the graph, why a query was computed, figures, what is under way, the log; with
//! the app, and from stored spans once it has gone.

use hindsight::Tracer;
use hindsight_testkit::queries::{QueryApp, Script};

use crate::accessible::{axe, look};
use crate::chromium::Tab;
use crate::process::{Hub, PATIENCE};
use crate::views::View;

const SEARCH: &str = "decodeURIComponent(location.search)";
const NODES: &str = "document.querySelectorAll('.stage .node').length";
const PANEL: &str = "document.querySelector('.panel').innerText";
/// Where the boxes stand.
const PLACES: &str = "JSON.stringify([...document.querySelectorAll('.stage .node')]
    .map(g => g.querySelector('.key').textContent + g.getAttribute('transform')).sort())";
/// Texts that are wider than their boxes.
const TOO_WIDE: &str = "[...document.querySelectorAll('.stage .node')].filter(node => {
    const room = node.querySelector('.box').getBBox();
    return [...node.querySelectorAll('text')].some(text => {
        const box = text.getBBox();
        return box.x + box.width > room.width;
    });
}).map(node => node.textContent)";

async fn tracer(hub: &Hub, service: &str) -> Tracer {
    let builder = Tracer::builder().endpoint(hub.endpoint.clone());
    let tracer = builder.service_name(service).connect().await;
    tracer.expect("connects")
}

/// Sets a `select` of the page.
fn choose(label: &str, value: &str) -> String {
    format!(
        "(() => {{ const s = [...document.querySelectorAll('.settings select')] \
         .find(s => (s.getAttribute('aria-label') ?? s.parentElement.innerText).startsWith('{label}')); \
         s.value = '{value}'; s.dispatchEvent(new Event('change', {{ bubbles: true }})) }})()"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_why_a_query_was_recomputed_with_the_app_and_without_it() {
    let hub = Hub::start();
    let url = format!("http://{}", hub.endpoint);
    let tracer_of_app = tracer(&hub, "site").await;
    let app = QueryApp::new(Script::default());
    app.offer_on(&tracer_of_app);
    app.run(&tracer_of_app);
    let trace = app.run(&tracer_of_app);
    assert!(tracer_of_app.flush(PATIENCE).await);

    let mut tab = Tab::open(&format!("{url}/picante")).await;
    tab.prefer("dark").await;
    tab.until(&format!("{NODES} === {}", app.nodes())).await;
    tab.until("/13 queries, revision 5/.test(document.querySelector('.tools').innerText)")
        .await;
    assert_eq!(tab.evaluate(TOO_WIDE).await, serde_json::json!([]));
    tab.until(&format!(
        "/did not record it/.test({PANEL}) && /recorded: its changes cost/.test({PANEL})"
    ))
    .await;
    assert_eq!(
        tab.evaluate("document.querySelectorAll('.stage .is-lost').length")
            .await,
        1
    );
    tab.picture("picante-dark").await;
    tab.prefer("light").await;
    tab.picture("picante-light").await;

    // One step to why: a click on a box.
    let places = tab.evaluate(PLACES).await;
    tab.evaluate(
        "[...document.querySelectorAll('.stage .node')].find(node => \
         node.getAttribute('aria-label').startsWith('outline 00000.md')) \
         .dispatchEvent(new MouseEvent('click', { bubbles: true }))",
    )
    .await;
    tab.until(&format!("{SEARCH}.includes('query=outline(00000.md)')"))
        .await;
    tab.until(&format!("/because 00000.md was edited/.test({PANEL})"))
        .await;
    tab.until(&format!("/SourceFile::data\\(00000.md\\):\\s+set by edit 00000.md, which made revision 5/.test({PANEL})"))
        .await;
    assert_eq!(tab.evaluate(PLACES).await, places, "a box moved");
    tab.picture("picante-why-light").await;

    // By keys: from the selected box to what it uses, and open it.
    tab.evaluate("document.querySelector('.stage .node[tabindex=\"0\"]').focus()")
        .await;
    tab.press_code("ArrowRight", 39).await;
    tab.until(
        "document.activeElement.getAttribute('aria-label').startsWith('parse_file 00000.md')",
    )
    .await;
    tab.press("Enter").await;
    tab.until(&format!("{SEARCH}.includes('query=parse_file(00000.md)')"))
        .await;

    // Only what ran, and what uses the selected one.
    tab.evaluate(&choose("Outcome", "recomputed")).await;
    tab.until(&format!("{SEARCH}.includes('outcome=recomputed')"))
        .await;
    tab.until(&format!("{NODES} < {}", app.nodes())).await;
    tab.evaluate(&choose("drawn", "users")).await;
    tab.until(&format!("{NODES} === 4")).await;
    tab.reload().await;
    tab.until(&format!("{NODES} === 4")).await;

    // Figures, what is under way, the log.
    let open = |title: &str| {
        format!(
            "[...document.querySelectorAll('.tools [role=tab]')].find(t => t.innerText === '{title}').click()"
        )
    };
    tab.evaluate(&open("Statistics")).await;
    tab.until("document.querySelectorAll('.kinds tbody tr').length === 5")
        .await;
    tab.until("/memory answered/.test(document.querySelector('.part').innerText)")
        .await;
    tab.picture("picante-statistics-light").await;
    tab.evaluate(&open("Running")).await;
    tab.until("/nobody carries on/.test(document.querySelector('.part').innerText)")
        .await;
    tab.until("document.querySelectorAll('.active .is-stuck').length === 1")
        .await;
    tab.picture("picante-running-light").await;
    tab.evaluate(&open("Log")).await;
    tab.until("document.querySelectorAll('.log tbody tr').length > 3")
        .await;
    tab.picture("picante-log-light").await;

    // Without the app: the same from its spans, and it says so.
    let tracer_id = tracer_of_app.id().expect("it records");
    tracer_of_app.shutdown(PATIENCE).await;
    tab.go(&format!(
        "{url}/picante?app={tracer_id}&query=outline(00000.md)"
    ))
    .await;
    tab.until("/from \\d+ stored spans/.test(document.querySelector('.tools').innerText)")
        .await;
    tab.until(&format!(
        "/SourceFile::data\\(00000.md\\):\\s+set, which made revision 5/.test({PANEL})"
    ))
    .await;
    tab.until(&format!("/From stored spans/.test({PANEL})"))
        .await;
    tab.prefer("dark").await;
    tab.picture("picante-gone-dark").await;
    tab.resize(600, 900).await;
    tab.until("document.documentElement.scrollWidth <= 600")
        .await;
    tab.picture("picante-narrow-dark").await;
    tab.resize(1440, 900).await;

    // From a span to why, in one step.
    tab.go(&format!("{url}/trace/{trace}?q=name:outline")).await;
    tab.until("/\\d+ found/.test(document.querySelector('.find').innerText)")
        .await;
    tab.press("]").await;
    tab.until("document.querySelector('.panel a.why')").await;
    tab.evaluate("document.querySelector('.panel a.why').click()")
        .await;
    tab.until(&format!("/computed in revision/.test({PANEL})"))
        .await;

    // The queries of a trace.
    tab.go(&format!("{url}/trace/{trace}?view=queries")).await;
    tab.until(&format!("{NODES} > 5")).await;
    tab.picture("trace-queries-dark").await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_queries_are_drawn_by_kind_and_found_one_by_one() {
    let hub = Hub::start();
    let url = format!("http://{}", hub.endpoint);
    let tracer = tracer(&hub, "site").await;
    let app = QueryApp::new(Script {
        files: 2_500,
        ..Script::default()
    });
    app.offer_on(&tracer);
    app.run(&tracer);
    assert!(tracer.flush(PATIENCE).await);
    let mut tab = Tab::open(&format!("{url}/picante")).await;
    tab.prefer("dark").await;
    // The longest time that the page answers nothing, from now on.
    tab.evaluate(
        "(() => { window.longest = 0; let last = performance.now(); const tick = () => { \
         const now = performance.now(); window.longest = Math.max(window.longest, now - last); \
         last = now; requestAnimationFrame(tick) }; tick() })()",
    )
    .await;
    tab.until("/10,001 queries/.test(document.querySelector('.tools').innerText)")
        .await;
    tab.until(&format!("{NODES} === 5")).await;
    let read = tab.evaluate("Math.round(window.longest)").await;
    tab.picture("picante-10000-dark").await;
    let measured =
        |what: &str, value: &serde_json::Value| println!("{what}: longest frame {value} ms");
    measured("reading 10,001 queries", &read);

    for (what, change) in [
        ("one by one", choose("drawn", "queries")),
        ("by kind again", choose("drawn", "kinds")),
    ] {
        tab.evaluate("window.longest = 0").await;
        let nodes = tab.evaluate(NODES).await;
        tab.evaluate(&change).await;
        tab.until(&format!("{NODES} !== {nodes}")).await;
        tab.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))",
        )
        .await;
        let longest = tab.evaluate("Math.round(window.longest)").await;
        measured(what, &longest);
        tab.picture(&format!("picante-10000-{}", what.replace(' ', "-")))
            .await;
    }
    tab.evaluate("document.querySelector('.settings input').focus()")
        .await;
    tab.evaluate("window.longest = 0").await;
    tab.write("02077").await;
    tab.until(&format!("{NODES} > 0 && [...document.querySelectorAll('.stage .key')].every(k => k.textContent.includes('02077'))"))
        .await;
    let longest = tab.evaluate("Math.round(window.longest)").await;
    measured("filtering", &longest);
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_slow_and_flooding_apps_are_bounded_and_named() {
    let hub = Hub::start();
    let url = format!("http://{}", hub.endpoint);
    let hostile = tracer(&hub, "hostile").await;
    QueryApp::new(Script {
        is_hostile: true,
        flood: 50_000,
        ..Script::default()
    })
    .offer_on(&hostile);
    let huge = tracer(&hub, "huge").await;
    // A hundred megabytes of keys.
    QueryApp::new(Script {
        files: 2_500,
        key_bytes: 10_000,
        page: 100_000,
        ..Script::default()
    })
    .offer_on(&huge);
    assert!(hostile.flush(PATIENCE).await && huge.flush(PATIENCE).await);
    let id = |tracer: &Tracer| tracer.id().expect("it records").to_string();

    let mut tab = Tab::open(&format!("{url}/picante?app={}", id(&hostile))).await;
    tab.prefer("dark").await;
    tab.until(&format!("{NODES} === 13")).await;
    assert_eq!(
        tab.evaluate("document.querySelectorAll('.picante img, .picante b').length")
            .await,
        0
    );
    assert_eq!(tab.evaluate(TOO_WIDE).await, serde_json::json!([]));
    tab.picture("picante-hostile-dark").await;
    tab.go(&format!("{url}/picante?app={}&view=log", id(&hostile)))
        .await;
    tab.until("document.querySelectorAll('.log tbody tr').length === 200")
        .await;
    tab.until("/events, the newest 1,000 shown/.test(document.querySelector('.part').innerText)")
        .await;

    tab.go(&format!("{url}/picante?app={}", id(&huge))).await;
    tab.until(&format!(
        "{NODES} > 0 || /the answer takes \\d+ bytes/.test(document.querySelector('.picante').innerText)"
    ))
    .await;
    println!(
        "{}",
        tab.evaluate("document.querySelector('.picante').innerText.slice(0, 600)")
            .await
    );
    tab.picture("picante-huge-dark").await;
    // Nobody else is affected.
    tab.go(&format!("{url}/picante?app={}", id(&hostile))).await;
    tab.until(&format!("{NODES} === 13")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_part_is_accessible_in_both_colours_and_fits_a_narrow_window() {
    let hub = Hub::start();
    let url = format!("http://{}", hub.endpoint);
    let tracer = tracer(&hub, "site").await;
    let app = QueryApp::new(Script::default());
    app.offer_on(&tracer);
    let trace = app.run(&tracer);
    assert!(tracer.flush(PATIENCE).await);
    let mut tab = Tab::open(&url).await;
    let axe = axe();
    let view = |name: &str, path: &str, ready| View {
        name: format!("picante-{name}"),
        path: path.to_owned(),
        ready,
        opened: None,
    };
    let views = [
        view("graph", "/picante", ".stage .node"),
        view("why", "/picante?query=outline(00000.md)", ".why .steps li"),
        view("statistics", "/picante?view=statistics", ".kinds tbody tr"),
        view("running", "/picante?view=running", ".active tbody tr"),
        view("log", "/picante?view=log", ".log tbody tr"),
        view(
            "trace",
            &format!("/trace/{trace}?view=queries"),
            ".stage .node",
        ),
    ];
    let mut found = Vec::new();
    for view in views {
        found.extend(look(&mut tab, &url, &view, axe.as_deref()).await);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}
