//! Lanes to services of apps, which the hub relays.
//!
//! In: an app, perhaps another one later, and the name of a service. Out: a typed client for as long
//! as a view needs it ([`Relayed`]), or a [`Trouble`] in words; events of streams, many at once
//! ([`follow`]). Holds: the lane is closed with the view, when another app is chosen and when the
//! app goes; it is opened again when the app is back or the hub is. Calls end within the lane's
//! deadline; an app that does not take it is asked again after pauses. Bounded: one lane for each
//! [`Relayed`]; [`EVENTS_MAX`] events that wait for a frame.

use std::future::pending;
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::time::Duration;

use facet::Facet;
use futures_util::future::abortable;
use hindsight_connect::{CallError, Lane, LaneError, LaneOptions, open_relayed_lane};
use hindsight_protocol::TracerId;
use hindsight_view::lens::Standing;
use leptos::task::spawn_local;
use vox::{Caller, FromVoxLane, Rx, VoxError};
use vox_rt::time::sleep;

use super::Trouble;
use crate::browser;
use crate::reactive::prelude::*;
use crate::state::App;
use crate::view::change;

/// Most events that wait for a frame.
const EVENTS_MAX: usize = 256;
/// Items that an app may send on a stream before they are taken.
const STREAM_CREDIT: u32 = 64;
/// Between two looks at whether the app is there.
const LOOK: Duration = Duration::from_millis(100);
/// The pauses after an app did not take a lane: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(8));

/// A lane that was open for longer was not refused, milliseconds.
const HELD_MS: f64 = 1_000.0;

/// What a lane is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Calls, which end in time.
    Calls,
    /// Streams, which may say nothing for as long as they like.
    Streams,
}

impl Purpose {
    fn options(self) -> LaneOptions {
        match self {
            Self::Calls => LaneOptions::default(),
            Self::Streams => LaneOptions {
                call_timeout: None,
                channel_credit: STREAM_CREDIT,
                ..LaneOptions::default()
            },
        }
    }
}

/// A lane to a service of an app, without a client. Copies are the same.
#[derive(Clone, Copy)]
pub(crate) struct RelayedLane {
    lane: StoredValue<Option<Lane<Caller>>>,
    epoch: RwSignal<u64>,
    trouble: RwSignal<Option<Trouble>>,
}

impl RelayedLane {
    /// Keeps a lane to `service` of `app` for as long as the view is there.
    pub(crate) fn keep(
        app: Signal<Option<TracerId>>,
        service: impl Into<String>,
        purpose: Purpose,
    ) -> Self {
        let relayed = Self {
            lane: StoredValue::new(None),
            epoch: RwSignal::new(0),
            trouble: RwSignal::new(None),
        };
        let keeper = Keeper {
            page: App::here(),
            relayed,
            app,
            service: service.into(),
            purpose,
        };
        let (keeping, abort) = abortable(keeper.keep());
        spawn_local(async move {
            // An abort is the usual end.
            keeping.await.ok();
        });
        on_cleanup(move || abort.abort());
        relayed
    }

    /// Grows with each lane that is opened: what depends on the app asks anew then. 0 before the
    /// first.
    pub(crate) fn epoch(&self) -> Signal<u64> {
        self.epoch.into()
    }

    /// Why there is no lane; nothing while there is one.
    pub(crate) fn trouble(&self) -> Signal<Option<Trouble>> {
        self.trouble.into()
    }

    /// The lane, while there is one.
    pub(crate) fn lane(&self) -> Option<Lane<Caller>> {
        self.lane.try_get_value().flatten()
    }

    /// Why a call has to wait.
    fn missing(&self) -> Trouble {
        let known = self.trouble.try_get_untracked().flatten();
        known.unwrap_or_else(|| Trouble::Said("The app has not taken the call yet.".into()))
    }
}

/// Opens a lane for one call. It closes when it is dropped.
pub(crate) async fn open(
    page: App,
    app: Option<TracerId>,
    service: &str,
    purpose: Purpose,
) -> Result<Lane<Caller>, Trouble> {
    let standing = page.apps();
    let standing = standing.with_untracked(|apps| Standing::of(service, apps, app));
    if let Some(sentence) = standing.sentence() {
        return Err(Trouble::Said(sentence));
    }
    let connection = page.link.connection().ok_or(Trouble::Offline)?;
    let id = app.map(|app| app.to_string()).unwrap_or_default();
    let opened = open_relayed_lane(&connection, &id, service, purpose.options()).await;
    opened.map_err(|error| refusal(&error))
}

/// A typed client of a service of an app. Copies are the same.
pub(crate) struct Relayed<C> {
    lane: RelayedLane,
    of: PhantomData<fn() -> C>,
}

impl<C> Copy for Relayed<C> {}

impl<C> Clone for Relayed<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: FromVoxLane> Relayed<C> {
    /// Keeps a client for as long as the view is there.
    pub(crate) fn keep(app: Signal<Option<TracerId>>, purpose: Purpose) -> Self {
        Self {
            lane: RelayedLane::keep(app, C::SERVICE_NAME, purpose),
            of: PhantomData,
        }
    }

    /// As [`RelayedLane::epoch`].
    pub(crate) fn epoch(&self) -> Signal<u64> {
        self.lane.epoch()
    }

    /// As [`RelayedLane::trouble`].
    pub(crate) fn trouble(&self) -> Signal<Option<Trouble>> {
        self.lane.trouble()
    }

    /// The client without deadline, for streams; give its call to [`follow`].
    pub(crate) fn client(&self) -> Result<C, Trouble> {
        let lane = self.lane.lane().ok_or_else(|| self.lane.missing())?;
        Ok(C::from_vox_lane(lane.caller().clone(), None))
    }

