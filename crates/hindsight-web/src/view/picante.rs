//! Queries of an app and what they depend on, as picante tells them.
//!
//! In: the app of the address bar, and its answers through the hub. Out: the apps to choose from, and
//! what the chosen one offers.

use hindsight_protocol::TracerId;
use hindsight_view::lens::Lens;

use super::lens::{LensBar, Offered};
use crate::reactive::prelude::*;
use crate::route::{Picante as Set, Route};
use crate::state::App;

/// The view.
#[component]
pub(crate) fn Picante() -> impl IntoView {
    let route = App::here().route();
    let asked = Memo::new(
        move |before: Option<&Option<TracerId>>| match route.get() {
            Route::Picante(set) => set.app,
            // The view is about to go.
            _ => before.copied().flatten(),
        },
    );
    let of = |app| Route::Picante(Set { app: Some(app) });
    view! {
        <section class="lens" aria-label=Lens::Picante.word()>
            <LensBar lens=Lens::Picante asked=asked.into() of />
            <Offered lens=Lens::Picante asked=asked.into() />
        </section>
    }
}
