//! The list's map of durations, its columns, its order, its marks.

use serde_json::json;

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};

const ROWS: &str = "document.querySelectorAll('.traces tbody tr').length";
const SAID: &str = "document.querySelector('#heat-said').innerText";
const QUERY: &str = "new URLSearchParams(location.search).get('q')";
const NAMES: &str =
    "[...document.querySelectorAll('.traces tbody td.name a')].slice(0, 9).map(a => a.href)";

fn demo(hub: &Hub) -> Process {
    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "20"]);
    Process::start(command)
}

/// Presses a key with Shift held.
async fn press_shift(tab: &mut Tab, key: &str) {
    let event = format!(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', \
         {{ key: '{key}', shiftKey: true, bubbles: true, cancelable: true }}))"
    );
    tab.evaluate(&event).await;
}

#[tokio::test]
async fn the_map_of_durations_is_brushed_with_keys_and_pointer_and_leads_to_traces() {
    let hub = Hub::start();
    let mut running = demo(&hub);
    let url = format!("http://{}/?q=service:web", hub.endpoint);
    let mut tab = Tab::open(&url).await;
    tab.prefer("dark").await;
    tab.until(&format!(
        "/^[\\d,]+ spans from .* to .* and longer; /.test({SAID})"
    ))
    .await;
    tab.until(&format!("parseInt({SAID}.replace(',', '')) > 100"))
        .await;
    tab.until(&format!("!{SAID}.includes(' 0 errors')")).await;
    tab.picture("heatmap-dark").await;
    tab.prefer("light").await;
    tab.picture("heatmap-light").await;

    // Under the pointer the map stays as it is; away from it the new spans come in.
    let pixels = "document.querySelector('.heat canvas').toDataURL()";
    tab.point("h1", false).await;
    let before = tab.evaluate(SAID).await;
    tab.until(&format!("{SAID} !== {before}")).await;
    tab.point(".heat canvas", false).await;
    tab.until(&format!("/to .*: [\\d,]+ span/.test({SAID})"))
        .await;
    let held = tab.evaluate(pixels).await;
    let stored = "parseInt(document.querySelector('.bar .dim').innerText.replace(',', ''))";
    let now = tab.evaluate(stored).await.as_u64().expect("a number");
    tab.until(&format!("{stored} > {now} + 60")).await;
    assert_eq!(
        tab.evaluate(pixels).await,
        held,
        "the map moved under the pointer"
    );
    tab.point("h1", false).await;
    tab.until(&format!("/^[\\d,]+ spans from/.test({SAID})"))
        .await;
    let held = tab.evaluate(SAID).await;
    tab.until(&format!("{SAID} !== {held}")).await;

    // All that was sent is stored once the programs are seen to have gone.
    running.kill();
    tab.until("document.querySelectorAll('aside li.is-gone').length === 5")
        .await;
    tab.go(&url).await;
    tab.until(&format!("/^[\\d,]+ spans from/.test({SAID})"))
        .await;

    let counted = format!("parseInt({SAID}.replace(',', ''))");
    let whole = tab.evaluate(&counted).await;

    // Keys mark cells, and Enter asks for them.
    tab.evaluate("document.querySelector('.heat canvas').focus()")
        .await;
    tab.press("ArrowLeft").await;
    tab.until(&format!("/to .*: [\\d,]+ span/.test({SAID})"))
        .await;
    for _ in 0..6 {
        tab.press("ArrowUp").await;
    }
    for _ in 0..9 {
        press_shift(&mut tab, "ArrowUp").await;
    }
    for _ in 0..30 {
        press_shift(&mut tab, "ArrowLeft").await;
    }
    let marked = tab
        .evaluate(&format!("parseInt({SAID}.split(': ')[1].replace(',', ''))"))
        .await;
    tab.picture("heatmap-brushed-light").await;
    tab.press("Enter").await;
    tab.until(&format!("/^service:web duration>=[\\d.]+[num]?s( duration<\\S+)? start>=\\S+Z start<\\S+Z$/.test({QUERY})"))
        .await;
    // What the brush said is what the query lets through.
    tab.until(&format!("parseInt({SAID}.replace(',', '')) === {marked}"))
        .await;
    tab.until(&format!(
        "document.querySelector('#search').value === {QUERY}"
    ))
    .await;

    // The pointer drags over a part, which says what it holds, and asks for it when it is let go.
    tab.evaluate("history.back()").await;
    tab.until(&format!("{QUERY} === 'service:web'")).await;
    tab.until(&format!("{counted} === {whole}")).await;
    let corners = "(() => {
        const box = document.querySelector('.heat canvas').getBoundingClientRect();
        const at = (x, y) => [box.x + box.width * x, box.y + box.height * y];
        return [...at(0.3, 0.2), ...at(0.7, 0.6)];
    })()";
    let corners = tab.evaluate(corners).await;
    let px = |at: usize| corners[at].as_f64().expect("a number");
    let (from, to) = ((px(0), px(1)), (px(2), px(3)));
    tab.mouse("mousePressed", from).await;
    tab.mouse("mouseMoved", to).await;
    tab.until(&format!("/ to .*: [\\d,]+ span/.test({SAID})"))
        .await;
    assert_eq!(tab.evaluate(QUERY).await, "service:web");
    tab.mouse("mouseReleased", to).await;
    tab.until(&format!("/^service:web duration>=[\\d.]+[num]?s duration<\\S+ start>=\\S+Z start<\\S+Z$/.test({QUERY})"))
        .await;

    // A click on a cell opens a trace of it.
    tab.point("h1", false).await;
    tab.evaluate("history.back()").await;
    tab.until(&format!("{QUERY} === 'service:web'")).await;
    tab.until(&format!("{counted} === {whole}")).await;
    let full = "(() => {
        const canvas = document.querySelector('.heat canvas');
        const context = canvas.getContext('2d');
        const scale = canvas.width / canvas.clientWidth;
        const box = canvas.getBoundingClientRect();
        for (let y = 100; y > 8; y -= 3) for (let x = 90; x < canvas.clientWidth - 20; x += 3) {
            const at = (dx, dy) => context.getImageData((x + dx) * scale, (y + dy) * scale, 1, 1).data;
            const inside = [at(0, 0), at(2, 0), at(0, 2)].every(p => p[3] > 60);
            if (inside) return [box.x + x, box.y + y];
        }
    })()";
    let place = tab.evaluate(full).await;
    assert!(place.is_array(), "no cell is drawn");
    tab.click_at(place[0].as_f64().expect("x"), place[1].as_f64().expect("y"))
        .await;
    tab.until(
        "/^\\/trace\\/[0-9a-f]{32}$/.test(location.pathname) && location.search.includes('span=')",
    )
    .await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}

