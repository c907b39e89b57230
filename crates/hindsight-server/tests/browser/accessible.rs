//! Every view in both colours and narrow: looked over by axe-core, and nothing sticks out.
//!
//! axe-core is the file that `HINDSIGHT_AXE` names (`cargo xtask test browser` fetches it); without
//! it the widths are looked at, and the pictures taken.

use serde_json::{Value, json};

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};
use crate::views::views;

const WIDE: u32 = 1440;
const NARROW: u32 = 480;
const RULES: [&str; 6] = [
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22aa",
    "best-practice",
];
const TRACES: &str =
    "[...document.querySelectorAll('.traces tbody a')].map(a => a.href.split('/').pop())";

#[tokio::test]
async fn every_view_is_accessible_in_both_colours_and_fits_a_narrow_window() {
    let hub = Hub::start();
    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "20"]);
    let _demo = Process::start(command);
    let url = format!("http://{}", hub.endpoint);
    let mut tab = Tab::open(&url).await;
    tab.until(&format!("{TRACES}.length > 20")).await;
    let traces = tab.evaluate(TRACES).await;
    let id = |at: usize| traces[at].as_str().expect("an id").to_owned();
    let axe = std::env::var_os("HINDSIGHT_AXE").map(|file| {
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file:?}: {error}"))
    });
    if axe.is_none() {
        println!("without axe-core: HINDSIGHT_AXE names no file");
    }

    let mut found = Vec::new();
    for view in views(&id(5)) {
        tab.resize(WIDE, 900).await;
        tab.go(&format!("{url}{}", view.path)).await;
        tab.until(&format!("document.querySelector({:?})", view.ready))
            .await;
        if let Some(axe) = &axe {
            tab.evaluate(&format!("{axe}; true")).await;
        }
        for colours in ["dark", "light"] {
            tab.prefer(colours).await;
            tab.picture(&format!("{}-{colours}", view.name)).await;
            if axe.is_some() {
                let violations = violations(&mut tab).await;
                found.extend(violations.map(|text| format!("{} {colours}: {text}", view.name)));
            }
        }
        tab.resize(NARROW, 900).await;
        tab.picture(&format!("{}-narrow", view.name)).await;
        let beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        let beyond = tab.evaluate(beyond).await;
        if beyond != json!(0) {
            found.push(format!("{} narrow: {beyond} px stick out", view.name));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(tab.complaints(&[]).is_empty(), "{:?}", tab.complaints(&[]));
}

/// What axe-core objects to: `rule: element (why)`.
async fn violations(tab: &mut Tab) -> impl Iterator<Item = String> + use<> {
    let run = format!(
        "axe.run(document, {{ runOnly: {} }}).then(result => result.violations.flatMap(rule => \
         rule.nodes.map(node => `${{rule.id}}: ${{node.target}} (${{node.failureSummary}})`)))",
        json!(RULES)
    );
    let Value::Array(violations) = tab.evaluate(&run).await else {
        panic!("axe-core answers with a list");
    };
    violations.into_iter().map(|text| text.to_string())
}
