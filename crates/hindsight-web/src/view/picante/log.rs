//! What happens in the app, the newest first, while somebody looks.
//!
//! Holds: while the pointer is over the rows, or the reader has paused, no row comes or moves; what
//! comes meanwhile is counted. Bounded: [`Log`]; [`SHOWN_MAX`] rows.

use std::time::Duration;

use hindsight_protocol::PicanteIntrospectionClient;
use hindsight_protocol::introspection::StreamRequest;
use hindsight_view::lens::picante::{LOG_ROWS_MAX, Log, LogRow};
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use super::model::{Model, Source};
use super::panel::marked;
use crate::browser;
use crate::hub::relay::{Purpose, Relayed, follow};
use crate::reactive::prelude::*;
use crate::route::Route;
use crate::view::{change, rows};

/// Rows that are shown.
const SHOWN_MAX: usize = 200;
/// Between two looks at what came.
const LOOK: Duration = Duration::from_millis(250);
/// Before a stream that ended is asked for again.
const PAUSE: Duration = Duration::from_secs(1);

/// The rows.
#[component]
pub(super) fn LogView(model: Model) -> impl IntoView {
    let relayed = Relayed::<PicanteIntrospectionClient>::keep(model.tracer(), Purpose::Streams);
    let log = StoredValue::new(Log::default());
    let shown = RwSignal::new(Vec::<LogRow>::new());
    let note = RwSignal::new(String::new());
    let ended = RwSignal::new(String::new());
    let is_over = RwSignal::new(false);
    let is_paused = RwSignal::new(false);
    let is_waiting = StoredValue::new(false);
    // Ends with the view.
    let is_there = StoredValue::new(true);
    let show = move || {
        let Some((rows, told)) = log.try_with_value(|log| {
            let rows: Vec<LogRow> = log.rows().rev().take(SHOWN_MAX).cloned().collect();
            (rows, log.note())
        }) else {
            return;
        };
        change(note, told);
        if !is_over.get_untracked() && !is_paused.get_untracked() {
            change(shown, rows);
        }
    };
    Effect::new(move || {
        if !is_over.get() && !is_paused.get() {
            show();
        }
    });
    spawn_local(async move {
        while is_there.try_get_value() == Some(true) {
            let (sender, receiver) = vox::channel();
            if let Ok(client) = relayed.client() {
                change(ended, String::new());
                let request = StreamRequest::default();
                let call = async move { client.stream_query_events(request, sender).await };
                let take = |events: Vec<_>| {
                    log.try_update_value(|log| {
                        events
                            .iter()
                            .for_each(|event| log.take_in(event, browser::zone()));
                    });
                    if is_waiting.try_get_value() == Some(false) {
                        is_waiting.set_value(true);
                        spawn_local(async move {
                            sleep(LOOK).await;
                            if is_waiting
                                .try_update_value(|waits| *waits = false)
                                .is_some()
                            {
                                show();
                            }
                        });
                    }
                };
                let end = follow(call, receiver, take).await;
                if is_there.try_get_value() != Some(true) {
                    return;
                }
                change(
                    ended,
                    match end {
                        Ok(end) => format!(
                            "The app ended the log: {}.",
                            hindsight_view::format::escape(&end.reason)
                        ),
                        Err(why) => why.sentence(),
                    },
                );
            }
            sleep(PAUSE).await;
        }
    });
    let count = |rows: usize| hindsight_view::format::count(rows as u64);
    let kept = format!(
        "Newest first; {} are kept, {} shown.",
        count(LOG_ROWS_MAX),
        count(SHOWN_MAX)
    );
    let said = move || {
        let why_not = match model.source().get() {
            Source::Spans(_, why_not) => {
                format!("{why_not} What happened before is in the spans of its traces. ")
            }
            Source::Asking | Source::App => String::new(),
        };
        format!("{why_not}{}", note.get())
    };
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        let is_plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        if event.key() == "p" && is_plain && !crate::app::keys::is_typing(&event) {
            is_paused.update(|paused| *paused = !*paused);
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <div class="part" role="region" aria-label="Log" tabindex="0">
            <p>
                <span role="status">{said}</span> " " <span class="dim">{move || ended.get()}</span>
                <button
                    type="button"
                    title="Holds the rows as they are (p)"
                    aria-pressed=move || is_paused.get().to_string()
                    on:click=move |_| is_paused.update(|paused| *paused = !*paused)
                >
                    {move || if is_paused.get() { "Go on" } else { "Pause" }}
                </button>
            </p>
            <p class="dim">{kept}</p>
            <table
                class="log"
                on:pointerenter=move |_| is_over.set(true)
                on:pointerleave=move |_| is_over.set(false)
            >
                <thead>
                    <tr>
                        <th scope="col">"At"</th>
                        <th scope="col" class="n">"Revision"</th>
                        <th scope="col">"What"</th>
                        <th scope="col">"Span"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || shown.get() key=|row: &LogRow| row.number children=row />
                </tbody>
            </table>
        </div>
    }
}

fn row(row: LogRow) -> impl IntoView {
    let span = row.span.map(|(trace, span)| {
        view! { <a href=Route::of_span(trace, span).to_string()>"span"</a> }
    });
    view! {
        <tr>
            <td>{row.at.clone()}</td>
            <td class="n">{row.revision.clone()}</td>
            <td>{row.outcome.map(marked)} " " {rows::line(&row.text)}</td>
            <td>{span}</td>
        </tr>
    }
}