#[tokio::test]
async fn columns_and_order_stand_in_the_address_and_a_sorted_list_holds_still() {
    let hub = Hub::start();
    let _demo = demo(&hub);
    let url = format!("http://{}", hub.endpoint);
    let mut tab = Tab::open(&format!(
        "{url}/?q=spans%3E1&col=duration&col=span.http.route&col=services"
    ))
    .await;
    tab.prefer("dark").await;
    tab.until(&format!("{ROWS} > 8")).await;
    let heads =
        "[...document.querySelectorAll('.traces thead th button')].map(b => b.innerText.trim())";
    tab.until(&format!(
        "{heads}.join() === 'Root,Duration,http.route,Services'"
    ))
    .await;
    tab.until(
        "[...document.querySelectorAll('td.extra')].some(td => td.innerText.startsWith('/'))",
    )
    .await;

    // Another attribute, chosen from those that are stored.
    tab.evaluate("document.querySelector('.columns').open = true")
        .await;
    tab.until("document.querySelectorAll('#column-keys option').length > 3")
        .await;
    tab.evaluate("document.querySelector('.columns .add input').focus()")
        .await;
    tab.write("service.name").await;
    tab.picture("columns-dark").await;
    tab.press("Enter").await;
    tab.until("location.search.endsWith('col=span.service.name')")
        .await;
    tab.until("[...document.querySelectorAll('tbody tr td:last-child')].some(td => td.innerText === 'web')").await;
    tab.evaluate("document.querySelector('.columns').open = false")
        .await;

    // Sorted by duration: in order, still, and it says how many wait.
    tab.evaluate("[...document.querySelectorAll('thead button')][1].click()")
        .await;
    tab.until("location.search.endsWith('sort=-duration')")
        .await;
    tab.until("document.querySelectorAll('th')[2].ariaSort === 'descending'")
        .await;
    // A trace that runs on grows at the place that it has.
    tab.until(
        "[...document.querySelectorAll('tbody tr td:nth-child(3)')].slice(0, 9).map(td => {
            const [n, unit] = td.innerText.split(/\\s/);
            return parseFloat(n) * { ns: 1e-9, 'µs': 1e-6, ms: 1e-3, s: 1 }[unit];
        }).every((now, at, all) => at === 0 || all[at - 1] >= now)",
    )
    .await;
    tab.until("parseInt(document.querySelector('.news').innerText) > 5")
        .await;
    let held = tab.evaluate(NAMES).await;
    tab.until("parseInt(document.querySelector('.news').innerText) > 30")
        .await;
    assert_eq!(
        tab.evaluate(NAMES).await,
        held,
        "a sorted list moved by itself"
    );
    tab.picture("sorted-dark").await;
    tab.prefer("light").await;
    tab.picture("sorted-light").await;
    tab.evaluate("document.querySelector('.news').click()")
        .await;
    tab.until("parseInt(document.querySelector('.news').innerText) < 20")
        .await;

    // The address is enough to see the same again.
    let link = tab.evaluate("location.href").await;
    tab.go(link.as_str().expect("a link")).await;
    tab.until(&format!(
        "{ROWS} > 8 && document.querySelectorAll('th')[2].ariaSort === 'descending'"
    ))
    .await;
    tab.until(&format!(
        "{heads}[1].startsWith('Duration') && {heads}.length === 5"
    ))
    .await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}

