//! A live subscription, as long as somebody holds it.
//!
//! In: a request. Out: events in the order they came, handed over once per animation frame. Holds:
//! while the tab is hidden there are no frames, so nothing is taken beyond the bound; the hub
//! counts that against this subscriber alone, and a new snapshot follows when the tab is looked at
//! again. Bounded: [`EVENTS_MAX`] events here, the lane's credit on the way.

use std::future::pending;
use std::pin::{Pin, pin};
use std::time::Duration;

use futures_util::future::{AbortHandle, abortable};
use hindsight_connect::Lane;
use hindsight_protocol::hub::LiveRequest;
use hindsight_protocol::{HindsightServiceClient, HubError, LiveEvent};
use leptos::task::spawn_local;
use vox::VoxError;
use vox_rt::time::sleep;

use super::Trouble;
use crate::browser;
use crate::link::Link;

/// Most events that wait for a frame.
const EVENTS_MAX: usize = 64;
/// Before a stream that the hub ended is asked for again.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// A running subscription. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Subscription {
    abort: AbortHandle,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

/// What becomes of the events, and of a request that the hub refuses.
pub(crate) trait Receiver: 'static {
    /// Events, at least one.
    fn events(&mut self, events: Vec<LiveEvent>);
    /// The hub refused; the subscription is over.
    fn refused(&mut self, trouble: Trouble);
}

/// Subscribes over the link's present connection. With the next one, subscribe anew.
pub(crate) fn subscribe(
    link: Link,
    request: LiveRequest,
    mut receiver: impl Receiver,
) -> Subscription {
    let following = async move {
        while let Some(lane) = link.streams() {
            if let Err(trouble) = follow(&lane, request.clone(), &mut receiver).await {
                receiver.refused(trouble);
                return;
            }
            sleep(AGAIN_AFTER).await;
            browser::next_frame().await;
        }
    };
    let (following, abort) = abortable(following);
    spawn_local(async move {
        // An abort is the usual end.
        following.await.ok();
    });
    Subscription { abort }
}

/// One stream, to its end. The call and its channel are polled by the same task: vox can lose the
/// wake-up of one otherwise.
async fn follow(
    lane: &Lane<HindsightServiceClient>,
    request: LiveRequest,
    receiver: &mut impl Receiver,
) -> Result<(), Trouble> {
    let (sender, mut stream) = vox::channel::<LiveEvent>();
    let mut call = pin!(lane.client().live(request, sender));
    let mut events = Vec::new();
    let mut frame: Pin<Box<dyn Future<Output = ()>>> = Box::pin(pending());
    loop {
        // Kept until it is done: a receive that is dropped half-way might lose an event.
        let mut receiving = pin!(stream.recv());
        let received = loop {
            tokio::select! {
                biased;
                () = &mut frame => {
                    frame = Box::pin(pending());
                    receiver.events(std::mem::take(&mut events));
                }
                received = &mut receiving, if events.len() < EVENTS_MAX => break received,
                answer = &mut call => return refusal(answer.map(drop)),
            }
        };
        let Ok(Some(event)) = received else { break };
        if events.is_empty() {
            frame = Box::pin(browser::next_frame());
        }
        events.push(event.get().clone());
    }
    refusal(call.await.map(drop))
}

/// Only the hub's own word ends a subscription. A stream that broke off is asked for again.
fn refusal(answer: Result<(), VoxError<HubError>>) -> Result<(), Trouble> {
    match answer {
        Err(VoxError::User(error)) => Err((*error).into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
