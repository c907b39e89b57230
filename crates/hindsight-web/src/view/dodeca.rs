//! Builds of an app, as dodeca tells them.
//!
//! In: the app of the address bar, and its answers through the hub. Out: the apps to choose from, and
//! what the chosen one offers.

use hindsight_protocol::TracerId;
use hindsight_view::lens::Lens;

use super::lens::{LensBar, Offered};
use crate::reactive::prelude::*;
use crate::route::{Dodeca as Set, Route};
use crate::state::App;

/// The view.
#[component]
pub(crate) fn Dodeca() -> impl IntoView {
    let route = App::here().route();
    let asked = Memo::new(move |before: Option<&Option<TracerId>>| match route.get() {
        Route::Dodeca(set) => set.app,
        // The view is about to go.
        _ => before.copied().flatten(),
    });
    let of = |app| Route::Dodeca(Set { app: Some(app) });
    view! {
        <section class="lens" aria-label=Lens::Dodeca.word()>
            <LensBar lens=Lens::Dodeca asked=asked.into() of />
            <Offered lens=Lens::Dodeca asked=asked.into() />
        </section>
    }
}
