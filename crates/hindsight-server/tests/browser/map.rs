//! The map of services: grows, keeps its places, leads to traces.

use serde_json::json;

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};

/// Names and places of the boxes.
const BOXES: &str = "JSON.stringify([...document.querySelectorAll('.stage .service')]
    .map(g => g.querySelector('.name').textContent + g.getAttribute('transform')).sort())";
/// The numbers on the calls.
const NUMBERS: &str =
    "[...document.querySelectorAll('.stage .call')].map(g => g.textContent).join()";
/// Boxes and labels of the picture that overlap.
const OVERLAPS: &str = "(() => {
    const all = [...document.querySelectorAll('.stage .box, .stage .label')]
        .map(e => e.getBoundingClientRect());
    return all.filter((a, i) => all.slice(i + 1).some(b => a.left < b.right && b.left < a.right
        && a.top < b.bottom && b.top < a.bottom)).length;
})()";
/// Texts that are wider than their boxes.
const TOO_WIDE: &str = "[...document.querySelectorAll('.stage a')].filter(a => {
    const room = a.querySelector('.box, .label').getBBox();
    return [...a.querySelectorAll('text')].some(text => text.getBBox().width > room.width);
}).map(a => a.textContent)";
const SCALE: &str =
    "document.querySelector('.stage svg > g').getAttribute('transform').split('scale(')[1]";

#[tokio::test]
async fn a_reader_sees_who_calls_whom_and_goes_to_the_traces_of_a_call() {
    let hub = Hub::start();
    let url = format!("http://{}", hub.endpoint);
    let mut tab = Tab::open(&format!("{url}/map")).await;
    tab.prefer("dark").await;
    tab.until("document.querySelector('.map .empty').innerText.includes('No span is stored yet')")
        .await;
    tab.picture("map-empty-dark").await;

    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "20"]);
    let _demo = Process::start(command);
    tab.until("document.querySelectorAll('.stage .service').length === 5")
        .await;
    tab.until("document.querySelectorAll('.stage .call').length === 4")
        .await;

    // Numbers change, places do not.
    let places = tab.evaluate(BOXES).await;
    let numbers = tab.evaluate(NUMBERS).await;
    let numbers = numbers.as_str().expect("a text").to_owned();
    let other = serde_json::to_string(&numbers).expect("a text");
    tab.until(&format!("{NUMBERS} !== {other}")).await;
    assert_eq!(tab.evaluate(BOXES).await, places, "a box moved");
    assert_eq!(tab.evaluate(OVERLAPS).await, json!(0));
    assert_eq!(tab.evaluate(TOO_WIDE).await, json!([]));
    tab.picture("map-dark").await;

    // The neighbours of what is pointed at stay bright.
    tab.point(".map .tables tbody tr:nth-child(3) a", false)
        .await;
    tab.until("document.querySelectorAll('.stage .is-faint').length > 0")
        .await;
    tab.prefer("light").await;
    tab.picture("map-light").await;
    tab.point("footer", false).await;
    tab.until("document.querySelectorAll('.stage .is-faint').length === 0")
        .await;

    // Sorting, zooming, and back.
    tab.evaluate("document.querySelectorAll('.tables section:last-child th button')[2].click()")
        .await;
    tab.until("document.querySelector('.tables section:last-child [aria-sort=descending]')")
        .await;
    let fitted = tab.evaluate(SCALE).await;
    tab.press("+").await;
    tab.until(&format!("{SCALE} !== {fitted}")).await;
    tab.press("0").await;
    tab.until(&format!("{SCALE} === {fitted}")).await;

    // A window and a filter are in the address bar.
    tab.evaluate(
        "[...document.querySelectorAll('.choices a')].find(a => a.innerText === '5 min').click()",
    )
    .await;
    tab.until("location.search === '?since=5m'").await;
    tab.point(".map .bar input", true).await;
    tab.write("kind:").await;
    tab.press("Enter").await;
    tab.until("/column \\d+: |kind/.test(document.querySelector('.map .trouble').innerText)")
        .await;
    tab.write("server").await;
    tab.press("Enter").await;
    tab.until("location.search === '?q=kind:server&since=5m'")
        .await;
    tab.until("document.querySelectorAll('.stage .call').length === 4")
        .await;
    tab.resize(600, 900).await;
    tab.until("document.documentElement.scrollWidth <= 600")
        .await;
    tab.picture("map-narrow-light").await;
    tab.resize(1440, 900).await;

    // A call leads to the traces that have it.
    tab.evaluate("document.querySelector('.stage .call a').focus()")
        .await;
    tab.press("Enter").await;
    tab.until("/parent\\(service=/.test(document.querySelector('#search').value)")
        .await;
    tab.until("document.querySelectorAll('.traces tbody tr').length > 0")
        .await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}
