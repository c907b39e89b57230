//! The stream of events.

use std::time::Duration;

use hindsight_dodeca_shape::{Server, Site, Steps, build, edits};
use hindsight_protocol::introspection::StreamRequest;
use hindsight_protocol::introspection::dodeca::{BuildEvent, event};

use crate::attached::Attached;
use crate::relayed::Events;

fn text(events: &[BuildEvent]) -> String {
    let line = |event: &BuildEvent| {
        let parts = [
            &event.kind,
            &event.phase,
            &event.what,
            &event.outcome,
            &event.detail,
        ];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let parts: Vec<&str> = parts.map(String::as_str).collect();
        format!(
            "{} #{} {}\n",
            event.sequence,
            event.generation,
            parts.join(" | ")
        )
    };
    events.iter().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_told_what_was_and_then_what_happens() {
    let attached = Attached::start().await;
    let mut server = Server::start(Site::small(), Steps::default())
        .await
        .expect("starts");
    server.get("/guide/intro").await.expect("answers");
    let mut events = Events::read(&attached, StreamRequest::default()).await;
    let last = |events: &[BuildEvent]| events.last().is_some_and(|e| e.kind == event::REQUEST);
    let before = events.until(last).await;
    let edit = &edits(1)[4];
    server
        .change(edit.path, edit.content.clone())
        .await
        .expect("changes");
    let ended = |events: &[BuildEvent]| events.last().is_some_and(|e| e.kind == event::BUILD_ENDED);
    let during = events.until(ended).await;
    insta::assert_snapshot!("events", format!("{}---\n{}", text(&before), text(&during)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_can_choose_what_is_told() {
    let attached = Attached::start().await;
    build(&Site::of_pages(60), Steps::default())
        .await
        .expect("builds");
    attached.settled().await;
    let request = StreamRequest {
        kinds: vec![event::BUILD_ENDED.to_owned()],
    };
    let mut events = Events::read(&attached, request).await;
    let events = events.until(|events| !events.is_empty()).await;
    assert_eq!(events[0].kind, event::BUILD_ENDED);
    assert_eq!(events[0].outcome, "done");
    assert!(events[0].duration_ns > Duration::from_micros(1).as_nanos() as u64);
}
