//! The field for queries: colours, completions, faults, what was asked before.

use serde_json::json;

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};

const ROWS: &str = "document.querySelectorAll('.traces tbody tr').length";
const FIELD: &str = "document.querySelector('#search')";
const OFFERS: &str = "[...document.querySelectorAll('#search-offers li')].map(li => li.querySelector('code').innerText)";

fn painted(class: &str) -> String {
    format!("[...document.querySelectorAll('.paint .{class}')].map(s => s.textContent).join(' ')")
}

#[tokio::test]
async fn a_reader_writes_a_query_with_the_keyboard_alone() {
    let hub = Hub::start();
    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "20"]);
    let _demo = Process::start(command);
    let url = format!("http://{}/", hub.endpoint);
    let mut tab = Tab::open(&url).await;
    tab.prefer("dark").await;
    tab.until(&format!("{ROWS} > 5 && {FIELD}")).await;

    // What is typed is completed with fields, then operators, then values that are stored.
    tab.press("/").await;
    tab.until(&format!("document.activeElement === {FIELD}"))
        .await;
    tab.write("serv").await;
    tab.until(&format!("{OFFERS}[0] === 'service'")).await;
    tab.until(&format!("{FIELD}.ariaExpanded === 'true'")).await;
    tab.press("Tab").await;
    tab.until(&format!(
        "{FIELD}.value === 'service' && {OFFERS}[0] === 'service:'"
    ))
    .await;
    tab.press("ArrowDown").await;
    tab.until(
        "document.querySelector('#search-offer-0').ariaSelected === 'true' \
         && document.querySelector('#search').getAttribute('aria-activedescendant') === 'search-offer-0'",
    )
    .await;
    tab.press("Enter").await;
    tab.until(&format!(
        "{FIELD}.value === 'service:' && {OFFERS}.includes('web')"
    ))
    .await;
    tab.until("/\\d/.test(document.querySelector('#search-offer-0 .n').innerText)")
        .await;
    tab.picture("query-values-dark").await;
    tab.prefer("light").await;
    tab.picture("query-values-light").await;
    tab.write("we").await;
    tab.until(&format!("{OFFERS}[0] === 'web'")).await;
    tab.press("Tab").await;
    tab.until(&format!("{FIELD}.value === 'service:web '"))
        .await;

    // Esc closes the list, Enter asks.
    tab.write("duration>=1us exists(http.route) status:eror")
        .await;
    tab.until(&format!(
        "{} === 'service duration http.route status'",
        painted("q-key")
    ))
    .await;
    tab.until(&format!("{} === 'exists'", painted("q-word")))
        .await;
    let same =
        "document.querySelector('.paint').textContent === document.querySelector('#search').value";
    assert_eq!(tab.evaluate(same).await, json!(true));
    tab.press("Escape").await;
    tab.until(&format!("{FIELD}.ariaExpanded === 'false'"))
        .await;
    tab.press("Enter").await;

    // The fault lies below its place, and the hub's suggestion is a button away.
    tab.until("document.querySelector('.faults pre').innerText.includes('status')")
        .await;
    tab.until(&format!("{} === 'eror'", painted("is-wrong")))
        .await;
    let below = "(() => {
        const wrong = document.querySelector('.paint .is-wrong').getBoundingClientRect();
        const pre = document.querySelector('.faults pre').firstChild;
        const range = document.createRange();
        const at = pre.data.indexOf('^');
        range.setStart(pre, at); range.setEnd(pre, at + 4);
        const mark = range.getBoundingClientRect();
        return Math.abs(mark.left - wrong.left) < 2 && mark.top > wrong.bottom - 4;
    })()";
    assert_eq!(
        tab.evaluate(below).await,
        json!(true),
        "the mark is elsewhere"
    );
    tab.picture("query-fault-light").await;
    tab.prefer("dark").await;
    tab.picture("query-fault-dark").await;
    tab.point(".faults button", true).await;
    tab.until("decodeURIComponent(location.search).endsWith('status:error')")
        .await;
    tab.until("document.querySelector('.faults').classList.contains('is-hidden')")
        .await;

    // What the hub took is offered again where nothing is typed; the refused query is not.
    tab.until("localStorage.getItem('hindsight.queries').endsWith('status:error')")
        .await;
    tab.evaluate("document.querySelector('#search').blur()")
        .await;
    tab.press("/").await;
    tab.evaluate("document.execCommand('delete')").await;
    tab.until(&format!(
        "{OFFERS}.length === 1 && {OFFERS}[0].endsWith('status:error')"
    ))
    .await;
    tab.press("ArrowDown").await;
    tab.press("Enter").await;
    tab.until(&format!("{FIELD}.value.endsWith('status:error')"))
        .await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}

#[tokio::test]
async fn a_value_that_is_clicked_goes_into_the_query_and_with_alt_out_of_it() {
    let hub = Hub::start();
    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "20"]);
    let _demo = Process::start(command);
    let url = format!("http://{}/?q=spans%3E3", hub.endpoint);
    let mut tab = Tab::open(&url).await;
    tab.until(&format!("{ROWS} > 2")).await;
    tab.press("p").await;
    tab.press("j").await;
    tab.press("Enter").await;
    let value = "[...document.querySelectorAll('.panel [data-term]')].find(a => a.dataset.term.includes('service.name'))";
    tab.until(value).await;
    tab.evaluate(&format!("{value}.click()")).await;
    let query = "new URLSearchParams(location.search).get('q')";
    tab.until(&format!(
        "/^spans>3 resource.service.name=\"[a-z]+\"$/.test({query})"
    ))
    .await;
    tab.evaluate("history.back()").await;
    tab.until(value).await;
    let click = "new MouseEvent('click', { bubbles: true, cancelable: true, altKey: true })";
    tab.evaluate(&format!("{value}.dispatchEvent({click})"))
        .await;
    tab.until(&format!(
        "/^spans>3 -resource.service.name=\"[a-z]+\"$/.test({query})"
    ))
    .await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}
