//! Which traces these are, and how their differences are shown.

use crate::reactive::prelude::*;
use hindsight_protocol::hub::TraceSummary;
use hindsight_view::compare::CompareOrder;
use hindsight_view::{TraceRow, format};

use super::Asked;
use super::model::Model;
use super::side::Side;
use crate::browser;
use crate::route::Route;
use crate::view::class;

/// Both traces, each with what is known of it.
#[component]
pub(super) fn Head(model: Model, asked: Signal<Asked>) -> impl IntoView {
    let swapped = move || {
        let asked = asked.get();
        let (a, b) = (asked.b, asked.a);
        Asked { a, b, ..asked }.route().to_string()
    };
    let as_of = move || match model.is_compared() {
        false => String::new(),
        true => format!(
            "as of {}",
            format::time_of_day(model.at_ns(), browser::zone())
        ),
    };
    view! {
        <div class="bar">
            <h1>"Compare"</h1>
            <span class="dim">{as_of}</span>
            <span class="gap"></span>
            <button
                type="button"
                title="Reads both traces again"
                on:click=move |_| model.read_again()
            >
                "Read again"
            </button>
            <a class="button" href=swapped>"Swap sides"</a>
        </div>
        <table class="sides">
            <tbody>
                <One model asked side=0 />
                <One model asked side=1 />
            </tbody>
        </table>
    }
}

#[component]
fn One(model: Model, asked: Signal<Asked>, side: usize) -> impl IntoView {
    let id = move || {
        let pair = asked.with(Asked::pair).unwrap_or_default();
        [pair.0, pair.1][side]
    };
    // What is asked for when this one is to be another.
    let other = move || {
        let pair = asked.with(Asked::pair).unwrap_or_default();
        let route = match side {
            0 => Route::comparison(None, Some(pair.1)),
            _ => Route::comparison(Some(pair.0), None),
        };
        route.to_string()
    };
    let shown = move || match model.side(side).get() {
        Side::Loading(0) => view! { <span class="dim">"asking the hub"</span> }.into_any(),
        Side::Loading(spans) => {
            let text = format!("loading {}", format::plural(spans as u64, "span"));
            view! { <span class="dim">{text}</span> }.into_any()
        }
        Side::Gone(why) => view! { <span class="bad">{why}</span> }.into_any(),
        Side::Trouble(trouble) => {
            view! { <span class="bad">{trouble.sentence()}</span> }.into_any()
        }
        Side::Here(summary) => {
            let row = TraceRow::new(&summary, browser::now_ns(), browser::zone());
            about(&summary, &row).into_any()
        }
    };
    let url = move || Route::of_trace(id()).to_string();
    view! {
        <tr>
            <th scope="row">{["A", "B"][side]}</th>
            <td class="about">{shown}</td>
            <td class="id"><a href=url><code>{move || id().to_string()}</code></a></td>
            <td class="n"><a href=other>{["another A", "another B"][side]}</a></td>
        </tr>
    }
}

fn about(summary: &TraceSummary, row: &TraceRow) -> impl IntoView + use<> {
    let id = summary.trace_id;
    let url = Route::of_trace(id).to_string();
    let errors = (summary.errors > 0).then(|| {
        let errors = format::plural(summary.errors, "error");
        view! { <span class="bad">{errors}</span> }
    });
    let notes = row.notes.iter().map(|(role, text)| {
        view! { <span class=class(*role)>{text.clone()}</span> }
    });
    view! {
        <a class="root" href=url>
            <span class=format!("dot {}", class(row.service_role))></span>
            {row.name.clone()}
        </a>
        <span class="dim">{row.service.clone()}</span>
        <span>{row.duration.clone()}</span>
        <span>{format::plural(summary.spans, "span")}</span>
        {errors}
        {notes.collect_view()}
        <span class="dim">{row.started.clone()}</span>
    }
}

/// Order, search, and what is left out.
#[component]
pub(super) fn Tools(model: Model, asked: Signal<Asked>) -> impl IntoView {
    let app = model.app;
    let order = move |order: CompareOrder, word: &'static str| {
        let url = move || {
            let asked = asked.get();
            Asked { order, ..asked }.route().to_string()
        };
        let is_here = move || (asked.with(|asked| asked.order) == order).then_some("true");
        view! { <a href=url aria-current=is_here>{word}</a> }
    };
    let find = move |event: leptos::ev::Event| {
        let find = event_target_value(&event);
        let asked = asked.get_untracked();
        app.replace(Asked { find, ..asked }.route());
    };
    let all = model.all();
    view! {
        <div class="tools">
            <span class="choices" role="group" aria-label="Order">
                {order(CompareOrder::Tree, "As called")}
                {order(CompareOrder::SelfTime, "By self time")}
                {order(CompareOrder::Total, "By total time")}
                {order(CompareOrder::Spans, "By spans")}
            </span>
            <span class="gap"></span>
            <button
                type="button"
                class="quiet"
                title="Also shows what differs by less than 1 % of the longer trace"
                aria-pressed=move || all.get().to_string()
                on:click=move |_| all.update(|all| *all = !*all)
            >
                "All operations"
            </button>
            <input
                type="search"
                aria-label="Find operations or services"
                placeholder="operation or service"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || asked.with(|asked| asked.find.clone())
                on:input=find
            />
        </div>
    }
}
