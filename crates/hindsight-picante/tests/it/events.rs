//! Events as they happen, over a roam connection in memory.

use hindsight_connect::{
    AcceptOptions, DialOptions, Lane, LaneOptions, Lanes, LinkLimits, Unblock, accept, initiate,
    open_lane, serve_lane,
};
use hindsight_protocol::introspection::StreamRequest;
use hindsight_protocol::introspection::picante::{
    PicanteIntrospectionClient, PicanteIntrospectionDispatcher, QueryEvent, event,
};
use hindsight_testkit::hub::PATIENCE;
use picante::Introspection;

use crate::shared::trace;
use crate::site::{Site, heading_at};

async fn next(events: &mut vox::Rx<QueryEvent>) -> QueryEvent {
    let next = tokio::time::timeout(PATIENCE, events.recv()).await;
    let next = next.expect("in time").expect("no error").expect("no end");
    next.get().clone()
}

#[tokio::test]
async fn changes_and_executions_are_told_in_order() {
    let (viewer, app) = vox::memory_link_pair(64);
    let options = AcceptOptions {
        lanes: Lanes::scoped(|_, lane, scope| {
            serve_lane(
                scope,
                lane,
                PicanteIntrospectionDispatcher::new(Introspection),
            );
            Ok(())
        }),
        ..AcceptOptions::default()
    };
    let limits = LinkLimits::default;
    let (_app, viewer) = tokio::join!(
        accept(Unblock::new(app, limits()), options),
        initiate(Unblock::new(viewer, limits()), DialOptions::default()),
    );
    let viewer = viewer.expect("connects");
    let lane: Lane<PicanteIntrospectionClient> = open_lane(&viewer, LaneOptions::default())
        .await
        .expect("offered");

    trace("warm up").end();
    let db = Site::of_two("# A", "# B").expect("a site");
    let file = db.edit("told.md", "# T");
    drop(heading_at(&*db, file, 0).await);

    let (sender, mut events) = vox::channel::<QueryEvent>();
    let kinds = [event::INPUT_SET, event::INVALIDATED, event::QUERY_ENDED];
    let request = StreamRequest {
        kinds: kinds.map(str::to_owned).into(),
    };
    let telling = lane.client().stream_query_events(request, sender);
    let reading = async {
        // Until the app listens, which nothing tells, nothing is told.
        let mut told = Vec::new();
        for text in 0.. {
            db.edit("told.md", &format!("# {text}"));
            drop(heading_at(&*db, file, 0).await);
            let first = tokio::time::timeout(std::time::Duration::from_millis(50), events.recv());
            if let Ok(Ok(Some(first))) = first.await {
                told.push(first.get().clone());
                break;
            }
        }
        db.edit("told.md", "# the last");
        drop(heading_at(&*db, file, 0).await);
        let is_last = |told: &[QueryEvent]| {
            let ends = told.iter().filter(|of| of.query.kind == "heading_at");
            ends.filter(|of| of.kind == event::QUERY_ENDED).count() == 2
        };
        while !is_last(&told) {
            let event = next(&mut events).await;
            if event.query.key.starts_with("told.md") {
                told.push(event);
            }
        }
        told
    };
    let told = tokio::select! {
        _ = telling => panic!("it goes on"),
        told = reading => told,
    };
    let sequences: Vec<u64> = told.iter().map(|event| event.sequence).collect();
    assert!(sequences.is_sorted_by(|a, b| a < b), "{sequences:?}");
    let last = told
        .iter()
        .rposition(|of| of.kind == event::INPUT_SET)
        .expect("set");
    let line = |of: &QueryEvent| {
        format!(
            "{} {} {} by {}",
            of.kind, of.query.kind, of.outcome, of.by.kind
        )
    };
    let mut lines: Vec<String> = told[last..].iter().map(line).collect();
    // Which of them picante finds first is not defined.
    lines[1..4].sort();
    assert_eq!(
        lines,
        [
            "input_set SourceFile::data  by ",
            "invalidated heading_at  by SourceFile::data",
            "invalidated outline  by SourceFile::data",
            "invalidated parse_file  by SourceFile::data",
            "query_ended parse_file computed_changed by ",
            "query_ended outline computed_changed by ",
            "query_ended heading_at computed_changed by ",
        ]
    );
}
