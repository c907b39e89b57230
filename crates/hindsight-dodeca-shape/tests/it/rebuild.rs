//! A site that is served while it is edited.

use std::fmt::Write as _;

use hindsight_dodeca_shape::{Server, Site, Steps, edits};
use hindsight_protocol::DodecaIntrospection;
use hindsight_protocol::introspection::dodeca::{ListPagesRequest, TemplateStatsRequest};

use crate::attached::Attached;
use crate::text;

async fn served() -> Server {
    let mut server = Server::start(Site::small(), Steps::default())
        .await
        .expect("starts");
    for route in ["/guide/intro", "/log/calm"] {
        assert_eq!(server.get(route).await.expect("answers").status, 200);
    }
    server
}

#[tokio::test]
async fn each_edit_is_explained_by_what_it_made_anew() {
    let attached = Attached::start().await;
    let mut server = served().await;
    let mut told = String::new();
    for edit in edits(1) {
        server
            .change(edit.path, edit.content)
            .await
            .expect("changes");
        let info = attached.info().await;
        writeln!(told, "# {}\n\n{}", edit.what, text::info(&info)).expect("text");
        let change = attached.explain("").await;
        assert_eq!(change.trace_id, info.trace_id);
        writeln!(told, "{}", text::change(&change)).expect("text");
    }
    insta::assert_snapshot!("edits", told);
    let pages = attached.pages(ListPagesRequest::default()).await;
    insta::assert_snapshot!("edited pages", text::pages(&pages));
    let request = TemplateStatsRequest::default();
    let templates = attached.ask.get_template_stats(request).await;
    insta::assert_snapshot!("edited templates", text::templates(&templates));
}

#[tokio::test]
async fn from_the_file_to_the_last_page_is_one_trace() {
    let attached = Attached::start().await;
    let mut server = served().await;
    let edits = edits(1);
    let heading = &edits[2];
    server
        .change(heading.path, heading.content.clone())
        .await
        .expect("changes");
    let heading = attached.info().await.trace_id;
    let image = &edits[4];
    server
        .change(image.path, image.content.clone())
        .await
        .expect("changes");
    let image = attached.info().await.trace_id;
    attached.flushed().await;
    let spans = attached.hub.spans(heading).await;
    insta::assert_snapshot!("trace of a heading", text::trace(&spans));
    let spans = attached.hub.spans(image).await;
    insta::assert_snapshot!("trace of an image", text::trace(&spans));
}

#[tokio::test]
async fn a_change_is_found_by_a_part_of_its_path() {
    let attached = Attached::start().await;
    let mut server = served().await;
    let nothing = attached.explain("").await;
    assert!(!nothing.is_found);
    assert_eq!(nothing.summary, "no file changed since the site was loaded");
    for edit in edits(1) {
        server
            .change(edit.path, edit.content)
            .await
            .expect("changes");
    }
    let image = attached.explain("logo").await;
    assert!(image.is_found);
    assert_eq!(image.path, "static/images/logo.png");
    let several = attached.explain("s").await;
    assert!(!several.is_found);
    assert!(several.candidates.len() > 1, "{several:?}");
    let none = attached.explain("nothing like it").await;
    assert!(!none.is_found);
    assert_eq!(none.candidates[0], "templates/page.html");
}

#[tokio::test]
async fn pages_that_come_and_go_are_told() {
    let attached = Attached::start().await;
    let mut server = served().await;
    let new = "+++\ntitle = Tides\n+++\nHigh and low.\n";
    server
        .change("content/guide/tides.md", new)
        .await
        .expect("changes");
    let change = attached.explain("tides").await;
    insta::assert_snapshot!("a new page", text::change(&change));
    assert_eq!(attached.info().await.pages, 8);
    server
        .remove("content/guide/tides.md")
        .await
        .expect("changes");
    let change = attached.explain("").await;
    assert_eq!(change.path, "content/guide/tides.md");
    insta::assert_snapshot!("a page less", text::change(&change));
    assert_eq!(attached.info().await.pages, 7);
}

#[tokio::test]
async fn an_error_in_a_template_is_told_with_the_page_and_goes_away() {
    let attached = Attached::start().await;
    let mut server = served().await;
    let edits = edits(1);
    let (broken, mended) = (&edits[6], &edits[7]);
    server
        .change(broken.path, broken.content.clone())
        .await
        .expect("changes");
    assert_eq!(
        server.get("/guide/intro").await.expect("answers").status,
        500
    );
    let info = attached.info().await;
    insta::assert_snapshot!("a template fails", text::info(&info));
    let find = |find: &str| ListPagesRequest {
        find: find.to_owned(),
        ..ListPagesRequest::default()
    };
    let page = attached.pages(find("/guide/intro")).await.pages.remove(0);
    assert_eq!(page.outcome, "error");
    assert_eq!(page.error, "/guide/intro: page.html: unknown name nobody");
    server
        .change(mended.path, mended.content.clone())
        .await
        .expect("changes");
    let page = attached.pages(find("/guide/intro")).await.pages.remove(0);
    assert_eq!(
        (page.outcome.as_str(), page.error.as_str()),
        ("computed_changed", "")
    );
    assert_eq!(attached.info().await.state, "done");
}

#[tokio::test]
async fn without_the_layer_changes_are_builds_all_the_same() {
    let attached = Attached::start().await;
    // On this thread, where the server runs, nothing of `tracing` is heard.
    let _deaf = tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::new());
    let mut server = served().await;
    attached.settled().await;
    for edit in edits(1).into_iter().take(4) {
        server
            .change(edit.path, edit.content)
            .await
            .expect("changes");
    }
    let info = attached.settled().await;
    attached.flushed().await;
    // The first, the requests beneath it, and one for each change: all of them have their pages.
    assert_eq!(
        (info.generation, info.reason.as_str()),
        (5, "templates/page.html")
    );
    let spans = attached.hub.spans(info.trace_id).await;
    assert_eq!(
        spans
            .iter()
            .filter(|span| span.name == "serve_html")
            .count(),
        2
    );
    let page = attached
        .pages(ListPagesRequest::default())
        .await
        .pages
        .remove(2);
    assert_eq!(
        (page.route.as_str(), page.template_used.as_str()),
        ("/guide/intro", "")
    );
}
