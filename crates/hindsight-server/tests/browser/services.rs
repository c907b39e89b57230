//! Services: all of them, one with its operations and processes, one of which is killed.

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};

const PATH: &str = "location.pathname + decodeURIComponent(location.search)";
const ROWS: &str = "[...document.querySelectorAll('.services .all tbody tr')]";
const RUNS: &str = "[...document.querySelectorAll('.services .runs li')]";

#[tokio::test]
async fn a_reader_sees_how_services_fare_and_goes_to_what_is_slow() {
    let hub = Hub::start();
    let url = format!("http://{}", hub.endpoint);
    let mut tab = Tab::open(&format!("{url}/services")).await;
    tab.prefer("dark").await;
    tab.until(
        "document.querySelector('.services .empty').innerText.includes('No service is known')",
    )
    .await;
    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "20"]);
    let _demo = Process::start(command);
    tab.until(&format!("{ROWS}.length === 5")).await;
    tab.until(&format!(
        "{ROWS}.every(row => row.cells[1].innerText === 'fine')"
    ))
    .await;
    tab.until(&format!(
        "{ROWS}.every(row => /\\/s$/.test(row.cells[3].innerText))"
    ))
    .await;
    let web = format!("{ROWS}.find(row => row.cells[0].innerText.startsWith('web'))");
    tab.until(&format!("/[1-9].*%/.test({web}.cells[4].innerText)"))
        .await;
    tab.picture("services-dark").await;

    // Keys walk through the rows; catalog is the first.
    tab.press("j").await;
    tab.press("j").await;
    tab.press("k").await;
    tab.press("Enter").await;
    tab.until(&format!("{PATH} === '/services/catalog'")).await;
    tab.until("document.querySelector('.operations tbody').innerText.includes('scan_index')")
        .await;
    tab.until(&format!(
        "{RUNS}.length === 1 && /pid \\d+/.test({RUNS}[0].innerText)"
    ))
    .await;
    tab.until("document.querySelector('.facts').innerText.includes('hindsight 0.')")
        .await;
    tab.picture("service-dark").await;
    tab.prefer("light").await;
    tab.picture("service-light").await;
    tab.evaluate("[...document.querySelectorAll('.operations tr')]\
                  .find(row => row.innerText.includes('scan_index')).querySelector('.slow').click()")
        .await;
    tab.until(&format!(
        "/name=.scan_index.[+]duration>=\\d+[mu]s/.test({PATH})"
    ))
    .await;
    tab.until("document.querySelectorAll('.traces tbody tr').length > 0")
        .await;

    // Who is killed is away, then a past process of its service.
    tab.go(&format!("{url}/services/payments")).await;
    tab.until(&format!("{RUNS}.length === 1")).await;
    let apps = hub.read(&["apps", "--connected"]);
    let apps = apps.as_array().expect("an array");
    let payments = apps.iter().find(|app| app["service"] == "payments");
    let pid = payments.expect("is connected")["pid"]
        .as_u64()
        .expect("a pid");
    let status = std::process::Command::new("kill")
        .args(["-9", &pid.to_string()])
        .status();
    assert!(status.expect("kill runs").success());
    tab.until(&format!("/away for/.test({RUNS}.at(-1).innerText)"))
        .await;
    tab.until(&format!(
        "{RUNS}.length === 2 && /fine/.test({RUNS}[0].innerText)"
    ))
    .await;
    tab.until(&format!("/went away .* after/.test({RUNS}[1].innerText)"))
        .await;
    tab.evaluate(&format!("{RUNS}[1].querySelector('a').click()"))
        .await;
    tab.until(&format!(
        "/^.services.payments.run=[0-9a-f]{{32}}$/.test({PATH})"
    ))
    .await;
    tab.until(&format!("document.querySelector('.facts').closest('section').innerText.includes('{pid}') || {RUNS}[1].querySelector('[aria-current]')"))
        .await;
    tab.until(&format!("/gone for/.test({RUNS}[1].innerText)"))
        .await;
    tab.picture("service-gone-light").await;

    tab.resize(600, 900).await;
    tab.picture("service-narrow-light").await;
    let overflow = "Math.max(0, document.documentElement.scrollWidth - innerWidth)";
    assert_eq!(tab.evaluate(overflow).await, 0, "wider than the window");
    tab.go(&format!("{url}/services")).await;
    tab.until(&format!("{ROWS}.length === 5")).await;
    tab.until(&format!(
        "{ROWS}.every(row => /\\/s$/.test(row.cells[3].innerText))"
    ))
    .await;
    tab.picture("services-narrow-light").await;
    assert_eq!(tab.evaluate(overflow).await, 0, "wider than the window");
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}
