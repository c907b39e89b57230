//! What connected apps tell of their calls and queries under way.
//!
//! In: the apps that the hub lists. Out: [`Told`]. Holds: a lane to each app that is asked stays open for as
//! long as the view is there; an app that does not answer in time is asked again at the next look, and
//! costs nobody else's answer. Bounded: [`APPS_MAX`] apps, [`LIMIT`] for an answer.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::{join, join_all};
use hindsight_connect::{Connection, Lane, LaneOptions, open_relayed};
use hindsight_protocol::hub::AppInfo;
use hindsight_protocol::introspection::picante::{ActiveQueries, ActiveQueriesRequest};
use hindsight_protocol::introspection::roam::{ActiveRpcs, ActiveRpcsRequest};
use hindsight_protocol::{PicanteIntrospectionClient, RoamIntrospectionClient, TracerId};
use hindsight_view::lens::Lens;
use hindsight_view::waits::{Answer, Told};
use vox::FromVoxLane;

use crate::reactive::prelude::*;

/// Apps that are asked, the most recently connected.
const APPS_MAX: usize = 32;
/// For an app to answer.
const LIMIT: Duration = Duration::from_secs(1);
/// What is younger comes and goes too fast to be looked at.
const AGE_MIN_NS: u64 = 50_000_000;
/// Calls and queries that an app may tell at once.
const MOST: u32 = 1_000;

type Lanes<C> = StoredValue<HashMap<TracerId, Lane<C>>>;

/// Lanes to those that are asked. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Asker {
    calls: Lanes<RoamIntrospectionClient>,
    queries: Lanes<PicanteIntrospectionClient>,
}

impl Asker {
    pub(super) fn new() -> Self {
        Self {
            calls: StoredValue::new(HashMap::new()),
            queries: StoredValue::new(HashMap::new()),
        }
    }

    /// What they have under way.
    pub(super) async fn ask(self, connection: &Connection, apps: &[AppInfo]) -> Told {
        let connected = apps.iter().filter(|app| app.state == "connected");
        let is_asked =
            |app: &&AppInfo| Lens::Roam.is_offered_by(app) || Lens::Picante.is_offered_by(app);
        let asked: Vec<&AppInfo> = connected.filter(is_asked).take(APPS_MAX).collect();
        let answers = join_all(asked.iter().map(|app| async move {
            let calls = self.calls_of(connection, app);
            join(calls, self.queries_of(connection, app)).await
        }));
        let answers = answers.await;
        let told: Vec<Answer<'_>> = asked
            .iter()
            .zip(&answers)
            .map(|(app, (calls, queries))| Answer {
                app,
                calls: calls.as_ref(),
                queries: queries.as_ref(),
            })
            .collect();
        Told::new(&told)
    }

    async fn calls_of(self, connection: &Connection, app: &AppInfo) -> Option<ActiveRpcs> {
        if !Lens::Roam.is_offered_by(app) {
            return None;
        }
        let lane = lane(self.calls, connection, app).await?;
        let request = ActiveRpcsRequest {
            age_min_ns: AGE_MIN_NS,
            limit: MOST,
        };
        let answer = lane.call(|client| client.get_active_rpcs(request)).await;
        kept(self.calls, app, answer.ok())
    }

    async fn queries_of(self, connection: &Connection, app: &AppInfo) -> Option<ActiveQueries> {
        if !Lens::Picante.is_offered_by(app) {
            return None;
        }
        let lane = lane(self.queries, connection, app).await?;
        let request = ActiveQueriesRequest {
            age_min_ns: AGE_MIN_NS,
            limit: MOST,
        };
        let answer = lane.call(|client| client.get_active_queries(request)).await;
        kept(self.queries, app, answer.ok())
    }
}

/// The lane to an app, opened where there is none.
async fn lane<C: FromVoxLane + Clone + 'static>(
    lanes: Lanes<C>,
    connection: &Connection,
    app: &AppInfo,
) -> Option<Lane<C>> {
    let open = lanes
        .try_with_value(|lanes| lanes.get(&app.tracer_id).cloned())
        .flatten();
    if let Some(open) = open.filter(Lane::is_open) {
        return Some(open);
    }
    let options = LaneOptions {
        open_timeout: LIMIT,
        call_timeout: Some(LIMIT),
        ..LaneOptions::default()
    };
    let id = app.tracer_id.to_string();
    let opened = open_relayed::<C>(connection, &id, options).await.ok()?;
    lanes.try_update_value(|lanes| {
        lanes.retain(|_, lane| lane.is_open());
        lanes.insert(app.tracer_id, opened.clone())
    })?;
    Some(opened)
}

/// The answer; without one the lane is given up.
fn kept<C, T>(lanes: Lanes<C>, app: &AppInfo, answer: Option<T>) -> Option<T>
where
    C: Clone + 'static,
{
    if answer.is_none() {
        // The view may be gone.
        let _gone = lanes.try_update_value(|lanes| lanes.remove(&app.tracer_id));
    }
    answer
}
