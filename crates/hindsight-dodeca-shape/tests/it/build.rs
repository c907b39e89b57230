//! One build of the whole site.

use std::sync::{Arc, mpsc};

use hindsight_dodeca_shape::{Site, Steps, build};
use hindsight_protocol::DodecaIntrospection;
use hindsight_protocol::introspection::dodeca::{
    BuildInfoRequest, ListPagesRequest, TemplateStatsRequest, state,
};
use parking_lot::Mutex;

use crate::attached::Attached;
use crate::text;

#[tokio::test]
async fn a_build_is_told_in_pages_phases_and_templates() {
    let attached = Attached::start().await;
    let built = build(&Site::small(), Steps::default())
        .await
        .expect("builds");
    assert_eq!((built.pages, built.assets), (7, 6));
    let info = attached.settled().await;
    insta::assert_snapshot!("build info", text::info(&info));
    assert!(info.last_duration_ns > 0 && info.trace_id.is_valid());
    let pages = attached.pages(ListPagesRequest::default()).await;
    insta::assert_snapshot!("build pages", text::pages(&pages));
    let request = TemplateStatsRequest::default();
    let templates = attached.ask.get_template_stats(request).await;
    insta::assert_snapshot!("build templates", text::templates(&templates));
}

#[tokio::test]
async fn a_build_is_one_trace_from_the_inputs_to_the_links() {
    let attached = Attached::start().await;
    build(&Site::small(), Steps::default())
        .await
        .expect("builds");
    let info = attached.settled().await;
    attached.flushed().await;
    assert_eq!(attached.hub.traces().await, [info.trace_id]);
    let spans = attached.hub.spans(info.trace_id).await;
    insta::assert_snapshot!("build trace", text::trace(&spans));
}

#[tokio::test]
async fn how_far_a_build_is_can_be_asked_while_its_only_thread_is_busy() {
    let attached = Attached::start().await;
    let (arrived, arrivals) = mpsc::sync_channel(1);
    let (go, gone) = mpsc::sync_channel(1);
    let gone = Arc::new(Mutex::new(gone));
    let steps = Steps::before(move |query, what| {
        if (query, what) == ("serve_html", "/guide/knots") {
            arrived.send(()).expect("the test waits");
            // As an encoder of images would: the thread does nothing else.
            gone.lock().recv().expect("the test goes on");
        }
        Box::pin(std::future::ready(()))
    });
    let building = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.expect("a runtime");
        runtime
            .block_on(build(&Site::small(), steps))
            .expect("builds")
    });
    arrivals.recv().expect("the build comes there");
    let info = attached
        .ask
        .get_build_info(BuildInfoRequest::default())
        .await;
    assert_eq!(info.state, state::BUILDING);
    // Three sections, and the page before this one.
    assert_eq!((info.pages_done, info.pages_total), (4, 7));
    insta::assert_snapshot!("in the middle", text::info(&info));
    go.send(()).expect("the build waits");
    building.join().expect("the build ends");
    let info = attached.settled().await;
    assert_eq!((info.pages_done, info.pages_total), (7, 7));
}

#[tokio::test]
async fn a_site_that_cannot_be_read_fails_with_its_reason() {
    let attached = Attached::start().await;
    let mut site = Site::small();
    site.set("content/guide/intro.md", "+++\ntitle = Never closed\n");
    build(&site, Steps::default()).await.expect_err("is wrong");
    let info = attached.settled().await;
    insta::assert_snapshot!("failed build", text::info(&info));
}

#[tokio::test]
async fn pages_are_found_sorted_and_told_page_by_page() {
    let attached = Attached::start().await;
    build(&Site::of_pages(120), Steps::default())
        .await
        .expect("builds");
    attached.settled().await;
    let find = |find: &str, sort: &str, limit, cursor| ListPagesRequest {
        find: find.to_owned(),
        sort: sort.to_owned(),
        limit,
        cursor,
    };
    let first = attached.pages(find("PAGE 11", "", 5, 0)).await;
    assert_eq!((first.total, first.pages.len(), first.next), (11, 5, 5));
    let last = attached.pages(find("PAGE 11", "", 100, 5)).await;
    assert_eq!((last.total, last.pages.len(), last.next), (11, 6, 0));
    let slowest = attached.pages(find("", "time", 1_000, 0)).await;
    let times: Vec<u64> = slowest.pages.iter().map(|page| page.render_ns).collect();
    assert!(times.is_sorted_by(|a, b| a >= b) && times[0] > 0);
    assert_eq!(slowest.total, 124);
    let beyond = attached.pages(find("", "", 10, u64::MAX)).await;
    assert_eq!((beyond.pages.len(), beyond.next), (0, 0));
}
