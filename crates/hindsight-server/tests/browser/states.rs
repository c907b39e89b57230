//! What the page says where there is little to show: an empty hub, a query that hides all, losses,
//! keys.

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};

const ROWS: &str = "document.querySelectorAll('.traces tbody tr').length";
const MAIN: &str = "document.querySelector('main').innerText";

#[tokio::test]
async fn an_empty_hub_is_tried_with_a_trace_from_the_page() {
    let hub = Hub::start();
    let mut tab = Tab::open(&format!("http://{}/", hub.endpoint)).await;
    tab.prefer("dark").await;
    tab.until(&format!(
        "{MAIN}.includes('Received 0 spans so far; no program has connected.')"
    ))
    .await;
    tab.until("document.querySelector('.welcome li')").await;
    tab.picture("welcome-dark").await;
    tab.prefer("light").await;
    tab.picture("welcome-light").await;
    tab.point(".received + p button", true).await;
    tab.until(&format!("{ROWS} === 1 && {MAIN}.includes('test trace')"))
        .await;
    tab.press("j").await;
    tab.press("Enter").await;
    tab.until("document.querySelector('.trace h1').innerText === 'test trace'")
        .await;
    tab.until("document.querySelector('.trace .bar').innerText.includes('4 spans')")
        .await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}

#[tokio::test]
async fn a_query_that_hides_all_says_which_term_does() {
    let hub = Hub::start();
    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "20"]);
    let mut demo = Process::start(command);
    let mut tab = Tab::open(&format!("http://{}/", hub.endpoint)).await;
    tab.until(&format!("{ROWS} > 5")).await;
    demo.kill();
    tab.go(&format!(
        "http://{}/?q=service:web+name:no-such-name",
        hub.endpoint
    ))
    .await;
    let lines = "[...document.querySelectorAll('.hidden-by li')].map(li => li.innerText)";
    tab.until(&format!("{lines}.length === 2")).await;
    tab.until(&format!("{lines}[0] === 'service:web alone hides nothing'"))
        .await;
    tab.until(&format!(
        "/^name:no-such-name hides [\\d,]+ spans? leave it out$/.test({lines}[1])"
    ))
    .await;
    tab.prefer("dark").await;
    tab.picture("nothing-dark").await;
    tab.prefer("light").await;
    tab.picture("nothing-light").await;
    tab.point(".hidden-by a", true).await;
    tab.until(&format!(
        "location.search === '?q=service:web' && {ROWS} > 0"
    ))
    .await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}

#[tokio::test]
async fn the_help_holds_the_focus_until_it_is_closed() {
    let hub = Hub::start();
    let mut tab = Tab::open(&format!("http://{}/", hub.endpoint)).await;
    tab.until("document.querySelector('.welcome li') && document.querySelector('footer button')")
        .await;
    tab.press("?").await;
    tab.until("document.querySelector('dialog').open").await;
    tab.until("document.querySelector('dialog').contains(document.activeElement)")
        .await;
    tab.until("document.querySelectorAll('dialog section').length >= 4")
        .await;
    // Keys of the page do nothing below it.
    tab.press("/").await;
    tab.until("document.querySelector('dialog').contains(document.activeElement)")
        .await;
    tab.prefer("dark").await;
    tab.picture("help-dark").await;
    tab.prefer("light").await;
    tab.picture("help-light").await;
    tab.press_code("Escape", 27).await;
    tab.until("!document.querySelector('dialog').open").await;
    tab.press("/").await;
    tab.until("document.activeElement.id === 'search'").await;
    tab.press("?").await;
    tab.until(
        "document.querySelector('#search').value === '?' && !document.querySelector('dialog').open",
    )
    .await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}
