//! What a process offers: methods, forms, answers, a stream.

use crate::chromium::Tab;
use crate::process::{Hub, Process, hindsight};

/// The method whose signature begins so.
fn method(name: &str) -> String {
    format!(
        "[...document.querySelectorAll('.methods > li')]\
         .find(row => row.querySelector('summary code').innerText.startsWith('{name}('))"
    )
}

/// Puts a text into the field of this name of an open form.
fn fill(method: &str, name: &str, text: &str) -> String {
    format!(
        "(() => {{ const field = [...({method}).querySelectorAll('.fields label')]\
           .find(label => label.querySelector('.name').innerText.trim() === '{name}').querySelector('input, select');\
         field.value = '{text}';\
         field.dispatchEvent(new Event(field.tagName === 'SELECT' ? 'change' : 'input', {{bubbles: true}})) }})()"
    )
}

#[tokio::test]
async fn a_reader_calls_a_method_and_follows_a_stream() {
    let hub = Hub::start();
    let url = format!("http://{}", hub.endpoint);
    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "2"]);
    let _demo = Process::start(command);
    let mut tab = Tab::open(&format!("{url}/services/catalog")).await;
    tab.prefer("dark").await;
    let articles = method("articles");
    tab.until(&format!("!!{articles}")).await;
    tab.evaluate(&format!("({articles}).querySelector('summary').click()"))
        .await;
    tab.until(&format!(
        "({articles}).innerText.includes('struct ArticleFilter')"
    ))
    .await;
    // A list of structs is a table.
    tab.evaluate(&format!(
        "({articles}).querySelector('form').requestSubmit()"
    ))
    .await;
    tab.until(&format!(
        "[...({articles}).querySelectorAll('.answer tbody tr')].length === 6"
    ))
    .await;
    tab.evaluate(&format!("({articles}).scrollIntoView()"))
        .await;
    tab.picture("offers-table-dark").await;
    // What was written stays while rows of the form come and go.
    tab.evaluate(&fill(&articles, "name", "et")).await;
    tab.evaluate(&fill(&articles, "order", "2")).await;
    tab.until(&format!(
        "({articles}).querySelector('.fields').innerText.includes('most_first')"
    ))
    .await;
    tab.evaluate(&format!(
        "({articles}).querySelector('form').requestSubmit()"
    ))
    .await;
    tab.until(&format!(
        "[...({articles}).querySelectorAll('.answer tbody tr')].map(row => row.cells[1].innerText).join() === 'kettle'"
    ))
    .await;
    tab.evaluate(&format!(
        "[...({articles}).querySelectorAll('.answer .choices button')][1].click()"
    ))
    .await;
    tab.until(&format!(
        "({articles}).querySelector('.tree').innerText.includes('kitchen')"
    ))
    .await;
    // What does not fit is said where it is written, and is not sent.
    tab.evaluate(&fill(&articles, "at_least", "-1")).await;
    tab.evaluate(&format!(
        "({articles}).querySelector('form').requestSubmit()"
    ))
    .await;
    tab.until(&format!(
        "({articles}).querySelector('[role=alert]').innerText === 'filter.at_least: out of range for u32 (0 to 4294967295)'"
    ))
    .await;
    tab.picture("offers-tree-dark").await;

    // An error of the app's own is shown as one.
    let article = method("article");
    tab.evaluate(&format!("({article}).querySelector('summary').click()"))
        .await;
    tab.evaluate(&fill(&article, "number", "77")).await;
    tab.evaluate(&format!(
        "({article}).querySelector('form').requestSubmit()"
    ))
    .await;
    tab.until(&format!(
        "({article}).querySelector('.answer .bad').innerText === 'The method failed with'"
    ))
    .await;

    // What may change something is asked about.
    let restock = method("restock");
    tab.evaluate(&format!("({restock}).querySelector('summary').click()"))
        .await;
    tab.evaluate(&fill(&restock, "number", "0")).await;
    tab.evaluate(&fill(&restock, "count", "1000")).await;
    tab.evaluate(&format!(
        "({restock}).querySelector('form').requestSubmit()"
    ))
    .await;
    tab.until(&format!(
        "({restock}).querySelector('.act').innerText.includes('It may change something.')"
    ))
    .await;
    assert_eq!(
        tab.evaluate(&format!("({restock}).querySelectorAll('.answer').length"))
            .await,
        0
    );
    tab.evaluate(&format!(
        "({restock}).querySelector('form').requestSubmit()"
    ))
    .await;
    tab.until(&format!(
        "/10\\d\\d/.test(({restock}).querySelector('.answer')?.innerText)"
    ))
    .await;

    // What may not be called says what the app would have to say.
    let reindex = method("reindex");
    tab.evaluate(&format!("({reindex}).querySelector('summary').click()"))
        .await;
    tab.until(&format!(
        "({reindex}).innerText.includes('service.read_only([\"reindex\"])')"
    ))
    .await;

    // A stream goes on, is held, and stops.
    tab.prefer("light").await;
    let watch = method("watch");
    let items = format!("[...({watch}).querySelectorAll('.items li')]");
    tab.evaluate(&format!("({watch}).querySelector('summary').click()"))
        .await;
    tab.evaluate(&format!("({watch}).querySelector('form').requestSubmit()"))
        .await;
    tab.until(&format!("{items}.length > 2")).await;
    tab.evaluate(&format!("({watch}).scrollIntoView()")).await;
    tab.picture("offers-light").await;
    let pause = "button[aria-pressed]";
    tab.evaluate(&format!("({watch}).querySelector('{pause}').click()"))
        .await;
    tab.until(&format!(
        "/\\d new/.test(({watch}).querySelectorAll('.act')[1].innerText)"
    ))
    .await;
    tab.evaluate(&format!("({watch}).querySelector('{pause}').click()"))
        .await;
    tab.evaluate(&format!(
        "[...({watch}).querySelectorAll('button')].find(b => b.innerText === 'Stop').click()"
    ))
    .await;
    tab.until(&format!(
        "!({watch}).querySelector('form .act').innerText.includes('following')"
    ))
    .await;
    tab.resize(600, 900).await;
    tab.picture("offers-narrow-light").await;
    let overflow = "Math.max(0, document.documentElement.scrollWidth - innerWidth)";
    assert_eq!(tab.evaluate(overflow).await, 0, "wider than the window");
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}

