//! What runs now: a hang with its age and who waits for it, groups, a hold, last words, a lost hub.

use std::process::Command;

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};

const PATH: &str = "location.pathname + location.search";
const ROWS: &str = "[...document.querySelectorAll('.waits tbody tr')]";
const WORDS: &str = "[...document.querySelectorAll('.words tbody tr')]";
const NEWS: &str = "document.querySelector('.now .news')";
/// What Chromium logs while nobody listens.
const REFUSED: [&str; 2] = ["ERR_CONNECTION_REFUSED", "WebSocket connection"];

/// Kills the process of a service.
fn kill(hub: &Hub, service: &str) {
    let apps = hub.read(&["apps", "--connected"]);
    let apps = apps.as_array().expect("an array");
    let app = apps.iter().find(|app| app["service"] == service);
    let pid = app.expect("is connected")["pid"].as_u64().expect("a pid");
    let status = Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(status.expect("kill runs").success());
}

#[tokio::test]
async fn a_hang_shows_with_its_age_and_a_killed_app_has_last_words() {
    let mut hub = Hub::start();
    let url = format!("http://{}", hub.endpoint);
    let mut tab = Tab::open(&format!("{url}/now")).await;
    tab.prefer("dark").await;
    tab.until("document.querySelector('.now .empty').innerText.includes('Nothing is running')")
        .await;
    tab.picture("now-empty-dark").await;
    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "20"]);
    let _demo = Process::start(command);

    // The reindexing hangs: it is told what it waits for, below whom, and for how long.
    let stuck = format!(
        "{ROWS}.find(row => row.innerText.includes('wait_for_lock') && row.innerText.includes('stuck'))"
    );
    tab.until(&stuck).await;
    tab.until(&format!("{stuck}.innerText.includes('held by nobody')"))
        .await;
    let root = format!(
        "{ROWS}.find(row => /POST .admin.reindex[^]*deep, for catalog wait_for_lock/.test(row.innerText))"
    );
    tab.until(&root).await;
    let age = format!("parseInt({stuck}.cells[0].innerText)");
    tab.until(&format!("{age} >= 2")).await;
    let before = tab.evaluate(&age).await;
    tab.until(&format!("{age} > {before}")).await;
    tab.until("/^\\d+ open/.test(document.querySelector('.now .bar .dim').innerText)")
        .await;
    tab.picture("now-dark").await;

    // Long is what the reader says.
    tab.evaluate(
        "(() => { const s = document.querySelector('.settings select'); s.value = '1000'; \
                  s.dispatchEvent(new Event('change', { bubbles: true })) })()",
    )
    .await;
    tab.until(&format!("{PATH} === '/now?long-ms=1000'")).await;
    tab.until(&format!("{stuck}.cells[0].classList.contains('is-long')"))
        .await;

    // A filter keeps who waits, beside what matches.
    tab.point(".settings input", true).await;
    tab.write("service:catalog lock").await;
    tab.until(&format!(
        "{PATH} === '/now?q=service:catalog+lock&long-ms=1000'"
    ))
    .await;
    let matching = format!("{ROWS}.filter(row => !row.classList.contains('is-beside'))");
    let is_lock = "row => row.innerText.includes('wait_for_lock')";
    tab.until(&format!(
        "{matching}.length > 0 && {matching}.every({is_lock}) && {ROWS}.length > 2"
    ))
    .await;
    tab.picture("now-filter-dark").await;
    tab.press("Escape").await;
    tab.evaluate(
        "history.replaceState(null, '', '/now?by=operation'); \
                  dispatchEvent(new PopStateEvent('popstate'))",
    )
    .await;
    tab.until("document.querySelector('.groups tbody tr')")
        .await;
    tab.until(
        "document.querySelector('.choices [aria-pressed=true]').innerText === 'By operation'",
    )
    .await;
    tab.prefer("light").await;
    tab.picture("now-groups-light").await;

    // A group leads to its spans, a span to its trace.
    tab.press("j").await;
    tab.press("Enter").await;
    tab.until(&format!("{PATH}.startsWith('/now?q=service')"))
        .await;
    tab.until(&format!("{ROWS}.length > 0")).await;
    tab.press("g").await;
    tab.until(&format!(
        "{ROWS}[0].getAttribute('aria-selected') === 'true'"
    ))
    .await;
    let operation = format!("{ROWS}[0].querySelector('a').innerText.split(' ').pop()");
    let operation = tab.evaluate(&operation).await;
    tab.press("Enter").await;
    tab.until(&format!(
        "/^.trace.[0-9a-f]{{32}}.span=[0-9a-f]{{16}}$/.test({PATH})"
    ))
    .await;
    tab.until(&format!(
        "document.querySelector('#selected-row').textContent.includes({operation})"
    ))
    .await;

    // Held, rows stay and it is told what ended.
    tab.go(&format!("{url}/now")).await;
    tab.until(&stuck).await;
    tab.press("p").await;
    let keys = "JSON.stringify([...document.querySelectorAll('.waits a')].map(a => a.href))";
    let held = tab.evaluate(keys).await;
    tab.until(&format!("/\\d+ (ended|new)/.test({NEWS}.innerText)"))
        .await;
    assert_eq!(tab.evaluate(keys).await, held, "rows moved while paused");
    tab.picture("now-held-light").await;
    tab.press("p").await;
    tab.until(&format!("{NEWS}.classList.contains('is-hidden')"))
        .await;

    // Who hangs and is killed leaves last words. A hang ends when its customer loses the
    // connection; others follow.
    tab.until(&stuck).await;
    kill(&hub, "catalog");
    let words = format!("{WORDS}.find(row => row.innerText.includes('wait_for_lock'))");
    tab.until(&words).await;
    tab.until(&format!(
        "/may come back/.test({words}.innerText) && \
         /\\d+ s before .*held by nobody/.test({words}.innerText)"
    ))
    .await;
    tab.picture("now-last-words-light").await;
    tab.until(&format!("!/may come back/.test({words}.innerText)"))
        .await;
    tab.prefer("dark").await;
    tab.picture("now-last-words-dark").await;
    tab.resize(600, 900).await;
    tab.picture("now-narrow-dark").await;
    let overflow = "Math.max(0, document.documentElement.scrollWidth - innerWidth)";
    assert_eq!(tab.evaluate(overflow).await, 0, "wider than the window");

    // The hub goes; what was there stays, and is said to be of before.
    hub.process.kill();
    tab.until("/as of \\d\\d:\\d\\d:\\d\\d/.test(document.querySelector('.now .bar').innerText)")
        .await;
    tab.until(&words).await;
    assert_eq!(tab.complaints(&REFUSED), Vec::<&String>::new());
}
