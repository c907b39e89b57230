//! The query of the list, in the top bar.

use crate::reactive::prelude::*;
use hindsight_protocol::TraceId;

use super::keys::SEARCH_ID;
use crate::route::Route;
use crate::state::App;
use crate::view::query_bar::QueryBar;

/// Searches traces on Enter; a pasted trace id opens that trace.
#[component]
pub(super) fn Search() -> impl IntoView {
    let app = App::here();
    let text = RwSignal::new(String::new());
    let query = app.query();
    Effect::new(move || text.set(query.get()));
    let submit = move |query: String| {
        app.go(match TraceId::parse_pasted(&query) {
            Ok(id) => Route::of_trace(id),
            Err(_) => Route::Traces { query },
        });
    };
    view! {
        <QueryBar
            id=SEARCH_ID
            label="Search traces"
            placeholder="service:web duration>10ms status:error, or a trace id"
            text
            faults=app.faults().into()
            on_submit=Callback::new(submit)
        />
    }
}
