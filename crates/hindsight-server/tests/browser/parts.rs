//! Parts of the page's program, which come when they are needed.

use crate::chromium::Tab;
use crate::process::Hub;

const MAIN: &str = "document.querySelector('main').innerText";

#[tokio::test]
async fn the_first_view_needs_no_other_part_and_one_that_does_not_load_is_tried_again() {
    let hub = Hub::start();
    let mut tab = Tab::open("about:blank").await;
    let parts = [
        "*/hindsight-views-*",
        "*/hindsight-trace-*",
        "*/hindsight-chunk-*",
    ];
    tab.block(&parts).await;
    tab.go(&format!("http://{}/", hub.endpoint)).await;
    tab.until("document.querySelector('.welcome li')").await;
    tab.point("nav a[href='/map']", true).await;
    tab.until(&format!("{MAIN}.includes('This view could not be loaded')"))
        .await;
    tab.prefer("dark").await;
    tab.picture("part-missing-dark").await;
    tab.prefer("light").await;
    tab.picture("part-missing-light").await;
    tab.block(&[]).await;
    tab.point("main button", true).await;
    tab.until("document.querySelector('main h1').innerText === 'Map'")
        .await;
    let blocked = ["ERR_BLOCKED_BY_CLIENT", "Failed to fetch"];
    assert_eq!(tab.complaints(&blocked), Vec::<&String>::new());
}
