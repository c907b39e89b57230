//! One subscription, until it ends.

use std::pin::{Pin, pin};
use std::time::Duration;

use hindsight_connect::{CallError, Lane};
use hindsight_protocol::hub::{LiveRequest, PingRequest};
use hindsight_protocol::{HindsightServiceClient, LiveEvent};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use vox::VoxError;

use super::printer::Printer;
use crate::cli::error::CliError;
use crate::cli::hub::Hub;
use crate::cli::stop::Stop;

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
    /// An event, or the end of the stream.
    Event(Option<Box<LiveEvent>>),
    /// The call's answer.
    Answer(LiveResult),
    /// A reason to leave.
    Leave(Ended),
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
        let receiving = async {
            let event = events.recv().await.ok().flatten();
            event.map(|event| Box::new(event.get().clone()))
        };
        match next(receiving, call.as_mut(), printer, stop).await {
            Next::Event(Some(event)) => {
                if !printer.event(*event)? {
                    return Ok(Ended::Done);
                }
            }
            // The stream is over; the call says why.
            Next::Event(None) => {
                let Ok(answer) = timeout(END_TIMEOUT, call).await else {
                    return Ok(Ended::Lost("the stream broke off".into()));
                };
                return ended(hub, answer);
            }
            Next::Answer(answer) => return ended(hub, answer),
            Next::Leave(ended) => return Ok(ended),
        }
    }
}

async fn next(
    receiving: impl Future<Output = Option<Box<LiveEvent>>>,
    mut call: Pin<&mut impl Future<Output = LiveResult>>,
    printer: &Printer<'_>,
    stop: &Stop,
) -> Next {
    let mut receiving = pin!(receiving);
    let deadline = Instant::now() + SILENCE_MAX;
    loop {
        tokio::select! {
            () = stop.asked() => return Next::Leave(Ended::Done),
            event = &mut receiving => return Next::Event(event),
            answer = &mut call => return Next::Answer(answer),
            () = sleep_until(deadline) => return Next::Leave(silent()),
            () = sleep(LOOK_INTERVAL) => {
                if printer.is_reader_gone() {
                    return Next::Leave(Ended::Done);
                }
            }
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
        sleep(PING_INTERVAL).await;
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
