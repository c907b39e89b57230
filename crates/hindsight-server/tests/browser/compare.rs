//! Two traces compared: chosen, looked at, searched, swapped.

use serde_json::json;

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};

const ROWS: &str =
    "document.querySelectorAll('.differences > table > tbody > tr:not(.opened)').length";
const FIRST: &str = "document.querySelector('.summary .first').innerText";
const FIND: &str = ".compare .tools input";

#[tokio::test]
async fn a_reader_compares_two_traces_and_finds_what_takes_longer() {
    let hub = Hub::start();
    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "20"]);
    let _demo = Process::start(command);
    let url = format!("http://{}", hub.endpoint);
    let mut tab = Tab::open(&format!("{url}/?q=spans%3E20")).await;
    tab.prefer("dark").await;
    tab.until("document.querySelectorAll('.traces tbody tr').length > 2")
        .await;
    tab.press("p").await;
    let ids = "[...document.querySelectorAll('.traces tbody a')].map(a => a.href)";
    let ids = tab.evaluate(ids).await;
    let first = ids[0].as_str().expect("a link").to_owned();
    let id = first.rsplit('/').next().expect("an id").to_owned();

    // Asked for both, then for the other; a link is as good as an id.
    tab.point("nav a[href='/compare']", true).await;
    tab.until("document.querySelectorAll('.candidates tbody tr').length > 2")
        .await;
    tab.point(".ask label:first-of-type input", true).await;
    tab.write("nothing").await;
    tab.press("Enter").await;
    tab.until("/trace id/.test(document.querySelector('.ask [role=alert]').innerText)")
        .await;
    tab.evaluate("document.querySelector('.ask input').select()")
        .await;
    tab.write(&format!("see {first}?span=1")).await;
    tab.press("Enter").await;
    tab.until(&format!("location.pathname === '/compare/{id}'"))
        .await;
    tab.until("document.querySelectorAll('.candidates tbody tr').length > 0")
        .await;
    tab.picture("compare-ask-dark").await;
    tab.evaluate("document.querySelector('.candidates a').click()")
        .await;
    tab.until("location.pathname.split('/').length === 4").await;

    // A sentence first, then rows.
    tab.until(&format!("/^B takes|^A and B take/.test({FIRST})"))
        .await;
    tab.evaluate("document.querySelector('.tools [aria-pressed]').click()")
        .await;
    tab.until(&format!("{ROWS} > 2")).await;
    tab.evaluate("document.querySelector('.operation button:not(.fold)').click()")
        .await;
    tab.until("document.querySelector('.opened').innerText.length > 20 && !document.querySelector('.opened').innerText.includes('asking')")
        .await;
    tab.picture("compare-dark").await;
    tab.prefer("light").await;

    // Other orders and the search are in the address bar.
    tab.evaluate("[...document.querySelectorAll('.choices a')].find(a => a.innerText === 'By self time').click()")
        .await;
    tab.until("location.search === '?by=self'").await;
    tab.until("document.querySelectorAll('.differences .fold').length === 0")
        .await;
    tab.picture("compare-light").await;
    let all = tab.evaluate(ROWS).await;
    tab.point(FIND, true).await;
    tab.write("catalog").await;
    tab.until("location.search === '?by=self&q=catalog'").await;
    tab.until(&format!("0 < {ROWS} && {ROWS} < {all}")).await;
    tab.resize(600, 900).await;
    tab.until("document.documentElement.scrollWidth <= 600")
        .await;
    tab.picture("compare-narrow-light").await;
    tab.resize(1440, 900).await;

    // The other way round: what was longer is shorter.
    let said = tab.evaluate(FIRST).await;
    let said = serde_json::to_string(&said).expect("a text");
    tab.evaluate("document.querySelector('.compare a.button').click()")
        .await;
    tab.until(&format!("location.pathname.endsWith('/{id}')"))
        .await;
    tab.until(&format!("{FIRST} !== {said}")).await;

    // A figure leads to its span in its trace.
    tab.evaluate("document.querySelector('.differences td a').click()")
        .await;
    tab.until("/^\\/trace\\/[0-9a-f]{32}$/.test(location.pathname) && /span=[0-9a-f]{16}/.test(location.search)")
        .await;

    // A trace that is not there says so, the other one is told all the same.
    tab.go(&format!("{url}/compare/{}/{id}", "1".repeat(32)))
        .await;
    tab.until("document.querySelector('.sides').innerText.includes('not stored')")
        .await;
    tab.until("/\\d spans/.test(document.querySelector('.sides').innerText)")
        .await;
    assert_eq!(tab.evaluate(ROWS).await, json!(0));
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}
