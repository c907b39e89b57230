//! The map's numbers as tables: services, and calls.
//!
//! Holds: rows are sorted when somebody asks for it and when rows come; numbers that change do not
//! move them.

use std::cmp::Ordering;

use crate::reactive::prelude::*;
use hindsight_view::service_map::{self, Numbers, call_query, service_query};
use hindsight_view::{Role, format};

use super::model::{Lit, Model};
use crate::route::Route;
use crate::view::class;

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Name,
    Count,
    Rate,
    Errors,
    P50,
    P99,
}

impl Column {
    fn compare(self, a: &Numbers, b: &Numbers) -> Ordering {
        let share = |of: &Numbers| of.errors as f64 / of.count.max(1) as f64;
        match self {
            Self::Name => Ordering::Equal,
            Self::Count => b.count.cmp(&a.count),
            Self::Rate => b.rate.total_cmp(&a.rate),
            Self::Errors => share(b).total_cmp(&share(a)).then(b.errors.cmp(&a.errors)),
            Self::P50 => b.p50_ns.cmp(&a.p50_ns),
            Self::P99 => b.p99_ns.cmp(&a.p99_ns),
        }
    }
}

/// A service, or a call.
type Key = (String, Option<String>);

/// The view.
#[component]
pub(super) fn Tables(model: Model) -> impl IntoView {
    let layout = model.layout();
    let services = move || {
        let layout = layout.get();
        let names = layout.services.iter().map(|(name, _)| (name.clone(), None));
        names.collect::<Vec<Key>>()
    };
    let calls = move || {
        let layout = layout.get();
        let names = layout
            .calls
            .iter()
            .map(|((from, to), _)| (from.clone(), Some(to.clone())));
        names.collect::<Vec<Key>>()
    };
    view! {
        <div class="tables" tabindex="0" role="region" aria-label="The same numbers as tables">
            <Table model keys=Signal::derive(services) title="Services" name="Service" />
            <Table model keys=Signal::derive(calls) title="Calls" name="From, to" />
        </div>
    }
}

#[component]
fn Table(
    model: Model,
    keys: Signal<Vec<Key>>,
    title: &'static str,
    name: &'static str,
) -> impl IntoView {
    let sort = RwSignal::new((Column::Name, false));
    let rows = move || {
        let ((column, is_reversed), mut rows) = (sort.get(), keys.get());
        let numbers = model.numbers().get_untracked();
        let of = |key: &Key| match key {
            (from, Some(to)) => numbers.call(from, to),
            (service, None) => numbers.service(service),
        };
        rows.sort_by(|a, b| column.compare(&of(a), &of(b)).then_with(|| a.cmp(b)));
        if is_reversed {
            rows.reverse();
        }
        rows
    };
    let heading = move |column: Column, word: &'static str| {
        let sorted = move || match sort.get() {
            (by, _) if by != column => "none",
            (Column::Name, is_reversed) if is_reversed => "descending",
            (Column::Name, _) => "ascending",
            (_, is_reversed) if is_reversed => "ascending",
            _ => "descending",
        };
        let click = move |_| {
            sort.update(|(by, is_reversed)| {
                *is_reversed = *by == column && !*is_reversed;
                *by = column;
            });
        };
        view! {
            <th scope="col" class:n=column != Column::Name aria-sort=sorted>
                <button type="button" class="quiet" on:click=click>{word}</button>
            </th>
        }
    };
    let is_empty = move || keys.with(Vec::is_empty);
    view! {
        <section class:is-gone=is_empty>
            <table>
                <caption>{title}</caption>
                <thead>
                    <tr>
                        {heading(Column::Name, name)}
                        {heading(Column::Count, "Spans")}
                        {heading(Column::Rate, "Rate")}
                        {heading(Column::Errors, "Errors")}
                        {heading(Column::P50, "p50")}
                        {heading(Column::P99, "p99")}
                    </tr>
                </thead>
                <tbody>
                    <For each=rows key=|key: &Key| key.clone() children=move |key| row(model, key) />
                </tbody>
            </table>
        </section>
    }
}

fn row(model: Model, (from, to): Key) -> impl IntoView {
    let numbers = {
        let (from, to) = (from.clone(), to.clone());
        Memo::new(move |_| {
            model.numbers().with(|numbers| match &to {
                Some(to) => numbers.call(&from, to),
                None => numbers.service(&from),
            })
        })
    };
    let url = {
        let (from, to) = (from.clone(), to.clone());
        move || {
            let (query, window) = model.asked().get();
            let query = match &to {
                Some(to) => call_query(&query, &from, to, window),
                None => service_query(&query, &from, window),
            };
            Route::Traces { query }.to_string()
        }
    };
    let name = |service: &str| {
        let dot = format!("dot {}", class(Role::of_service(service)));
        view! { <span class=dot></span> {service_map::name(service)} }
    };
    let called = to
        .as_deref()
        .map(|to| view! { <span class="dim">" \u{2192} "</span> {name(to)} });
    let named = view! { {name(&from)} {called} };
    let lit = Some(match to {
        Some(to) => Lit::Call(from, to),
        None => Lit::Service(from),
    });
    let duration = |ns: u64| match ns {
        0 => "-".to_owned(),
        ns => format::duration(ns),
    };
    let errors = move || match numbers.get() {
        Numbers { errors: 0, .. } => "0".to_owned(),
        Numbers { errors, count, .. } => {
            format!(
                "{} ({})",
                format::count(errors),
                format::percent(errors, count)
            )
        }
    };
    let lit_too = lit.clone();
    view! {
        <tr
            on:pointerenter=move |_| model.light(lit.clone())
            on:pointerleave=move |_| model.light(None)
            on:focusin=move |_| model.light(lit_too.clone())
            on:focusout=move |_| model.light(None)
        >
            <th scope="row"><a href=url>{named}</a></th>
            <td class="n">{move || format::count(numbers.get().count)}</td>
            <td class="n">{move || numbers.get().rate_text()}</td>
            <td class=move || format!("n {}", class(numbers.get().outcome()))>{errors}</td>
            <td class="n">{move || duration(numbers.get().p50_ns)}</td>
            <td class="n">{move || duration(numbers.get().p99_ns)}</td>
        </tr>
    }
}
