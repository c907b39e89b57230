//! Queries under way. Only the app knows them; without it, the spans that are still open are told
//! where all open spans are.

use std::time::Duration;

use hindsight_protocol::introspection::picante::ActiveQueriesRequest;
use hindsight_view::format;
use hindsight_view::lens::picante::{Active, ActiveRow, written_name};
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use super::model::{Model, Source};
use crate::browser;
use crate::reactive::prelude::*;
use crate::route::Route;
use crate::view::{change, rows};

const INTERVAL: Duration = Duration::from_secs(1);
/// Accesses that are asked for.
const LIMIT: u32 = 1_000;

/// The rows.
#[component]
pub(super) fn Running(model: Model) -> impl IntoView {
    let active = RwSignal::new(None::<Active>);
    let trouble = RwSignal::new(String::new());
    let is_held = RwSignal::new(false);
    // Ends with the view.
    let is_there = StoredValue::new(true);
    spawn_local(async move {
        while is_there.try_get_value() == Some(true) {
            if model.source().get_untracked() == Source::App && !is_held.get_untracked() {
                let request = ActiveQueriesRequest {
                    limit: LIMIT,
                    ..ActiveQueriesRequest::default()
                };
                let relayed = model.relayed();
                let call =
                    relayed.call(|client| async move { client.get_active_queries(request).await });
                let answer = call.await;
                if is_there.try_get_value() != Some(true) {
                    return;
                }
                match answer {
                    Ok(told) => {
                        change(trouble, String::new());
                        change(active, Some(Active::new(&told)));
                    }
                    Err(why) => change(trouble, why.sentence()),
                }
            }
            sleep(INTERVAL).await;
            browser::next_frame().await;
        }
    });
    let stuck = move || {
        active.with(|active| {
            let stuck = active.iter().flat_map(|active| &active.stuck);
            stuck
                .map(|text| view! { <p class="bad">{text.clone()}</p> })
                .collect_view()
        })
    };
    let rows = move || {
        active.with(|active| {
            let rows = active.iter().flat_map(|active| &active.rows);
            rows.map(|row| self::row(model, row)).collect_view()
        })
    };
    let said = move || match (model.source().get(), active.with(Option::is_some)) {
        (Source::Spans(_, why_not), false) => {
            format!("{why_not} Which queries are under way is known to the app alone.")
        }
        (Source::Spans(_, why_not), true) => format!("{why_not} As it was last told."),
        (_, false) => "Asking.".into(),
        (_, true) => active.with(|active| {
            let count = active
                .as_ref()
                .map_or(0, |active| active.rows.len() as u64 + active.left_out);
            match count {
                0 => "No query is under way.".into(),
                count => format!(
                    "{} under way, oldest first.",
                    hindsight_view::lens::picante::queries(count)
                ),
            }
        }),
    };
    let left_out = move || {
        let left_out = active.with(|active| active.as_ref().map_or(0, |active| active.left_out));
        (left_out > 0).then(|| format!("{} more are not listed", format::count(left_out)))
    };
    view! {
        <div
            class="part"
            role="region"
            aria-label="Running queries"
            tabindex="0"
            on:pointerenter=move |_| is_held.set(true)
            on:pointerleave=move |_| is_held.set(false)
        >
            <p role="status">{said} " " <span class="dim">{move || trouble.get()}</span></p>
            {stuck}
            <table class="active">
                <thead>
                    <tr>
                        <th scope="col" class="n">"Age"</th>
                        <th scope="col">"Query"</th>
                        <th scope="col">"Does"</th>
                        <th scope="col">"Span"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="dim">{left_out}</p>
        </div>
    }
}

fn row(model: Model, row: &ActiveRow) -> impl IntoView + use<> {
    let name = written_name(&row.query);
    let url = move || {
        let set = model.set().get();
        Route::Picante(set.with_query(name.clone())).to_string()
    };
    let span = row.span.map(|(trace, span)| {
        view! { <a href=Route::of_span(trace, span).to_string()>"span"</a> }
    });
    let indent = format!("{}px", 14 * row.depth.min(16));
    view! {
        <tr class:is-stuck=row.is_stuck>
            <td class="n">{row.age.clone()}</td>
            <th scope="row"><a style:margin-left=indent href=url>{row.name.clone()}</a></th>
            <td>{rows::line(&row.state)}</td>
            <td>{span}</td>
        </tr>
    }
}
