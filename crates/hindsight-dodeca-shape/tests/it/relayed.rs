//! Questions that go through the hub, as viewers' do.

use hindsight_connect::{Connection, DialOptions, Lane, LaneOptions, dial, open_relayed};
use hindsight_protocol::DodecaIntrospectionClient;
use hindsight_protocol::introspection::StreamRequest;
use hindsight_protocol::introspection::dodeca::BuildEvent;
use hindsight_testkit::hub::PATIENCE;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::attached::Attached;

/// A viewer's lane to the program.
pub(crate) struct Relayed {
    pub(crate) lane: Lane<DodecaIntrospectionClient>,
    connection: Connection,
}

impl Relayed {
    pub(crate) async fn open(attached: &Attached) -> Self {
        attached.flushed().await;
        let endpoint = format!("http://{}", attached.hub.address());
        let endpoint = endpoint.parse().expect("an endpoint");
        let connection = dial(&endpoint, DialOptions::default())
            .await
            .expect("dials");
        let app = attached.tracer.id().expect("enabled").to_string();
        let options = LaneOptions {
            call_timeout: None,
            ..LaneOptions::default()
        };
        let lane = open_relayed(&connection, &app, options)
            .await
            .expect("opens");
        Self { lane, connection }
    }
}

/// A reader of the stream of events.
pub(crate) struct Events {
    events: mpsc::Receiver<BuildEvent>,
    reader: JoinHandle<()>,
}

impl Events {
    pub(crate) async fn read(attached: &Attached, request: StreamRequest) -> Self {
        let relayed = Relayed::open(attached).await;
        let (told, events) = mpsc::channel(1);
        let reader = tokio::spawn(async move {
            // Both, or the connection would end here.
            let Relayed { lane, connection } = relayed;
            let (sender, mut stream) = vox::channel::<BuildEvent>();
            let forward = async {
                while let Ok(Some(event)) = stream.recv().await {
                    if told.send(event.get().clone()).await.is_err() {
                        break;
                    }
                }
            };
            let call = lane.client().stream_build_events(request, sender);
            let (end, ()) = tokio::join!(call, forward);
            println!("the stream ended: {end:?}");
            drop(connection);
        });
        Self { events, reader }
    }

    /// Events until there are enough.
    pub(crate) async fn until(
        &mut self,
        enough: impl Fn(&[BuildEvent]) -> bool,
    ) -> Vec<BuildEvent> {
        let mut events = Vec::new();
        while !enough(&events) {
            let next = timeout(PATIENCE, self.events.recv()).await;
            events.push(
                next.expect("another event in time")
                    .expect("the stream is open"),
            );
        }
        events
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_asks_through_the_hub() {
    let attached = Attached::start().await;
    let site = hindsight_dodeca_shape::Site::small();
    let built = hindsight_dodeca_shape::build(&site, Default::default()).await;
    built.expect("builds");
    let here = attached.settled().await;
    let Relayed { lane, connection } = Relayed::open(&attached).await;
    let there = lane.call(|c| c.get_build_info(Default::default())).await;
    let there = there.expect("answers");
    assert_eq!((there.site.as_str(), there.pages), (here.site.as_str(), 7));
    assert_eq!(there.trace_id, here.trace_id);
    let pages = lane.call(|c| c.list_pages(Default::default())).await;
    assert_eq!(pages.expect("answers").pages.len(), 7);
    drop(connection);
}
