//! What becomes of it without a hub.

use hindsight_dodeca::SiteMeta;
use hindsight_dodeca_shape::{Site, Steps, build};
use hindsight_testkit::hub::{Hub, PATIENCE};

use crate::attached::Attached;

#[tokio::test]
async fn without_an_endpoint_nothing_is_attached() {
    // Nothing in this process sets it.
    assert!(!hindsight_dodeca::init().is_attached());
    assert!(!hindsight_dodeca::init_with(SiteMeta::default()).is_attached());
    assert!(hindsight_dodeca::init().introspection().is_none());
}

#[tokio::test]
async fn the_service_is_offered_to_the_hub() {
    let attached = Attached::start().await;
    build(&Site::small(), Steps::default())
        .await
        .expect("builds");
    attached.flushed().await;
    let services = attached.hub.services_of_apps().await;
    assert!(
        services.iter().any(|name| name == "DodecaIntrospection"),
        "{services:?}"
    );
}

#[tokio::test]
async fn a_hub_that_goes_and_comes_back_has_the_builds_of_meanwhile() {
    let mut attached = Attached::start().await;
    build(&Site::small(), Steps::default())
        .await
        .expect("builds");
    let first = attached.settled().await;
    attached.flushed().await;
    let port = attached.hub.port();
    let gone = std::mem::replace(&mut attached.hub, Hub::start().await);
    gone.stop().await;
    build(&Site::small(), Steps::default())
        .await
        .expect("builds");
    let second = attached.settled().await;
    assert_eq!(second.generation, first.generation + 1);
    attached.hub = Hub::start_on(port).await;
    assert!(attached.tracer.flush(PATIENCE).await);
    let root = attached.hub.wait_for_span("of the second build", |span| {
        span.trace_id == second.trace_id && span.name.starts_with("dodeca ")
    });
    assert!(root.await.end().is_some());
}

#[tokio::test]
async fn the_guard_ends_the_build_under_way() {
    let attached = Attached::start().await;
    build(&Site::small(), Steps::default())
        .await
        .expect("builds");
    let ask = attached.ask.clone();
    let info = attached.info().await;
    let Attached { hub, guard, .. } = attached;
    drop(guard);
    let root = hub.wait_for_span("of the build", |span| {
        span.trace_id == info.trace_id && span.name == "dodeca build"
    });
    assert!(root.await.end().is_some());
    drop(ask);
}
