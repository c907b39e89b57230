//! The tabs of lenses: of those only in which there is something to see.
//!
//! In: the apps that the page keeps anyway, and now and then an answer of the hub about stored
//! spans. Out: tabs behind those that are always there, so that none of these moves.

use std::time::Duration;

use hindsight_protocol::hub::ListTracesRequest;
use hindsight_view::lens::{self, Lens};
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use super::Tab;
use crate::browser;
use crate::hub;
use crate::link::Status;
use crate::reactive::prelude::*;
use crate::route::Route;
use crate::state::App;
use crate::view::change;

/// Between two questions about stored spans.
const EVERY: Duration = Duration::from_secs(5);
/// Before the first: the first view comes first.
const FIRST_AFTER: Duration = Duration::from_secs(1);
/// While there is no connection to ask over.
const RETRY: Duration = Duration::from_millis(200);

/// The tabs.
#[component]
pub(super) fn LensTabs() -> impl IntoView {
    let app = App::here();
    let stored = RwSignal::new(Vec::new());
    spawn_local(keep_asking(app, stored));
    let tabs = Memo::new(move |_| {
        let here = app.route().with(Route::lens);
        app.apps()
            .with(|apps| stored.with(|stored| lens::tabs(apps, stored, here)))
    });
    let tab = |lens: Lens| view! { <Tab route=Route::of_lens(lens) word=lens.word() /> };
    view! { <For each=move || tabs.get() key=|lens| *lens children=tab /> }
}

/// Asks for as long as the page is there, where something was stored or removed since.
async fn keep_asking(app: App, stored: RwSignal<Vec<Lens>>) {
    let mut told_of = None;
    sleep(FIRST_AFTER).await;
    loop {
        let status = app.link.status();
        let is_online = status.with_untracked(|now| *now == Status::Online);
        let revision = |stats: &Option<_>| stats.as_ref().map(revision);
        let newest = app.stats().with_untracked(revision);
        if !is_online || browser::is_hidden() || newest.is_none() {
            sleep(RETRY).await;
            continue;
        }
        if newest != told_of {
            if let Some(found) = ask(app).await {
                change(stored, found);
                told_of = newest;
            }
        }
        sleep(EVERY).await;
    }
}

fn revision(stats: &hindsight_protocol::hub::StatsReply) -> (u64, u64) {
    (stats.hub_id, stats.revision)
}

/// The lenses of which a span is stored: the newest trace is enough to know.
async fn ask(app: App) -> Option<Vec<Lens>> {
    let mut found = Vec::new();
    for lens in Lens::ALL {
        let request = ListTracesRequest {
            limit: 1,
            query: lens.stored_query().into(),
            ..ListTracesRequest::default()
        };
        let reply = hub::list_traces(app.link, request).await.ok()?;
        if !reply.traces.is_empty() {
            found.push(lens);
        }
    }
    Some(found)
}
