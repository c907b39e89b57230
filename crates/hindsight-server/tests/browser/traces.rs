//! The list of traces: grows, holds still, loses its hub and finds it again.

use serde_json::json;

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};

const ROWS: &str = "document.querySelectorAll('.traces tbody tr').length";
/// The ids of the first rows.
const TOP: &str = "[...document.querySelectorAll('.traces tbody a')].slice(0, 8).map(a => a.href)";
const STATUS: &str = "document.querySelector('[role=status]').innerText";
/// What Chromium logs while nobody listens.
const REFUSED: [&str; 2] = ["ERR_CONNECTION_REFUSED", "WebSocket connection"];

fn demo(hub: &Hub) -> Process {
    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "10"]);
    Process::start(command)
}

#[tokio::test]
async fn the_list_grows_holds_still_and_outlives_its_hub() {
    let mut hub = Hub::start();
    let url = format!("http://{}/", hub.endpoint);
    let mut tab = Tab::open(&url).await;
    tab.prefer("dark").await;
    tab.until("document.querySelector('.welcome li')").await;
    tab.picture("welcome-dark").await;

    let mut first_demo = demo(&hub);
    tab.until(&format!("{ROWS} > 2")).await;
    tab.until(&format!("/live · [1-9]/.test({STATUS})")).await;
    let before = tab.evaluate(ROWS).await.as_u64().expect("a number");
    tab.until(&format!("{ROWS} > {before} + 5")).await;
    tab.until("document.querySelectorAll('aside li').length === 5")
        .await;
    tab.until(&format!("{ROWS} > 40")).await;
    tab.picture("traces-dark").await;
    tab.prefer("light").await;
    tab.picture("traces-light").await;

    tab.press("p").await;
    tab.until("document.querySelector('[aria-pressed=true]')")
        .await;
    let held = tab.evaluate(TOP).await;
    tab.until("parseInt(document.querySelector('.news').innerText) > 5")
        .await;
    assert_eq!(tab.evaluate(TOP).await, held, "rows moved while paused");
    tab.point(".news", true).await;
    tab.until(&format!("JSON.stringify({TOP}) !== {:?}", held.to_string()))
        .await;
    tab.press("p").await;
    tab.until("document.querySelector('[aria-pressed=false]')")
        .await;

    tab.point(".traces tbody tr:nth-child(3)", false).await;
    tab.until("!document.querySelector('.news').classList.contains('is-hidden')")
        .await;
    let held = tab.evaluate(TOP).await;
    tab.until("parseInt(document.querySelector('.news').innerText) > 5")
        .await;
    assert_eq!(
        tab.evaluate(TOP).await,
        held,
        "rows moved under the pointer"
    );
    tab.point("footer", false).await;
    tab.until("document.querySelector('.news').classList.contains('is-hidden')")
        .await;

    first_demo.kill();
    let port = hub.port().to_owned();
    hub.process.kill();
    tab.until(&format!("{STATUS} === 'offline'")).await;
    tab.until("document.querySelector('.interruption').innerText.includes('Trying again')")
        .await;
    assert_ne!(
        tab.evaluate(ROWS).await,
        json!(0),
        "what was there stays readable"
    );
    tab.picture("offline-light").await;
    let hub = Hub::start_on(&port);
    tab.until(&format!("{STATUS}.startsWith('live')")).await;
    // The new hub knows nothing of the rows of the old one; a program may have sent it new ones.
    let oldest = &held[0];
    tab.until(&format!("!{TOP}.includes({oldest})")).await;
    let _second_demo = demo(&hub);
    tab.until(&format!("{ROWS} > 5")).await;
    assert_eq!(tab.complaints(&REFUSED), Vec::<&String>::new());
}
