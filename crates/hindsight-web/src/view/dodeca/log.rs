//! What happens in the app, newest first; held while the pointer is over it.

use hindsight_view::lens::dodeca::{EventLog, EventRow};

use super::model::Model;
use super::{class_of, to_span};
use crate::reactive::prelude::*;

/// The log of events.
#[component]
pub(super) fn Log(model: Model) -> impl IntoView {
    let held = RwSignal::new(EventLog::default());
    Effect::new(move || {
        let (log, is_held) = (model.log(), model.is_held());
        if !is_held.get() {
            held.set(log.get());
        }
    });
    let keys = move || held.with(|log| log.rows().map(|row| row.sequence).collect::<Vec<_>>());
    let nothing = || view! { <p class="about dim">"Nothing was told yet. Events come from an app that is there."</p> };
    let waiting = move || {
        let newest = |log: &EventLog| log.rows().next().map_or(0, |row| row.sequence);
        let new = model.log().with(newest).saturating_sub(held.with(newest));
        match new {
            0 => String::new(),
            new => format!(
                "{} new, held while the pointer is here",
                hindsight_view::format::count(new)
            ),
        }
    };
    view! {
        <p class="about dim">{waiting}</p>
        <Show when=move || held.with(|log| log.rows().next().is_some()) fallback=nothing>
            <table class="events" aria-label="Events">
                <thead>
                    <tr>
                        <th scope="col" class="n at">"Time"</th>
                        <th scope="col" class="kind">"What"</th>
                        <th scope="col">"About"</th>
                        <th scope="col" class="how">"How it went"</th>
                        <th scope="col" class="n took">"Took"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=keys key=|key| *key children=move |key| view! { <Row held key /> } />
                </tbody>
            </table>
        </Show>
    }
}

#[component]
fn Row(held: RwSignal<EventLog>, key: u64) -> impl IntoView {
    let row = held.with_untracked(|log| log.rows().find(|row| row.sequence == key).cloned());
    row.map(|row| cells(&row))
}

fn cells(row: &EventRow) -> impl IntoView + use<> {
    let lost = (!row.lost.is_empty())
        .then(|| view! { <span class="warning">{row.lost.clone()}</span>" " });
    let detail = (!row.detail.is_empty())
        .then(|| view! { " "<span class="dim">{row.detail.clone()}</span> });
    view! {
        <tr>
            <td class="n at">{row.at.clone()}</td>
            <td class="kind">{row.kind.clone()}</td>
            <th scope="row" class="name">{lost}{to_span(row.what.clone(), row.span)}{detail}</th>
            <td class=format!("how {}", class_of(row.role))>{row.outcome.clone()}</td>
            <td class="n took">{row.time.clone()}</td>
        </tr>
    }
}
