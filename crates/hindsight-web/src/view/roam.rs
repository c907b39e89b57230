//! Calls, channels and connections of an app, as roam tells them.
//!
//! In: the app of the address bar, and its answers through the hub. Out: the apps to choose from, and
//! what the chosen one offers.

use hindsight_protocol::TracerId;
use hindsight_view::lens::Lens;

use super::lens::{LensBar, Offered};
use crate::reactive::prelude::*;
use crate::route::{Roam as Set, Route};
use crate::state::App;

/// The view.
#[component]
pub(crate) fn Roam() -> impl IntoView {
    let route = App::here().route();
    let asked = Memo::new(move |before: Option<&Option<TracerId>>| match route.get() {
        Route::Roam(set) => set.app,
        // The view is about to go.
        _ => before.copied().flatten(),
    });
    let of = |app| Route::Roam(Set { app: Some(app) });
    view! {
        <section class="lens" aria-label=Lens::Roam.word()>
            <LensBar lens=Lens::Roam asked=asked.into() of />
            <Offered lens=Lens::Roam asked=asked.into() />
        </section>
    }
}
