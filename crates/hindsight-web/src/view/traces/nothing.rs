//! What a list without rows says: that it waits, or what hides the spans there are.
//!
//! Bounded: [`TERMS_MAX`] questions to the hub for each query, one after the other.

use crate::reactive::prelude::*;
use hindsight_protocol::hub::QueryRequest;
use hindsight_view::format;
use hindsight_view::query_text::edit;
use leptos::task::spawn_local;

use super::model::Model;
use crate::hub;
use crate::link::Status;
use crate::route::Route;
use crate::state::App;
use crate::view::welcome::Welcome;

/// Terms that are left out one at a time.
const TERMS_MAX: usize = 6;
/// Longest term that is shown, in cells.
const TERM_CELLS_MAX: usize = 60;

/// Instead of the table.
#[component]
pub(super) fn Nothing(model: Model, query: Signal<String>) -> impl IntoView {
    let app = App::here();
    let is_stored = Memo::new(move |_| app.stats().with(|stats| Some(stats.as_ref()?.traces > 0)));
    let status = app.link.status();
    let is_other =
        Memo::new(move |_| status.with(|now| matches!(now, Status::OtherVersion { .. })));
    move || {
        match (
        query.with(String::is_empty),
        is_stored.get(),
        model.is_told().get(),
    ) {
        (_, Some(false), _) => view! { <Welcome /> }.into_any(),
        (false, _, true) => view! { <Hidden query /> }.into_any(),
        _ if is_other.get() => view! {
            <div class="empty">
                <h2>"This page and its hub are of different versions"</h2>
                <p>
                    "They do not understand each other, so nothing is asked and nothing is shown. The hub
                    was replaced while the page was open, or the browser kept an old page: loading it again
                    brings the one that belongs to the hub. Programs go on sending as they did."
                </p>
            </div>
        }
        .into_any(),
        _ => view! { <p class="empty">"Waiting for the list."</p> }.into_any(),
    }
    }
}

/// A term, the query without it, and how many spans that lets through.
type Without = (String, String, u64);

/// Which terms of the query hide how much.
#[component]
fn Hidden(query: Signal<String>) -> impl IntoView {
    let app = App::here();
    let found = RwSignal::new(Vec::<Without>::new());
    let number = StoredValue::new(0_u32);
    Effect::new(move || {
        let query = query.get();
        number.update_value(|number| *number += 1);
        let own = number.get_value();
        found.set(Vec::new());
        spawn_local(async move {
            for (term, rest) in edit::without_each(&query, TERMS_MAX) {
                let request = QueryRequest {
                    query: format!("{rest} | count()"),
                    ..QueryRequest::default()
                };
                let reply = hub::query(app.link, request).await;
                // Another query may have been asked meanwhile, or the view be left.
                if number.try_get_value() != Some(own) {
                    return;
                }
                // Without an answer this term is not told of; the others may be.
                if let Ok(reply) = reply {
                    found.update(|found| found.push((term, rest, reply.matched)));
                }
            }
        });
    });
    let items = move || found.get().iter().map(without).collect_view();
    view! {
        <div class="empty" role="status">
            <p>"No stored trace has a span that matches. Matching ones will appear here."</p>
            <ul class="hidden-by">{items}</ul>
            <p><a href="/">"All traces"</a></p>
        </div>
    }
}

fn without((term, rest, count): &Without) -> impl IntoView + use<> {
    let term = format::escape(term);
    let term = format::truncate(&term, TERM_CELLS_MAX).to_string();
    let told = match count {
        0 => "alone hides nothing".to_owned(),
        count => format!("hides {}", format::plural(*count, "span")),
    };
    let url = Route::Traces {
        query: rest.clone(),
    }
    .to_string();
    let link = (*count > 0).then(|| view! { <a href=url>"leave it out"</a> });
    view! { <li><code>{term}</code>" " {told} " " {link}</li> }
}
