//! Two traces side by side: what takes longer, what came, what went.
//!
//! In: the traces, the order and the search of the address bar; the structure of both traces.
//! Out: a summary in sentences, a row for each operation that differs, and the attributes of those
//! that are opened. Holds: what is compared stays as it was when it was read, until the viewer asks
//! again; a trace that is not there says why.

use crate::reactive::prelude::*;
use hindsight_protocol::TraceId;
use hindsight_view::compare::CompareOrder;

use crate::route::Route;
use crate::state::App;

mod ask;
mod attributes;
mod head;
mod model;
mod rows;
mod side;

use ask::Ask;
use head::{Head, Tools};
use model::Model;
use rows::Rows;

/// What the address bar asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    a: Option<TraceId>,
    b: Option<TraceId>,
    order: CompareOrder,
    find: String,
}

impl Asked {
    fn route(&self) -> Route {
        Route::Compare {
            a: self.a,
            b: self.b,
            order: self.order,
            find: self.find.clone(),
        }
    }

    /// Both traces, if both are named.
    fn pair(&self) -> Option<(TraceId, TraceId)> {
        self.a.zip(self.b)
    }
}

/// The view.
#[component]
pub(crate) fn Compare() -> impl IntoView {
    let app = App::here();
    let route = app.route();
    let asked = Memo::new(move |before: Option<&Asked>| match route.get() {
        Route::Compare { a, b, order, find } => Asked { a, b, order, find },
        // The view is about to go.
        _ => before.cloned().unwrap_or_default(),
    });
    let asked: Signal<Asked> = asked.into();
    let pair = Memo::new(move |_| asked.with(Asked::pair));
    let model = Model::new(app);
    let epoch = app.link.epoch();
    Effect::new(move || {
        if let (Some((a, b)), true) = (pair.get(), epoch.get() > 0) {
            model.read_if_new(a, b);
        }
    });
    on_cleanup(move || model.stop());
    let shown = move || match pair.get() {
        None => view! { <Ask asked /> }.into_any(),
        Some(_) => view! {
            <Head model asked />
            <Show when=move || model.is_compared()>
                <Summary model />
                <Tools model asked />
                <Rows model asked />
            </Show>
        }
        .into_any(),
    };
    view! { <section class="compare" aria-label="Compare">{shown}</section> }
}

#[component]
fn Summary(model: Model) -> impl IntoView {
    let sentences = move || {
        let sentences = model
            .compared(|compared| compared.summary())
            .unwrap_or_default();
        let mut sentences = sentences.into_iter();
        let first = sentences.next();
        let rest: Vec<String> = sentences.collect();
        view! {
            <p class="first">{first}</p>
            <p>{rest.join(" ")}</p>
        }
    };
    view! { <div class="summary" role="status">{sentences}</div> }
}
