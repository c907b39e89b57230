//! Events as they happen, the latest first, until somebody holds them.

use hindsight_view::format;
use hindsight_view::lens::roam::{EventLog, LoggedEvent};

use super::model::Model;
use crate::browser;
use crate::reactive::prelude::*;
use crate::route::Route;
use crate::view::class;

/// The view.
#[component]
pub(super) fn Log(model: Model) -> impl IntoView {
    let log = model.log();
    // None moves under the pointer; the state of the log says that more come.
    let events = Memo::new(move |before: Option<&Vec<LoggedEvent>>| match before {
        Some(before) if model.is_held() && !before.is_empty() && log.with(has_events) => {
            before.clone()
        }
        _ => log.with(|log| log.events().cloned().collect::<Vec<_>>()),
    });
    let toggle = move || log.update(|log| log.toggle_pause());
    view! {
        <section class="log" aria-label="Events">
            <div class="head">
                <h2>"Events"</h2>
                <span class="dim" aria-live="off">{move || log.with(|log| log.status())}</span>
                <span class="gap"></span>
                <button
                    type="button"
                    title="Holds the events as they are (p)"
                    aria-pressed=move || log.with(|log| log.is_paused()).to_string()
                    on:click=move |_| toggle()
                >
                    {move || if log.with(|log| log.is_paused()) { "Go on" } else { "Pause" }}
                </button>
                <button type="button" on:click=move |_| log.update(|log| log.clear())>"Clear"</button>
            </div>
            <div class="events" tabindex="0" role="region" aria-label="The latest events">
                <table>
                    <tbody>
                        <For each=move || events.get() key=|event: &LoggedEvent| event.number children=row />
                    </tbody>
                </table>
            </div>
        </section>
    }
}

/// False once it was cleared.
fn has_events(log: &EventLog) -> bool {
    log.events().next().is_some()
}

fn row(event: LoggedEvent) -> impl IntoView {
    let at = format::clock(event.at_ns, browser::zone());
    let name = match event.trace_id.is_valid() {
        true => {
            let url = Route::of_span(event.trace_id, event.span_id).to_string();
            view! { <a href=url>{event.name}</a> }.into_any()
        }
        false => event.name.into_any(),
    };
    view! {
        <tr>
            <td class="n dim">{at}</td>
            <td><span class=format!("dot {}", class(event.process.role))></span>{event.process.name}</td>
            <td class=class(event.outcome)>{event.kind}</td>
            <td>{name}</td>
            <td class="dim">{event.details}</td>
        </tr>
    }
}
