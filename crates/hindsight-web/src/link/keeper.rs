//! Keeps the connection: calls, watches, waits, calls again.

use std::future::ready;
use std::time::Duration;

use crate::reactive::prelude::*;
use futures_channel::oneshot;
use hindsight_connect::{
    Connection, DialOptions, HandshakeError, Lane, LaneOptions, PageSocket, establish, open_lane,
};
use hindsight_protocol::HindsightServiceClient;
use hindsight_protocol::hub::{PROTOCOL_VERSION, PingRequest};
use vox::EstablishmentRejectReason;
use vox_rt::time::sleep;
use wasm_bindgen_futures::spawn_local;

use super::{Backoff, Status, token};
use crate::browser;

/// For the WebSocket, and again for roam's handshake in it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The hub ends connections on which it hears nothing for 30 s.
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// Items that the hub may send on a stream before they are taken.
const CHANNEL_CREDIT: u32 = 64;

type HubLane = Lane<HindsightServiceClient>;

/// The connection as views see it. Copies are the same connection.
#[derive(Clone, Copy)]
pub struct Link {
    status: RwSignal<Status>,
    epoch: RwSignal<u64>,
    lanes: StoredValue<Option<Lanes>>,
    connection: StoredValue<Option<Connection>>,
    /// Ends the pause before the next attempt.
    wake: StoredValue<Option<oneshot::Sender<()>>>,
    /// Who waits for the next connection.
    waiting: StoredValue<Vec<oneshot::Sender<()>>>,
}

/// Two lanes to the same service.
#[derive(Clone)]
struct Lanes {
    /// Its calls end in time.
    calls: HubLane,
    /// Its calls may say nothing for as long as they like.
    streams: HubLane,
}

/// Why there is no connection, or no longer.
enum Failure {
    Gone(String),
    OtherVersion(u32),
    Token { was_rejected: bool },
}

impl Link {
    /// Calls the hub that this page came from, once `first` is over.
    pub fn start_after(first: impl Future<Output = ()> + 'static) -> Self {
        let link = Self {
            status: RwSignal::new(Status::Connecting),
            epoch: RwSignal::new(0),
            lanes: StoredValue::new(None),
            connection: StoredValue::new(None),
            wake: StoredValue::new(None),
            waiting: StoredValue::new(Vec::new()),
        };
        spawn_local(async move {
            first.await;
            link.keep().await;
        });
        link
    }

    /// Calls it at once with a token, for who has none stored.
    pub fn start_with(token: &str) -> Self {
        token::store(token);
        Self::start_after(ready(()))
    }

    /// How things stand.
    pub fn status(&self) -> Signal<Status> {
        self.status.into()
    }

    /// Grows with each connection: what depends on it subscribes and asks anew after a loss.
    pub fn epoch(&self) -> Signal<u64> {
        self.epoch.into()
    }

    /// The lane for calls, while there is a connection.
    pub fn lane(&self) -> Option<HubLane> {
        self.lanes
            .with_value(|lanes| Some(lanes.as_ref()?.calls.clone()))
    }

    /// The lane for streams, while there is a connection.
    pub fn streams(&self) -> Option<HubLane> {
        self.lanes
            .with_value(|lanes| Some(lanes.as_ref()?.streams.clone()))
    }

    /// The connection itself, for lanes to apps; none while the hub is away.
    pub fn connection(&self) -> Option<Connection> {
        self.connection.get_value()
    }

    /// Waits for a connection later than that of `epoch`, and says which it is. For who has no
    /// signals to follow, as in a worker.
    pub async fn connection_after(&self, epoch: u64) -> u64 {
        loop {
            let now = self.epoch.get_untracked();
            if now > epoch && self.lane().is_some() {
                return now;
            }
            let (tell, told) = oneshot::channel();
            self.waiting.update_value(|waiting| waiting.push(tell));
            // Dropped untold only with the page.
            told.await.ok();
        }
    }

    /// The token that this page uses; empty if none.
    pub fn token(&self) -> String {
        token::stored_or_empty()
    }

    /// Calls the hub now instead of at the end of the pause.
    pub fn try_now(&self) {
        if let Some(wake) = self.wake.try_update_value(Option::take).flatten() {
            wake.send(()).ok();
        }
    }

    /// Uses this token from now on.
    pub fn set_token(&self, text: &str) {
        token::store(text.trim());
        self.try_now();
    }

