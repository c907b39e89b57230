//! The lens on roam: who calls whom, a call that hangs, how calls went, events; and what spans tell when
//! no app is there.

use serde_json::json;

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};

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
    tab.evaluate(&format!("{hang}.querySelector('a').focus()"))
        .await;
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
