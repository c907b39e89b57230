//! The search field of the top bar.

use hindsight_protocol::TraceId;
use leptos::prelude::*;

use super::keys::SEARCH_ID;
use crate::route::Route;
use crate::state::App;

/// Searches traces on Enter; a pasted trace id opens that trace.
#[component]
pub(super) fn Search() -> impl IntoView {
    let app = App::here();
    let text = RwSignal::new(String::new());
    let route = app.route();
    Effect::new(move || {
        if let Route::Traces { query } = route.get() {
            text.set(query);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let query = text.get_untracked().trim().to_owned();
        app.go(match TraceId::parse_pasted(&query) {
            Ok(id) => Route::Trace { id, span: None },
            Err(_) => Route::Traces { query },
        });
    };
    view! {
        <form class="search" role="search" on:submit=submit>
            <input
                id=SEARCH_ID
                type="search"
                aria-label="Search traces"
                placeholder="service:web duration>10ms status:error, or a trace id"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
            />
        </form>
    }
}
