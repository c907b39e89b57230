//! Searching, going to a trace and back, the hub's page, colours.

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};

const ROWS: &str = "document.querySelectorAll('.traces tbody tr').length";
const PATH: &str = "location.pathname + location.search";

#[tokio::test]
async fn a_reader_searches_opens_a_trace_goes_back_and_changes_colours() {
    let hub = Hub::start();
    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "20"]);
    let _demo = Process::start(command);
    let url = format!("http://{}", hub.endpoint);
    let mut tab = Tab::open(&format!("{url}/?q=service%3Aweb")).await;
    tab.prefer("dark").await;
    tab.until(&format!("{ROWS} > 3")).await;
    tab.until("document.querySelector('#search').value === 'service:web'")
        .await;

    tab.press("/").await;
    tab.write("duration>ten").await;
    tab.press("Enter").await;
    tab.until("/column \\d+: /.test(document.querySelector('.trouble pre').innerText)")
        .await;
    tab.until(&format!("{PATH} === '/?q=duration%3Eten'")).await;
    tab.picture("search-error-dark").await;
    tab.evaluate("history.back()").await;
    tab.until("document.querySelector('#search').value === 'service:web'")
        .await;
    tab.until("document.querySelector('.trouble').classList.contains('is-hidden')")
        .await;

    tab.press("Escape").await;
    tab.press("p").await;
    tab.press("j").await;
    tab.press("j").await;
    tab.until("document.querySelectorAll('tr[aria-selected=true]').length === 1")
        .await;
    tab.press("Enter").await;
    tab.until(&format!("/^\\/trace\\/[0-9a-f]{{32}}$/.test({PATH})"))
        .await;
    tab.until("document.querySelector('.trace h1')").await;
    let trace = tab.evaluate("location.pathname.split('/')[2]").await;
    let trace = trace.as_str().expect("an id").to_owned();

    tab.go(&format!("{url}/trace/{}", trace.to_uppercase()))
        .await;
    tab.until("document.querySelector('.trace h1')").await;
    tab.go(&format!("{url}/trace/{}", "1".repeat(32))).await;
    tab.until("document.querySelector('main').innerText.includes('No span of this trace')")
        .await;

    tab.point("nav a[href='/hub']", true).await;
    tab.until("document.querySelector('.accounts')").await;
    tab.picture("hub-dark").await;
    tab.prefer("light").await;
    tab.picture("hub-light").await;

    let background = "getComputedStyle(document.documentElement).getPropertyValue('--background')";
    let light = tab.evaluate(background).await;
    assert_eq!(light, "rgb(251, 251, 249)", "the canvas can read colours");
    tab.evaluate("[...document.querySelectorAll('.top button')].at(-1).click()")
        .await;
    tab.evaluate("[...document.querySelectorAll('.top button')].at(-1).click()")
        .await;
    tab.until(&format!("{background} === 'rgb(20, 22, 26)'"))
        .await;
    tab.go(&url).await;
    tab.until(&format!("{background} === 'rgb(20, 22, 26)'"))
        .await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}