/// Answers and texts that would be more than text if they were let.
mod hostile {
    // What the macro generates is `pub`.
    #![allow(missing_docs, unreachable_pub)]

    use facet::Facet;

    #[derive(Clone, Debug, PartialEq, Facet)]
    pub struct Row {
        pub name: String,
        pub list: Vec<u32>,
    }

    /// <script>document.title = 'owned'</script> of \u{202e} the lens on roam, by its name alone.
    #[vox::service]
    pub trait RoamIntrospection {
        /// <b onclick="document.title = 'owned'">Rows</b>.
        async fn rows(&self, many: u32) -> Vec<Row>;
        /// Numbers, without end.
        async fn flood(&self, out: vox::Tx<u64>) -> u64;
    }

    #[derive(Clone)]
    pub struct Here;

    impl RoamIntrospection for Here {
        async fn rows(&self, many: u32) -> Vec<Row> {
            let row = |index| Row {
                name: format!("<svg onload=\"document.title='owned'\">{index}\u{1b}\u{202e}"),
                list: vec![index; 3],
            };
            (0..many).map(row).collect()
        }

        async fn flood(&self, out: vox::Tx<u64>) -> u64 {
            let mut number = 0;
            while out.send(number).await.is_ok() {
                number += 1;
            }
            number
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_app_offers_later_is_seen_at_once_and_is_shown_as_text() {
    use hindsight::{Service, Tracer};
    use hostile::{Here, RoamIntrospectionDispatcher, roam_introspection_service_descriptor};

    let hub = Hub::start();
    let url = format!("http://{}", hub.endpoint);
    let tracer = Tracer::connect_http(&hub.endpoint).await;
    let tracer = tracer.expect("the hub is there");
    let mut tab = Tab::open(&format!("{url}/")).await;
    tab.until("document.querySelectorAll('aside li').length === 1")
        .await;
    let tabs = "document.querySelector('nav').innerText";
    assert!(
        !tab.evaluate(tabs)
            .await
            .as_str()
            .unwrap_or_default()
            .contains("Roam")
    );
    let dispatcher = RoamIntrospectionDispatcher::new(Here);
    let service = Service::new(roam_introspection_service_descriptor(), dispatcher);
    let exposed = std::time::Instant::now();
    tracer.expose(service.read_only(["rows", "flood"]));
    tab.until(&format!("{tabs}.includes('Roam')")).await;
    println!("the tab is there after {:?}", exposed.elapsed());

    tab.evaluate(
        "[...document.querySelectorAll('nav a')].find(a => a.innerText === 'Roam').click()",
    )
    .await;
    tab.until("location.pathname === '/roam'").await;
    // Like any service it can be called where its process is shown.
    let name = "document.querySelector('aside li').innerText.split('\\n')[0]";
    let name = tab.evaluate(name).await;
    let name = name.as_str().expect("a name");
    tab.go(&format!("{url}/services/{name}")).await;
    let rows = method("rows");
    tab.until(&format!("!!{rows}")).await;
    tab.evaluate(&format!("({rows}).querySelector('summary').click()"))
        .await;
    tab.until(&format!("({rows}).innerText.includes('<b onclick=')"))
        .await;
    tab.evaluate(&fill(&rows, "many", "3")).await;
    tab.evaluate(&format!("({rows}).querySelector('form').requestSubmit()"))
        .await;
    tab.until(&format!(
        "({rows}).querySelector('tbody')?.innerText.includes('<svg onload=')"
    ))
    .await;
    tab.until(&format!(
        "({rows}).querySelector('tbody').innerText.includes('\\\\x1b\\\\u{{202e}}')"
    ))
    .await;
    tab.picture("lens-hostile").await;
    // More than is shown is said, not shown.
    tab.evaluate(&fill(&rows, "many", "100000")).await;
    tab.evaluate(&format!("({rows}).querySelector('form').requestSubmit()"))
        .await;
    tab.until(&format!(
        "({rows}).querySelector('[role=alert]').innerText.includes('more than 500000 values')"
    ))
    .await;
    // A flood is bounded here, and the page goes on.
    let flood = method("flood");
    tab.evaluate(&format!("({flood}).querySelector('summary').click()"))
        .await;
    tab.evaluate(&format!("({flood}).querySelector('form').requestSubmit()"))
        .await;
    tab.until(&format!(
        "({flood}).innerText.includes('the newest 200 are here')"
    ))
    .await;
    assert_eq!(
        tab.evaluate(&format!("({flood}).querySelectorAll('.items li').length"))
            .await,
        200
    );
    // The app goes in the middle of it.
    tracer.shutdown(std::time::Duration::from_secs(1)).await;
    tab.until(
        "/gone|lost its connection|does not offer/.test(document.querySelector('main').innerText)",
    )
    .await;
    tab.until(&format!(
        "!({flood}).querySelector('form .act').innerText.includes('following')"
    ))
    .await;
    assert_ne!(tab.evaluate("document.title").await, "owned");
    assert_eq!(tab.complaints(&[]), Vec::<&String>::new());
}
