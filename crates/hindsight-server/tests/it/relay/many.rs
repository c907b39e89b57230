//! A hundred viewers of one app.

use futures_util::future::join_all;
use hindsight_testkit::builder::span;
use tokio::time::timeout;

use super::{App, no_lane_is_left, workshop};
use crate::harness::{PATIENCE, TestHub};

const VIEWERS: usize = 100;
const ITEMS: u32 = 50;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_viewers_stream_from_an_app_that_goes_on_sending() {
    let hub = TestHub::start().await;
    let app = App::start(&hub, 1).await;
    let viewers = join_all((0..VIEWERS).map(|_| hub.client())).await;
    let lanes = join_all(viewers.iter().map(|viewer| workshop(viewer, &app.id))).await;
    let lanes: Vec<_> = lanes.into_iter().map(Result::unwrap).collect();
    assert_eq!(viewers[0].stats().await.relayed_lanes, VIEWERS as u64);
    let streams = join_all(lanes.iter().map(|lane| async {
        let (tx, mut rx) = vox::channel::<Vec<u8>>();
        let read = async {
            let mut items = 0;
            while let Ok(Some(_)) = rx.recv().await {
                items += 1;
            }
            items
        };
        let (told, read) = tokio::join!(lane.client().count(ITEMS, 1_000, tx), read);
        (told.unwrap(), read)
    }));
    let sending = async {
        for sequence in 1..=20 {
            let spans = [span(sequence, 1).build()];
            app.client.ingest((1, sequence), &spans).await.unwrap();
        }
    };
    let both = async { tokio::join!(streams, sending) };
    let (streamed, ()) = timeout(3 * PATIENCE, both).await.unwrap();
    assert!(
        streamed.iter().all(|seen| *seen == (ITEMS, ITEMS)),
        "{streamed:?}"
    );
    drop(lanes);
    no_lane_is_left(&viewers[0]).await;
}
