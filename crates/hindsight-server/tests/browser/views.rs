//! Every view of the page, for journeys that visit all.

use hindsight_view::TraceTab;

/// A view: its name in pictures, its address, and what is there when it can be looked at.
pub(crate) struct View {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) ready: &'static str,
    /// What opens it in the page, in JavaScript, and what is there then.
    pub(crate) opened: Option<(&'static str, &'static str)>,
}

const HELP: &str = "document.querySelector('footer button').click()";
const COLUMNS: &str = "document.querySelector('.columns summary').click()";
const TYPING: &str = "(() => {
    const field = document.querySelector('#search');
    field.focus();
    field.value = 'st';
    field.dispatchEvent(new Event('input', { bubbles: true }));
})()";

const METHODS: &str = "document.querySelectorAll('.methods details').forEach(details => {
    details.open = true;
    details.querySelector('form')?.requestSubmit();
})";

/// All of them where spans are stored: `trace` and `other` are ids of stored traces, `service` is the
/// segment of a service's path.
pub(crate) fn views(trace: &str, other: &str, service: &str) -> Vec<View> {
    let view = |name: &str, path: String, ready| View {
        name: name.to_owned(),
        path,
        ready,
        opened: None,
    };
    let opening = |name, path: &str, script, there| View {
        opened: Some((script, there)),
        ..view(
            name,
            path.into(),
            "body:has(#search):has(footer button) .traces tbody tr",
        )
    };
    let tabs = TraceTab::ALL
        .into_iter()
        .filter(|tab| *tab != TraceTab::Waterfall);
    let tabs = tabs.map(|tab| {
        let ready = match tab {
            TraceTab::Flame => ".trace canvas",
            TraceTab::Findings | TraceTab::Events => ".list .note",
            TraceTab::Queries => ".queries",
            _ => ".list tbody tr",
        };
        let path = format!("/trace/{trace}?view={}", tab.word());
        view(&format!("trace-{}", tab.word()), path, ready)
    });
    let columns = "/?q=duration%3E0ns&col=service&col=spans&col=errors&col=duration&col=start\
                   &col=span.http.route&col=span.user.id";
    let mut all = vec![
        view("traces", "/".into(), ".traces tbody tr"),
        view("columns", columns.into(), ".traces tbody tr"),
        opening("columns-open", "/", COLUMNS, ".columns[open] form"),
        opening("help", "/", HELP, "dialog[open]"),
        opening("completion", "/", TYPING, ".offers:not(.is-gone) li"),
        view("trace", format!("/trace/{trace}"), ".trace canvas"),
    ];
    all.extend(tabs);
    all.extend([
        view(
            "trace-gone",
            format!("/trace/{}", "1".repeat(32)),
            "main .empty",
        ),
        view("now", "/now".into(), ".now tbody tr"),
        view(
            "now-grouped",
            "/now?by=operation".into(),
            ".now table, .now .empty",
        ),
        view("services", "/services".into(), ".services tbody tr"),
        view(
            "service",
            format!("/services/{service}"),
            ".services .sheets",
        ),
        View {
            opened: Some((METHODS, ".answer")),
            ..view(
                "methods",
                "/services/catalog".into(),
                ".methods details form",
            )
        },
        view("picante", "/picante".into(), ".picante .node"),
        view("dodeca", "/dodeca".into(), ".lens .bar"),
        view(
            "no-service",
            "/services/nobody".into(),
            ".services .sheets, .services .runs",
        ),
        view("map", "/map".into(), ".stage .service"),
        view("roam", "/roam".into(), ".roam .tables tbody tr"),
        view("compare-ask", "/compare".into(), ".candidates tbody tr"),
        view(
            "compare",
            format!("/compare/{trace}/{other}"),
            ".differences tbody",
        ),
        view("hub", "/hub".into(), ".accounts"),
        view("no-such-page", "/nowhere".into(), "main .empty"),
    ]);
    all
}

/// The lens on dodeca, where a program builds a site.
pub(crate) fn dodeca_views() -> Vec<View> {
    let view = |name: &str, path: &str, ready| View {
        name: name.to_owned(),
        path: path.to_owned(),
        ready,
        opened: None,
    };
    vec![
        view("dodeca", "/dodeca", ".dodeca .pages tbody tr"),
        view(
            "dodeca-templates",
            "/dodeca?view=templates",
            ".dodeca .templates tbody tr",
        ),
        view(
            "dodeca-change",
            "/dodeca?view=change",
            ".dodeca .causes tbody tr",
        ),
        view(
            "dodeca-no-change",
            "/dodeca?view=change&file=nothing",
            ".dodeca .candidates li",
        ),
        view(
            "dodeca-events",
            "/dodeca?view=events",
            ".dodeca .events tbody tr",
        ),
    ]
}

/// Those of a hub that stores nothing.
pub(crate) fn empty_views() -> Vec<View> {
    let view = |name: &str, path: &str, ready| View {
        name: name.to_owned(),
        path: path.to_owned(),
        ready,
        opened: None,
    };
    vec![
        view("empty-traces", "/", ".welcome"),
        view("empty-now", "/now", ".now .empty"),
        view("empty-services", "/services", ".services .empty"),
        view("empty-map", "/map", ".map .empty"),
        view("empty-roam", "/roam", ".roam .empty"),
        view("empty-compare", "/compare", ".ask"),
        view("empty-dodeca", "/dodeca", ".dodeca .empty"),
        view("empty-hub", "/hub", ".accounts"),
    ]
}
