//! One subscription, until it ends.

use std::pin::pin;
use std::time::Duration;

use hindsight_connect::{CallError, Lane};
use hindsight_protocol::hub::{LiveRequest, PingRequest};
use hindsight_protocol::{HindsightServiceClient, LiveEvent};
use tokio::time::Instant;
use vox::VoxError;

use super::printer::Printer;
use super::stop::Stop;
use crate::cli::error::CliError;
use crate::cli::hub::Hub;

/// How often it is looked whether somebody still reads stdout.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);
/// The hub ends connections on which it hears nothing for 30 s.
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// The hub sends a heartbeat every 5 s; after this long without anything it is gone.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// For the answer of a call whose stream has ended.
const END_TIMEOUT: Duration = Duration::from_secs(2);

/// Why a subscription ended.
pub(super) enum Ended {
    /// Nobody wants more.
    Done,
    /// The hub went away, or ended the stream; the text says why.
    Lost(String),
}

/// What happens next.
enum Next {
    Event(Option<LiveEvent>),
    Ended(Ended),
}

/// Prints what the hub sends.
///
/// Call and channel are polled by the same task: vox can lose the wake-up of one otherwise.
pub(super) async fn follow(
    hub: &Hub,
    request: LiveRequest,
    printer: &mut Printer<'_>,
    stop: &Stop,
) -> Result<Ended, CliError> {
    let _pinging = AbortOnDrop(tokio::spawn(ping(hub.lane.clone())));
    let (sender, mut events) = vox::channel::<LiveEvent>();
    let mut call = pin!(hub.lane.client().live(request, sender));
    loop {
        let next = {
            let mut receiving = pin!(events.recv());
            let deadline = Instant::now() + SILENCE_MAX;
            loop {
                tokio::select! {
                    () = stop.asked() => break Next::Ended(Ended::Done),
                    received = &mut receiving => {
                        let event = received.ok().flatten();
                        break Next::Event(event.map(|event| event.get().clone()));
                    }
                    ended = &mut call => break Next::Ended(self::ended(hub, ended)?),
                    () = tokio::time::sleep_until(deadline) => break Next::Ended(silent()),
                    () = tokio::time::sleep(LOOK_INTERVAL) => {
                        if printer.is_reader_gone() {
                            break Next::Ended(Ended::Done);
                        }
                    }
                }
            }
        };
        match next {
            Next::Event(Some(event)) => {
                if !printer.event(event)? {
                    return Ok(Ended::Done);
                }
            }
            // The stream is over; the call says why.
            Next::Event(None) => {
                let Ok(result) = tokio::time::timeout(END_TIMEOUT, call).await else {
                    return Ok(Ended::Lost("the stream broke off".into()));
                };
                return ended(hub, result);
            }
            Next::Ended(ended) => return Ok(ended),
        }
    }
}

type LiveResult = Result<hindsight_protocol::hub::LiveEnd, VoxError<hindsight_protocol::HubError>>;

fn ended(hub: &Hub, result: LiveResult) -> Result<Ended, CliError> {
    match result {
        Ok(end) => Ok(Ended::Lost(end.reason)),
        Err(VoxError::User(error)) => {
            Err(hub.call_error("live", CallError::Rpc(VoxError::User(error))))
        }
        Err(error @ (VoxError::UnknownMethod | VoxError::InvalidPayload(_))) => {
            Err(hub.call_error("live", CallError::Rpc(error)))
        }
        Err(other) => Ok(Ended::Lost(
            CallError::<hindsight_protocol::HubError>::Rpc(other).to_string(),
        )),
    }
}

fn silent() -> Ended {
    Ended::Lost(format!("it said nothing for {SILENCE_MAX:?}"))
}

/// Keeps the connection alive; that it fails shows in the stream.
async fn ping(lane: Lane<HindsightServiceClient>) {
    loop {
        tokio::time::sleep(PING_INTERVAL).await;
        let call = lane.call(|client| client.ping(PingRequest::default()));
        if call.await.is_err() {
            return;
        }
    }
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