    async fn keep(self) {
        let mut backoff = Backoff::default();
        loop {
            let failure = match connect().await {
                Ok((connection, lanes)) => {
                    backoff.reset();
                    self.stay(connection, lanes).await
                }
                Err(failure) => failure,
            };
            match failure {
                Failure::Gone(reason) => {
                    let pause = backoff.next(js_sys::Math::random());
                    self.status.set(Status::Offline { reason, pause });
                    self.pause(Some(pause)).await;
                    // The status stays: "offline" that flickers says less.
                }
                // Neither mends itself; a reload or a token does.
                Failure::OtherVersion(theirs) => {
                    self.status.set(Status::OtherVersion { theirs });
                    self.pause(None).await;
                }
                Failure::Token { was_rejected } => {
                    self.status.set(Status::TokenNeeded { was_rejected });
                    self.pause(None).await;
                }
            }
        }
    }

    /// Holds a connection until it ends.
    async fn stay(&self, connection: Connection, lanes: Lanes) -> Failure {
        let lane = lanes.calls.clone();
        self.lanes.set_value(Some(lanes));
        self.connection.set_value(Some(connection.clone()));
        self.epoch.update(|epoch| *epoch += 1);
        self.status.set(Status::Online);
        let waiting = self.waiting.try_update_value(std::mem::take);
        for tell in waiting.unwrap_or_default() {
            // Somebody may have stopped to wait.
            tell.send(()).ok();
        }
        let reason = tokio::select! {
            reason = connection.closed() => reason.to_string(),
            reason = silence(&lane) => reason,
        };
        connection.abort(reason.clone());
        self.lanes.set_value(None);
        self.connection.set_value(None);
        Failure::Gone(reason)
    }

    async fn pause(&self, time: Option<Duration>) {
        let (wake, woken) = oneshot::channel();
        self.wake.set_value(Some(wake));
        match time {
            None => drop(woken.await),
            Some(time) => tokio::select! {
                _ = woken => {}
                () = sleep(time) => {}
            },
        }
    }
}

async fn connect() -> Result<(Connection, Lanes), Failure> {
    let gone = |reason: &str| Failure::Gone(reason.to_owned());
    let socket = socket().await.map_err(gone)?;
    let token = token::stored();
    let options = DialOptions {
        timeout: CONNECT_TIMEOUT,
        token: token.clone(),
        ..DialOptions::default()
    };
    let connection = establish(socket, options).await;
    let connection = connection.map_err(|error| match error {
        HandshakeError::Declined(EstablishmentRejectReason::Unauthenticated) => Failure::Token {
            was_rejected: token.is_some(),
        },
        other => Failure::Gone(other.to_string()),
    })?;
    let calls = LaneOptions::default();
    let streams = LaneOptions {
        call_timeout: None,
        channel_credit: CHANNEL_CREDIT,
        ..LaneOptions::default()
    };
    let greeted = async {
        let calls = open(&connection, calls).await?;
        let reply = calls.call(|client| client.ping(PingRequest::default()));
        let reply = reply.await.map_err(|error| gone(&error.to_string()))?;
        match reply.protocol_version {
            PROTOCOL_VERSION => Ok(calls),
            other => Err(Failure::OtherVersion(other)),
        }
    };
    let (calls, streams) = tokio::try_join!(greeted, open(&connection, streams))?;
    Ok((connection, Lanes { calls, streams }))
}

/// The socket that the start script has opened; another one if that is of no use any more.
async fn socket() -> Result<PageSocket, &'static str> {
    if let Some(early) = browser::left_by_start("hindsightSocket")
        && let Some(socket) = PageSocket::adopt(early, CONNECT_TIMEOUT).await
    {
        return Ok(socket);
    }
    let url = browser::socket_url().ok_or("this page has no address")?;
    let socket = PageSocket::open(&url, CONNECT_TIMEOUT).await;
    socket.ok_or("cannot connect")
}

async fn open(connection: &Connection, options: LaneOptions) -> Result<HubLane, Failure> {
    let lane = open_lane(connection, options).await;
    lane.map_err(|error| Failure::Gone(error.to_string()))
}

/// Ends when the hub leaves a ping unanswered.
async fn silence(lane: &HubLane) -> String {
    loop {
        sleep(PING_INTERVAL).await;
        let ping = lane.call(|client| client.ping(PingRequest::default()));
        if let Err(error) = ping.await {
            return error.to_string();
        }
    }
}