    /// Makes a call that ends in time:
    /// `relayed.call(|client| async move { client.get_topology(request).await }).await`.
    pub(crate) async fn call<T, E, F>(&self, start: impl FnOnce(C) -> F) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, VoxError<E>>>,
    {
        let lane = self.lane.lane().ok_or_else(|| self.lane.missing())?;
        let client = C::from_vox_lane(lane.caller().clone(), None);
        let answer = lane.call(|_| start(client)).await;
        answer.map_err(|error| trouble_of(&error))
    }
}

/// What went wrong with a call to an app, for a person.
pub(crate) fn trouble_of<E>(error: &CallError<E>) -> Trouble {
    Trouble::Said(match error {
        CallError::Rpc(VoxError::UnknownMethod) => {
            "The app and this page are of different versions: it does not know this question."
                .into()
        }
        // Which of the two it is, the text says.
        CallError::Rpc(VoxError::InvalidPayload(why)) => format!(
            "The app gave no answer that can be read: {}.",
            hindsight_view::format::escape(why)
        ),
        CallError::Rpc(VoxError::ConnectionClosed | VoxError::ConnectionShutdown) => {
            "The app went away, or stopped offering this.".into()
        }
        CallError::TimedOut(limit) | CallError::Unresponsive(limit) => format!(
            "The app did not answer within {}.",
            hindsight_view::format::duration(limit.as_nanos() as u64)
        ),
        other => format!("The app gave no answer: {other}."),
    })
}

/// Follows one stream to its end: what came since the last frame is given to `receive`, never
/// nothing. Call and stream are polled by the same task, as vox can lose the wake-up of one
/// otherwise; while the tab is hidden there are no frames, so that nothing is taken beyond the bound.
pub(crate) async fn follow<T: Facet<'static>, R, E>(
    call: impl Future<Output = Result<R, VoxError<E>>>,
    mut stream: Rx<T>,
    mut receive: impl FnMut(Vec<T>),
) -> Result<R, Trouble> {
    let mut call = pin!(call);
    let mut events: Vec<T> = Vec::new();
    let mut frame: Pin<Box<dyn Future<Output = ()>>> = Box::pin(pending());
    let answer = loop {
        // Kept until it is done: a receive that is dropped half-way might lose an event.
        let mut receiving = pin!(stream.recv());
        let received = loop {
            tokio::select! {
                biased;
                () = &mut frame => {
                    frame = Box::pin(pending());
                    receive(std::mem::take(&mut events));
                }
                received = &mut receiving, if events.len() < EVENTS_MAX => break Ok(received),
                answer = &mut call => break Err(answer),
            }
        };
        match received {
            Ok(Ok(Some(event))) => {
                if events.is_empty() {
                    frame = Box::pin(browser::next_frame());
                }
                // The value owns all it has, so that it can leave what it was read from.
                let _rest = event.map(|event| events.push(event));
            }
            // The call says how it ended.
            Ok(_) => break call.await,
            Err(answer) => break answer,
        }
    };
    if !events.is_empty() {
        receive(events);
    }
    answer.map_err(|error| trouble_of(&CallError::Rpc(error)))
}

/// Opens the lane, and again.
struct Keeper {
    page: App,
    relayed: RelayedLane,
    app: Signal<Option<TracerId>>,
    service: String,
    purpose: Purpose,
}

impl Keeper {
    async fn keep(self) {
        let mut pause = PAUSES.0;
        loop {
            let app = self.app.try_get_untracked().flatten();
            let standing = self.standing(app);
            let connection = self.page.link.connection();
            let (Some(app), Standing::Here, Some(connection)) = (app, &standing, connection) else {
                let said = standing.sentence().map(Trouble::Said);
                change(self.relayed.trouble, Some(said.unwrap_or(Trouble::Offline)));
                sleep(LOOK).await;
                continue;
            };
            let (id, options) = (app.to_string(), self.purpose.options());
            let opened = open_relayed_lane(&connection, &id, &self.service, options).await;
            match opened {
                Ok(lane) => {
                    let opened_ms = browser::now_ms();
                    self.hold(app, lane).await;
                    if browser::now_ms() - opened_ms > HELD_MS {
                        pause = PAUSES.0;
                        continue;
                    }
                    // The hub takes a lane before the app does.
                    let said = "The app did not take the call.";
                    change(self.relayed.trouble, Some(Trouble::Said(said.into())));
                }
                Err(error) => change(self.relayed.trouble, Some(refusal(&error))),
            }
            sleep(pause).await;
            pause = (2 * pause).min(PAUSES.1);
        }
    }

    fn standing(&self, app: Option<TracerId>) -> Standing {
        let apps = self.page.apps();
        apps.with_untracked(|apps| Standing::of(&self.service, apps, app))
    }

    /// Offers the lane until it has closed or another app is wanted.
    async fn hold(&self, app: TracerId, lane: Lane<Caller>) {
        self.relayed.lane.set_value(Some(lane.clone()));
        change(self.relayed.trouble, None);
        self.relayed.epoch.update(|epoch| *epoch += 1);
        let another = async {
            while self.app.try_get_untracked() == Some(Some(app)) {
                sleep(LOOK).await;
            }
        };
        tokio::select! {
            () = lane.closed() => {}
            () = another => {}
        }
        self.relayed.lane.set_value(None);
    }
}

/// Why the hub did not open a lane, for a person.
fn refusal(error: &LaneError) -> Trouble {
    match error {
        LaneError::Rejected(rejection) => {
            let said = rejection.message().unwrap_or("without a reason");
            let said = hindsight_view::format::escape(said).into_owned();
            Trouble::Said(format!("The hub refused: {said}."))
        }
        LaneError::Closed => Trouble::Offline,
        other => Trouble::Said(format!("The app cannot be asked: {other}.")),
    }
}
