//! Every view in both colours, in narrow windows and printed: looked over by axe-core, and nothing
//! sticks out.
//!
//! axe-core is the file that `HINDSIGHT_AXE` names (`cargo xtask test browser` fetches it); without
//! it the widths are looked at, and the pictures taken.

use serde_json::{Value, json};

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};
use crate::views::{View, dodeca_views, empty_views, views};

const WIDE: u32 = 1440;
const WIDTHS: [u32; 2] = [960, 480];
/// Of A4, at 96 pixels an inch.
const PAPER: u32 = 794;
/// Elements that reach over the right edge, unless they lie in a box of their own that scrolls or
/// cuts.
const BEYOND: &str = "(() => {
    const width = document.documentElement.clientWidth;
    const cuts = element => element && element !== document.body
        && (getComputedStyle(element).overflowX !== 'visible' || cuts(element.parentElement));
    const beyond = [...document.querySelectorAll('body *')].filter(element => {
        const place = element.getBoundingClientRect();
        return place.width > 1 && place.right > width + 1 && element.checkVisibility()
            && (element.localName === 'main' || !cuts(element.parentElement));
    });
    const main = document.querySelector('main');
    const said = beyond.slice(0, 3).map(element => `${element.localName}.${element.className}`);
    if (main.scrollWidth > main.clientWidth + 1) said.push(`main by ${main.scrollWidth - main.clientWidth}`);
    return said;
})()";
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
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "4"]);
    let _demo = Process::start(command);
    let url = format!("http://{}", hub.endpoint);
    let mut tab = Tab::open(&url).await;
    tab.until(&format!("{TRACES}.length > 20")).await;
    let traces = tab.evaluate(TRACES).await;
    let id = |at: usize| traces[at].as_str().expect("an id").to_owned();
    let axe = axe();

    let mut found = Vec::new();
    for view in views(&id(5), &id(6), "web") {
        found.extend(look(&mut tab, &url, &view, axe.as_deref()).await);
    }
    let empty = Hub::start();
    let url = format!("http://{}", empty.endpoint);
    for view in empty_views() {
        found.extend(look(&mut tab, &url, &view, axe.as_deref()).await);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(tab.complaints(&[]).is_empty(), "{:?}", tab.complaints(&[]));
}

#[tokio::test]
async fn the_lens_on_dodeca_is_accessible_in_both_colours_and_fits_a_narrow_window() {
    let hub = Hub::start();
    let _serving = crate::dodeca::shape(&hub, &["serve", "--every", "300"]);
    let url = format!("http://{}", hub.endpoint);
    let (mut tab, axe) = (Tab::open(&url).await, axe());
    let mut found = Vec::new();
    for view in dodeca_views() {
        found.extend(look(&mut tab, &url, &view, axe.as_deref()).await);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(tab.complaints(&[]).is_empty(), "{:?}", tab.complaints(&[]));
}

/// The program that looks pages over, if there is one.
pub(crate) fn axe() -> Option<String> {
    let axe = std::env::var_os("HINDSIGHT_AXE").map(|file| {
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file:?}: {error}"))
    });
    if axe.is_none() {
        println!("without axe-core: HINDSIGHT_AXE names no file");
    }
    axe
}

/// What is wrong with a view.
pub(crate) async fn look(tab: &mut Tab, url: &str, view: &View, axe: Option<&str>) -> Vec<String> {
    let mut found = Vec::new();
    let name = &view.name;
    tab.resize(WIDE, 900).await;
    tab.go(&format!("{url}{}", view.path)).await;
    tab.until(&format!("document.querySelector({:?})", view.ready))
        .await;
    if let Some((script, there)) = view.opened {
        tab.evaluate(script).await;
        tab.until(&format!("document.querySelector({there:?})"))
            .await;
    }
    if let Some(axe) = axe {
        tab.evaluate(&format!("{axe}; true")).await;
    }
    for colours in ["dark", "light"] {
        tab.prefer(colours).await;
        tab.picture(&format!("{name}-{colours}")).await;
        if axe.is_some() {
            let violations = violations(tab).await;
            found.extend(violations.map(|text| format!("{name} {colours}: {text}")));
        }
    }
    for width in WIDTHS {
        tab.resize(width, 900).await;
        tab.picture(&format!("{name}-{width}")).await;
        let beyond = tab.evaluate(BEYOND).await;
        if beyond != json!([]) {
            found.push(format!("{name} at {width} px, sticks out: {beyond}"));
        }
    }
    tab.resize(PAPER, 1123).await;
    tab.print(true).await;
    tab.picture(&format!("{name}-print")).await;
    let beyond = tab.evaluate(BEYOND).await;
    if beyond != json!([]) {
        found.push(format!("{name} printed, sticks out: {beyond}"));
    }
    tab.print(false).await;
    found
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