#[tokio::test]
async fn two_traces_are_marked_and_compared() {
    let hub = Hub::start();
    let _demo = demo(&hub);
    let mut tab = Tab::open(&format!("http://{}/", hub.endpoint)).await;
    tab.until(&format!("{ROWS} > 8")).await;
    tab.press("p").await;
    tab.press("j").await;
    tab.press(" ").await;
    tab.until("document.querySelector('.marked').innerText === '1 marked'")
        .await;
    tab.press("j").await;
    tab.press("j").await;
    tab.press(" ").await;
    tab.until("document.querySelector('.marked').innerText === '2 marked'")
        .await;
    let ids = "[...document.querySelectorAll('tr.is-marked td.name a')].map(a => a.href.split('/').at(-1))";
    let ids = tab.evaluate(ids).await;
    let href = tab
        .evaluate("new URL(document.querySelector('.marked + a').href).pathname")
        .await;
    let expected = format!(
        "/compare/{}/{}",
        ids[0].as_str().expect("an id"),
        ids[1].as_str().expect("an id")
    );
    assert_eq!(href, json!(expected));
    tab.prefer("light").await;
    tab.picture("marked-light").await;

    // Shift marks all up to the one that was marked last.
    let shift = "document.querySelectorAll('td.mark input')[6].dispatchEvent(new MouseEvent('click', { bubbles: true, shiftKey: true }))";
    tab.evaluate(shift).await;
    tab.until("document.querySelectorAll('tr.is-marked').length === 6")
        .await;
    tab.until(
        "document.querySelector('.marked').parentElement.innerText.includes('mark two to compare')",
    )
    .await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}
