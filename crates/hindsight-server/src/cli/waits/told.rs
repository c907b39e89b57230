//! What connected apps tell of their calls and queries under way, asked all at once.
//!
//! In: the apps that the hub knows. Out: [`Told`], and which apps did not answer. Holds: an app that is slow,
//! gone or of another version costs its own answer only. Bounded: [`APPS_MAX`] apps, [`LIMIT`] for each.

use std::time::Duration;

use futures_util::future::join_all;
use hindsight_connect::{Connection, LaneOptions, open_relayed};
use hindsight_protocol::hub::AppInfo;
use hindsight_protocol::introspection::picante::{ActiveQueries, ActiveQueriesRequest};
use hindsight_protocol::introspection::roam::{ActiveRpcs, ActiveRpcsRequest};
use hindsight_protocol::{PicanteIntrospectionClient, RoamIntrospectionClient};
use hindsight_view::waits::{Answer, TOLD_MAX, Told};
use vox::FromVoxLane;

/// Apps that are asked, the most recently connected.
const APPS_MAX: usize = 100;
/// For one app to answer one question, from the opening of the lane.
const LIMIT: Duration = Duration::from_secs(1);
/// What is younger comes and goes too fast to be waited for.
const AGE_MIN_NS: u64 = 50_000_000;

/// What the apps told, and a remark for each that did not.
pub(super) async fn ask(connection: &Connection, apps: &[AppInfo]) -> (Told, Vec<String>) {
    let connected = apps.iter().filter(|app| app.state == "connected");
    let asked = connected.filter(|app| offers_calls(app) || offers_queries(app));
    let asked: Vec<&AppInfo> = asked.take(APPS_MAX).collect();
    let answers = join_all(asked.iter().map(|app| one(connection, app))).await;
    let mut remarks = Vec::new();
    let answers: Vec<_> = asked.iter().zip(&answers).collect();
    let told: Vec<Answer<'_>> = answers
        .iter()
        .map(|(app, answer)| Answer {
            app,
            calls: answer.calls.as_ref(),
            queries: answer.queries.as_ref(),
        })
        .collect();
    for (app, answer) in &answers {
        let why = answer.why.iter();
        remarks.extend(why.map(|why| format!("{} did not tell {why}", app.run.service_name)));
    }
    (Told::new(&told), remarks)
}

#[derive(Default)]
struct Answered {
    calls: Option<ActiveRpcs>,
    queries: Option<ActiveQueries>,
    why: Vec<String>,
}

async fn one(connection: &Connection, app: &AppInfo) -> Answered {
    let id = app.tracer_id.to_string();
    let mut answered = Answered::default();
    let calls = async {
        let lane = open_relayed::<RoamIntrospectionClient>(connection, &id, options());
        let lane = lane.await.map_err(|error| error.to_string())?;
        let request = ActiveRpcsRequest {
            age_min_ns: AGE_MIN_NS,
            limit: TOLD_MAX as u32,
        };
        let call = lane.call(|client| client.get_active_rpcs(request));
        call.await.map_err(|error| error.to_string())
    };
    let queries = async {
        let lane = open_relayed::<PicanteIntrospectionClient>(connection, &id, options());
        let lane = lane.await.map_err(|error| error.to_string())?;
        let request = ActiveQueriesRequest {
            age_min_ns: AGE_MIN_NS,
            limit: TOLD_MAX as u32,
        };
        let call = lane.call(|client| client.get_active_queries(request));
        call.await.map_err(|error| error.to_string())
    };
    if offers_calls(app) {
        match calls.await {
            Ok(calls) => answered.calls = Some(calls),
            Err(why) => answered.why.push(format!("its calls: {why}")),
        }
    }
    if offers_queries(app) {
        match queries.await {
            Ok(queries) => answered.queries = Some(queries),
            Err(why) => answered.why.push(format!("its queries: {why}")),
        }
    }
    answered
}

fn options() -> LaneOptions {
    LaneOptions {
        open_timeout: LIMIT,
        call_timeout: Some(LIMIT),
        ..LaneOptions::default()
    }
}

fn offers_calls(app: &AppInfo) -> bool {
    offers(app, RoamIntrospectionClient::SERVICE_NAME)
}

fn offers_queries(app: &AppInfo) -> bool {
    offers(app, PicanteIntrospectionClient::SERVICE_NAME)
}

fn offers(app: &AppInfo, service: &str) -> bool {
    app.services.iter().any(|name| name == service)
}
