//! The map as SVG: a link for each service and each call.

use crate::reactive::prelude::*;
use hindsight_view::Role;
use hindsight_view::graph::{Area, EdgePath};
use hindsight_view::service_map::{self, Numbers, call_query, service_query};

use super::model::{Lit, Model};
use crate::route::Route;
use crate::view::class;
use crate::view::stage::{Frame, Stage};

/// The view.
#[component]
pub(super) fn Picture(model: Model) -> impl IntoView {
    let size = Memo::new(move |_| model.layout().with(|layout| layout.size));
    let stage = Stage::new(size.into(), Signal::derive(|| None));
    // Another question is another picture.
    Effect::new(move || {
        model.asked().track();
        stage.fit();
    });
    let layout = model.layout();
    let calls = move || {
        let layout = layout.get();
        let calls = layout.calls.iter().cloned();
        calls
            .map(|((from, to), path)| call(model, stage, from, to, path))
            .collect_view()
    };
    let services = move || {
        let layout = layout.get();
        let services = layout.services.iter().cloned();
        services
            .map(|(name, area)| service(model, stage, name, area))
            .collect_view()
    };
    view! {
        <Frame
            stage
            label="Services and calls. Arrow keys move the picture, plus and minus zoom, 0 shows all of it."
        >
            {calls} {services}
        </Frame>
    }
}

fn outcome(numbers: Numbers) -> &'static str {
    match numbers.outcome() {
        Role::Dim => "is-quiet",
        role => class(role),
    }
}

fn service(model: Model, stage: Stage, name: String, area: Area) -> impl IntoView {
    let numbers = {
        let name = name.clone();
        Memo::new(move |_| model.numbers().with(|numbers| numbers.service(&name)))
    };
    let url = {
        let name = name.clone();
        move || {
            let (query, window) = model.asked().get();
            let query = service_query(&query, &name, window);
            Route::Traces { query }.to_string()
        }
    };
    let shown = service_map::name(&name);
    let label = {
        let shown = shown.clone();
        move || {
            // What is seen comes first, word by word, so that it can be said to a computer too.
            let (head, durations) = numbers.with(|numbers| (numbers.head(), numbers.durations()));
            let sentence = numbers.get().sentence();
            format!("{shown} {head} {durations}: service, {sentence}. Traces with it")
        }
    };
    let lit = Some(Lit::Service(name.clone()));
    let lit_too = lit.clone();
    let color = class(Role::of_service(&name));
    let is_faint = move || model.is_service_faint(&name);
    view! {
        <g
            class="service"
            class:is-faint=is_faint
            transform=format!("translate({:.1} {:.1})", area.at.x, area.at.y)
        >
            <a
                href=url
                aria-label=label
                on:pointerenter=move |_| model.light(lit.clone())
                on:pointerleave=move |_| model.light(None)
                on:focus=move |_| {
                    model.light(lit_too.clone());
                    stage.show(area);
                }
                on:blur=move |_| model.light(None)
            >
                <rect
                    class=move || format!("box {}", outcome(numbers.get()))
                    width=area.size.width
                    height=area.size.height
                    rx="3"
                />
                <rect class=format!("mark {color}") x="10" y="12" width="8" height="8" rx="2" />
                <text class="name" x="24" y="20">{shown} " "</text>
                <text class=move || format!("head {}", outcome(numbers.get())) x="10" y="36">
                    {move || numbers.get().head()} " "
                </text>
                <text class="durations" x="10" y="50">{move || numbers.get().durations()}</text>
            </a>
        </g>
    }
}

fn call(model: Model, stage: Stage, from: String, to: String, path: EdgePath) -> impl IntoView {
    let numbers = {
        let (from, to) = (from.clone(), to.clone());
        Memo::new(move |_| model.numbers().with(|numbers| numbers.call(&from, &to)))
    };
    let url = {
        let (from, to) = (from.clone(), to.clone());
        move || {
            let (query, window) = model.asked().get();
            let query = call_query(&query, &from, &to, window);
            Route::Traces { query }.to_string()
        }
    };
    let names = (service_map::name(&from), service_map::name(&to));
    let label = move || {
        let (head, durations) = numbers.with(|numbers| (numbers.head(), numbers.durations()));
        let sentence = numbers.get().sentence();
        format!(
            "{head} {durations}: {} calls {}, {sentence}. Traces with such calls",
            names.0, names.1
        )
    };
    let lit = Some(Lit::Call(from.clone(), to.clone()));
    let lit_too = lit.clone();
    let is_faint = move || model.is_call_faint(&from, &to);
    let area = path.label.unwrap_or_default();
    let middle = area.at.x + area.size.width / 2.0;
    let (line, head) = (path.line_data(), path.head_data());
    let grip = line.clone();
    view! {
        <g class=move || format!("call {}", outcome(numbers.get())) class:is-faint=is_faint>
            <a
                href=url
                aria-label=label
                on:pointerenter=move |_| model.light(lit.clone())
                on:pointerleave=move |_| model.light(None)
                on:focus=move |_| {
                    model.light(lit_too.clone());
                    stage.show(area);
                }
                on:blur=move |_| model.light(None)
            >
                <path class="grip" d=grip />
                <path class="line" d=line stroke-width=move || format!("{:.2}", numbers.get().line_width()) />
                <path class="arrow" d=head />
                <rect
                    class="label"
                    x=area.at.x
                    y=area.at.y
                    width=area.size.width
                    height=area.size.height
                    rx="3"
                />
                <text class="head" text-anchor="middle" x=middle y=area.at.y + 12.0>
                    {move || numbers.get().head()} " "
                </text>
                <text class="durations" text-anchor="middle" x=middle y=area.at.y + 35.0>
                    {move || numbers.get().durations()}
                </text>
            </a>
        </g>
    }
}
