//! Builds of a dodeca-shaped program: how far one is, pages, templates, what an edit made anew, events,
//! and what is left of it when it has gone.

use std::path::PathBuf;
use std::process::Command;

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};

const HEAD: &str = "(document.querySelector('.dodeca .build')?.innerText ?? '')";
const NOTE: &str = "document.querySelector('.dodeca .note').innerText";
const DONE: &str =
    "Number(document.querySelector('.dodeca [role=progressbar]')?.getAttribute('aria-valuenow'))";
const PAGES: &str = "[...document.querySelectorAll('.dodeca .pages tbody tr')]";
const CAUSES: &str = "[...document.querySelectorAll('.dodeca .causes tbody tr')]";
const EVENTS: &str = "[...document.querySelectorAll('.dodeca .events tbody tr')]";

/// The program, which another package builds.
pub(crate) fn shape(hub: &Hub, arguments: &[&str]) -> Process {
    let hindsight = PathBuf::from(hindsight().get_program());
    let program = hindsight.with_file_name("dodeca-shape");
    assert!(
        program.exists(),
        "{} is not built; `cargo xtask test browser` builds it",
        program.display()
    );
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("HINDSIGHT_ENDPOINT", &hub.endpoint)
        .env_remove("RUST_LOG");
    Process::start(command)
}

fn part(word: &str) -> String {
    format!("document.querySelector('.dodeca .parts a[href*=\"view={word}\"]').click()")
}

#[tokio::test]
async fn a_reader_watches_a_build_and_reads_it_after_its_program_has_gone() {
    let hub = Hub::start();
    let url = format!("http://{}", hub.endpoint);
    let mut tab = Tab::open(&format!("{url}/dodeca")).await;
    tab.prefer("dark").await;
    tab.until(&format!("{NOTE}.includes('No stored span is of a build')"))
        .await;
    let title = "<img src=x onerror=alert(1)> \u{202e}";
    let building = shape(
        &hub,
        &["build", "--pages", "30", "--slow", "40", "--title", title],
    );
    tab.until(&format!(
        "{HEAD}.includes('building') && {DONE} > 0 && {DONE} < 60"
    ))
    .await;
    tab.until(&format!("{PAGES}.length > 30")).await;
    tab.picture("dodeca-building-dark").await;
    tab.until(&format!("{DONE} > 60")).await;
    tab.until(&format!(
        "{PAGES}.some(row => row.innerText.includes('<img src=x'))"
    ))
    .await;
    building.finish();
    // Its process ends with the build; what is left are its spans.
    tab.until(&format!("{NOTE}.includes('This is from stored spans')"))
        .await;
    tab.until(&format!("{HEAD}.includes('done') && {PAGES}.length > 30"))
        .await;
    tab.until(&format!(
        "{PAGES}.some(row => row.innerText.includes('page.html') && row.querySelector('a'))"
    ))
    .await;
    tab.picture("dodeca-stored-dark").await;
    tab.prefer("light").await;
    tab.picture("dodeca-stored-light").await;
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}

#[tokio::test]
async fn a_reader_finds_pages_and_sees_what_an_edit_made_anew() {
    let hub = Hub::start();
    let url = format!("http://{}", hub.endpoint);
    let _serving = shape(&hub, &["serve", "--every", "1500"]);
    let mut tab = Tab::open(&url).await;
    tab.prefer("light").await;
    // The tab is there because the program offers the service.
    tab.until("document.querySelector('nav a[href=\"/dodeca\"]')")
        .await;
    tab.evaluate("document.querySelector('nav a[href=\"/dodeca\"]').click()")
        .await;
    tab.until(&format!("{PAGES}.length === 7")).await;
    tab.until(&format!(
        "{PAGES}.some(row => row.innerText.includes('poster.html, not found: page.html'))"
    ))
    .await;
    tab.picture("dodeca-pages-light").await;

    // Pages are found and sorted; the address bar keeps it.
    tab.evaluate("document.querySelector('.dodeca .settings input').focus()")
        .await;
    tab.write("storm").await;
    tab.until(&format!(
        "{PAGES}.length === 1 && location.search.includes('q=storm')"
    ))
    .await;
    tab.reload().await;
    tab.until(&format!("{PAGES}.length === 1")).await;
    tab.go(&format!("{url}/dodeca?sort=time")).await;
    tab.until(&format!("{PAGES}.length === 7")).await;
    tab.until(
        "document.querySelector('.dodeca [aria-pressed=true]').innerText === 'slowest first'",
    )
    .await;

    tab.evaluate(&part("templates")).await;
    tab.until("document.querySelectorAll('.dodeca .templates tbody tr').length >= 4")
        .await;
    tab.picture("dodeca-templates-light").await;

    // What a change of the template made anew, and the way to a span of it.
    tab.go(&format!("{url}/dodeca?view=change&file=templates"))
        .await;
    tab.until(&format!(
        "{CAUSES}.some(row => row.innerText.includes('render_page'))"
    ))
    .await;
    tab.until(&format!(
        "{CAUSES}.some(row => row.cells[1].innerText === 'load_all_templates')"
    ))
    .await;
    tab.until(
        "/templates.page.html changed: .* pages? made anew/.test(\
               document.querySelector('.dodeca .summary').innerText)",
    )
    .await;
    tab.picture("dodeca-change-light").await;
    tab.prefer("dark").await;
    tab.picture("dodeca-change-dark").await;

    tab.evaluate(&part("events")).await;
    tab.until(&format!(
        "{EVENTS}.some(row => row.innerText.includes('build ends'))"
    ))
    .await;
    tab.until(&format!(
        "{EVENTS}.some(row => row.innerText.includes('GET /guide/intro'))"
    ))
    .await;
    tab.picture("dodeca-events-dark").await;
    // Held under the pointer.
    tab.point(".dodeca .events tbody td", false).await;
    let first = tab.evaluate(&format!("{EVENTS}[0].innerText")).await;
    tab.until("/new, held/.test(document.querySelector('.dodeca .part').innerText)")
        .await;
    assert_eq!(tab.evaluate(&format!("{EVENTS}[0].innerText")).await, first);

    tab.go(&format!("{url}/dodeca?view=change")).await;
    tab.until(&format!("{CAUSES}.some(row => row.querySelector('a'))"))
        .await;
    tab.evaluate(&format!(
        "{CAUSES}.find(row => row.querySelector('a')).querySelector('a').click()"
    ))
    .await;
    tab.until("/^.trace.[0-9a-f]{32}$/.test(location.pathname)")
        .await;
    tab.until("document.querySelector('.trace h1').innerText.startsWith('dodeca rebuild')")
        .await;

    tab.resize(480, 900).await;
    tab.go(&format!("{url}/dodeca")).await;
    tab.until(&format!("{PAGES}.length === 7")).await;
    tab.picture("dodeca-narrow-dark").await;
    let overflow = "Math.max(0, document.documentElement.scrollWidth - innerWidth)";
    assert_eq!(tab.evaluate(overflow).await, 0, "wider than the window");
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}
