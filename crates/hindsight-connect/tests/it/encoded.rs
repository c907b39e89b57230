//! Calls of methods of which only an id and a description are known.

use std::time::Duration;

use hindsight_connect::{
    CallError, Connection, DialOptions, EncodedAnswer, EncodedCall, Flow, Lane, LaneOptions, dial,
    open_lane,
};
use vox::{MethodDescriptor, VoxError};

use crate::acceptor::{Acceptor, Habits, eventually};
use crate::probe::{ProbeClient, probe_service_descriptor};

async fn lane(hub: &Acceptor, call_timeout: Option<Duration>) -> (Connection, Lane<ProbeClient>) {
    let endpoint = hub.endpoint("tcp");
    let connection = dial(&endpoint, DialOptions::default()).await.unwrap();
    let options = LaneOptions {
        call_timeout,
        ..LaneOptions::default()
    };
    let lane = open_lane(&connection, options).await.unwrap();
    (connection, lane)
}

/// A method's id and the description of its arguments, which is what an app tells.
fn described(name: &str) -> (u64, Vec<u8>) {
    let mut methods = probe_service_descriptor().methods.iter();
    let method: &'static MethodDescriptor = methods.find(|m| m.method_name == name).unwrap();
    let plan = vox_types::SchemaSendTracker::plan_for_method_args(method).unwrap();
    (method.id.0, plan.bytes.to_vec())
}

fn read<T: vox::facet::Facet<'static>>(answer: &EncodedAnswer) -> Result<T, VoxError> {
    assert!(!answer.schema.is_empty());
    vox_phon::from_slice(&answer.bytes).unwrap()
}

#[tokio::test]
async fn a_method_is_called_by_its_id() {
    let hub = Acceptor::start(Habits::default()).await;
    let (_connection, lane) = lane(&hub, Some(Duration::from_secs(5))).await;
    let (method, schema) = described("echo");
    for text in ["first", "second"] {
        let call = EncodedCall {
            method,
            arguments: &vox_phon::to_vec(&(text.to_owned(),)).unwrap(),
            schema: &schema,
        };
        let answer = lane.call_encoded(call).await.unwrap();
        assert_eq!(read::<String>(&answer).unwrap(), text);
    }
}

#[tokio::test]
async fn what_the_peer_refuses_is_an_answer_too() {
    let hub = Acceptor::start(Habits::default()).await;
    let (_connection, lane) = lane(&hub, Some(Duration::from_secs(5))).await;
    let (_, schema) = described("echo");
    let call = EncodedCall {
        method: 77,
        arguments: &[],
        schema: &schema,
    };
    let answer = lane.call_encoded(call).await.unwrap();
    assert!(matches!(read::<()>(&answer), Err(VoxError::UnknownMethod)));
}

#[tokio::test]
async fn a_call_that_is_not_answered_ends_at_its_deadline() {
    let hub = Acceptor::start(Habits::default()).await;
    let (_connection, lane) = lane(&hub, Some(Duration::from_millis(150))).await;
    let (method, schema) = described("sleep");
    let call = EncodedCall {
        method,
        arguments: &vox_phon::to_vec(&(60_000_u64,)).unwrap(),
        schema: &schema,
    };
    let error = lane.call_encoded(call).await.unwrap_err();
    assert!(matches!(error, CallError::TimedOut(_)), "{error}");
    eventually("the handler is dropped", || hub.running.count() == 0).await;
}

/// The arguments of `count`: a number, and the first channel.
fn count(up_to: u32) -> Vec<u8> {
    vox_phon::to_vec(&(up_to, 0_u32.to_le_bytes().to_vec())).unwrap()
}

#[tokio::test]
async fn items_of_a_stream_come_one_by_one_and_in_order() {
    let hub = Acceptor::start(Habits::default()).await;
    let (_connection, lane) = lane(&hub, None).await;
    let (method, schema) = described("count");
    let mut items = Vec::new();
    let call = EncodedCall {
        method,
        arguments: &count(1_000),
        schema: &schema,
    };
    let answer = lane.stream_encoded(call, |bytes| {
        items.push(u32::from_le_bytes(bytes.try_into().unwrap()));
        Flow::More
    });
    let answer = answer.await.unwrap().unwrap();
    assert_eq!(read::<u32>(&answer).unwrap(), 1_000);
    assert_eq!(items, (0..1_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_reader_that_has_enough_ends_the_stream_at_the_peer() {
    let hub = Acceptor::start(Habits::default()).await;
    let (_connection, lane) = lane(&hub, None).await;
    let (method, schema) = described("count");
    let call = EncodedCall {
        method,
        arguments: &count(u32::MAX),
        schema: &schema,
    };
    let mut left = 20;
    let answer = lane.stream_encoded(call, |_| {
        left -= 1;
        if left == 0 { Flow::Enough } else { Flow::More }
    });
    answer.await.unwrap();
    assert_eq!(left, 0);
    eventually("the handler has ended", || hub.running.count() == 0).await;
    let (method, schema) = described("echo");
    let call = EncodedCall {
        method,
        arguments: &vox_phon::to_vec(&("still".to_owned(),)).unwrap(),
        schema: &schema,
    };
    let answer = lane.call_encoded(call).await.unwrap();
    assert_eq!(read::<String>(&answer).unwrap(), "still");
}
