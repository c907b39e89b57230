//! Whether apps can be asked through the hub.

use std::time::Instant;

use hindsight_protocol::ServiceIntrospectionClient;
use hindsight_protocol::hub::{AppInfo, ListAppsRequest};
use hindsight_protocol::introspection::ListServicesRequest;
use hindsight_view::format;

use super::Check;
use crate::cli::app::describe;
use crate::cli::hub::Hub;

/// Asks one connected app for its services, over a lane that the hub relays.
pub(super) async fn relay(hub: &Hub) -> Check {
    let request = ListAppsRequest {
        connected_only: true,
    };
    let listed = hub.call("list_apps", |client| client.list_apps(request));
    let apps = match listed.await {
        Ok(reply) => reply.apps,
        Err(error) => return Check::fail("relay", error.to_string(), "see the hub's log"),
    };
    let Some(app) = apps.iter().find(|app| app.offers_ns > 0) else {
        return no_app(&apps);
    };
    let asked = Instant::now();
    let lane = match hub.open_app::<ServiceIntrospectionClient>(app).await {
        Ok(lane) => lane,
        Err(error) => return Check::warn("relay", error.to_string(), ADVICE),
    };
    let request = ListServicesRequest::default();
    match lane.call(|client| client.list_services(request)).await {
        Ok(reply) => Check::ok("relay", {
            let services = format::plural(reply.services.len() as u64, "service");
            let took =
                format::duration(u64::try_from(asked.elapsed().as_nanos()).unwrap_or(u64::MAX));
            format!("{} offers {services}, answered in {took}", describe(app))
        }),
        Err(error) => Check::warn("relay", format!("{}: {error}", describe(app)), ADVICE),
    }
}

const ADVICE: &str = "the app may hang, or be of another version: see its process, and `hindsight \
                      stats` for reasons that begin with relay_";

pub(crate) fn no_app(apps: &[AppInfo]) -> Check {
    match apps.iter().find(|app| !app.offers_fault.is_empty()) {
        Some(app) => {
            let found = format!("{} was asked in vain: {}", describe(app), app.offers_fault);
            Check::warn("relay", found, ADVICE)
        }
        None => Check::skip("relay", "no connected app can be asked for its services"),
    }
}
