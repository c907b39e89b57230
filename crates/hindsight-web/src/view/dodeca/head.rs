//! The build: what, how far, how long, and its phases.

use hindsight_view::lens::dodeca::{Head, PhaseRow};

use super::class_of;
use super::model::Model;
use crate::reactive::prelude::*;
use crate::route::Route;

/// The build under way, or the last one.
#[component]
pub(super) fn Build(model: Model) -> impl IntoView {
    let nothing = move || {
        let text = match model.is_told().get() {
            true => "Nothing is known of a build.",
            false => "Asking the app.",
        };
        view! { <p class="empty">{text}</p> }
    };
    let is_known = move || model.head().with(|head| !head.state.is_empty());
    view! {
        <Show when=is_known fallback=nothing>
            <div class="build">
                {move || model.head().with(line)}
                {move || model.head().with(bar)}
                {move || model.head().with(troubles)}
            </div>
            <Phases model />
        </Show>
    }
}

fn line(head: &Head) -> impl IntoView + use<> {
    let build = match head.trace {
        Some(trace) => {
            let url = Route::of_trace(trace).to_string();
            view! { <a class="reason" href=url>{head.build.clone()}</a> }.into_any()
        }
        None => view! { <span class="reason">{head.build.clone()}</span> }.into_any(),
    };
    let site = (!head.site.is_empty()).then(|| view! { <strong>{head.site.clone()}</strong> });
    view! {
        <p class="line">
            {site}
            <span class=class_of(head.role)>{head.state.clone()}</span>
            {build}
            <span class="dim time">{head.time.clone()}</span>
            <span class="dim">{head.size.clone()}</span>
        </p>
    }
}

/// How far it is. The bar keeps its place where nothing is known, so that nothing moves.
fn bar(head: &Head) -> impl IntoView + use<> {
    let percent = head
        .fraction
        .map(|fraction| (fraction * 100.0).round() as u32);
    let bar = percent.map(|percent| {
        let width = format!("{percent}%");
        view! {
            <svg
                class="progress"
                role="progressbar"
                aria-label="Pages ready"
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=percent.to_string()
                aria-valuetext=head.progress.clone()
            >
                <rect class="done" width=width height="100%"></rect>
            </svg>
        }
    });
    view! {
        <p class="line">
            <span class="track">{bar}</span>
            <span class="progress-text">{head.progress.clone()}</span>
        </p>
    }
}

fn troubles(head: &Head) -> impl IntoView + use<> {
    let error = (!head.error.is_empty()).then(|| {
        view! { <p class="bad" role="alert">{head.error.clone()}</p> }
    });
    let warnings = head.warnings.iter().map(|text| {
        view! { <p class="warning">{text.clone()}</p> }
    });
    view! { <div class="troubles">{error}{warnings.collect_view()}</div> }
}

#[component]
fn Phases(model: Model) -> impl IntoView {
    let rows = move || {
        model
            .phases()
            .with(|rows| rows.iter().map(row).collect_view())
    };
    view! {
        <table class="phases" aria-label="Phases of the build">
            <thead>
                <tr>
                    <th scope="col">"Phase"</th>
                    <th scope="col" class="n">"Done"</th>
                    <th scope="col" class="n">"Of them"</th>
                    <th scope="col" class="n">"Time"</th>
                    <th scope="col" class="doing">"What it does"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn row(row: &PhaseRow) -> impl IntoView + use<> {
    let failed = (!row.failed.is_empty()).then(|| {
        view! { <span class="bad">{row.failed.clone()}</span>" " }
    });
    let active = (!row.active.is_empty()).then(|| {
        view! { <span class="strong">{row.active.clone()}</span>" " }
    });
    view! {
        <tr>
            <th scope="row">{row.phase.clone()}</th>
            <td class="n">{row.done.clone()}</td>
            <td class="n">{failed}{active}<span class="dim">{row.reused.clone()}</span></td>
            <td class="n">{row.time.clone()}</td>
            <td class="dim doing">{row.about.clone()}</td>
        </tr>
    }
}
