//! Asks one app, once a second, and follows its events. Draws nothing.

use std::time::Duration;

use hindsight_protocol::TracerId;
use hindsight_protocol::introspection::StreamRequest;
use hindsight_protocol::introspection::roam::{
    ActiveRpcsRequest, RoamIntrospectionClient, RpcEvent, TopologyRequest, TransportMetricsRequest,
};
use hindsight_view::lens::roam::AppTold;
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use super::model::Model;
use crate::browser;
use crate::hub::Trouble;
use crate::hub::relay::{Purpose, Relayed, follow};
use crate::reactive::prelude::*;
use crate::state::App;

/// Between two questions.
const EVERY: Duration = Duration::from_secs(1);

/// As long as it is there, the app is asked.
#[component]
pub(super) fn Asker(model: Model, app: TracerId) -> impl IntoView {
    let page = App::here();
    let service = page.apps().with_untracked(|apps| {
        let mut apps = apps.iter();
        let found = apps.find(|known| known.tracer_id == app);
        found.map_or_else(String::new, |known| known.run.service_name.clone())
    });
    let which = Signal::derive(move || Some(app));
    let calls = Relayed::<RoamIntrospectionClient>::keep(which, Purpose::Calls);
    let streams = Relayed::<RoamIntrospectionClient>::keep(which, Purpose::Streams);
    let is_here = StoredValue::new(());
    let named = service.clone();
    spawn_local(async move {
        loop {
            if is_here.try_get_value().is_none() {
                return;
            }
            // A lane that is not open yet is asked again soon.
            if let Ok(told) = ask(&calls, app, &named).await
                && is_here.try_get_value().is_some()
            {
                model.tell(app, told);
                sleep(EVERY).await;
            } else {
                sleep(EVERY / 5).await;
            }
            // A hidden tab asks for nothing.
            browser::next_frame().await;
        }
    });
    let epoch = streams.epoch();
    Effect::new(move || {
        if epoch.get() > 0 {
            spawn_local(listen(model, streams, app, service.clone()));
        }
    });
    on_cleanup(move || model.forget(app));
}

async fn ask(
    relayed: &Relayed<RoamIntrospectionClient>,
    tracer: TracerId,
    service: &str,
) -> Result<AppTold, Trouble> {
    let topology = relayed
        .call(|client| async move { client.get_topology(TopologyRequest::default()).await })
        .await?;
    let active = relayed
        .call(|client| async move { client.get_active_rpcs(ActiveRpcsRequest::default()).await })
        .await?;
    let request = TransportMetricsRequest::default();
    let metrics = relayed
        .call(|client| async move { client.get_transport_metrics(request).await })
        .await?;
    let told = AppTold {
        tracer,
        service: service.to_owned(),
        topology,
        active,
        metrics,
    };
    Ok(told.bounded())
}

/// Follows the events of one lane to its end; the next lane is followed anew.
async fn listen(
    model: Model,
    relayed: Relayed<RoamIntrospectionClient>,
    app: TracerId,
    service: String,
) {
    let Ok(client) = relayed.client() else { return };
    let (tx, rx) = vox::channel::<RpcEvent>();
    let call = client.stream_rpc_events(StreamRequest::default(), tx);
    let receive = |events: Vec<RpcEvent>| model.happened(app, &service, &events);
    // However it ended: a lane that is gone is opened again, and an app that ends the stream says so to
    // who asks it next.
    follow(call, rx, receive).await.ok();
}
