//! The methods of a service that an app offers, as the app describes them.

use hindsight_protocol::introspection::{DescribeServiceRequest, MethodInfo, ServiceInfo};
use hindsight_protocol::{ServiceIntrospectionClient, TracerId};
use hindsight_view::format;
use hindsight_view::lens::Lens;
use leptos::task::spawn_local;

use super::chosen_app;
use crate::hub::Trouble;
use crate::hub::relay::{Purpose, Relayed};
use crate::reactive::prelude::*;

/// Most methods that are shown.
const METHODS_MAX: usize = 200;
/// Cells of a documentation.
const DOC_CELLS_MAX: usize = 400;

/// What the chosen app offers of a lens' service.
#[component]
pub(crate) fn Offered(
    /// Which lens.
    lens: Lens,
    /// The app of the address bar.
    asked: Signal<Option<TracerId>>,
) -> impl IntoView {
    let chosen = chosen_app(lens, asked);
    let relayed = Relayed::<ServiceIntrospectionClient>::keep(chosen.into(), Purpose::Calls);
    let told = RwSignal::new(None::<Result<Vec<ServiceInfo>, Trouble>>);
    let epoch = relayed.epoch();
    Effect::new(move || {
        if epoch.get() == 0 {
            return;
        }
        spawn_local(async move {
            let name = lens.service().to_owned();
            let request = DescribeServiceRequest { name };
            let call = relayed.call(|client| async move { client.describe_service(request).await });
            let answer = call.await.map(|reply| reply.service);
            told.set(Some(answer));
        });
    });
    let trouble = move || {
        let said = told.with(|told| Some(told.as_ref()?.as_ref().err()?.sentence()));
        let trouble = relayed.trouble().get().map(|trouble| trouble.sentence());
        said.or(trouble)
    };
    let methods = move || {
        told.with(|told| {
            let services = told.as_ref()?.as_ref().ok()?;
            let methods = services.iter().flat_map(|service| &service.methods);
            Some(methods.take(METHODS_MAX).map(method).collect_view())
        })
    };
    view! {
        <p class="about dim" role="status">{trouble}</p>
        <ul class="methods">{methods}</ul>
    }
}

fn method(method: &MethodInfo) -> impl IntoView + use<> {
    let arguments: Vec<_> = method
        .argument_names
        .iter()
        .map(|n| format::escape(n))
        .collect();
    let signature = format!("{}({})", format::escape(&method.name), arguments.join(", "));
    let doc = method.doc.trim().replace('\n', " ");
    let doc = format::truncate(&format::escape(&doc), DOC_CELLS_MAX).into_owned();
    view! { <li><code>{signature}</code>" "<span class="dim">{doc}</span></li> }
}
