//! One trace: rows, folds, the panel, the search within it, both pictures, links.

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};

const SELECTED: &str = "document.querySelector('#selected-row').textContent";

/// How many colours the canvas shows in a row of pixels across all of it.
const COLORS: &str = "(() => {
    const drawn = document.querySelector('.picture canvas');
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [drawn.clientWidth, drawn.clientHeight];
    const context = canvas.getContext('2d');
    context.drawImage(drawn, 0, 0);
    const colors = new Set();
    for (let y = 2; y < canvas.height; y += 4) {
        const row = context.getImageData(0, y, canvas.width, 1).data;
        for (let x = 0; x < row.length; x += 4) colors.add(row[x] << 16 | row[x + 1] << 8 | row[x + 2]);
    }
    return colors.size;
})()";

#[tokio::test]
async fn a_reader_walks_through_a_trace_and_comes_back_by_a_link() {
    let hub = Hub::start();
    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "20"]);
    let _demo = Process::start(command);
    let url = format!("http://{}", hub.endpoint);
    let mut tab = Tab::open(&format!("{url}/?q=spans%3E20")).await;
    tab.prefer("dark").await;
    tab.until("document.querySelectorAll('.traces tbody tr').length > 1")
        .await;
    tab.press("p").await;
    tab.press("j").await;
    tab.press("Enter").await;

    // The root is selected, and the canvas has bars, texts and the minimap.
    tab.until(&format!("/^Row 1 of \\d+: /.test({SELECTED})"))
        .await;
    tab.until(&format!("{COLORS} > 10")).await;
    tab.until("document.querySelector('.panel').innerText.includes('service.name')")
        .await;

    // A step selects the next row; the address bar names its span, or the fold has none.
    tab.press("j").await;
    tab.until(&format!("/^Row 2 of \\d+: /.test({SELECTED})"))
        .await;
    tab.press("r").await;
    tab.until(&format!(
        "Number({SELECTED}.split(' ')[3].replace(/\\D/g, '')) > 20"
    ))
    .await;
    tab.press("G").await;
    tab.until(&format!("/^Row (\\d+) of \\1: /.test({SELECTED})"))
        .await;
    // The row before may have been a span, too: its address is replaced a little later.
    tab.until(
        "/span=[0-9a-f]{16}$/.test(location.search) && (window.seen?.href === location.href
            ? performance.now() - window.seen.at > 1000
            : !(window.seen = { href: location.href, at: performance.now() }))",
    )
    .await;
    let link = tab.evaluate("location.href").await;
    let link = link.as_str().expect("a link").to_owned();
    // Service and name: what else is said of a span may change while its trace goes on.
    let last = format!("{SELECTED}.split(': ')[1].split('  ', 2).join()");
    let last = tab.evaluate(&last).await;
    tab.press("c").await;
    tab.until("document.querySelectorAll('.tools [aria-pressed=true]').length === 1")
        .await;
    tab.picture("trace-dark").await;

    // The search within the trace marks what it finds and goes there.
    tab.point(".find input", true).await;
    tab.write("duration>0ns").await;
    tab.press("Enter").await;
    tab.until("/^\\d+ found/.test(document.querySelector('.find [role=status]').innerText)")
        .await;
    tab.press("Escape").await;
    tab.press("2").await;
    tab.until(
        "document.querySelector('[role=tab][aria-selected=true]').innerText === 'Flame graph'",
    )
    .await;
    tab.until(&format!("{COLORS} > 10")).await;
    tab.prefer("light").await;
    tab.picture("flame-light").await;

    // The link leads to the same span.
    tab.go(&link).await;
    let last = last.as_str().expect("a row").to_owned();
    let quoted = serde_json::to_string(&last).expect("a text");
    tab.until(&format!(
        "{SELECTED}.split(': ')[1].split('  ', 2).join() === {quoted}"
    ))
    .await;
    tab.picture("trace-light").await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}

const ROWS: &str = "document.querySelectorAll('.list tbody tr').length";
const CELL: &str = "document.querySelector('.list tbody td:nth-child(3)').innerText";
const CHOSEN: &str = "document.querySelectorAll('.list tr[aria-selected=true]').length";

#[tokio::test]
async fn a_reader_goes_through_the_lists_of_a_trace_and_links_to_one() {
    let hub = Hub::start();
    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "20"]);
    let _demo = Process::start(command);
    let url = format!("http://{}", hub.endpoint);
    let mut tab = Tab::open(&format!("{url}/?q=name~browse+spans%3E20")).await;
    tab.prefer("light").await;
    tab.until("document.querySelectorAll('.traces tbody tr').length > 0")
        .await;
    tab.press("p").await;
    tab.press("j").await;
    tab.press("Enter").await;
    tab.until("document.querySelector('.panel').innerText.includes('service.name')")
        .await;

    // The table, sorted by self time, longest first; then the other way round.
    tab.press("3").await;
    tab.until(&format!("{ROWS} > 20")).await;
    tab.point(".list th:nth-child(3) button", true).await;
    tab.until("/\\?view=table&sort=self$/.test(location.search)")
        .await;
    tab.until("document.querySelector('.list th[aria-sort=descending]')")
        .await;
    let longest = tab.evaluate(CELL).await;
    tab.picture("trace-table-light").await;
    tab.point(".list th:nth-child(3) button", true).await;
    tab.until("/sort=-self$/.test(location.search)").await;
    let longest = serde_json::to_string(&longest).expect("a text");
    tab.until(&format!("{CELL} !== {longest}")).await;

    // A click selects; the keys go on from there; the address bar names the span.
    tab.point(".list tbody tr:nth-child(2)", true).await;
    tab.until(&format!("{CHOSEN} === 1")).await;
    tab.until("/span=[0-9a-f]{16}$/.test(location.search)")
        .await;
    let second = tab.evaluate("location.search").await;
    tab.press("j").await;
    tab.until(&format!("location.search !== {second}")).await;
    let link = tab.evaluate("location.href").await;
    let link = link.as_str().expect("a link").to_owned();

    tab.press("4").await;
    tab.until("document.querySelector('.list table.of-statistics')")
        .await;
    tab.until(&format!("{ROWS} > 2")).await;
    tab.picture("trace-statistics-light").await;
    tab.press("5").await;
    tab.until("/event/.test(document.querySelector('.list .note').innerText)")
        .await;
    tab.prefer("dark").await;
    tab.picture("trace-events-dark").await;
    tab.press("6").await;
    tab.until("document.querySelector('.list table.of-path')")
        .await;
    tab.until(&format!("{ROWS} > 2")).await;
    tab.picture("trace-path-dark").await;
    // The demo asks for prices one by one, which is found and counted in the tab.
    tab.press("7").await;
    tab.until(&format!("{ROWS} > 0")).await;
    tab.until("/^Findings \\d+$/.test(document.querySelector('[role=tab][aria-selected=true]').innerText)")
        .await;
    tab.until("document.querySelector('.list tbody').innerText.includes('N+1')")
        .await;
    tab.picture("trace-findings-dark").await;

    // The link opens the same list with the same span.
    tab.go(&link).await;
    tab.until(&format!("{ROWS} > 20 && {CHOSEN} === 1")).await;
    tab.until("document.querySelector('[role=tab][aria-selected=true]').innerText === 'Table'")
        .await;
    tab.until(&format!("location.href === '{link}'")).await;
    tab.point(".copies button", true).await;
    tab.until("document.querySelector('.copies [role=status]').innerText !== ''")
        .await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}
